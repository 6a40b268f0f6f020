package oidc_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/credential/grant"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

func logger(to io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// api is an upstream that asks the provider about each token.
type api struct {
	*httptest.Server
	calls, refused atomic.Int64
}

func newAPI(t *testing.T, p *provider) *api {
	a := &api{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !p.active(token) {
			a.refused.Add(1)
			http.Error(w, "no good: "+token, http.StatusUnauthorized)
			return
		}
		a.calls.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"method": %q}`, r.Method)
	}))
	t.Cleanup(a.Close)
	return a
}

// TestUpstreamRefusesAToken revokes the token behind the gateway's back. A read is
// sent again with another token, once; a write is not, as it might have been
// carried out, but the next one has the other token.
func TestUpstreamRefusesAToken(t *testing.T) {
	p := start(t, "", 60, basics()...)
	a := newAPI(t, p)
	for _, c := range []struct {
		method string
		works  bool
	}{{http.MethodGet, true}, {http.MethodPost, false}} {
		t.Run(c.method, func(t *testing.T) {
			a.refused.Store(0)
			tokens := source(t, grant.Options{TokenURL: p.url + "/token", ClientID: text("crm"), ClientSecret: text(crmSecret)})
			called := calling(t, a.URL, c.method, tokens)
			if r := called(); r.IsError {
				t.Fatalf("the first call failed: %s", said(r))
			}
			before := token(t, tokens)
			revoke(t, p, before)
			r := called()
			if r.IsError == c.works {
				t.Errorf("with a revoked token: %s", said(r))
			}
			if strings.Contains(said(r), before.Reveal()) {
				t.Error("the result has the token, which the upstream sent back")
			}
			if n := a.refused.Load(); n != 1 {
				t.Errorf("the upstream refused %d requests, want 1", n)
			}
			if r := called(); r.IsError || token(t, tokens).Reveal() == before.Reveal() {
				t.Errorf("the call after it: %s", said(r))
			}
			// An upstream that refuses every token must not cost a token for each call.
			revoke(t, p, token(t, tokens))
			given := p.issued.Load()
			for range 5 {
				called()
			}
			if n := p.issued.Load() - given; n > 1 {
				t.Errorf("%d tokens were got for calls that are refused anyway", n)
			}
		})
	}
}

func revoke(t *testing.T, p *provider, token credential.Secret) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, p.url+"/token/revocation", strings.NewReader("token="+token.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("crm", "planted-crm-secret%2B%2F%25+%26")
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("revocation: %v, %v", resp, err)
	}
	resp.Body.Close()
	if p.active(token.Reveal()) {
		t.Fatal("the token was not revoked")
	}
}

// calling returns a call of an operation by a method, with tokens of a source.
func calling(t *testing.T, at, method string, tokens *grant.Source) func() *call.Result {
	t.Helper()
	def := tool.API{Servers: []tool.Server{{URL: at}}, Schemes: []tool.Scheme{{Name: "oauth", Type: tool.OAuth2}}}
	things := tool.Tool{Name: "things", Input: []byte(`{"type":"object"}`), Operation: &tool.Operation{
		Method: method, Path: "/things", Security: []tool.Requirement{{{Scheme: "oauth"}}}}}
	value := credential.Tokens("oauth2", tokens)
	presents, err := credential.New(credential.Options{Source: "crm", API: def, Tools: []*tool.Tool{&things}, Default: &value})
	if err != nil {
		t.Fatal(err)
	}
	s, err := rest.New(rest.Options{Name: "crm", API: def, Tools: []tool.Tool{things}, Credentials: presents.For})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return func() *call.Result {
		r, err := s.Invoke(t.Context(), &call.Call{ID: "1", Name: "things", Source: "crm", Tool: &things})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// said is all that a result says.
func said(r *call.Result) string { return fmt.Sprintf("%s %s", r.Content, r.Structured) }
