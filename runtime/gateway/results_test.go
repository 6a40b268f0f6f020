package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// restMount mounts an API whose one operation promises an object with an id.
func restMount(t *testing.T, answer http.HandlerFunc) gateway.Mount {
	t.Helper()
	up := httptest.NewServer(answer)
	t.Cleanup(up.Close)
	source, err := rest.New(rest.Options{Name: "api", BaseURL: up.URL, Tools: []tool.Tool{{
		Name: "get", Input: object,
		Output:    json.RawMessage(`{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}`),
		Operation: &tool.Operation{Method: "GET", Path: "/x"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Mount{Source: source, Prefix: "api"}
}

// session does the handshake of an older revision and returns what calls
// api_get in it.
func session(t *testing.T, url, revision string) func() string {
	t.Helper()
	send := func(id, body string) (string, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+gateway.Path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		if id != "" {
			req.Header.Set("Mcp-Session-Id", id)
			req.Header.Set("MCP-Protocol-Version", revision)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.Header.Get("Mcp-Session-Id"), string(text)
	}
	id, _ := send("", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"`+revision+`","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`)
	send(id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return func() string {
		_, text := send(id, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"api_get","arguments":{}}}`)
		return text
	}
}

func TestStructuredResults(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		`{"id":1}`: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":1}`)
		},
		// An upstream that says nothing, and one that breaks its promise: strict
		// clients still need structured content that fits the schema.
		`{}`: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		`{"id":null}`: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"id":null}`)
		},
	}
	for want, answer := range answers {
		g, url := serve(t, restMount(t, answer))
		settled(t, g)
		if got := session(t, url, "2025-06-18")(); !strings.Contains(got, `"structuredContent":`+want) {
			t.Errorf("2025-06-18: %s lacks %s", got, want)
		}
		if got := session(t, url, "2025-03-26")(); strings.Contains(got, "structuredContent") || !strings.Contains(got, `"type":"text"`) {
			t.Errorf("2025-03-26 has no structured results: %s", got)
		}
	}
}

func TestProgressAndCancellationPass(t *testing.T) {
	server, up := upstream(t)
	gone := make(chan struct{})
	server.AddTool(&mcp.Tool{Name: "work", InputSchema: object}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
			ProgressToken: req.Params.GetProgressToken(), Progress: 1, Total: 2, Message: "half"}); err != nil {
			return nil, err
		}
		<-ctx.Done()
		close(gone)
		return nil, ctx.Err()
	})
	g, url := serve(t, gateway.Mount{Source: source(t, "up", up), Prefix: "up"})
	settled(t, g)

	ctx, cancel := context.WithCancel(t.Context())
	client := connect(t, url, &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		if r.Params.Message == "half" && r.Params.Total == 2 {
			cancel()
		}
	}})
	params := &mcp.CallToolParams{Name: "up_work"}
	params.SetProgressToken("mine")
	if _, err := client.CallTool(ctx, params); err == nil {
		t.Error("a canceled call must not succeed")
	}
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.Error("the cancellation did not reach the upstream")
	}
}

// TestUnknownRevisionsAreHeldToWhatWasNegotiated opens sessions that ask for
// revisions that have none: they get results of 2025-11-25.
func TestUnknownRevisionsAreHeldToWhatWasNegotiated(t *testing.T) {
	g, url := serve(t, restMount(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":1}`)
	}))
	settled(t, g)
	for _, revision := range []string{"2024-10-07", "2025-11-25", "2026-07-28", "2030-01-01"} {
		send := asking(t, url, revision)
		list := send(http.MethodPost, `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`)
		got := send(http.MethodPost, `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"api_get","arguments":{}}}`)
		if !strings.Contains(got, `"structuredContent":{"id":1}`) || strings.Contains(got+list, "resultType") {
			t.Errorf("%s: %s %s", revision, got, list)
		}
	}
}
