package restout_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/httpapi"
	"github.com/bridge-gateway/bridge/runtime/mock"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
	"github.com/bridge-gateway/bridge/specs"
)

// budget is the budget of all tools, in tokens: enough for what the tests read,
// but for exports.
const budget = 3000

// standing is a gateway over mocks of the project's own documents, with its tools
// as plain HTTP.
type standing struct {
	gateway *gateway.Gateway
	url     string // of the plain HTTP
}

func start(t *testing.T) standing {
	t.Helper()
	encoding, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	var mounts []gateway.Mount
	for _, name := range []string{"crm", "billing"} {
		mounts = append(mounts, mocked(t, name))
	}
	g := gateway.New(gateway.Options{Mounts: mounts, Budget: budget,
		Shaper: shape.New(shape.Options{Counter: encoding}), Logger: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(context.Background())
	g.Start(ctx)
	t.Cleanup(func() {
		stop()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	<-g.Settled()
	server := httptest.NewServer(httpapi.New(httpapi.Options{
		Tools:    func(context.Context) []httpapi.Tool { return shown(t, g.Catalog().Entries()) },
		Version:  func(context.Context) string { return fmt.Sprintf("%p", g.Catalog()) },
		Call:     g.Call,
		Endpoint: gateway.Path,
	}))
	t.Cleanup(server.Close)
	return standing{g, server.URL}
}

// mocked mounts a REST source whose upstream is a mock of its document.
func mocked(t *testing.T, name string) gateway.Mount {
	t.Helper()
	data, err := specs.FS.ReadFile(name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Lower(t.Context(), data, name+".yaml", openapi.Options{Responses: true})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := mock.New(doc, mock.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(handler)
	t.Cleanup(upstream.Close)
	source, err := rest.New(rest.Options{Name: name, API: doc.API, Tools: doc.Tools, BaseURL: upstream.URL, Transport: upstream.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Mount{Source: source, Prefix: name, Credentials: present}
}

// present presents a credential that every mock takes.
func present(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		c.Credentials = []call.Credential{{In: tool.InHeader, Name: "Authorization", Value: "Bearer any"}}
		return next(ctx, c)
	}
}

// post calls a tool as a client of plain HTTP does.
func (s standing) post(t *testing.T, name, arguments string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/api/tools/"+name, strings.NewReader(arguments))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestCallsOfPlainHTTP(t *testing.T) {
	s := start(t)
	cases := []struct {
		name, tool, arguments string
		headers               []string
		status                int
		mediaType, body       string // a part of it
	}{
		{"read", "crm_list_contacts", `{"limit":2}`, nil, 200, "application/json", `{"data":[{`},
		{"no body", "crm_list_pipelines", ``, nil, 200, "application/json", `{"result":[{`},
		{"write", "crm_create_contact", `{"first_name":"Ada","last_name":"Byron","email":"ada@example.com"}`, nil, 200, "application/json", `"last_name":"Byron"`},
		{"whole", "crm_list_contacts", `{"limit":1}`, []string{"Accept", httpapi.ResultType}, 200, httpapi.ResultType, `"structuredContent":`},
		{"wrong argument", "crm_list_contacts", `{"limit":"many"}`, nil, 0, "application/problem+json", `limit`},
		{"unknown record", "crm_get_contact", `{"contact_id":"con_00000000000000000000000000"}`, nil, 0, "application/problem+json", `call`},
		{"unknown tool", "crm_list_contact", `{}`, nil, 404, "application/problem+json", `did you mean \"crm_list_contacts\"?`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp, body := s.post(t, c.tool, c.arguments, c.headers...)
			if c.status != 0 && resp.StatusCode != c.status || c.status == 0 && resp.StatusCode < 400 ||
				resp.Header.Get("Content-Type") != c.mediaType || !strings.Contains(body, c.body) {
				t.Errorf("got %d %s %.500s; want %d %s with %s", resp.StatusCode, resp.Header.Get("Content-Type"), body, c.status, c.mediaType, c.body)
			}
		})
	}
}

func TestWhatTrimmingCutShows(t *testing.T) {
	s := start(t)
	for limit, want := range map[int]string{1: "", 100: "true"} {
		resp, body := s.post(t, "crm_list_contacts", fmt.Sprintf(`{"limit":%d}`, limit))
		if resp.StatusCode != 200 || resp.Header.Get(httpapi.HeaderTrimmed) != want || resp.Header.Get(httpapi.HeaderAfter) == "" {
			t.Errorf("limit %d: %d %v %.200s", limit, resp.StatusCode, resp.Header, body)
		}
	}
}

// TestCallsThroughTheDocument makes a source of the document that the gateway
// serves, and compares what its tools answer with what the gateway's do.
func TestCallsThroughTheDocument(t *testing.T) {
	s := start(t)
	doc, err := openapi.Load(t.Context(), s.url+"/openapi.json", openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := rest.New(rest.Options{Name: "again", API: doc.API, Tools: doc.Tools, DocumentURL: s.url + "/openapi.json"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	compared := 0
	for i := range doc.Tools {
		described := &doc.Tools[i]
		var input struct{ Required []string }
		if err := json.Unmarshal(described.Input, &input); err != nil {
			t.Fatal(err)
		}
		if !described.Annotations.ReadOnly || len(input.Required) > 0 {
			continue
		}
		want, err := s.gateway.Call(t.Context(), &call.Call{Name: described.Name})
		if err != nil {
			t.Fatal(err)
		}
		got, err := again.Invoke(t.Context(), &call.Call{Name: described.Name, Tool: described})
		if err != nil {
			t.Fatal(err)
		}
		if got.IsError != want.IsError || string(got.Structured) != string(want.Structured) {
			t.Errorf("%s answers\n%.300s\nand through its document\n%.300s", described.Name, want.Structured, got.Structured)
		}
		compared++
	}
	if compared < 5 {
		t.Errorf("only %d tools were compared", compared)
	}
}
