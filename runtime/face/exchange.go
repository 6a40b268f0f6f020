package face

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// outlet is where the messages of a request go: its own HTTP response, or the
// connection that it came on.
type outlet interface {
	// message sends what comes ahead of the answer. It keeps nothing of data.
	message(data []byte) error
	// answer sends the answer, and nothing after it. Status is HTTP's.
	answer(data []byte, status int)
}

// exchange is one request, or notification, under way. To the [Handler] it is
// the request's client.
type exchange struct {
	server   *Server
	out      outlet
	id       protocol.ID
	revision string
	session  *session // nil from 2026-07-28 on
	params   json.RawMessage
	meta     protocol.Meta
	ctx      context.Context
	cancel   context.CancelCauseFunc
	header   http.Header // nil over other transports than HTTP
	answered atomic.Bool
}

// begin fills in what follows from the message.
func (s *Server) begin(ctx context.Context, x *exchange, m protocol.Message) {
	x.server, x.id, x.params, x.meta = s, m.ID, m.Params, protocol.SplitMeta(m.Params)
	x.ctx, x.cancel = context.WithCancelCause(ctx)
}

// request returns what the handler gets.
func (x *exchange) request(method string, caller call.Caller) *Request {
	r := &Request{Method: method, Params: x.params, Notification: x.id == nil,
		Revision: x.revision, Caller: caller, Client: x, Meta: x.meta.Own, Header: x.header}
	if x.meta.ProgressToken != nil && x.id != nil {
		r.Progress = x.progress
	}
	return r
}

// buffers are for answers, which are copied once, into one of these, and written
// from there.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the largest buffer that is kept, in bytes.
const maxPooled = 1 << 20

// finish sends the answer.
func (x *exchange) finish(result Result, err error) {
	if x.answered.Swap(true) {
		return
	}
	buf := buffers.Get().(*[]byte)
	data, status := x.appendAnswer((*buf)[:0], result, err)
	x.out.answer(data, status)
	if cap(data) <= maxPooled {
		*buf = data
		buffers.Put(buf)
	}
}

func (x *exchange) appendAnswer(dst []byte, result Result, err error) ([]byte, int) {
	if err == nil {
		dst, err = x.appendResult(dst, result)
		if err == nil {
			return dst, http.StatusOK
		}
	}
	e := x.rpcError(err)
	status := x.status(e)
	if cancelledByClient(x.ctx) {
		status = statusCancelled
	}
	return protocol.Message{ID: x.id, Error: e}.Append(dst[:0]), status
}

// appendResult appends a result, to which 2026-07-28 adds that it is complete,
// unless it says what it is.
func (x *exchange) appendResult(dst []byte, result Result) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = dst, x.panicked(p)
		}
	}()
	if result == nil {
		result = Raw("{}")
	}
	dst = append(x.id.AppendResponse(dst), `"result":`...)
	typed, known := saysType(result)
	if !protocol.IsModern(x.revision) || typed {
		dst, err = result.AppendJSON(dst)
		return append(dst, '}'), err
	}
	const complete = `{"resultType":"complete"`
	start := len(dst)
	dst = append(dst, complete...)
	body := len(dst)
	if dst, err = result.AppendJSON(dst); err != nil {
		return dst, err
	}
	joint := jointOf(dst[body:])
	if !known && hasResultType(dst[body:]) {
		joint = 0
	}
	switch joint {
	case 0: // it says for itself, or is no object
		dst = append(dst[:start], dst[body:]...)
	default:
		dst[body] = joint
	}
	return append(dst, '}'), nil
}

// saysType reports whether a result says its type, if that is known before it is
// written: to look for it in what was written takes as long as all else.
func saysType(result Result) (typed, known bool) {
	r, known := result.(interface{ HasMember(name string) bool })
	return known && r.HasMember("resultType"), known
}

// jointOf returns what stands for the brace of a result that members are put
// ahead of; 0 if none are to be.
func jointOf(result []byte) byte {
	if len(result) < 2 || result[0] != '{' {
		return 0
	}
	for _, c := range result[1:] {
		switch c {
		case ' ', '\t', '\r', '\n':
		case '}':
			return ' '
		default:
			return ','
		}
	}
	return 0
}

func hasResultType(result []byte) bool {
	if !bytes.Contains(result, []byte(`"resultType"`)) {
		return false
	}
	_, ok := protocol.Member(result, "resultType")
	return ok
}

// rpcError returns an error as it is sent. What the server itself ended says
// why it did.
func (x *exchange) rpcError(err error) *protocol.Error {
	var ours *fault.Error
	if cause := context.Cause(x.ctx); cause != nil && errors.As(cause, &ours) {
		err = cause
	}
	var e *protocol.Error
	if errors.As(err, &e) {
		return e
	}
	if fault.KindOf(err) == fault.Internal {
		x.server.logger.Error("a request failed", "error", err)
	}
	return protocol.Errorf(int(fault.KindOf(err).RPCCode()), "%s", fault.Message(err))
}

// status returns the HTTP status of an error: until 2025-11-25 an error is an
// answer like any other.
func (x *exchange) status(e *protocol.Error) int {
	if !protocol.IsModern(x.revision) {
		return http.StatusOK
	}
	switch e.Code {
	case protocol.CodeMethodNotFound:
		return http.StatusNotFound
	case protocol.CodeInvalidParams, protocol.CodeInvalidRequest, protocol.CodeHeaderMismatch,
		protocol.CodeMissingCapability, protocol.CodeUnsupportedVersion:
		return http.StatusBadRequest
	default:
		return http.StatusOK
	}
}

// handle asks the handler, whose panic ends the request alone.
func (x *exchange) handle(ctx context.Context, r *Request) (result Result, err error) {
	defer x.contain(&err)
	return x.server.handler.Handle(ctx, r)
}

// describe asks the handler what it serves, likewise.
func (x *exchange) describe(r *Request) (d Description, err error) {
	defer x.contain(&err)
	return x.server.handler.Describe(x.ctx, r), nil
}

// contain makes a panic an error; it is to be deferred.
func (x *exchange) contain(err *error) {
	if p := recover(); p != nil {
		*err = x.panicked(p)
	}
}

func (x *exchange) panicked(p any) error {
	x.server.logger.Error("panic in a request", "panic", p, "stack", string(debug.Stack()))
	return fault.Wrap("face.handle", fault.Internal, "internal error", fmt.Errorf("panic: %v", p))
}

// progress tells the client of progress.
func (x *exchange) progress(_ context.Context, p call.Progress) {
	if x.answered.Load() {
		return // there is no progress after the answer (basic/utilities, Progress)
	}
	params := append([]byte(`{"progressToken":`), x.meta.ProgressToken...)
	params = strconv.AppendFloat(append(params, `,"progress":`...), p.Done, 'f', -1, 64)
	if p.Total != 0 {
		params = strconv.AppendFloat(append(params, `,"total":`...), p.Total, 'f', -1, 64)
	}
	if p.Message != "" {
		params = protocol.AppendString(append(params, `,"message":`...), p.Message)
	}
	_ = x.send(protocol.Message{Method: protocol.ProgressMade, Params: append(params, '}')})
}

// send sends a message the way of the request's answer; once that is gone, the
// session's own way.
func (x *exchange) send(m protocol.Message) error {
	data := protocol.OneLine(m.Append(nil))
	switch {
	case x.id != nil && !x.answered.Load():
		return x.out.message(data)
	case x.session != nil:
		x.session.publish(data, false)
		return nil
	default:
		return fault.New("face.send", fault.Canceled, "the request has been answered")
	}
}

// Capabilities implements call.Client.
func (x *exchange) Capabilities() json.RawMessage {
	if x.session != nil {
		return x.session.capabilities
	}
	return x.meta.Capabilities
}

// Retries implements call.Client.
func (x *exchange) Retries() bool { return x.session == nil }

// LogLevel implements call.Leveled.
func (x *exchange) LogLevel() string {
	if x.session != nil {
		return x.session.logLevel()
	}
	if _, ok := protocol.Severity(x.meta.LogLevel); !ok {
		return ""
	}
	return x.meta.LogLevel
}

// Notify implements call.Client.
func (x *exchange) Notify(_ context.Context, method string, params json.RawMessage) error {
	if method == protocol.LogMessage && !x.logs(protocol.MemberString(params, "level")) {
		return nil
	}
	return x.send(protocol.Message{Method: method, Params: params})
}

// logs reports whether the client wants log messages of a level.
func (x *exchange) logs(level string) bool {
	if x.session != nil {
		return x.session.logs(level)
	}
	wanted, ok := protocol.Severity(x.meta.LogLevel)
	got, _ := protocol.Severity(level)
	return ok && got >= wanted
}

// Ask implements call.Client.
func (x *exchange) Ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	if err := lacking(x.Capabilities(), method, params, x.revision); err != nil {
		return nil, err
	}
	if x.session == nil {
		return nil, fault.New("face.ask", fault.Unsupported, "a client of this revision can't be asked while it waits for this request")
	}
	return x.session.ask(ctx, x, method, params)
}
