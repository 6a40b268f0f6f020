package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// newSource returns a source whose upstream answers by handler.
func newSource(t testing.TB, handler http.HandlerFunc, change ...func(*rest.Options)) *rest.Source {
	t.Helper()
	upstream := httptest.NewServer(handler)
	t.Cleanup(upstream.Close)
	opts := rest.Options{Name: "crm", BaseURL: upstream.URL + "/v1"}
	for _, f := range change {
		f(&opts)
	}
	s, err := rest.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// recorder answers 204 and keeps what came, as text.
type recorder struct{ got string }

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", req.Method, req.RequestURI)
	var names []string
	for name := range req.Header {
		switch name {
		case "Accept", "Accept-Encoding", "User-Agent", "Content-Length":
		default:
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(req.Header[name], " | "))
	}
	body, _ := io.ReadAll(req.Body)
	r.got = strings.TrimSuffix(b.String(), "\n")
	if len(body) > 0 {
		r.got += "\n\n" + string(body)
	}
	w.WriteHeader(http.StatusNoContent)
}

func get(op tool.Operation) *tool.Tool {
	if op.Method == "" {
		op.Method = "GET"
	}
	return &tool.Tool{Name: "t", Annotations: tool.Annotations{ReadOnly: op.Method == "GET"}, Operation: &op}
}

func invoke(t testing.TB, s *rest.Source, tl *tool.Tool, args string, creds ...call.Credential) *call.Result {
	t.Helper()
	r, err := s.Invoke(t.Context(), &call.Call{ID: "c1", Name: tl.Name, Tool: tl, Arguments: json.RawMessage(args), Credentials: creds})
	if err != nil {
		t.Fatalf("Invoke: %v", err)
	}
	return r
}

func textOf(r *call.Result) string {
	var texts []string
	for _, b := range r.Content {
		texts = append(texts, b.Text)
	}
	return strings.Join(texts, "\n")
}
