package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const (
	maxRedirects      = 5
	maxResponseHeader = 256 << 10
	maxBatch          = 1000
	dialTimeout       = 10 * time.Second

	opHTTP   = "native.http"
	opHeader = "native.header"

	typeJSON   = "application/json"
	typeStream = "text/event-stream"
)

func newBaseTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxResponseHeader,
	}
}

// sentBody is a request's body that notes that it was read: from then on the
// server may have it.
type sentBody struct {
	bytes.Reader
	x *exchange
}

// Read implements io.Reader.
func (b *sentBody) Read(p []byte) (int, error) {
	if b.x != nil {
		b.x.sent.Store(true)
	}
	return b.Reader.Read(p)
}

// Close implements io.Closer.
func (b *sentBody) Close() error { return nil }

func newBody(body []byte, x *exchange) *sentBody {
	b := &sentBody{x: x}
	b.Reset(body)
	return b
}

// fetch sends one request to the server's origin, with the options' headers, and
// follows redirects that keep it as it is. The answer's body is to be closed.
func (s *Source) fetch(ctx context.Context, method string, u *url.URL, header http.Header, body []byte, x *exchange) (*http.Response, error) {
	blank := http.Request{Method: method, URL: u, Host: u.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	req := blank.WithContext(ctx)
	if err := s.addHeaders(ctx, header); err != nil {
		return nil, err
	}
	if x != nil {
		for _, c := range x.credentials {
			s.redact.learnHeader(c.Value)
		}
		present(req, x.credentials)
	}
	if body != nil {
		req.ContentLength = int64(len(body))
		req.Body = newBody(body, x)
		req.GetBody = func() (io.ReadCloser, error) { return newBody(body, x), nil }
	}
	for redirects := 0; ; redirects++ {
		if err := sign(req, x); err != nil {
			return nil, err
		}
		resp, err := s.base.RoundTrip(req)
		if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 || resp.StatusCode == http.StatusNotModified {
			return resp, err
		}
		_ = resp.Body.Close()
		if req, err = s.redirected(req, resp, redirects); err != nil {
			return nil, err
		}
	}
}

func (s *Source) addHeaders(ctx context.Context, header http.Header) error {
	for name, value := range s.opts.Headers {
		v, err := value(ctx)
		if err != nil {
			return fault.Wrap(opHeader, fault.Unavailable, s.says("was not called: the value of its header "+quote(name)+" could not be had"), err)
		}
		s.redact.learnHeader(v)
		header.Set(name, v)
	}
	return nil
}

// sign lets the credentials of x that are signatures sign a request that is whole.
func sign(req *http.Request, x *exchange) error {
	if x == nil {
		return nil
	}
	for _, c := range x.credentials {
		if c.Sign == nil {
			continue
		}
		if err := c.Sign(req); err != nil {
			return fault.Wrap(opHeader, fault.Unavailable, "the request to the MCP server could not be signed: check the source's credential", err)
		}
	}
	return nil
}

// present adds a call's credentials to a request.
func present(out *http.Request, credentials []call.Credential) {
	for _, c := range credentials {
		switch c.In {
		case tool.InHeader:
			out.Header.Set(c.Name, c.Value)
		case tool.InCookie:
			out.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		case tool.InQuery:
			u := *out.URL
			q := u.Query()
			q.Set(c.Name, c.Value)
			u.RawQuery = q.Encode()
			out.URL = &u
		}
	}
}

// redirected returns the request that a redirect asks for, if it keeps the
// method and stays at the origin.
func (s *Source) redirected(req *http.Request, resp *http.Response, before int) (*http.Request, error) {
	refuse := func(what string) (*http.Request, error) {
		return nil, fault.New(opHTTP, fault.Upstream, s.says(what))
	}
	to, err := resp.Location()
	if err != nil {
		to, err = req.URL.Parse(resp.Header.Get("Location"))
	}
	switch {
	case err != nil || resp.Header.Get("Location") == "":
		return nil, s.errStatus(resp.StatusCode)
	case before >= maxRedirects:
		return refuse("redirects without end: check its URL")
	case !sameOrigin(to, s.url):
		return refuse("redirects to another origin: set the URL that it redirects to, if you trust it")
	case resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect && req.Method != http.MethodGet:
		return refuse("redirects to another page: check its URL")
	}
	out := req.Clone(req.Context())
	out.URL, out.Host = to, to.Host
	if req.GetBody != nil {
		out.Body, err = req.GetBody()
	}
	return out, err
}

func ok(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode < 300 }

// mediaType returns an answer's media type without its parameters.
func mediaType(resp *http.Response) string {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// readBody reads an answer's body, up to the bound.
func (s *Source) readBody(resp *http.Response) ([]byte, error) {
	limit := s.opts.MaxMessage
	if n := resp.ContentLength; n > limit {
		return nil, s.errTooLarge()
	} else if n > 0 {
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(body)) > limit {
		return nil, s.errTooLarge()
	}
	return body, err
}

// refusal is the server's error in an answer with an HTTP status of failure.
// Often it does not say which request it refuses: its id is null.
func (s *Source) refusal(resp *http.Response) error {
	body, err := s.readBody(resp)
	if err == nil {
		if raw, found := protocol.Member(protocol.Mended(body), "error"); found {
			if m, err := protocol.Parse(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":null,"error":%s}`, raw)); err == nil {
				return s.redact.protocol(m.Error)
			}
		}
	}
	return s.errStatus(resp.StatusCode)
}

// errStatus says what an HTTP status without a message means.
func (s *Source) errStatus(status int) error {
	kind, what := fault.Upstream, "its URL may be wrong, or it may be no MCP server"
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		what = "it refuses the gateway's credential; check the source's credential and headers"
	case status == http.StatusTooManyRequests:
		kind, what = fault.RateLimited, "it is called too often; wait, then try again"
	case status >= 500:
		kind, what = fault.Unavailable, "it has failed; try again later"
	}
	return fault.New(opHTTP, kind, s.says(fmt.Sprintf("answered HTTP %d: %s", status, what)))
}

func (s *Source) errKind(kind string) error {
	return fault.New(opHTTP, fault.Upstream, s.says(fmt.Sprintf("answered with %q where MCP messages belong: check its URL", fault.Clip(kind, 80))))
}

func (s *Source) errBroken(err error) error {
	return fault.Wrap(opHTTP, fault.Upstream, s.says("answered with broken JSON, or with something that is no message of MCP"), err)
}

func (s *Source) errTooLarge() error {
	return fault.New("native.read", fault.TooLarge, s.says(fmt.Sprintf("answered with more than %d bytes: ask it for less", s.opts.MaxMessage)))
}

// sameOrigin compares scheme, host and port (RFC 6454, section 5).
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	default:
		return "80"
	}
}

// isDialError reports whether no connection was made at all.
func isDialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
