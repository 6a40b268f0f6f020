package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// listTTL is how long clients may keep a list. Lists change rarely, and clients
// that listen are told.
const listTTL = time.Minute

// handler answers the clients of one endpoint: it is what the faces serve.
type handler struct {
	gateway *Gateway
	view    *view
}

// Handle answers one request.
func (h *handler) Handle(ctx context.Context, r *face.Request) (face.Result, error) {
	if r.Notification {
		h.told(ctx, r)
		return nil, nil
	}
	switch r.Method {
	case protocol.CallTool:
		return h.call(ctx, r)
	case protocol.ListTools, protocol.ListResources, protocol.ListTemplates, protocol.ListPrompts:
		return h.list(ctx, r)
	case protocol.ReadResource, protocol.GetPrompt, protocol.Complete,
		protocol.GetTask, protocol.ListTasks, protocol.TaskResult, protocol.UpdateTask, protocol.CancelTask:
		return h.request(ctx, r)
	}
	return nil, noMethod(r.Method)
}

func noMethod(method string) error {
	return protocol.Errorf(protocol.CodeMethodNotFound, "there is no method %q here", fault.Clip(method, maxShownName))
}

// list answers a request for one of the lists.
func (h *handler) list(ctx context.Context, r *face.Request) (face.Result, error) {
	cursor, err := stringParam(r.Params, "cursor")
	if err != nil {
		return nil, err
	}
	h.gateway.settle(ctx)
	c := h.view.catalog.Load()
	if !c.has(capabilityOf(r.Method)) {
		return nil, noMethod(r.Method)
	}
	member, from := "tools", (*list)(nil)
	switch r.Method {
	case protocol.ListResources:
		member, from = "resources", &c.resources.list
	case protocol.ListTemplates:
		member, from = "resourceTemplates", &c.templates.list
	case protocol.ListPrompts:
		member, from = "prompts", &c.prompts.list
	default:
		from = &c.show().list
	}
	p, err := from.page(member, cursor, h.gateway.opts.pageSize())
	if err != nil {
		return nil, err
	}
	if r.Method == protocol.ListTools {
		h.listed(r, c, p, cursor)
	}
	if protocol.IsModern(r.Revision) {
		p.cache = h.caching(r)
	}
	return p, nil
}

// listed records what a list of tools costs.
func (h *handler) listed(r *face.Request, c *Catalog, p page, cursor string) {
	o := &h.gateway.opts
	switch {
	case o.Ledger == nil || o.Counter == nil:
	case cursor == "" && p.next == "":
		o.Ledger.Listed(r.Caller, h.view.path, c.ListTokens())
	default:
		o.Ledger.Listed(r.Caller, h.view.path, o.Counter.Count(string(p.text)))
	}
}

// caching says how long, and by whom, what depends on the catalog alone may be
// kept. As long as every caller sees the same catalog, anyone may.
func (h *handler) caching(*face.Request) *caching { return &caching{ttl: listTTL} }

// call answers a tools/call.
func (h *handler) call(ctx context.Context, r *face.Request) (face.Result, error) {
	c, err := h.newCall(r)
	if err != nil {
		return nil, err
	}
	state, err := h.openState(r, c.Name, c.Arguments, c.Extra["requestState"])
	if err != nil {
		return nil, err
	}
	if state != nil {
		c.Source, c.Extra["requestState"] = state.source, state.value
	}
	name, arguments := c.Name, c.Arguments // which the call's stages may replace
	res, err := h.gateway.Call(ctx, c)
	if err != nil {
		var ended *fault.Error
		if errors.As(context.Cause(ctx), &ended) {
			err = ended
		}
		if res = toolFailure(c, err); res == nil {
			return nil, clientError(err)
		}
	}
	if given, ok := res.Extra["requestState"]; ok {
		sealed := *res
		sealed.Extra = withMember(res.Extra, "requestState", h.sealState(r, c.Source, name, arguments, given))
		res = &sealed
	}
	return res, nil
}

// newCall returns the call that a tools/call asks for.
func (h *handler) newCall(r *face.Request) (*call.Call, error) {
	c := &call.Call{Endpoint: h.view.path, Meta: r.Meta, Caller: r.Caller, Client: r.Client, Progress: r.Progress,
		TextOnly: r.Revision != "" && r.Revision < protocol.R20250618}
	for key, value := range protocol.Members(r.Params) {
		switch string(key) {
		case "name":
			name, ok := protocol.String(value)
			if !ok {
				return nil, invalid("the tool's name is no string")
			}
			c.Name = name
		case "arguments":
			if string(value) != "null" && !protocol.IsObject(value) {
				return nil, invalid("the tool's arguments are no object")
			}
			c.Arguments = value
		case "_meta":
		default:
			if c.Extra == nil {
				c.Extra = map[string]json.RawMessage{}
			}
			c.Extra[string(key)] = value
		}
	}
	if c.Name == "" {
		return nil, invalid("a call needs the tool's name")
	}
	return c, nil
}

// toolFailure returns an error as a result that a model can act on, or nil where
// it is a failure of the protocol or of the caller's rights.
func toolFailure(c *call.Call, err error) *call.Result {
	var server *protocol.Error
	if errors.As(err, &server) {
		return nil
	}
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Unauthorized, fault.Forbidden, fault.Invalid, fault.Canceled:
		return nil
	default:
		return call.Failure(fmt.Sprintf("%s (call %s)", fault.Message(err), c.ID))
	}
}

// clientError returns an error as clients are told it: a server's own as it is.
func clientError(err error) error {
	var server *protocol.Error
	if errors.As(err, &server) {
		return server
	}
	return err
}

func withMember(members map[string]json.RawMessage, key string, value json.RawMessage) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(members)+1)
	for k, v := range members {
		out[k] = v
	}
	out[key] = value
	return out
}

func invalid(message string) error { return fault.New("mcp.params", fault.Invalid, message) }

// stringParam returns a member of params that may be left out, "" where it is.
func stringParam(params json.RawMessage, name string) (string, error) {
	value, ok := protocol.Member(params, name)
	if !ok || string(value) == "null" {
		return "", nil
	}
	text, ok := protocol.String(value)
	if !ok {
		return "", invalid(name + " is no string")
	}
	return text, nil
}
