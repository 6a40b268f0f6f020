package gateway_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/gateway"
)

func TestArgumentsInHeaders(t *testing.T) {
	server := mcp.NewServer(&mcp.Implementation{Name: "x", Version: "1"}, nil)
	server.AddTool(&mcp.Tool{Name: "route", InputSchema: json.RawMessage(`{"type":"object","properties":{
		"region":{"type":"string","x-mcp-header":"Region"},"to":{"type":"object","properties":{"shard":{"type":"integer","x-mcp-header":"Shard"}}}}}`)},
		func(_ context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "routed"}}}, nil
		})
	g, url := serve(t, gateway.Mount{Source: newInside(t, "in", server)})
	settled(t, g)
	for name, c := range map[string]struct {
		arguments string
		header    http.Header
		ok        bool
	}{
		"right":           {`{"region":"eu","to":{"shard":7}}`, http.Header{"Mcp-Param-Region": {"eu"}, "Mcp-Param-Shard": {"7"}}, true},
		"base64":          {`{"region":"žluť"}`, http.Header{"Mcp-Param-Region": {"=?base64?xb5sdcWl?="}}, true},
		"left out":        {`{}`, nil, true},
		"null":            {`{"region":null}`, nil, true},
		"missing":         {`{"region":"eu"}`, nil, false},
		"another":         {`{"region":"eu"}`, http.Header{"Mcp-Param-Region": {"us"}}, false},
		"without an arg":  {`{}`, http.Header{"Mcp-Param-Region": {"us"}}, false},
		"twice":           {`{"region":"eu","region":"us"}`, http.Header{"Mcp-Param-Region": {"eu"}}, false},
		"twice, nested":   {`{"to":{"shard":7,"shard":8}}`, http.Header{"Mcp-Param-Shard": {"7"}}, false},
		"another, nested": {`{"to":{"shard":7}}`, http.Header{"Mcp-Param-Shard": {"8"}}, false},
	} {
		status, body := post(t, url, "tools/call", "route", `{"name":"route","arguments":`+c.arguments+`,`+modernMeta+`}`, c.header)
		if ok := status == http.StatusOK && strings.Contains(body, "routed"); ok != c.ok || !ok && (status != http.StatusBadRequest || !strings.Contains(body, `"code":-32020`)) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if got := older(t, url)(http.MethodPost, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"route","arguments":{"region":"eu"}}}`); !strings.Contains(got, "routed") {
		t.Errorf("older revisions have no such headers: %s", got)
	}
}
