package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// query is a request of a client that is no call, on its way to a source.
type query struct {
	call.Request        // as the client sent it; each target has its own params
	view         *view  // the endpoint that it came to
	revision     string // of the client
	name         string // of what it asks for, as the client wrote it
	pinned       string // the one source that may answer; "" for any
	answered     target // the one that did
}

// querying carries out a query.
type querying func(ctx context.Context, q *query) (json.RawMessage, error)

// queries is the way of every request that is no call, top to bottom.
func (g *Gateway) queries() querying {
	handle := g.ask
	for _, stage := range []func(querying) querying{g.containQuery, g.observeQuery, g.identifyQuery} {
		handle = stage(handle)
	}
	return handle
}

func (g *Gateway) identifyQuery(next querying) querying {
	return func(ctx context.Context, q *query) (json.RawMessage, error) {
		q.ID = newID()
		return next(ctx, q)
	}
}

// observeQuery logs each request, in the form of the records of calls.
func (g *Gateway) observeQuery(next querying) querying {
	return func(ctx context.Context, q *query) (json.RawMessage, error) {
		start := time.Now()
		res, err := next(ctx, q)
		level, outcome := slog.LevelInfo, "ok"
		attrs := []slog.Attr{slog.String("call", q.ID), slog.String("method", q.Method), slog.String("name", fault.Clip(q.name, maxShownName)),
			slog.String("source", q.Source), slog.String("client", fault.Clip(q.Caller.Client, maxShownName)),
			slog.Duration("took", time.Since(start).Round(time.Microsecond))}
		if err != nil {
			level, outcome = slog.LevelWarn, kindOf(err).String()
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		g.logger.LogAttrs(ctx, level, "request", append(attrs, slog.String("outcome", outcome))...)
		return res, err
	}
}

// kindOf returns the kind of an error, also of one that a server sent.
func kindOf(err error) fault.Kind {
	var e *protocol.Error
	if !errors.As(err, &e) {
		return fault.KindOf(err)
	}
	switch e.Code {
	case protocol.CodeResourceNotFound:
		return fault.NotFound
	case protocol.CodeInvalidParams, protocol.CodeInvalidRequest, protocol.CodeHeaderMismatch:
		return fault.Invalid
	case protocol.CodeMethodNotFound, protocol.CodeMissingCapability:
		return fault.Unsupported
	default:
		return fault.Upstream
	}
}

// containQuery turns a panic into an error of this one request.
func (g *Gateway) containQuery(next querying) querying {
	return func(ctx context.Context, q *query) (res json.RawMessage, err error) {
		defer func() {
			if p := recover(); p != nil {
				g.logger.LogAttrs(ctx, slog.LevelError, "panic in a request", slog.String("call", q.ID),
					slog.String("method", q.Method), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				res, err = nil, fault.New("gateway.request", fault.Internal, fmt.Sprint("panic: ", p))
			}
		}()
		return next(ctx, q)
	}
}

// ask resolves a request and asks the sources that may have what it is about,
// one after the other, until one knows it.
func (g *Gateway) ask(ctx context.Context, q *query) (json.RawMessage, error) {
	targets, err := q.view.catalog.Load().resolve(q)
	if err == nil && len(targets) == 0 {
		g.settle(ctx)
		targets, err = q.view.catalog.Load().resolve(q)
	}
	if err != nil {
		return nil, err
	}
	if q.Method == protocol.ListTasks {
		return g.askAll(ctx, q, targets)
	}
	err = unknown(q)
	for i, t := range targets {
		if q.pinned != "" && q.pinned != t.site.name() || g.isAnothers(q, t) {
			continue
		}
		var res json.RawMessage
		if res, err = g.askOne(ctx, q, t); err == nil {
			q.answered = t
			return t.site.dialect.result(q.Method, res), nil
		}
		if !isUnknown(err) {
			break
		}
		if i > 0 {
			err = unknown(q) // and not just to this one
		}
	}
	return nil, asRevision(q, err)
}

// askOne asks one source.
func (g *Gateway) askOne(ctx context.Context, q *query, t target) (json.RawMessage, error) {
	release, ok := t.site.mount.hold()
	if !ok {
		return nil, fault.New("gateway.request", fault.Unavailable, fmt.Sprintf("the source %q was just replaced: ask again", t.site.name()))
	}
	defer release()
	q.Source = t.site.name()
	switch {
	case q.Method == protocol.Subscribe:
		defer g.watches.turn(q.Source)()
	case q.Method == protocol.Complete && t.site.capability("completions") == nil:
		return json.RawMessage(`{"completion":{"values":[]}}`), nil
	}
	r := q.Request
	r.Params, r.Meta = t.params, t.site.dialect.restoreMeta(q.Meta)
	r.Client = g.client(t.site.mount, t.site.dialect, q.Client, owner{q.Endpoint, q.Caller.Session, q.Caller.ID})
	res, err := t.site.server.Request(ctx, &r)
	if err == nil && !protocol.IsObject(res) {
		err = fault.New("gateway.request", fault.Upstream, fmt.Sprintf("the source %q answered with what is no result", t.site.name()))
	}
	return res, err
}

// isUnknown reports whether an error says that the source has nothing of the
// name that it was asked for.
func isUnknown(err error) bool {
	var e *protocol.Error
	if errors.As(err, &e) {
		return e.Code == protocol.CodeResourceNotFound || e.Code == protocol.CodeInvalidParams || e.Code == protocol.CodeMethodNotFound
	}
	return fault.KindOf(err) == fault.NotFound
}

// unknown says that no source has what was asked for.
func unknown(q *query) error {
	name := fault.Clip(q.name, maxShownName)
	switch q.Method {
	case protocol.ReadResource, protocol.Subscribe:
		e := protocol.Errorf(protocol.CodeResourceNotFound, "there is no resource %q; list the resources to see which there are", name)
		e.Data = protocol.With(nil, nil, "uri", quoted(name))
		return e
	case protocol.GetPrompt:
		return fault.New("gateway.request", fault.NotFound, fmt.Sprintf("there is no prompt %q; list the prompts to see which there are", name))
	case protocol.Complete:
		return fault.New("gateway.request", fault.NotFound, fmt.Sprintf("there is no prompt or resource template %q to complete", name))
	default:
		return fault.New("gateway.request", fault.NotFound, fmt.Sprintf("there is no task %q", name))
	}
}

// asRevision gives an unknown resource the code that the client's revision has
// for it (2026-07-28, server/resources, Error Handling), and the URI that the
// client asked for.
func asRevision(q *query, err error) error {
	var e *protocol.Error
	if !errors.As(err, &e) {
		return err
	}
	_, names := protocol.Member(e.Data, "uri")
	if e.Code != protocol.CodeResourceNotFound && (e.Code != protocol.CodeInvalidParams || !names) {
		return err
	}
	out := *e
	out.Code = protocol.CodeResourceNotFound
	if protocol.IsModern(q.revision) {
		out.Code = protocol.CodeInvalidParams
	}
	if names {
		out.Data = protocol.With(nil, e.Data, "uri", quoted(fault.Clip(q.name, maxShownURI)))
	}
	return &out
}

// maxShownURI bounds, in bytes, a URI from outside in an error's data.
const maxShownURI = 2048

// request answers a request that is no call and no list.
func (h *handler) request(ctx context.Context, r *face.Request) (face.Result, error) {
	q := &query{Request: call.Request{Endpoint: h.view.path, Method: r.Method, Params: protocol.Without(nil, r.Params, "_meta"),
		Meta: r.Meta, Caller: r.Caller, Client: r.Client, Progress: r.Progress}, view: h.view, revision: r.Revision}
	var err error
	if q.name, err = nameOf(r.Method, r.Params); err != nil {
		return nil, err
	}
	given, _ := protocol.Member(r.Params, "requestState")
	arguments, _ := protocol.Member(r.Params, "arguments")
	state, err := h.openState(r, q.name, arguments, given)
	if err != nil {
		return nil, err
	}
	if state != nil {
		q.pinned = state.source
		q.Params = protocol.With(nil, q.Params, "requestState", state.value)
	}
	res, err := h.gateway.query(ctx, q)
	if err != nil {
		return nil, clientError(err)
	}
	if given, ok := protocol.Member(res, "requestState"); ok && isMultiRound(r.Method) {
		res = protocol.With(nil, res, "requestState", h.sealState(r, q.Source, q.name, arguments, given))
	}
	return h.answer(r, res), nil
}

// isMultiRound reports whether a method may be answered with "input_required"
// (2026-07-28, basic/patterns/mrtr).
func isMultiRound(method string) bool {
	return method == protocol.CallTool || method == protocol.GetPrompt || method == protocol.ReadResource
}

// answer is a server's result, for a client of any revision. That it is complete,
// which newer revisions say, the face adds.
type answer struct {
	raw   json.RawMessage
	older bool
	cache *caching // to be added if the server did not say; nil for none
}

func (h *handler) answer(r *face.Request, raw json.RawMessage) face.Result {
	a := answer{raw: raw, older: !protocol.IsModern(r.Revision)}
	if !a.older && r.Method == protocol.ReadResource {
		a.cache = &caching{private: true} // nothing is known of it: to be read again
	}
	return a
}

// AppendJSON appends the result: with how long it may be kept for newer
// revisions, and without what they alone have for older ones.
func (a answer) AppendJSON(dst []byte) ([]byte, error) {
	kind, typed := protocol.Member(a.raw, "resultType")
	complete := !typed || string(kind) == `"complete"`
	if a.older && typed && complete {
		return protocol.Without(dst, a.raw, "resultType", "ttlMs", "cacheScope"), nil
	}
	if _, told := protocol.Member(a.raw, "ttlMs"); told || a.cache == nil || !complete {
		return append(dst, a.raw...), nil
	}
	dst = a.cache.appendMembers(append(dst, '{'))
	members := bytes.TrimSpace(bytes.TrimSpace(a.raw)[1:])
	if members[0] != '}' {
		dst = append(dst, ',')
	}
	return append(dst, members...), nil
}
