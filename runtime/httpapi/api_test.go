package httpapi_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/httpapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// served is a server of tools, of which only their number and their base differ.
type served struct {
	*httptest.Server
	version atomic.Value
	builds  atomic.Int32
}

// serve serves tools, whose calls go to handle, on loopback.
func serve(t testing.TB, base string, tools []httpapi.Tool, handle call.Handler) *served {
	t.Helper()
	s := &served{}
	s.version.Store("1")
	s.Server = httptest.NewServer(httpapi.New(httpapi.Options{
		Base:     base,
		Endpoint: "/mcp/test",
		Tools: func(context.Context) []httpapi.Tool {
			s.builds.Add(1)
			return tools
		},
		Version: func(context.Context) string { return s.version.Load().(string) },
		Call:    handle,
		Caller:  func(context.Context) call.Caller { return call.Caller{ID: "ada"} },
		MaxBody: 1 << 10,
	}))
	t.Cleanup(s.Close)
	return s
}

func someTools() []httpapi.Tool {
	return []httpapi.Tool{
		{
			Name: "list_contacts", Title: "List contacts", Description: "Lists <b>contacts</b> & more.", Source: "crm",
			Input:       json.RawMessage(`{"type":"object","properties":{"limit":{"type":"integer"}}}`),
			Output:      json.RawMessage(`{"type":"object","properties":{"items":{"type":"array","items":{"$ref":"#/$defs/Contact"}}},"$defs":{"Contact":{"type":"object"}}}`),
			Annotations: tool.Annotations{ReadOnly: true},
		},
		{Name: "ping", Input: json.RawMessage(`{"type":"object"}`), Source: "native"},
	}
}

// answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

func do(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(text)}
}

func TestListAndDefinition(t *testing.T) {
	s := serve(t, "/mcp/support", someTools(), nil)
	list := do(t, "GET", s.URL+"/mcp/support/api/tools", "")
	const want = `{"tools":[{"name":"list_contacts","title":"List contacts","description":"Lists <b>contacts</b> & more.","source":"crm","href":"/mcp/support/api/tools/list_contacts"},` +
		`{"name":"ping","source":"native","href":"/mcp/support/api/tools/ping"}]}`
	if list.body != want || list.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got  %s\nwant %s", list.body, want)
	}
	one := do(t, "GET", s.URL+"/mcp/support/api/tools/ping", "")
	const wantOne = `{"name":"ping","source":"native","href":"/mcp/support/api/tools/ping","inputSchema":{"type":"object"},` +
		`"annotations":{"readOnlyHint":false,"destructiveHint":false,"idempotentHint":false,"openWorldHint":false}}`
	if one.body != wantOne {
		t.Errorf("got  %s\nwant %s", one.body, wantOne)
	}
	checkProblem(t, do(t, "GET", s.URL+"/mcp/support/api/tools/list-contact", ""), 404, `did you mean "list_contacts"?`)
}

func TestRoutes(t *testing.T) {
	s := serve(t, "", someTools(), nil)
	cases := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/docs", 200, ""},
		{"HEAD", "/docs", 200, ""},
		{"GET", "/docs/", 308, ""},
		{"GET", "/docs/docs.js", 200, ""},
		{"GET", "/docs/docs.css", 200, ""},
		{"GET", "/docs/../api.go", 404, ""},
		{"GET", "/docs/index.html", 404, ""},
		{"HEAD", "/openapi.json", 200, ""},
		{"POST", "/openapi.json", 405, "GET, HEAD"},
		{"POST", "/docs", 405, "GET, HEAD"},
		{"DELETE", "/api/tools", 405, "GET, HEAD"},
		{"OPTIONS", "/api/tools/ping", 405, "GET, HEAD, POST"},
		{"PUT", "/api/tools/ping", 405, "GET, HEAD, POST"},
		{"GET", "/api/tools/", 404, ""},
		{"POST", "/api/tools/a/b", 404, ""},
		{"GET", "/", 404, ""},
	}
	for _, c := range cases {
		t.Run(c.method+c.path, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "/", nil)
			r.URL.Path, r.URL.RawPath = c.path, c.path
			w := httptest.NewRecorder()
			s.Config.Handler.ServeHTTP(w, r)
			if w.Code != c.status || w.Header().Get("Allow") != c.allow {
				t.Errorf("status %d, Allow %q; want %d, %q", w.Code, w.Header().Get("Allow"), c.status, c.allow)
			}
			if c.status < 300 && c.method == "HEAD" && (w.Body.Len() > 0 || w.Header().Get("Content-Length") == "0") {
				t.Errorf("HEAD answers with %d bytes and Content-Length %s", w.Body.Len(), w.Header().Get("Content-Length"))
			}
		})
	}
}

// TestEverythingIsUnderAPolicy holds whatever is answered to headers by which a
// browser does nothing with it that was not meant.
func TestEverythingIsUnderAPolicy(t *testing.T) {
	s := serve(t, "", someTools(), func(context.Context, *call.Call) (*call.Result, error) {
		return &call.Result{Content: []call.Block{call.Blob("x://y", []byte("<script>alert(1)</script>"), "text/html")}}, nil
	})
	for _, path := range []string{"/docs", "/docs/docs.js", "/openapi.json", "/api/tools", "/nowhere", "POST /api/tools/ping"} {
		method := "GET"
		if rest, ok := strings.CutPrefix(path, "POST "); ok {
			method, path = "POST", rest
		}
		a := do(t, method, s.URL+path, "")
		policy := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", path, a.Header)
		}
		if a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: there is no CORS", path)
		}
		if method == "POST" && (!strings.Contains(policy, "sandbox") || a.Header.Get("Content-Disposition") != "attachment") {
			t.Errorf("%s: a server's HTML must not be shown: %v", path, a.Header)
		}
	}
}

// TestPageHasNothingInline holds the page to its own policy.
func TestPageHasNothingInline(t *testing.T) {
	s := serve(t, "", nil, nil)
	page := do(t, "GET", s.URL+"/docs", "").body
	for _, forbidden := range []string{"<style", "style=", "onclick", "onload", "javascript:", "//"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	if strings.Count(page, "<script") != strings.Count(page, `<script src="docs/`) {
		t.Error("the page has a script that is not a file of its own")
	}
	script := do(t, "GET", s.URL+"/docs/docs.js", "").body
	for _, forbidden := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", ".style"} {
		if script == "" || strings.Contains(script, forbidden) {
			t.Errorf("the script has %q, or is empty", forbidden)
		}
	}
}

func TestDocumentIsCached(t *testing.T) {
	s := serve(t, "", someTools(), nil)
	plain := do(t, "GET", s.URL+"/openapi.json", "", "Accept-Encoding", "identity")
	tag := plain.Header.Get("ETag")
	again := do(t, "GET", s.URL+"/openapi.json", "", "Accept-Encoding", "identity")
	if plain.body != again.body || tag == "" || tag != again.Header.Get("ETag") || s.builds.Load() != 1 {
		t.Errorf("tags %s and %s, tools asked for %d times; want one document, made once", tag, again.Header.Get("ETag"), s.builds.Load())
	}
	zipped := do(t, "GET", s.URL+"/openapi.json", "", "Accept-Encoding", "br, gzip;q=0.5")
	z, err := gzip.NewReader(strings.NewReader(zipped.body))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != plain.body || zipped.Header.Get("ETag") == tag {
		t.Errorf("compressed: %v, tag %s; want the same text and another tag than %s", err, zipped.Header.Get("ETag"), tag)
	}
	if a := do(t, "GET", s.URL+"/openapi.json", "", "Accept-Encoding", "gzip;q=0"); a.Header.Get("Content-Encoding") != "" {
		t.Error("gzip was refused, and came")
	}
	for _, match := range []string{tag, `"other", W/` + tag, "*", zipped.Header.Get("ETag")} {
		if a := do(t, "GET", s.URL+"/openapi.json", "", "If-None-Match", match); a.StatusCode != 304 || a.body != "" {
			t.Errorf("If-None-Match: %s gives %d", match, a.StatusCode)
		}
	}
	if a := do(t, "GET", s.URL+"/openapi.json", "", "If-None-Match", `"other"`); a.StatusCode != 200 {
		t.Errorf("another tag gives %d", a.StatusCode)
	}
	s.version.Store("2")
	if a := do(t, "GET", s.URL+"/openapi.json", "", "Accept-Encoding", "identity"); a.body != plain.body || s.builds.Load() != 2 {
		t.Errorf("a new version asks for the tools anew (asked %d times), and the same tools are the same document", s.builds.Load())
	}
}

// TestCallersSeeTheirOwnTools serves more callers, each with tools of its own,
// than views are kept.
func TestCallersSeeTheirOwnTools(t *testing.T) {
	type key struct{}
	who := func(ctx context.Context) string { return ctx.Value(key{}).(string) }
	handler := httpapi.New(httpapi.Options{
		Version: who,
		Tools: func(ctx context.Context) []httpapi.Tool {
			return []httpapi.Tool{input("of_"+who(ctx), `{"type":"object"}`)}
		},
	})
	for round := range 2 {
		for _, name := range strings.Split("abcdefghijklmnop", "") {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/api/tools/of_"+name, nil)
			handler.ServeHTTP(w, r.WithContext(context.WithValue(t.Context(), key{}, name)))
			if w.Code != 200 {
				t.Errorf("round %d: %s does not see its own tool: %d", round, name, w.Code)
			}
			w = httptest.NewRecorder()
			handler.ServeHTTP(w, r.WithContext(context.WithValue(t.Context(), key{}, "z")))
			if w.Code != 404 {
				t.Errorf("round %d: another caller sees the tool of %s", round, name)
			}
		}
	}
}
