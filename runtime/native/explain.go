package native

import (
	"context"
	"errors"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Error codes of JSON-RPC 2.0, section 5.1, and of the SDK: it marks what its
// transports did not send with codeRejected.
const (
	codeMethodNotFound = -32601
	codeInvalidParams  = -32602
	codeRejected       = -32005
)

// failure is what is known of a request that failed.
type failure struct {
	op     string
	status int      // HTTP status of the answer; 0 for none
	sess   *session // nil while starting
}

// refusal is the server's error in an answer with an HTTP status of failure.
type refusal struct{ rpc *jsonrpc.Error }

// Error returns the server's message.
func (r refusal) Error() string { return r.rpc.Error() }

// Unwrap returns the server's error.
func (r refusal) Unwrap() error { return r.rpc }

// answered returns the error that the server sent, nil if it sent none.
func answered(err error) *jsonrpc.Error {
	var r refusal
	if errors.As(err, &r) {
		return r.rpc
	}
	var rpc *jsonrpc.Error
	if errors.As(err, &rpc) && rpc.Code != codeRejected {
		return rpc
	}
	return nil
}

// explain turns an error of the SDK into one that says what to do.
func (s *Source) explain(ctx context.Context, err error, f failure) error {
	var known *fault.Error
	rpc := answered(err)
	err = s.redact.cause(err)
	switch {
	case s.life.Err() != nil:
		return s.errClosed(f.op)
	case errors.As(err, &known):
		return err
	case errors.As(context.Cause(ctx), &known):
		return known
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(f.op, fault.Canceled, "the call was canceled", err)
	case ctx.Err() != nil:
		return fault.Wrap(f.op, fault.Timeout, s.says("did not answer in time: try again, or ask it for less"), err)
	case rpc != nil:
		return s.refused(f.op, rpc, err)
	case f.sess != nil && f.sess.fate() != nil:
		return f.sess.fate()
	case isDialError(err):
		return fault.Wrap(f.op, fault.Unavailable, s.says("can't be reached: check that it runs and that its URL is right"), err)
	case f.sess != nil && f.sess.proc != nil:
		return fault.Wrap(f.op, fault.Unavailable, s.obituary(f.sess), err)
	case f.status != 0 && (f.status < 200 || f.status > 299):
		return s.errStatus(f.status)
	}
	return fault.Wrap(f.op, fault.Unavailable, s.says("broke off the connection before it had answered: the call may or may not have taken effect"), err)
}

// refused reports the server's own error.
func (s *Source) refused(op string, rpc *jsonrpc.Error, err error) error {
	kind := fault.Upstream
	if rpc.Code == codeInvalidParams {
		kind = fault.Invalid
	}
	text := fault.Clip(s.redact.clean(rpc.Message), maxLine)
	return fault.Wrap(op, kind, s.says(fmt.Sprintf("answered with an error: %s (code %d)", text, rpc.Code)), err)
}

// unlessClosed returns err, or that the source is closed if that is the reason.
func (s *Source) unlessClosed(err error) error {
	if s.life.Err() != nil {
		return s.errClosed("native.connect")
	}
	return err
}
