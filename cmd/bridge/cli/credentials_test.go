package cli

import (
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestDeclaredEndpoint takes the token endpoint that a document names at the API's
// own origin alone: the client's secret goes there.
func TestDeclaredEndpoint(t *testing.T) {
	for name, c := range map[string]struct {
		url, server, document, tokenURL, scheme string
		want, err                               string
	}{
		"same origin":          {server: "https://api.example.com/v1", tokenURL: "https://api.example.com/token", want: "https://api.example.com/token"},
		"relative":             {server: "https://api.example.com/v1/", tokenURL: "oauth/token", want: "https://api.example.com/v1/oauth/token"},
		"of the scheme":        {server: "https://api.example.com", tokenURL: "/token", scheme: "oauth", want: "https://api.example.com/token"},
		"another scheme":       {server: "https://api.example.com", tokenURL: "/token", scheme: "other", err: "names no token endpoint"},
		"another host":         {server: "https://api.example.com", tokenURL: "https://evil.example/token", err: "not at the API's own origin"},
		"a host like it":       {server: "https://api.example.com", tokenURL: "https://api.example.com.evil.example/token", err: "not at the API's own origin"},
		"another port":         {server: "https://api.example.com", tokenURL: "https://api.example.com:8443/token", err: "not at the API's own origin"},
		"without TLS":          {server: "https://api.example.com", tokenURL: "http://api.example.com/token", err: "not at the API's own origin"},
		"not the setting's":    {url: "https://own.example.com", server: "https://api.example.com", tokenURL: "https://api.example.com/token", err: "not at the API's own origin"},
		"by the document's":    {server: "/v1", document: "https://api.example.com/openapi.json", tokenURL: "/token", want: "https://api.example.com/token"},
		"an origin not known":  {server: "/v1", tokenURL: "/token", err: "origin is not known"},
		"no endpoint declared": {server: "https://api.example.com", err: "names no token endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			api := tool.API{Servers: []tool.Server{{URL: c.server}}, Schemes: []tool.Scheme{{Name: "oauth", Type: tool.OAuth2, TokenURL: c.tokenURL}}}
			b := &presenter{source: config.Source{Name: "crm", URL: c.url}, parts: restParts{api: api, url: c.document}}
			got, err := b.declaredEndpoint("sources.crm.credential.oauth2", c.scheme)
			if got != c.want || (c.err == "") != (err == nil) || err != nil && !strings.Contains(fault.Message(err), c.err) {
				t.Errorf("got %q, %v; want %q or an error with %q", got, err, c.want, c.err)
			}
		})
	}
}
