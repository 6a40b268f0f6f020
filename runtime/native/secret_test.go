package native_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestSecretsStayIn gives a server secrets in its URL, a header and a
// credential, and makes it fail in the ways that could bring them to light.
func TestSecretsStayIn(t *testing.T) {
	var asked atomic.Bool
	mcp := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Query().Get("key") == "query-secret" && r.URL.Query().Get("a") == "b")
		stateless().ServeHTTP(w, r)
	})
	echo := func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"bad key %s or %s or %s"}}`,
			r.URL.Query().Get("key"), r.Header.Get("X-Key"), r.Header.Get("Authorization"))
		return true
	}
	echoBadly := func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusBadRequest)
		return echo(w, r)
	}
	closed := httptest.NewServer(mcp)
	closed.Close()
	for name, url := range map[string]string{
		"down": closed.URL,
		"redirects": serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other?"+r.URL.RawQuery, http.StatusFound)
		})).URL,
		"refuses":      serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { echoBadly(w, r) })).URL,
		"tool refuses": serve(t, intercept(mcp, echoBadly)).URL,
		"breaks off":   serve(t, intercept(mcp, func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })).URL,
	} {
		t.Run(name, func(t *testing.T) {
			var log logs
			s := remote(t, url+"/mcp?a=b&key=query-secret", log.option, func(o *native.Options) {
				o.Headers = map[string]native.HeaderFunc{"X-Key": func(context.Context) (string, error) { return "header-secret", nil }}
			})
			c := toolCall("echo", `{}`)
			c.Credentials = []call.Credential{{In: tool.InHeader, Name: "Authorization", Value: "Bearer credential-secret"}}
			_, err := s.Invoke(t.Context(), c)
			if err == nil {
				t.Fatal("the call must fail")
			}
			shown := err.Error() + fault.Message(err) + s.State().Message + log.String()
			if strings.Contains(shown, "-secret") {
				t.Errorf("a secret shows: %s", shown)
			}
		})
	}
	if !asked.Load() {
		t.Error("the URL's query did not reach the server")
	}
}
