package rest

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// renewed is asked about a response of 401. Credentials that can be had anew are
// told of it; where others are to be had, and the request may be repeated, it is
// sent again with these, once. Otherwise the response stands.
func (x *exchange) renewed(ctx context.Context, resp *http.Response) (*http.Response, error) {
	next := *x.call
	next.Credentials = slices.Clone(x.call.Credentials)
	changed := false
	for i, c := range next.Credentials {
		if c.Renew == nil {
			continue
		}
		if other, ok := c.Renew(ctx); ok {
			next.Credentials[i], changed = other, true
			x.secrets = append(x.secrets, c.Value)
		}
	}
	if !changed || !x.repeatable() {
		return resp, nil
	}
	r, err := x.source.request(ctx, x.plan, &next)
	if err != nil {
		return resp, nil // it stands: the first request could be made, so this is no cause of it
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
	_ = resp.Body.Close()
	x.call, x.headers = &next, r.Header
	return x.send(r)
}

// repeatable reports whether a request may be sent twice: by its method (RFC 9110,
// 9.2.2), or because its tool says so.
func (x *exchange) repeatable() bool {
	switch x.plan.op.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	return x.call.Tool.Annotations.ReadOnly || x.call.Tool.Annotations.Idempotent
}

// sign signs a request, and notes what it was signed with, so that no message has
// it.
func (x *exchange) sign(r *http.Request) error {
	if !slices.ContainsFunc(x.call.Credentials, func(c call.Credential) bool { return c.Sign != nil }) {
		return nil
	}
	before := r.Header.Clone()
	if err := sign(r, x.call.Credentials); err != nil {
		return err
	}
	for name, values := range r.Header {
		for _, value := range values {
			if !slices.Contains(before[name], value) {
				x.secrets = append(x.secrets, value)
			}
		}
	}
	return nil
}

// sign lets the credentials that are signatures sign a request that is whole.
func sign(r *http.Request, credentials []call.Credential) error {
	for _, c := range credentials {
		if c.Sign != nil {
			if err := c.Sign(r); err != nil {
				return err
			}
		}
	}
	return nil
}
