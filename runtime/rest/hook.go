package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// handler carries out an operation with these arguments, a JSON object that its
// schema accepts.
type handler func(ctx context.Context, args json.RawMessage) (*call.Result, error)

// hook wraps what carries out one operation.
type hook func(at site, next handler) handler

// site is where something that was written by hand runs.
type site struct {
	source *Source
	tool   *tool.Tool
	wrap   string // see [tool.Operation.Wrap]
}

// Before has change see the arguments of each call of op before they are sent:
// it may change them, or refuse the call with an error; see [Errorf]. They fit
// the tool's schema, and what change makes of them has to fit it too.
//
// What change does not touch is sent as the caller wrote it, members that In
// does not know included.
//
// Hooks run wherever the call comes from: a client, a composite tool, Go. Of
// several on an operation the first is the outermost: its view of the arguments
// is the caller's, and it sees the result last. A hook that calls its own
// operation runs itself: use next.
func Before[In, Out any](a *Adapter, op Operation[In, Out], change func(ctx context.Context, s *Source, in *In) error) {
	a.hook(op.Name, change == nil, func(at site, next handler) handler {
		return func(ctx context.Context, args json.RawMessage) (*call.Result, error) {
			in, before, err := readArguments[In](at, args)
			if err != nil {
				return nil, err
			}
			if err := change(ctx, at.source, &in); err != nil {
				return nil, err
			}
			changed, err := at.changed(args, before, in)
			if err != nil {
				return nil, err
			}
			return next(ctx, changed)
		}
	})
}

// After has change see the result of each call of op that worked: it may change
// it, or make the call a failure with an error; see [Errorf]. Members of the
// response that Out does not know stay as they are, as without the hook. A
// response that Out can't be read from makes the call a failure, so that nothing
// passes the hook unseen.
func After[In, Out any](a *Adapter, op Operation[In, Out], change func(ctx context.Context, s *Source, in In, out *Out) error) {
	a.hook(op.Name, change == nil, func(at site, next handler) handler {
		return func(ctx context.Context, args json.RawMessage) (*call.Result, error) {
			in, _, err := readArguments[In](at, args)
			if err != nil {
				return nil, err
			}
			result, err := next(ctx, args)
			if err != nil || result.IsError {
				return result, err
			}
			out, seen, err := readAnswer[Out](at, result)
			if err != nil {
				return nil, err
			}
			if err := change(ctx, at.source, in, &out); err != nil {
				return nil, err
			}
			return at.answer(out, seen)
		}
	})
}

// Around has answer stand for op: what it returns is the result. next carries
// the operation out; it may be called with other arguments, once, several times
// in a row, or not at all. A failure of the upstream is an error of next. As
// with [After], members of next's last response that Out does not know stay.
func Around[In, Out any](a *Adapter, op Operation[In, Out],
	answer func(ctx context.Context, s *Source, in In, next func(context.Context, In) (Out, error)) (Out, error)) {
	a.hook(op.Name, answer == nil, func(at site, next handler) handler {
		return func(ctx context.Context, args json.RawMessage) (*call.Result, error) {
			in, before, err := readArguments[In](at, args)
			if err != nil {
				return nil, err
			}
			var last answered
			out, err := answer(ctx, at.source, in, func(ctx context.Context, in In) (out Out, err error) {
				changed, err := at.changed(args, before, in)
				if err != nil {
					return out, err
				}
				result, err := next(ctx, changed)
				if err != nil {
					return out, err
				}
				out, last, err = readAnswer[Out](at, result)
				return out, err
			})
			if err != nil {
				return nil, err
			}
			return at.answer(out, last)
		}
	})
}

// hook adds a hook; without a function it is a problem that [Adapter.Load]
// reports.
func (a *Adapter) hook(name string, missing bool, h hook) {
	c := a.custom()
	if missing {
		c.problems = append(c.problems, fmt.Sprintf("hook on %q: its function is nil", name))
	}
	c.hooks[name] = append(c.hooks[name], h)
}

// Errorf returns the error by which a hook or composite tool refuses a call or
// says why it failed: its text is shown to the model, as a result with isError.
// It formats as [fmt.Errorf] does, %w included; of errors among args only what
// is safe for callers is shown. Any other error that a hook returns, unless it
// came from a call of an operation, reads "internal error" to the caller and
// stands whole in the log.
func Errorf(format string, args ...any) error {
	shown := make([]any, len(args))
	kind := fault.Invalid
	var cause error
	for i, arg := range args {
		shown[i] = arg
		if err, ok := arg.(error); ok {
			shown[i], cause, kind = safeError{err}, err, fault.Upstream
		}
	}
	return fault.Wrap("rest.hook", kind, fmt.Errorf(format, shown...).Error(), cause)
}

// safeError shows of an error what is safe for callers.
type safeError struct{ err error }

func (e safeError) Error() string { return fault.Message(e.err) }
func (e safeError) Unwrap() error { return e.err }

// readArguments reads arguments as typed, and writes them back: the difference
// to what a hook makes of them is what it changed.
func readArguments[In any](at site, args json.RawMessage) (in In, before json.RawMessage, err error) {
	if err := json.Unmarshal(args, &in); err != nil {
		return in, nil, fault.Wrap("rest.hook", fault.Invalid, "the arguments of "+at.tool.Name+" can't be read as what its hook takes", err)
	}
	before, err = at.write(in)
	return in, before, err
}

// changed returns args with what differs between before and in.
func (at site) changed(args, before json.RawMessage, in any) (json.RawMessage, error) {
	after, err := at.write(in)
	if err != nil {
		return nil, err
	}
	return mergeJSON(args, before, after), nil
}

// write writes a value that was made by hand, "<" and the like as they are.
func (at site) write(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fault.Wrap("rest.hook", fault.Internal, "what was written by hand for "+at.tool.Name+" made a value that is no JSON", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
