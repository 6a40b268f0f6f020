package native

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const opCall = "native.call"

// Invoke calls the tool c.Tool.Name, which is the server's own name for it, and
// returns the server's result whole. A tool's failure is a result; an error
// says that there is none, and wraps a *jsonrpc.Error if the server sent one.
// When ctx ends, the server is told to stop.
func (s *Source) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	if c.Tool == nil {
		return nil, fault.New(opCall, fault.Internal, "a call without a tool")
	}
	meta, err := forwardedMeta(c.Meta)
	if err != nil {
		return nil, err
	}
	args := c.Arguments
	if len(args) == 0 {
		args = json.RawMessage("{}")
	} else if !json.Valid(args) {
		return nil, fault.New(opCall, fault.Invalid, "the arguments are no JSON object")
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.CallTimeout)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()

	for retried := false; ; retried = true {
		res, again, err := s.attempt(ctx, c, args, meta)
		if err == nil || !again || retried {
			return res, err
		}
	}
}

// attempt makes the call once. again says that the session is gone and that the
// call may be sent to the next one.
func (s *Source) attempt(ctx context.Context, c *call.Call, args json.RawMessage, meta map[string]json.RawMessage) (res *call.Result, again bool, err error) {
	sess, err := s.connected(ctx)
	if err != nil {
		return nil, false, s.unlessClosed(err)
	}
	defer sess.calls.Done()

	params := &callParams{Name: c.Tool.Name, Arguments: args}
	params.Meta = make(mcp.Meta, len(meta)+4)
	for k, v := range meta {
		params.Meta[k] = v
	}
	if c.Progress != nil {
		token, done := s.progress.register(ctx, c.Progress)
		defer done()
		params.Meta["progressToken"] = token
	}
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	x := &exchange{credentials: c.Credentials, abort: abort}
	if sess.proc == nil {
		x.header = callHeaders(c.Tool, args)
	}
	raw, err := mcp.CallCustomMethod[*callParams, *rawResult](withExchange(ctx, x), sess.cs, rawCallTool, params)
	if err == nil {
		res, err = s.decodeResult(raw.json)
		return res, false, err
	}
	f := failure{op: opCall, status: int(x.status.Load()), sess: sess}
	forgotten := sessionForgotten(sess, f.status, err)
	if ctx.Err() == nil && (forgotten || sessionLost(f.status, err)) {
		s.retire(sess, err)
		again = forgotten || !x.sent.Load() || repeatable(c.Tool)
	}
	return nil, again, s.explain(ctx, err, f)
}

// repeatable reports whether calling twice does no more than calling once.
func repeatable(t *tool.Tool) bool { return t.Annotations.ReadOnly || t.Annotations.Idempotent }

// sessionForgotten reports whether the server refused the call because it does
// not know the session: it answers 404 (2025-11-25, basic/transports, Session
// Management); some answer 400 and name the session in the message.
func sessionForgotten(sess *session, status int, err error) bool {
	if sess.transport != "http" || sess.cs.ID() == "" {
		return false
	}
	rpc := answered(err)
	return status == http.StatusNotFound && (rpc == nil || rpc.Code != codeMethodNotFound) ||
		status == http.StatusBadRequest && rpc != nil && strings.Contains(strings.ToLower(rpc.Message), "session")
}

// sessionLost reports whether a failed call means that the session is over: the
// call got no answer of any kind, and was not stopped by ourselves.
func sessionLost(status int, err error) bool {
	var own *fault.Error
	return status == 0 && answered(err) == nil && !errors.As(err, &own)
}

func (s *Source) decodeResult(raw json.RawMessage) (*call.Result, error) {
	res := &call.Result{}
	if len(raw) == 0 || raw[0] != '{' {
		return nil, fault.New(opCall, fault.Upstream, s.says("answered the call with something that is no result"))
	}
	if err := json.Unmarshal(raw, res); err != nil {
		return nil, fault.Wrap(opCall, fault.Upstream, s.says("answered the call with a malformed result"), err)
	}
	return res, nil
}

// forwardedMeta returns the caller's "_meta" without what belongs to the
// caller's own connection.
func forwardedMeta(raw json.RawMessage) (map[string]json.RawMessage, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var meta map[string]json.RawMessage
	if err := json.Unmarshal(raw, &meta); err != nil {
		return nil, fault.Wrap(opCall, fault.Invalid, `"_meta" is no JSON object`, err)
	}
	for key := range meta {
		if key == "progressToken" || strings.HasPrefix(key, "io.modelcontextprotocol/") {
			delete(meta, key)
		}
	}
	return meta, nil
}
