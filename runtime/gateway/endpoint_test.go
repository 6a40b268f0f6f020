package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/profile"
)

// TestEndpointsHaveAProfileEach shows the same tools at two URLs, to each kind
// of client in its own form, and calls them at both.
func TestEndpointsHaveAProfileEach(t *testing.T) {
	gemini, err := profile.Named("gemini")
	if err != nil {
		t.Fatal(err)
	}
	anthropic, err := profile.Named("anthropic")
	if err != nil {
		t.Fatal(err)
	}
	g, url := serveWith(t, gateway.Options{
		Mounts:    []gateway.Mount{{Source: nodesSource(t), Prefix: "n"}},
		Profile:   anthropic,
		Endpoints: []gateway.Endpoint{{Path: "/mcp/gemini", Profile: gemini}},
	})
	settled(t, g)
	lists := map[string]string{}
	for _, path := range []string{"/mcp", "/mcp/gemini"} {
		status, list := send(t, url+path, "tools/list", "", `{`+modernMeta+`}`, nil)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, list)
		}
		lists[path] = list
		if _, got := send(t, url+path, "tools/call", "n_add_node", `{"name":"n_add_node","arguments":{"weight":1},`+modernMeta+`}`, nil); strings.Contains(got, `"isError":true`) || !strings.Contains(got, "weight") {
			t.Errorf("%s: %s", path, got)
		}
	}
	if !strings.Contains(lists["/mcp"], "$ref") || strings.Contains(lists["/mcp/gemini"], "$ref") {
		t.Errorf("each endpoint must have its profile:\n%s\n%s", lists["/mcp"], lists["/mcp/gemini"])
	}
	if status, _ := send(t, url+"/mcp/other", "tools/list", "", `{`+modernMeta+`}`, nil); status != http.StatusNotFound {
		t.Errorf("an endpoint that is not there answered %d", status)
	}
}
