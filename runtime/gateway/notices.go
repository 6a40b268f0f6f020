package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// notice hands on what a mounted server tells that belongs to no call, to the
// endpoints that show something of that server.
func (g *Gateway) notice(ctx context.Context, m *Mount, n call.Notice) {
	g.logger.LogAttrs(ctx, slog.LevelDebug, "notice of a server", slog.String("source", m.Source.Name()), slog.String("method", n.Method))
	switch n.Method {
	case protocol.ToolsChanged, protocol.ResourcesChanged, protocol.PromptsChanged:
		return // the source says so by Changes, and clients are told when their list changed
	}
	for _, v := range g.views.Load().list {
		if s := v.catalog.Load().siteOf(m.Source); s != nil && s.shown {
			v.publish(n.Method, s.dialect.notice(n.Method, n.Params))
		}
	}
}

// siteOf returns what the catalog has of a source; nil for nothing.
func (c *Catalog) siteOf(source Source) *site {
	for _, s := range c.sites {
		if s.mount.Source == source {
			return s
		}
	}
	return nil
}

// publish tells the clients of an endpoint that asked for it.
func (v *view) publish(method string, params json.RawMessage) { v.face.Publish(method, params) }

// tellChanges tells the clients of an endpoint which lists have changed.
func (v *view) tellChanges(before, next *Catalog) {
	for method, lists := range map[string][2][]*list{
		protocol.ToolsChanged:     {{&before.show().list}, {&next.show().list}},
		protocol.PromptsChanged:   {{&before.prompts.list}, {&next.prompts.list}},
		protocol.ResourcesChanged: {{&before.resources.list, &before.templates.list}, {&next.resources.list, &next.templates.list}},
	} {
		for i := range lists[0] {
			if !bytes.Equal(lists[0][i].text, lists[1][i].text) {
				v.publish(method, nil)
				break
			}
		}
	}
}

// hearLogs asks a server for its log messages, as far as it has any: which of
// them a client gets is for the client to say, and many servers say nothing
// unless they were asked to.
func (g *Gateway) hearLogs(ctx context.Context, server Server, f tool.Features) {
	if logging, _ := protocol.Member(f.Capabilities, "logging"); !protocol.IsObject(logging) {
		return
	}
	_, err := server.Request(ctx, &call.Request{ID: newID(), Method: protocol.SetLevel, Source: server.Name(), Params: json.RawMessage(`{"level":"debug"}`)})
	if err != nil {
		g.logger.LogAttrs(ctx, slog.LevelDebug, "asking a server for its log messages", slog.String("source", server.Name()), slog.String("error", err.Error()))
	}
}
