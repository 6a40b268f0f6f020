package native

import (
	"context"
	"errors"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// failure is what is known of a request that failed.
type failure struct {
	op     string
	status int      // HTTP status of the answer; 0 for none
	sess   *session // nil while starting
}

// answered returns the error that the server sent, nil if it sent none.
func answered(err error) *protocol.Error {
	var rpc *protocol.Error
	if errors.As(err, &rpc) {
		return rpc
	}
	return nil
}

// explain turns an error into one that says what to do.
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
	case ctx.Err() != nil && !expired(ctx):
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
func (s *Source) refused(op string, rpc *protocol.Error, err error) error {
	kind := fault.Upstream
	if rpc.Code == protocol.CodeInvalidParams {
		kind = fault.Invalid
	}
	text := fault.Clip(s.redact.clean(rpc.Message), maxLine)
	return fault.Wrap(op, kind, s.says(fmt.Sprintf("answered with an error: %s (code %d)", text, rpc.Code)), err)
}
