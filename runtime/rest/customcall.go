package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// maxNesting bounds how deep hooks and composite tools may call each other.
const maxNesting = 16

// outer is the call within which code that was written by hand runs.
type outer struct {
	call  *call.Call
	depth int
	dry   bool // nothing is to be sent
}

type outerKey struct{}

// outerOf returns the call that ctx runs in; the zero value for none.
func outerOf(ctx context.Context) outer {
	o, _ := ctx.Value(outerKey{}).(outer)
	return o
}

// errDry keeps a dry run from sending anything.
var errDry = fault.New("rest.request", fault.Unsupported,
	"what is written by hand for this tool sends requests of its own; only a call that is carried out shows them")

// invokeHooked carries out a call through the hooks on its operation.
func (s *Source) invokeHooked(ctx context.Context, c *call.Call, hooks []hook) (*call.Result, error) {
	return s.byHand(ctx, c, 0, func(ctx context.Context) (*call.Result, error) {
		return s.runHooks(ctx, c, hooks, func(ctx context.Context, args json.RawMessage) (*call.Result, error) {
			inner := *c
			inner.Arguments = args
			return s.carryOut(ctx, &inner)
		})
	})
}

func (s *Source) runHooks(ctx context.Context, c *call.Call, hooks []hook, last handler) (*call.Result, error) {
	p, err := s.plan(c)
	if err != nil {
		return nil, err
	}
	args, err := s.bind(p, c)
	if err != nil {
		return nil, err
	}
	at := site{s, c.Tool, p.op.Wrap}
	for i := len(hooks) - 1; i >= 0; i-- {
		last = hooks[i](at, last)
	}
	return last(ctx, p.join(args))
}

// invokeComposite carries out a call of a composite tool.
func (s *Source) invokeComposite(ctx context.Context, c *call.Call, own *composite) (*call.Result, error) {
	return s.byHand(ctx, c, own.Timeout, func(ctx context.Context) (*call.Result, error) {
		p, err := own.prepare()
		if err != nil {
			return nil, err
		}
		args, err := s.bind(p.plan, c)
		if err != nil {
			return nil, err
		}
		at := site{s, c.Tool, p.wrap}
		out, err := own.run(ctx, at, p.plan.join(args))
		if err != nil {
			return nil, err
		}
		return at.answer(out, answered{})
	})
}

// join writes bound arguments as an object again.
func (p *plan) join(args arguments) json.RawMessage {
	members := make([]member, 0, len(args))
	for i, raw := range args {
		if raw != nil {
			members = append(members, member{p.args[i], raw})
		}
	}
	return joinObject(members)
}

// byHand runs what was written by hand within a call: bounded in time, in how
// deep it nests, and with its errors made what callers are to see.
func (s *Source) byHand(ctx context.Context, c *call.Call, limit time.Duration, run func(context.Context) (*call.Result, error)) (*call.Result, error) {
	if limit <= 0 {
		limit = s.opts.Timeout
	}
	o := outer{call: c, depth: outerOf(ctx).depth + 1}
	if o.depth > maxNesting {
		return nil, fault.New("rest.hook", fault.Internal, fmt.Sprintf(
			"hooks call each other without end: %s is %d calls deep; a hook carries out its own operation by next", c.Tool.Name, o.depth))
	}
	bounded, cancel := context.WithTimeout(context.WithValue(ctx, outerKey{}, o), limit)
	defer cancel()
	result, err := run(bounded)
	if err == nil {
		return result, nil
	}
	return s.handFailure(ctx, c, limit, err)
}

// handFailure makes a result of an error, unless it is the caller's going away
// or none that callers may see.
func (s *Source) handFailure(ctx context.Context, c *call.Call, limit time.Duration, err error) (*call.Result, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	var first *fault.Error
	if errors.As(err, &first) {
		if failed, ok := first.Err.(*failedResult); ok {
			return failed.result, nil // as the upstream put it
		}
	}
	switch fault.KindOf(err) {
	case fault.Internal:
		return nil, fault.Wrap("rest.hook", fault.Internal, "what is written by hand for "+c.Tool.Name+" failed", err)
	case fault.Timeout, fault.Canceled:
		text := fmt.Sprintf("%s was stopped, as it took longer than %s", c.Tool.Name, limit)
		if !c.Tool.Annotations.ReadOnly {
			text += "; it may have been carried out in part, so check before you try again"
		}
		return call.Failure(text), nil
	}
	s.log.DebugContext(ctx, "a hook or composite tool answered with a failure", "call", c.ID, "tool", c.Tool.Name, "error", err)
	return call.Failure(fault.Message(err)), nil
}

// ended is the error of a call whose caller's context ended.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.Wrap("rest.invoke", fault.Timeout, "the call took too long and was stopped", ctx.Err())
	}
	return fault.Wrap("rest.invoke", fault.Canceled, "the call was canceled", ctx.Err())
}

// failedResult keeps a result with IsError whole on its way through typed Go.
type failedResult struct{ result *call.Result }

func (f *failedResult) Error() string { return "the result is an error" }

// hookedRequest returns the request that a call would end in, through the hooks,
// which see that nothing is sent.
func (s *Source) hookedRequest(ctx context.Context, c *call.Call, hooks []hook) (*http.Request, error) {
	var request *http.Request
	hooked := context.WithValue(ctx, outerKey{}, outer{call: c, depth: 1, dry: true})
	_, err := s.runHooks(hooked, c, hooks, func(_ context.Context, args json.RawMessage) (*call.Result, error) {
		inner := *c
		inner.Arguments = args
		r, err := s.plainRequest(ctx, &inner)
		if err == nil && request == nil {
			request = r
		}
		return nil, firstError(err, errDry)
	})
	switch {
	case request != nil:
		return request, nil
	case err != nil:
		return nil, err
	}
	return nil, fault.New("rest.request", fault.Unsupported, "a hook answers "+c.Tool.Name+" itself; nothing would be sent")
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
