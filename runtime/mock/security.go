package mock

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// authorize checks that one of the operation's alternatives is present and of
// the right form. Values are not checked.
func authorize(api tool.API, op *tool.Operation, r *http.Request) *problem {
	if len(op.Security) == 0 {
		return nil
	}
	for _, req := range op.Security {
		if presented(api, req, r) {
			return nil
		}
	}
	p := newProblem(http.StatusUnauthorized, "no credential; this operation takes %s", wanted(api, op.Security))
	for _, req := range op.Security {
		for _, use := range req {
			if challenge := challengeOf(api, use.Scheme); challenge != "" {
				p.header.Add("WWW-Authenticate", challenge)
			}
		}
	}
	return p
}

func presented(api tool.API, req tool.Requirement, r *http.Request) bool {
	for _, use := range req {
		scheme, ok := api.Scheme(use.Scheme)
		if ok && !hasCredential(scheme, r) {
			return false
		}
	}
	return true
}

func hasCredential(s tool.Scheme, r *http.Request) bool {
	switch s.Type {
	case tool.APIKey:
		switch s.In {
		case tool.InQuery:
			return r.URL.Query().Get(s.Key) != ""
		case tool.InCookie:
			c, err := r.Cookie(s.Key)
			return err == nil && c.Value != ""
		default:
			return r.Header.Get(s.Key) != ""
		}
	case tool.HTTPAuth:
		value, ok := authorization(r, s.HTTPScheme)
		if !ok || s.HTTPScheme != "basic" {
			return ok
		}
		plain, err := base64.StdEncoding.DecodeString(value)
		return err == nil && strings.Contains(string(plain), ":")
	case tool.OAuth2, tool.OpenIDConnect:
		_, ok := authorization(r, "bearer")
		return ok
	default: // mutual TLS ends before the mock; other schemes have no known form
		return true
	}
}

// authorization returns what follows the scheme in the Authorization header.
func authorization(r *http.Request, scheme string) (string, bool) {
	name, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	value = strings.TrimSpace(value)
	return value, strings.EqualFold(name, scheme) && value != ""
}

func challengeOf(api tool.API, name string) string {
	s, _ := api.Scheme(name)
	switch s.Type {
	case tool.HTTPAuth:
		if s.HTTPScheme == "basic" {
			return `Basic realm="mock", charset="UTF-8"`
		}
		return strings.ToUpper(s.HTTPScheme[:min(1, len(s.HTTPScheme))]) + s.HTTPScheme[min(1, len(s.HTTPScheme)):] + ` realm="mock"`
	case tool.OAuth2, tool.OpenIDConnect:
		return `Bearer realm="mock"`
	case tool.APIKey:
		return `ApiKey realm="mock", in="` + string(s.In) + `", name="` + s.Key + `"`
	default:
		return ""
	}
}

// wanted says in words what the alternatives are.
func wanted(api tool.API, reqs []tool.Requirement) string {
	var out []string
	for _, req := range reqs {
		var all []string
		for _, use := range req {
			all = append(all, describe(api, use.Scheme))
		}
		out = append(out, strings.Join(all, " and "))
	}
	return strings.Join(out, ", or ")
}

func describe(api tool.API, name string) string {
	s, _ := api.Scheme(name)
	switch s.Type {
	case tool.APIKey:
		return "the " + string(s.In) + " value " + s.Key
	case tool.HTTPAuth:
		return "an Authorization header with " + s.HTTPScheme
	case tool.OAuth2, tool.OpenIDConnect:
		return "an Authorization header with bearer"
	default:
		return "the scheme " + name
	}
}

// securityQueryKeys returns the query parameters that carry credentials.
func securityQueryKeys(api tool.API) map[string]bool {
	out := map[string]bool{}
	for _, s := range api.Schemes {
		if s.Type == tool.APIKey && s.In == tool.InQuery {
			out[s.Key] = true
		}
	}
	return out
}
