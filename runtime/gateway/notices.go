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
		if s := v.catalog.Load().siteOf(m.Source); s != nil && s.shown && !g.tell(v, s, n) {
			g.untold(ctx, v, n)
		}
	}
}

// tell tells those clients of an endpoint who may know of a server's notice, and
// reports whether there were any. What belongs to no call comes from a server that
// its callers share: the state of a task, and the end of an elicitation, are for
// the session that it began in; a log message may say anything, and is told where
// all sessions are of one caller, or where callers have servers of their own, so
// that the shared one has seen no call.
func (g *Gateway) tell(v *view, s *site, n call.Notice) bool {
	params := s.dialect.notice(n.Method, n.Params)
	var of owned
	switch n.Method {
	case protocol.LogMessage:
		if _, oneCaller := v.face.Audience(); !oneCaller && !s.mount.Isolated {
			return false
		}
		v.publish(n.Method, params)
		return true
	case protocol.TaskStatus:
		of = owned{ownedTask, s.name(), protocol.MemberString(n.Params, "taskId")}
	case protocol.ElicitationCompleted:
		of = owned{ownedElicitation, s.name(), protocol.MemberString(n.Params, "elicitationId")}
	default:
		v.publish(n.Method, params)
		return true
	}
	if by, known := g.owners.of(of); known {
		// Another endpoint's clients are told there.
		return by.endpoint != v.path || v.face.PublishTo(by.session, n.Method, params)
	}
	if sessions, _ := v.face.Audience(); sessions > 1 {
		return false
	}
	v.publish(n.Method, params) // to the only one that it can be of
	return true
}

// untold counts a notice that was for nobody who is there.
func (g *Gateway) untold(ctx context.Context, v *view, n call.Notice) {
	g.logger.LogAttrs(ctx, slog.LevelDebug, "a server's notice is told to nobody: it is not known whose it is, or he is gone",
		slog.String("endpoint", v.path), slog.String("source", n.Source), slog.String("method", n.Method), slog.Int64("count", g.untoldCount.Add(1)))
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
