package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
)

// TestServersAskClientsThroughAPrefix has a server of the older era, reached
// over HTTP, ask clients of both eras.
func TestServersAskClientsThroughAPrefix(t *testing.T) {
	server := mcp.NewServer(&mcp.Implementation{Name: "asking", Version: "1"}, nil)
	server.AddTool(&mcp.Tool{Name: "order", InputSchema: object}, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		answer, err := r.Session.Elicit(ctx, &mcp.ElicitParams{Message: "How many?", RequestedSchema: json.RawMessage(
			`{"type":"object","properties":{"count":{"type":"integer"}}}`)})
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(answer.Content)
		if err != nil {
			return nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: answer.Action + " " + string(text)}}}, nil
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(web.Close)
	t.Cleanup(web.CloseClientConnections)
	g, url := serve(t, gateway.Mount{Source: source(t, "shop", web.URL), Prefix: "shop"})
	settled(t, g)
	for name, path := range map[string]string{"the newest": "/mcp", "HTTP+SSE": "/sse"} {
		client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
			ElicitationHandler: func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				if r.Params.Message != "How many?" {
					t.Errorf("asked %q", r.Params.Message)
				}
				return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"count": 3}}, nil
			}})
		var transport mcp.Transport = &mcp.StreamableClientTransport{Endpoint: url + path}
		if path == "/sse" {
			transport = &mcp.SSEClientTransport{Endpoint: url + path}
		}
		session, err := client.Connect(t.Context(), transport, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "shop_order"})
		if err != nil || len(res.Content) == 0 || res.Content[0].(*mcp.TextContent).Text != `accept {"count":3}` {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	}
	session := connect(t, url, nil)
	res, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "shop_order"})
	if err == nil && !res.IsError || err != nil && !strings.Contains(err.Error(), "elicitation") {
		t.Errorf("a client that can't be asked: %+v, %v", res, err)
	}
}

// TestSubscriptionsSurviveAReload replaces a source under a client that watches
// one of its resources.
func TestSubscriptionsSurviveAReload(t *testing.T) {
	g, url := serve(t, gateway.Mount{Source: newInside(t, "north", library(t, "north")), Prefix: "north"})
	settled(t, g)
	updated := make(chan string, 8)
	session := connect(t, url, &mcp.ClientOptions{ResourceUpdatedHandler: func(_ context.Context, r *mcp.ResourceUpdatedNotificationRequest) {
		select {
		case updated <- r.Params.URI:
		default: // there are enough already: a handler that waited would hold the session's end
		}
	}})
	if err := session.Subscribe(t.Context(), &mcp.SubscribeParams{URI: "north+book://one"}); err != nil {
		t.Fatal(err)
	}
	server := library(t, "north")
	next := newInside(t, "north", server)
	next.asked = make(chan *call.Request, 8)
	opts := complete(t, gateway.Options{Mounts: []gateway.Mount{{Source: next, Prefix: "north"}}})
	if err := g.Reload(opts); err != nil {
		t.Fatal(err)
	}
	for within(t, next.asked, "the new source was not subscribed to").Method != "resources/subscribe" {
	}
	for told := false; !told; {
		if err := server.ResourceUpdated(t.Context(), &mcp.ResourceUpdatedNotificationParams{URI: "book://one"}); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-updated:
			if told = true; got != "north+book://one" {
				t.Errorf("told of %q", got)
			}
		case <-t.Context().Done():
			t.Fatal("the client was not told")
		default: // the subscription is on its way
		}
	}
}

// TestClientsAreToldWhatTheyLack has a server of the older era want what a client
// of the newest did not declare: the client is told so as its revision has it.
func TestClientsAreToldWhatTheyLack(t *testing.T) {
	server := mcp.NewServer(&mcp.Implementation{Name: "asking", Version: "1"}, nil)
	server.AddTool(&mcp.Tool{Name: "order", InputSchema: object}, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		_, err := r.Session.Elicit(ctx, &mcp.ElicitParams{Message: "How many?", RequestedSchema: json.RawMessage(`{"type":"object","properties":{}}`)})
		return nil, err
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(web.Close)
	t.Cleanup(web.CloseClientConnections)
	g, url := serve(t, gateway.Mount{Source: source(t, "shop", web.URL)})
	settled(t, g)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"order","_meta":{`+
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"x","version":"1"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "order"} {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `"code":-32021,`) ||
		!strings.Contains(string(body), `"data":{"requiredCapabilities":{"elicitation":{}}}`) {
		t.Errorf("HTTP %d, %s, %v", resp.StatusCode, body, err)
	}
}
