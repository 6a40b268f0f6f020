package native

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const opCall = "native.call"

// Invoke calls the tool c.Tool.Name, which is the server's own name for it, and
// returns the server's result whole. A tool's failure is a result; an error
// says that there is none, and wraps a *[protocol.Error] if the server sent one.
// When ctx ends, the server is told to stop.
func (s *Source) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	if c.Tool == nil {
		return nil, fault.New(opCall, fault.Internal, "a call without a tool")
	}
	meta, err := forwardedMeta(opCall, c.Meta)
	if err != nil {
		return nil, err
	}
	args := c.Arguments
	if len(args) == 0 || string(args) == "null" {
		args = json.RawMessage("{}")
	} else if !protocol.IsObject(args) || !protocol.Valid(args) {
		return nil, fault.New(opCall, fault.Invalid, "the arguments are no JSON object")
	}
	out := &outgoing{
		op: opCall, method: protocol.CallTool, members: callMembers(c, args), meta: meta, again: repeatable(c.Tool),
		name: c.Tool.Name, credentials: c.Credentials, caller: c.Caller, client: c.Client, progress: c.Progress,
	}
	if s.url != nil {
		out.header = mirrored(c.Tool, args)
	}
	raw, err := s.do(ctx, out)
	if err != nil {
		return nil, err
	}
	res, err := call.ParseResult(raw)
	if err != nil {
		return nil, fault.Wrap(opCall, fault.Upstream, s.says("answered the call with a malformed result"), err)
	}
	return res, nil
}

// callMembers returns the params of a call: name, arguments, and what else the
// client sent, such as "task".
func callMembers(c *call.Call, args json.RawMessage) []byte {
	size := 32 + len(c.Tool.Name) + len(args)
	for key, value := range c.Extra {
		size += len(key) + len(value) + 4
	}
	dst := append(make([]byte, 0, size), `"name":`...)
	dst = protocol.AppendString(dst, c.Tool.Name)
	dst = append(dst, `,"arguments":`...)
	dst = append(append(dst, args...), ',')
	if len(c.Extra) == 0 {
		return dst
	}
	for _, key := range slices.Sorted(maps.Keys(c.Extra)) {
		if key == "name" || key == "arguments" || key == "_meta" || !protocol.Valid(c.Extra[key]) {
			continue
		}
		dst = append(protocol.AppendString(dst, key), ':')
		dst = append(append(dst, c.Extra[key]...), ',')
	}
	return dst
}

// repeatable reports whether calling twice does no more than calling once.
func repeatable(t *tool.Tool) bool { return t.Annotations.ReadOnly || t.Annotations.Idempotent }
