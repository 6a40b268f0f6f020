//lint:file-ignore SA1019 servers of older revisions ask for roots for a year to come

package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// TestChangedRootsReachTheCallersOwnSession has a client of the older era change
// its roots: the server hears of it, and asks for them anew.
func TestChangedRootsReachTheCallersOwnSession(t *testing.T) {
	changed := make(chan []*mcp.Root, 1)
	server := mcp.NewServer(&mcp.Implementation{Name: "rooted", Version: "1"}, &mcp.ServerOptions{
		RootsListChangedHandler: func(context.Context, *mcp.RootsListChangedRequest) { changed <- nil },
	})
	server.AddTool(&mcp.Tool{Name: "roots", InputSchema: object}, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		res, err := r.Session.ListRoots(ctx, nil)
		if err != nil {
			return nil, err
		}
		changed <- res.Roots
		return &mcp.CallToolResult{}, nil
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(web.Close)
	t.Cleanup(web.CloseClientConnections)
	src, err := native.New(native.Options{Name: "rooted", URL: web.URL, Isolate: "caller"})
	if err != nil {
		t.Fatal(err)
	}
	g, url := serve(t, gateway.Mount{Source: src})
	settled(t, g)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	client.AddRoots(&mcp.Root{URI: "file:///one"})
	newest, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + "/mcp"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newest.CallTool(t.Context(), &mcp.CallToolParams{Name: "roots"}); err != nil {
		t.Errorf("asked by a result: %v", err)
	} else if roots := <-changed; len(roots) != 1 {
		t.Errorf("roots %v", roots)
	}
	if err := newest.Close(); err != nil {
		t.Error(err)
	}
	session, err := client.Connect(t.Context(), &mcp.SSEClientTransport{Endpoint: url + "/sse"}, &mcp.ClientSessionOptions{ProtocolVersion: protocol.R20251125})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "roots"}); err != nil {
		t.Fatal(err)
	}
	if roots := <-changed; len(roots) != 1 {
		t.Errorf("roots %v", roots)
	}
	client.AddRoots(&mcp.Root{URI: "file:///two"})
	<-changed // the server heard of it
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "roots"}); err != nil {
		t.Fatal(err)
	}
	if roots := <-changed; len(roots) != 2 {
		t.Errorf("roots %v", roots)
	}
}
