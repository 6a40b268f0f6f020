package gateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestHTTPAndSSE connects the SDK's client of the oldest transport, at the place
// where such clients look for it and below each endpoint.
func TestHTTPAndSSE(t *testing.T) {
	g, url := serveWith(t, gateway.Options{
		Mounts:    []gateway.Mount{{Source: newInside(t, "north", library(t, "north")), Prefix: "north"}},
		Endpoints: []gateway.Endpoint{{Path: "/mcp/books", Include: []string{"north_greet", "north_one"}}},
	})
	settled(t, g)
	for path, tools := range map[string]int{"/sse": 1, "/mcp/sse": 1, "/mcp/books/sse": 0} {
		session, err := mcp.NewClient(&mcp.Implementation{Name: "old", Version: "1"}, nil).
			Connect(t.Context(), &mcp.SSEClientTransport{Endpoint: url + path}, nil)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		list, err := session.ListTools(t.Context(), nil)
		if err != nil || len(list.Tools) != tools {
			t.Errorf("%s: %+v, %v", path, list, err)
		}
		if res, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "north+book://one"}); err != nil || res.Contents[0].Text != "north has book://one" {
			t.Errorf("%s: %+v, %v", path, res, err)
		}
		if err := session.Close(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestPlainHTTPStandsBesideMCP(t *testing.T) {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "api "+r.URL.Path) })
	_, url := serveWith(t, gateway.Options{API: api})
	_, without := serve(t)
	for _, path := range []string{"/api/tools", "/api/tools/x", "/openapi.json", "/docs", "/docs/docs.js"} {
		if status, body := get(t, url+path, nil); status != http.StatusOK || body != "api "+path {
			t.Errorf("%s: %d %s", path, status, body)
		}
		if status, _ := get(t, url+path, http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}); status != http.StatusForbidden {
			t.Errorf("%s: a foreign page got %d", path, status)
		}
		if status, _ := get(t, url+path, http.Header{"Host": {"evil.example"}}); status != http.StatusForbidden {
			t.Errorf("%s: as another host: %d", path, status)
		}
		if status, _ := get(t, without+path, nil); status != http.StatusNotFound {
			t.Errorf("%s: without an API: %d", path, status)
		}
	}
}

// get returns what is at a URL.
func get(t *testing.T, url string, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header.Clone()
		req.Host = header.Get("Host")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// stuck is a source that never loads, until it is let go; then it is well, or not.
type stuck struct {
	faulty
	release chan struct{}
	why     chan string
}

func (*stuck) Name() string { return "stuck" }
func (s *stuck) Tools(ctx context.Context) ([]tool.Tool, error) {
	select {
	case <-s.release:
		return []tool.Tool{{Name: "late", Input: object}}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Health tells what the test put there, and well else.
func (s *stuck) Health() (bool, string) {
	select {
	case why := <-s.why:
		return false, why
	default:
		return true, ""
	}
}

func TestASlowSourceHoldsNothingUp(t *testing.T) {
	slow := &stuck{release: make(chan struct{}), why: make(chan string, 1)}
	g, url := serve(t, gateway.Mount{Source: slow, Prefix: "slow"}, gateway.Mount{Source: newInside(t, "north", library(t, "north")), Prefix: "north"})
	if status, body := get(t, url+"/readyz", nil); status != http.StatusServiceUnavailable || !strings.Contains(body, `"ready":false`) {
		t.Errorf("before the grace is over: %d %s", status, body)
	}
	if session := connect(t, url, nil); session.InitializeResult().Capabilities.Resources == nil {
		t.Error("the other source's resources must be told")
	}
	if status, body := get(t, url+"/readyz", nil); status != http.StatusOK || !strings.Contains(body, `"state":"loading"`) {
		t.Errorf("after the grace: %d %s", status, body)
	}
	if _, body := post(t, url, "tools/list", "", `{`+modernMeta+`}`, nil); !strings.Contains(body, "north_lend") {
		t.Errorf("the other source's tools: %s", body)
	}
	close(slow.release)
	settled(t, g)
	slow.why <- "its process has died"
	if _, body := get(t, url+"/readyz", nil); !strings.Contains(body, `"state":"down"`) || !strings.Contains(body, "its process has died") {
		t.Errorf("a source that went down shows: %s", body)
	}
}

func TestEachListIsAnnouncedByItself(t *testing.T) {
	server := library(t, "north")
	g, url := serve(t, gateway.Mount{Source: newInside(t, "north", server), Prefix: "north"})
	settled(t, g)
	told := make(chan string, 16)
	connect(t, url, &mcp.ClientOptions{
		ToolListChangedHandler:     func(context.Context, *mcp.ToolListChangedRequest) { told <- "tools" },
		PromptListChangedHandler:   func(context.Context, *mcp.PromptListChangedRequest) { told <- "prompts" },
		ResourceListChangedHandler: func(context.Context, *mcp.ResourceListChangedRequest) { told <- "resources" },
	})
	for i, change := range map[string]func(){
		"prompts":   func() { server.RemovePrompts("greet") },
		"resources": func() { server.RemoveResources("book://one") },
		"tools":     func() { server.RemoveTools("lend") },
	} {
		change()
		if got := within(t, told, "nobody was told of "+i); got != i {
			t.Errorf("the %s have changed, the client was told of %s", i, got)
		}
	}
	select {
	case got := <-told:
		t.Errorf("the client was told of %s once more", got)
	case <-time.After(100 * time.Millisecond): // nothing to wait for: it must not come
	}
}
