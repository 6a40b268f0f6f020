package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/httpapi"
)

// FuzzRequest holds whatever is asked to an answer of a known form, and whatever
// is called to arguments that are a JSON object.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/api/tools/ping", "full=true", "application/json", "*/*", `{"a":[1,{"b":"\""}]}`)
	f.Add("POST", "/api/tools/%2e%2e", "", "application/json;charset=utf-8", httpapi.ResultType+";q=x", `[]`)
	f.Add("GET", "/openapi.json", "", "", "", "")
	f.Add("OPTIONS", "/docs/../x", "a=b", "text/plain", "", "\xff")
	handler := httpapi.New(httpapi.Options{
		Tools:   func(context.Context) []httpapi.Tool { return someTools() },
		Version: func(context.Context) string { return "1" },
		MaxBody: 1 << 12,
		Call: func(_ context.Context, c *call.Call) (*call.Result, error) {
			if object := map[string]json.RawMessage(nil); len(c.Arguments) > 0 && json.Unmarshal(c.Arguments, &object) != nil {
				f.Errorf("arguments %q came through", c.Arguments)
			}
			return &call.Result{Content: []call.Block{call.Text(string(c.Arguments))}}, nil
		},
	})
	f.Fuzz(func(t *testing.T, method, path, query, contentType, accept, body string) {
		if len(method) > 20 || strings.ContainsAny(method, " \r\n\t") {
			return
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://host/", strings.NewReader(body))
		if err != nil {
			return
		}
		parsed, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = parsed.Path, parsed.RawPath, query
		r.Header = http.Header{"Content-Type": {contentType}, "Accept": {accept}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code < 200 || w.Code >= 500 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if w.Code >= 400 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("a problem that is no JSON: %q", w.Body)
		}
	})
}
