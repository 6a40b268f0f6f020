package cli

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/httpapi"
)

// servesAPI reports whether a configuration has the tools served as plain HTTP:
// as it says, or else where nothing but this machine can call them.
func servesAPI(cfg config.Config) bool {
	if cfg.API != nil {
		return *cfg.API
	}
	host, _, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// api returns the handler that serves the tools of the first endpoint as plain
// HTTP. It is called once the gateway is made.
func (l *live) api() http.Handler {
	return httpapi.New(httpapi.Options{
		Endpoint:       gateway.Path,
		Tools:          func(context.Context) []httpapi.Tool { return plainTools(l.gateway.Catalog()) },
		Version:        func(context.Context) string { return l.gateway.Catalog().Version() },
		Call:           func(ctx context.Context, c *call.Call) (*call.Result, error) { return l.gateway.Call(ctx, c) },
		GatewayVersion: l.app.versionInfo().Version,
		MaxBody:        int64(l.cfg.Limits.MaxBody),
		Logger:         l.logger,
	})
}

// plainTools returns the tools as MCP clients are shown them.
func plainTools(c *gateway.Catalog) []httpapi.Tool {
	entries := c.Entries()
	tools := make([]httpapi.Tool, 0, len(entries))
	for _, e := range entries {
		var shown struct {
			Description               string
			InputSchema, OutputSchema json.RawMessage
		}
		// A native server's description that is no text is left out, as MCP clients
		// would; the schemas are read all the same.
		_ = json.Unmarshal(e.Definition(), &shown)
		tools = append(tools, httpapi.Tool{Name: e.Name, Title: e.Tool.Title, Description: shown.Description,
			Input: shown.InputSchema, Output: shown.OutputSchema, Annotations: e.Tool.Annotations, Source: e.Source})
	}
	return tools
}
