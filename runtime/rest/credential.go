package rest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// present returns the call with the source's credentials, if it comes with none.
func (s *Source) present(ctx context.Context, c *call.Call) (*call.Call, error) {
	if c.Credentials != nil || s.opts.Credentials == nil {
		return c, nil
	}
	credentials, err := s.opts.Credentials(ctx, c.Tool.Operation)
	if err != nil || len(credentials) == 0 {
		return c, err
	}
	own := *c
	own.Credentials = credentials
	return &own, nil
}

// authorize sets what is the source's own: its fixed headers, its name and, last
// so that nothing overrides them, the call's credentials.
func (s *Source) authorize(r *http.Request, credentials []call.Credential) error {
	r.Header.Set("User-Agent", s.userAgent)
	for _, h := range s.opts.Headers {
		text, err := h.Value(r.Context())
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
		if c.Sign != nil {
			continue // once the request is whole
		}
		if err := s.place(r, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) place(r *http.Request, c call.Credential) error {
	switch c.In {
	case tool.InHeader:
		if !tool.IsToken(c.Name) || !validHeaderValue(c.Value) {
			return s.badCredential(c.Name)
		}
		r.Header.Set(c.Name, c.Value)
	case tool.InCookie:
		if !tool.IsToken(c.Name) || !validCookie(c.Value) {
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
