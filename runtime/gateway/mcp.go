package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// modern is the first revision in which every request stands for itself.
const modern = "2026-07-28"

// structured is the first revision that has structured results.
const structured = "2025-06-18"

// older are the revisions that have sessions, newest first.
var older = [...]string{"2025-11-25", structured, "2025-03-26", "2024-11-05"}

// revision returns the revision that holds for a request. The SDK tells the one
// that the client asked for: a session that asked for one that its server does
// not know is held to the newest that has sessions.
func revision(asked string, meta mcp.Meta) string {
	_, alone := meta[mcp.MetaKeyProtocolVersion]
	if alone || asked == "" || slices.Contains(older[:], asked) {
		return asked
	}
	return older[0]
}

// sdkListTTL is how long clients may keep a tools/list, in milliseconds. The list
// changes rarely, and clients that listen are told.
const sdkListTTL = 60_000

// faces are the MCP servers through which clients reach the gateway. One serves
// all clients; the SDK's own tool table stays empty, and a middleware answers
// from the catalog.
type faces struct {
	gateway *Gateway
	view    *view
	server  *mcp.Server
}

func newFaces(g *Gateway, v *view) *faces {
	f := &faces{gateway: g, view: v}
	f.server = mcp.NewServer(
		&mcp.Implementation{Name: "bridge", Title: "Bridge", Version: g.opts.Version},
		&mcp.ServerOptions{
			Instructions: v.catalog.Load().settings.endpoint.Instructions,
			Logger:       sdkLogger(g.logger),
			Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{ListChanged: true}},
		})
	f.server.AddReceivingMiddleware(f.answer)
	return f
}

// toolsChanged tells every client that listens. The SDK tells them when its own
// table changes, so a tool that no client ever sees is put there and removed.
func (f *faces) toolsChanged() {
	const unseen = "bridge_tools_changed"
	f.server.AddTool(&mcp.Tool{Name: unseen, InputSchema: json.RawMessage(`{"type":"object"}`)}, nil)
	f.server.RemoveTools(unseen)
}

// close ends every client's session.
func (f *faces) close() {
	for session := range f.server.Sessions() {
		if err := session.Close(); err != nil {
			f.gateway.logger.Debug("closing a client's session", "error", err)
		}
	}
}

// answer is the SDK middleware that answers for tools.
func (f *faces) answer(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (res mcp.Result, err error) {
		// The SDK runs this in a goroutine of its own, where a panic would end the
		// gateway.
		defer func() {
			if p := recover(); p != nil {
				f.gateway.logger.Error("panic in an MCP method", "method", method, "panic", p, "stack", string(debug.Stack()))
				res, err = nil, rpcError(fault.New("mcp.answer", fault.Internal, fmt.Sprint("panic: ", p)))
			}
		}()
		switch r := req.(type) {
		case *mcp.ListToolsRequest:
			f.gateway.settle(ctx)
			var meta mcp.Meta
			if r.Params != nil {
				meta = r.Params.Meta
			}
			return &listResult{tools: f.view.catalog.Load().show().list.array(), modern: revision(r.ProtocolVersion(), meta) >= modern}, nil
		case *mcp.CallToolRequest:
			return f.callTool(ctx, r)
		default:
			return next(ctx, method, req)
		}
	}
}

func (f *faces) callTool(ctx context.Context, r *mcp.CallToolRequest) (mcp.Result, error) {
	spoken := revision(r.ProtocolVersion(), r.Params.Meta)
	c := &call.Call{Endpoint: f.view.path, Name: r.Params.Name, Arguments: r.Params.Arguments, Caller: call.Caller{Client: clientName(r.ClientInfo())},
		TextOnly: spoken != "" && spoken < structured}
	var err error
	if c.Meta, err = callerMeta(r.Params.Meta); err != nil {
		return nil, rpcError(fault.Wrap("mcp.call", fault.Invalid, "_meta can't be read", err))
	}
	if token := r.Params.GetProgressToken(); token != nil {
		c.Progress = func(ctx context.Context, p call.Progress) {
			// A client that went away gets no progress; the call's own context ends it.
			_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
				ProgressToken: token, Progress: p.Done, Total: p.Total, Message: p.Message})
		}
	}
	ctx, over := f.gateway.underway.call(ctx, r.Session.ID())
	defer over()
	res, err := f.gateway.Call(ctx, c)
	if err != nil {
		var ended *fault.Error
		if errors.As(context.Cause(ctx), &ended) {
			err = ended
		}
		if res = toolFailure(c, err); res == nil {
			return nil, rpcError(err)
		}
	}
	return &sdkCallResult{result: res, modern: spoken >= modern}, nil
}

func clientName(info *mcp.Implementation) string {
	if info == nil {
		return ""
	}
	return strings.TrimSuffix(info.Name+"/"+info.Version, "/")
}

// callerMeta returns the caller's own _meta: what the protocol itself put there
// is between this client and the gateway.
func callerMeta(meta mcp.Meta) (json.RawMessage, error) {
	own := maps.Clone(map[string]any(meta))
	maps.DeleteFunc(own, func(key string, _ any) bool {
		return key == "progressToken" || strings.HasPrefix(key, "io.modelcontextprotocol/")
	})
	if len(own) == 0 {
		return nil, nil
	}
	return json.Marshal(own)
}

func rpcError(err error) error {
	return &jsonrpc.Error{Code: fault.KindOf(err).RPCCode(), Message: fault.Message(err)}
}
