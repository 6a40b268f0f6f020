package native

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Headers of streamable HTTP, revision 2026-07-28.
const (
	headerMethod = "Mcp-Method"
	headerName   = "Mcp-Name"
	headerParam  = "Mcp-Param-"
	methodListen = "subscriptions/listen"
)

const (
	maxRedirects      = 5
	maxResponseHeader = 256 << 10
	dialTimeout       = 10 * time.Second
	noticesGrace      = 5 * time.Second
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

// originTransport is what a session's requests go through: it keeps them to the
// URL's origin, adds the headers, names the raw methods, and bounds the answers.
// What goes wrong with one request stays with its call.
type originTransport struct {
	src    *Source
	base   *http.Transport
	sess   *session
	status atomic.Int32 // of the last answer to a POST
}

// RoundTrip implements http.RoundTripper.
func (t *originTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	stop := context.AfterFunc(t.sess.life, cancel)
	release := sync.OnceFunc(func() { stop(); cancel() })

	x := exchangeOf(ctx)
	out, err := t.prepare(ctx, req, x)
	if err != nil {
		release()
		return nil, err
	}
	resp, err := t.send(out, cancel)
	if err != nil {
		release()
		return nil, err
	}
	if req.Method == http.MethodPost {
		t.status.Store(int32(resp.StatusCode))
		if x != nil {
			x.status.Store(int32(resp.StatusCode))
		}
	}
	return t.bound(out, resp, release)
}

// send sends a request. The SDK waits for the streams that carry the server's
// notices before a session counts as ready; one that does not begin in time is
// gone without, as a server need not have them.
func (t *originTransport) send(out *http.Request, cancel context.CancelFunc) (*http.Response, error) {
	notices := out.Header.Get(headerMethod) == methodListen || out.Method == http.MethodGet && t.sess.transport == "http"
	if !notices {
		return t.base.RoundTrip(out)
	}
	timer := time.AfterFunc(min(noticesGrace, t.src.opts.StartTimeout/2), cancel)
	resp, err := t.base.RoundTrip(out)
	if timer.Stop() || t.sess.life.Err() != nil {
		return resp, err
	}
	t.src.log.Warn("the MCP server opens no stream for notices in time: changes of its tools will not be heard of")
	if err == nil {
		_ = resp.Body.Close()
	}
	// What a server answers that has no such stream (2025-11-25,
	// basic/transports, Listening for Messages from the Server).
	return &http.Response{StatusCode: http.StatusMethodNotAllowed, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: out}, nil
}

// prepare returns the request as it goes out. It always closes req's body.
func (t *originTransport) prepare(ctx context.Context, req *http.Request, x *exchange) (*http.Request, error) {
	var body []byte
	if req.Body != nil {
		defer req.Body.Close()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	if !sameOrigin(req.URL, t.src.url) {
		return nil, fault.New("native.http", fault.Upstream, t.src.says("points to another origin than its URL's: no request is sent there"))
	}
	out := req.Clone(ctx)
	if out.URL.Path == t.src.url.Path && out.URL.RawQuery == "" {
		out.URL.RawQuery = t.src.url.RawQuery
	}
	if err := t.addHeaders(out); err != nil {
		return nil, err
	}
	body, raw := rewriteMethod(body)
	if x != nil {
		for _, c := range x.credentials {
			t.src.redact.learnHeader(c.Value)
		}
		present(out, x.credentials)
	}
	if raw && x != nil {
		if m := out.Header.Get(headerMethod); m != "" {
			out.Header.Set(headerMethod, strings.TrimPrefix(m, rawPrefix))
			maps.Copy(out.Header, x.header)
		}
		trace := &httptrace.ClientTrace{WroteHeaders: func() { x.sent.Store(true) }}
		out = out.WithContext(httptrace.WithClientTrace(out.Context(), trace))
	}
	if req.Body != nil {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	return out, nil
}

func (t *originTransport) addHeaders(out *http.Request) error {
	for name, value := range t.src.opts.Headers {
		v, err := value(out.Context())
		if err != nil {
			return fault.Wrap("native.http", fault.Unavailable, t.src.says("was not called: the value of its header "+quote(name)+" could not be had"), err)
		}
		t.src.redact.learnHeader(v)
		out.Header.Set(name, v)
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

// bound returns the answer with a body that is no more than one message, or a
// stream that ends with the session.
func (t *originTransport) bound(req *http.Request, resp *http.Response, release func()) (*http.Response, error) {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if ok(resp) && kind == "text/event-stream" {
		resp.Body = t.newStream(req, resp.Body, release)
		return resp, nil
	}
	defer release()
	defer resp.Body.Close()
	var body []byte
	if req.Method == http.MethodPost { // else it says nothing that is used
		var err error
		if body, err = t.readBody(resp.Body); err != nil {
			return nil, err
		}
		if err := t.check(resp, kind, body); err != nil {
			return nil, err
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

func ok(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode < 300 }

func (t *originTransport) readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, t.src.opts.MaxMessage+1))
	if int64(len(body)) > t.src.opts.MaxMessage {
		return nil, t.src.errTooLarge()
	}
	return body, err
}

// check refuses what is no message, so that the SDK does not give up the whole
// session for it.
func (t *originTransport) check(resp *http.Response, kind string, body []byte) error {
	redirect := resp.StatusCode >= 300 && resp.StatusCode < 400
	switch {
	case redirect, ok(resp) && len(bytes.TrimSpace(body)) == 0:
		return nil
	case !ok(resp):
		return t.checkRefusal(resp.StatusCode, body)
	case resp.StatusCode == http.StatusAccepted || resp.StatusCode == http.StatusNoContent:
		return nil
	case kind != "application/json":
		return fault.New("native.http", fault.Upstream, t.src.says(fmt.Sprintf("answered with %q where MCP messages belong: check its URL", fault.Clip(kind, 80))))
	case !json.Valid(body):
		return fault.New("native.http", fault.Upstream, t.src.says("answered with broken JSON"))
	}
	return nil
}

// checkRefusal leaves the server's own error to the SDK. One that does not say
// which request it refuses (its id is null) the SDK takes for no message.
func (t *originTransport) checkRefusal(status int, body []byte) error {
	if msg, err := jsonrpc.DecodeMessage(body); err == nil {
		if r, is := msg.(*jsonrpc.Response); is && r.Error != nil {
			return nil
		}
	}
	var msg struct {
		Error *jsonrpc.Error `json:"error"`
	}
	if json.Unmarshal(body, &msg) == nil && msg.Error != nil {
		return refusal{msg.Error}
	}
	return t.src.errStatus(status)
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
	return fault.New("native.http", kind, s.says(fmt.Sprintf("answered HTTP %d: %s", status, what)))
}

// checkRedirect follows a few redirects that keep the request as it is.
// Another origin is refused by the transport.
func (s *Source) checkRedirect(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return fault.New("native.http", fault.Upstream, s.says("redirects without end: check its URL"))
	case !sameOrigin(req.URL, s.url):
		return fault.New("native.http", fault.Upstream, s.says("redirects to another origin: set the URL that it redirects to, if you trust it"))
	case req.Method != via[0].Method:
		return fault.New("native.http", fault.Upstream, s.says("redirects to another page: check its URL"))
	}
	return nil
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
