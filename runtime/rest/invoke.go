package rest

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxRedirects bounds how often one call is sent on.
const maxRedirects = 5

// exchange is one call on its way: what the stages of an invocation share.
type exchange struct {
	source  *Source
	plan    *plan
	call    *call.Call
	headers http.Header // of the request
	secrets []string    // further texts that no message may have
}

// Invoke carries out a call: c.Tool.Operation with c.Arguments, presenting
// c.Credentials, through what was written by hand for it. Wrong arguments,
// failures of the upstream and its not being reachable are results with IsError,
// for the model to act on. It fails where ctx ends first (kind Canceled or
// Timeout), and where the gateway itself is at fault. No request is ever sent
// twice, but for a read on a connection that the upstream had closed, which
// net/http sends anew, and for one that may be repeated and was refused for a
// token (401) that there is another one for.
func (s *Source) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	if own := s.opts.Custom.compositeOf(c.Tool); own != nil {
		return s.invokeComposite(ctx, c, own)
	}
	if hooks := s.opts.Custom.hooksOn(c.Tool); len(hooks) > 0 {
		return s.invokeHooked(ctx, c, hooks)
	}
	return s.carryOut(ctx, c)
}

// carryOut carries out a call of an operation, from arguments to result.
func (s *Source) carryOut(ctx context.Context, c *call.Call) (*call.Result, error) {
	p, err := s.plan(c)
	if err != nil {
		return nil, err
	}
	if c, err = s.present(ctx, c); err != nil {
		return nil, err
	}
	x := &exchange{source: s, plan: p, call: c}
	bounded, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	r, err := s.request(bounded, p, c)
	if err != nil {
		if fault.KindOf(err) == fault.Invalid {
			failed := call.Failure(fault.Message(err))
			failed.Fault = fault.Invalid
			return failed, nil
		}
		return nil, err
	}
	x.headers = r.Header
	resp, err := x.send(r)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		resp, err = x.renewed(bounded, resp)
	}
	if err != nil {
		return x.unreachable(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	result, err := x.read(resp)
	if err != nil {
		return x.unreachable(ctx, err)
	}
	return x.located(resp, result), nil
}

// send sends the request and follows redirects of reads within its origin.
// Others come back as they are. The transport is used directly, as a client's
// errors would show the URL, which may hold a credential.
func (x *exchange) send(r *http.Request) (*http.Response, error) {
	for hops := 0; ; hops++ {
		if err := x.sign(r); err != nil {
			return nil, err
		}
		resp, err := x.source.transport.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		resp.Request = r // not every transport sets it
		next := redirect(r, resp)
		if next == nil || hops == maxRedirects {
			return resp, nil
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
		_ = resp.Body.Close()
		for _, c := range x.call.Credentials {
			if c.In == tool.InQuery && !next.URL.Query().Has(c.Name) {
				if err := x.source.place(next, c); err != nil {
					return nil, err
				}
			}
		}
		r = next
	}
}

// redirect returns the request that follows resp, or nil where none may.
func redirect(r *http.Request, resp *http.Response) *http.Request {
	if !isRedirect(resp.StatusCode) || r.Method != http.MethodGet && r.Method != http.MethodHead || r.Body != nil {
		return nil
	}
	target, err := resp.Location()
	if err != nil {
		target, err = r.URL.Parse(resp.Header.Get("Location"))
	}
	if err != nil || resp.Header.Get("Location") == "" || !sameOrigin(r.URL, target) {
		return nil
	}
	next := r.Clone(r.Context())
	target.Fragment, target.User = "", nil
	next.URL, next.Host = target, target.Host
	return next
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// sameOrigin compares scheme, host and port (RFC 6454, 5).
func sameOrigin(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" {
			return p
		}
		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// errTooLarge says that a body is over the bound.
var errTooLarge = errors.New("the response is too large")

// readBody reads the body whole, decompressed, within the bound, and without the
// credentials that it was asked for with. What was read
// comes back with the error too, as the start of a stream is of use.
func (x *exchange) readBody(resp *http.Response) ([]byte, error) {
	if resp.Request.Method == http.MethodHead {
		return nil, nil // its length and encoding are those of a body that does not come
	}
	limit := x.source.opts.MaxResponse
	if resp.ContentLength > limit {
		return nil, errTooLarge
	}
	body, err := decompress(resp)
	if err == io.EOF {
		return nil, nil // nothing at all was compressed
	}
	if err != nil {
		return nil, err
	}
	size := int64(512)
	if body == resp.Body && resp.ContentLength >= 0 {
		size = resp.ContentLength + 1 // one more, so that the end is seen without growing
	}
	data, err := readAll(body, make([]byte, 0, size), limit)
	return x.withoutSecrets(data), err
}

func readAll(from io.Reader, data []byte, limit int64) ([]byte, error) {
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := from.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit:
			return data[:limit], errTooLarge
		case err == io.EOF:
			return data, nil
		case err != nil:
			return data, err
		}
	}
}

// decompress undoes gzip where the transport has not, as with one that was
// handed in.
func decompress(resp *http.Response) (io.Reader, error) {
	switch encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		return resp.Body, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(resp.Body)
	default:
		return nil, fmt.Errorf("the content encoding %q was not asked for", shorten(encoding))
	}
}
