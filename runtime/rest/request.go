package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Request returns the request that Invoke would send, credentials in their
// places, and sends nothing. Wrong arguments are an error of kind Invalid.
func (s *Source) Request(ctx context.Context, c *call.Call) (*http.Request, error) {
	p, err := s.plan(c)
	if err != nil {
		return nil, err
	}
	return s.request(ctx, p, c)
}

func (s *Source) request(ctx context.Context, p *plan, c *call.Call) (*http.Request, error) {
	if p.baseErr != nil {
		return nil, p.baseErr
	}
	args, err := s.bind(p, c)
	if err != nil {
		return nil, err
	}
	path, err := p.expandPath(args)
	if err != nil {
		return nil, err
	}
	query, err := p.expandQuery(args)
	if err != nil {
		return nil, err
	}
	content, err := p.encodeBody(args)
	if err != nil {
		return nil, err
	}
	r, err := p.newRequest(ctx, path, query, content)
	if err != nil {
		return nil, err
	}
	if err := p.setHeaders(r, args); err != nil {
		return nil, err
	}
	return r, s.authorize(r, c.Credentials)
}

// newRequest puts the parts together. They are percent-encoded already, so that
// nothing in them is taken for a delimiter.
func (p *plan) newRequest(ctx context.Context, path, query string, content *content) (*http.Request, error) {
	plainPath, err := url.PathUnescape(path)
	if err != nil {
		return nil, fault.Wrap("rest.request", fault.Internal, "the operation's path can't be written", err)
	}
	u := &url.URL{Scheme: p.base.scheme, Host: p.base.host, Path: plainPath, RawPath: path, RawQuery: query}
	r := (&http.Request{
		Method: p.op.Method, URL: u, Host: u.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, 8),
	}).WithContext(ctx)
	if content == nil {
		return r, nil
	}
	data := content.data
	r.Header.Set("Content-Type", content.mediaType)
	r.ContentLength = int64(len(data))
	r.Body = io.NopCloser(bytes.NewReader(data))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	if len(data) == 0 {
		r.Body = http.NoBody
	}
	return r, nil
}

// expandPath returns the base's path and the template's, percent-encoded.
func (p *plan) expandPath(args arguments) (string, error) {
	b := append(make([]byte, 0, 128), p.base.path...)
	for _, part := range p.path {
		if part.param == nil {
			b = append(b, part.literal...)
			continue
		}
		var err error
		if b, err = appendPathValue(b, part.param, args[part.slot]); err != nil {
			return "", err
		}
	}
	path := string(b)
	for segment := range strings.SplitSeq(path[len(p.base.path):], "/") {
		if leavesSegment(segment) {
			return "", invalid("the path arguments make a path with the segment %q, which would reach another operation", shorten(segment))
		}
	}
	return path, nil
}

func appendPathValue(b []byte, param *tool.Parameter, raw []byte) ([]byte, error) {
	if raw == nil {
		return nil, invalid("missing required argument %q: it is part of the path", param.Arg)
	}
	esc := escaping{escapeStrict, escapeStrict}
	if param.AllowReserved {
		esc.value = escapePath
	}
	v := newValue(raw)
	if param.ContentType != "" {
		v = value{kind: text, text: contentText(param.ContentType, raw)}
	}
	if err := checkPathValue(param, v); err != nil {
		return nil, err
	}
	return notationOf(tool.InPath, param.Style).expand(b, param.Name, v, param.Explode, esc), nil
}

// checkPathValue refuses what would make the path another one: nothing at all,
// and dot segments.
func checkPathValue(param *tool.Parameter, v value) error {
	if v.undefined() || v.kind != array && v.kind != object && v.text == "" {
		return invalid("argument %q is empty; it is part of the path, so a value is needed", param.Arg)
	}
	for _, t := range v.texts() {
		if leavesSegment(t) {
			return invalid(`argument %q: got %q; a value in the path may not be or contain the segment "." or ".."`, param.Arg, shorten(t))
		}
	}
	return nil
}

// expandQuery returns the whole query: the base's, the fixed one, then the
// parameters in the operation's order.
func (p *plan) expandQuery(args arguments) (string, error) {
	b := append(make([]byte, 0, 128), p.base.query...)
	if p.op.Query != "" {
		b = append(appendAmp(b), fixedQuery(p.op.Query)...)
	}
	for i := range p.op.Parameters {
		param, raw := &p.op.Parameters[i], args[i]
		if raw == nil {
			continue
		}
		switch param.In {
		case tool.InQuery:
			b = appendQueryValue(b, param, raw)
		case tool.InQueryString:
			b = append(appendAmp(b), wholeQuery(param, raw)...)
		}
	}
	return string(b), nil
}

// fixedQuery mends a query that a document wrote: blanks and the like are
// encoded, its own encoding and delimiters stay.
func fixedQuery(query string) []byte {
	set := *querySet
	set['&'], set['+'] = true, true
	return set.escape(nil, query, true)
}

func appendQueryValue(b []byte, param *tool.Parameter, raw []byte) []byte {
	esc := escaping{escapeStrict, escapeStrict}
	if param.AllowReserved {
		esc.value = escapeQuery
	}
	if param.ContentType != "" {
		b = append(escapeStrict(appendAmp(b), param.Name), '=')
		return esc.value(b, contentText(param.ContentType, raw))
	}
	if param.Style == tool.DeepObject && kindOf(raw) >= array {
		return appendDeep(b, escapeStrict(nil, param.Name), raw, esc.value)
	}
	v := newValue(raw)
	if v.undefined() {
		return b
	}
	return notationOf(tool.InQuery, param.Style).expand(appendAmp(b), param.Name, v, param.Explode, esc)
}

// wholeQuery writes a value that is the whole query string.
func wholeQuery(param *tool.Parameter, raw []byte) []byte {
	if kindOf(raw) == object && !isJSONType(param.ContentType) {
		var b []byte
		for _, m := range readObject(raw) {
			b = appendFormField(b, m.key, m.value, nil)
		}
		return b
	}
	return escapeStrict(nil, contentText(param.ContentType, raw))
}

// contentText writes a value in a media type: JSON, or else text.
func contentText(mediaType string, raw []byte) string {
	if isJSONType(mediaType) {
		return string(compactJSON(raw))
	}
	return plainText(raw)
}

// setHeaders sets the headers and cookies that the arguments ask for, and the
// ones of the operation.
func (p *plan) setHeaders(r *http.Request, args arguments) error {
	var cookies []byte
	for i := range p.op.Parameters {
		param, raw := &p.op.Parameters[i], args[i]
		if raw == nil {
			continue
		}
		switch param.In {
		case tool.InHeader:
			if err := setHeader(r, param, raw); err != nil {
				return err
			}
		case tool.InCookie:
			cookie, ok := cookieValue(param, raw)
			if !ok {
				return invalid("argument %q: a cookie may not have control characters or a \";\" in it", param.Arg)
			}
			if cookie != "" {
				cookies = append(append(cookies, separator(len(cookies), "; ")...), cookie...)
			}
		}
	}
	if len(cookies) > 0 {
		r.Header.Set("Cookie", string(cookies))
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", p.accept)
	}
	return nil
}

func setHeader(r *http.Request, param *tool.Parameter, raw []byte) error {
	if !validHeaderName(param.Name) || ownHeader(param.Name) {
		return invalid("argument %q can't be sent: the header %q is the gateway's to set", param.Arg, shorten(param.Name))
	}
	text := ""
	if param.ContentType != "" {
		text = contentText(param.ContentType, raw)
	} else if v := newValue(raw); !v.undefined() {
		esc := escaping{escapeNothing, escapeNothing}
		text = string(simpleNotation.expand(nil, param.Name, v, param.Explode, esc))
	} else {
		return nil
	}
	if !validHeaderValue(text) {
		return invalid("argument %q: a header may not have line breaks or other control characters in it", param.Arg)
	}
	r.Header.Set(param.Name, text)
	return nil
}

// cookieValue writes a cookie; false where it would break out of its place.
func cookieValue(param *tool.Parameter, raw []byte) (string, bool) {
	v := newValue(raw)
	if param.ContentType != "" {
		v = value{kind: text, text: contentText(param.ContentType, raw)}
	}
	if v.undefined() {
		return "", true
	}
	esc := escaping{escapeStrict, escapeStrict}
	if param.AllowReserved {
		esc.value = escapeQuery
	}
	if param.Style == tool.CookieStyle {
		esc = escaping{escapeNothing, escapeNothing}
	}
	if param.Style == tool.CookieStyle || param.AllowReserved {
		for _, t := range v.texts() {
			if !validCookie(t) {
				return "", false
			}
		}
	}
	return string(cookieNotation.expand(nil, param.Name, v, param.Explode, esc)), true
}

// authorize sets what is the source's own: its fixed headers, its name and, last
// so that nothing overrides them, the call's credentials.
func (s *Source) authorize(r *http.Request, credentials []call.Credential) error {
	r.Header.Set("User-Agent", s.userAgent)
	for _, h := range s.opts.Headers {
		text, err := h.Value()
		if err != nil {
			return fault.Wrap("rest.header", fault.Unavailable,
				fmt.Sprintf("the header %q of the source %q has no value; check `headers:` in bridge.yaml", h.Name, s.opts.Name), err)
		}
		if !validHeaderValue(text) {
			return s.badCredential(h.Name)
		}
		r.Header.Set(h.Name, text)
	}
	for _, c := range credentials {
		if err := s.place(r, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) place(r *http.Request, c call.Credential) error {
	switch c.In {
	case tool.InHeader:
		if !validHeaderName(c.Name) || !validHeaderValue(c.Value) {
			return s.badCredential(c.Name)
		}
		r.Header.Set(c.Name, c.Value)
	case tool.InCookie:
		if !validHeaderName(c.Name) || !validCookie(c.Value) {
			return s.badCredential(c.Name)
		}
		pair := c.Name + "=" + c.Value
		if cookies := r.Header.Get("Cookie"); cookies != "" {
			pair = cookies + "; " + pair
		}
		r.Header.Set("Cookie", pair)
	case tool.InQuery:
		b := escapeStrict(appendAmp([]byte(r.URL.RawQuery)), c.Name)
		r.URL.RawQuery = string(escapeStrict(append(b, '='), c.Value))
	default:
		return s.badCredential(c.Name)
	}
	return nil
}

func (s *Source) badCredential(name string) error {
	return fault.New("rest.credential", fault.Unavailable, fmt.Sprintf(
		"the credential %q of the source %q can't be sent: it has a line break or other control character in it, or no place; check it in bridge.yaml",
		shorten(name), s.opts.Name))
}

// ownHeader reports whether a header is never an argument: it frames the
// message, is the connection's, or carries credentials.
func ownHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Te", "Trailer", "Upgrade",
		"Expect", "Proxy-Authorization", "Proxy-Connection", "Authorization", "Cookie", "User-Agent":
		return true
	}
	return false
}

// validHeaderName reports whether name is a token (RFC 9110, 5.6.2).
func validHeaderName(name string) bool {
	if name == "" {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return true
}

// validHeaderValue reports whether a value stays on its line (RFC 9110, 5.5).
func validHeaderValue(v string) bool {
	for i := range len(v) {
		if c := v[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// validCookie reports whether a cookie's value can't end it (RFC 6265, 4.1.1).
func validCookie(v string) bool { return validHeaderValue(v) && strings.IndexByte(v, ';') < 0 }
