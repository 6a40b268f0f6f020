package rest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Request returns the request that Invoke would send, credentials in their
// places but not signed, and sends nothing. Wrong arguments are an error of kind Invalid. Where
// what is written by hand has no single request to show, the error is of kind
// Unsupported.
func (s *Source) Request(ctx context.Context, c *call.Call) (*http.Request, error) {
	if own := s.opts.Custom.compositeOf(c.Tool); own != nil {
		return nil, errDry
	}
	if hooks := s.opts.Custom.hooksOn(c.Tool); len(hooks) > 0 {
		return s.hookedRequest(ctx, c, hooks)
	}
	return s.plainRequest(ctx, c)
}

func (s *Source) plainRequest(ctx context.Context, c *call.Call) (*http.Request, error) {
	p, err := s.plan(c)
	if err != nil {
		return nil, err
	}
	if c, err = s.present(ctx, c); err != nil {
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
