package native

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const opRequest = "native.request"

// Request sends the server a request of any method, and returns the result as it
// came. An error that the server sent wraps a *[protocol.Error]. A method that
// begins with "notifications/" is sent as a notification; its result is {}.
//
// Subscriptions to resources and the level of log messages are those of the
// source: they hold for its shared session, and for the next one if that is
// replaced. Towards a server of 2026-07-28, which has no such requests, they are
// said in its way. That a client's roots have changed is told to the session that
// is the caller's own, if there is one: for a shared one they are not the roots of
// all.
func (s *Source) Request(ctx context.Context, r *call.Request) (json.RawMessage, error) {
	params := r.Params
	switch {
	case !isMethod(r.Method):
		return nil, fault.New(opRequest, fault.Invalid, "the method is malformed")
	case len(params) == 0 || string(params) == "null":
		params = json.RawMessage("{}")
	case !protocol.IsObject(params) || !protocol.Valid(params):
		return nil, fault.New(opRequest, fault.Invalid, "params are a JSON object")
	}
	meta, err := forwardedMeta(opRequest, r.Meta)
	if err != nil {
		return nil, err
	}
	out := &outgoing{
		op: opRequest, method: r.Method, members: appendMembers(make([]byte, 0, len(params)+1), params), meta: meta,
		again: isRead(r.Method), name: headerName(r.Method, params), caller: r.Caller, client: r.Client, progress: r.Progress,
	}
	if strings.HasPrefix(r.Method, "tasks/") {
		out.task = protocol.MemberString(params, "taskId")
	}
	switch r.Method {
	case protocol.Subscribe, protocol.Unsubscribe, protocol.SetLevel:
		out.caller = call.Caller{} // the shared session's
		out.wish = func(sess *session) (bool, error) { return sess.link.wish(sess, r.Method, params) }
	}
	if r.Method == protocol.RootsChanged {
		return json.RawMessage("{}"), s.rootsChanged(ctx, r.Caller)
	}
	if strings.HasPrefix(r.Method, "notifications/") {
		return s.notify(ctx, out, params)
	}
	raw, err := s.do(ctx, out)
	if err != nil && r.Method == protocol.Subscribe && isRefusal(err) {
		_ = s.shared.subscribed(protocol.MemberString(params, "uri"), false)
	}
	return raw, err
}

// notify sends a notification.
func (s *Source) notify(ctx context.Context, out *outgoing, params json.RawMessage) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.CallTimeout)
	defer cancel()
	l, release, err := s.linkFor(out.caller)
	if err != nil {
		return nil, err
	}
	defer release()
	sess, err := l.connected(ctx)
	if err != nil {
		return nil, s.unlessClosed(err)
	}
	defer sess.calls.Done()
	if err := sess.wire.send(ctx, notificationBody(out.method, params)); err != nil {
		return nil, s.explain(ctx, err, failure{op: out.op, sess: sess})
	}
	return json.RawMessage("{}"), nil
}

// rootsChanged tells the caller's own session that his client's roots are others.
// A server of 2026-07-28 asks for them with each request that it needs them for.
func (s *Source) rootsChanged(ctx context.Context, caller call.Caller) error {
	sess := s.own.connected(caller)
	if sess == nil {
		return nil
	}
	defer sess.calls.Done()
	if sess.modern {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.CallTimeout)
	defer cancel()
	if err := sess.wire.send(ctx, notificationBody(protocol.RootsChanged, nil)); err != nil {
		return s.explain(ctx, err, failure{op: opRequest, sess: sess})
	}
	return nil
}

// isMethod reports whether a name needs no escapes in JSON and none in a header.
func isMethod(name string) bool {
	return name != "" && len(name) <= 256 && strings.IndexFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '\\'
	}) < 0
}

// isRead reports whether a request that may have been carried out can be sent
// again.
func isRead(method string) bool {
	switch method {
	case protocol.ReadResource, protocol.GetPrompt, protocol.Complete, protocol.Subscribe, protocol.Unsubscribe, protocol.SetLevel,
		protocol.ListTools, protocol.ListResources, protocol.ListTemplates, protocol.ListPrompts,
		protocol.GetTask, protocol.ListTasks, protocol.TaskResult, protocol.Ping:
		return true
	}
	return false
}

// headerName returns what Mcp-Name mirrors of a request's params (2026-07-28,
// basic/transports, Standard Headers).
func headerName(method string, params json.RawMessage) string {
	switch method {
	case protocol.GetPrompt, protocol.CallTool:
		return protocol.MemberString(params, "name")
	case protocol.ReadResource:
		return protocol.MemberString(params, "uri")
	case protocol.GetTask, protocol.UpdateTask, protocol.CancelTask, protocol.TaskResult:
		return protocol.MemberString(params, "taskId")
	}
	return ""
}

// isRefusal reports whether the server itself refused a request.
func isRefusal(err error) bool { return answered(err) != nil }
