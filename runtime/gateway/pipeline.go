package gateway

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/observe"
)

// pipeline is the way of every call, top to bottom.
func (g *Gateway) pipeline() call.Handler {
	return call.Chain(g.invoke,
		g.identify,
		observe.Calls(g.logger),
		g.ledger,
		g.contain,
		g.resolve,
		g.wishes,
		g.dedupe,
		g.shaper.Middleware(),
		g.structure,
		g.followPages,
		g.keepResults,
		g.credential,
	)
}

// ledger records what the call costs, if the options have a ledger.
func (g *Gateway) ledger(next call.Handler) call.Handler {
	if g.opts.Ledger == nil {
		return next
	}
	return g.opts.Ledger.Middleware()(next)
}

// identify gives the call an id, which stands in the log and in messages.
func (g *Gateway) identify(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		if c.ID == "" {
			c.ID = newID()
		}
		return next(ctx, c)
	}
}

func newID() string { return rand.Text()[:12] }

// contain turns a panic in a later stage into an error of this one call.
func (g *Gateway) contain(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (res *call.Result, err error) {
		defer func() {
			if p := recover(); p != nil {
				g.logger.LogAttrs(ctx, slog.LevelError, "panic in a call", slog.String("call", c.ID),
					slog.String("tool", fault.Clip(c.Name, maxShownName)), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				res, err = nil, fault.New("gateway.call", fault.Internal, fmt.Sprint("panic: ", p))
			}
		}()
		return next(ctx, c)
	}
}

// resolve finds the tool in the catalog. A call of call_tool is one of the tool
// that it names from here on, through all that follows.
func (g *Gateway) resolve(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		entry, release, err := g.takeSettled(ctx, c)
		if err != nil {
			return nil, err
		}
		defer func() { release() }()
		direct := !entry.isCallTool()
		if !direct {
			if refused := unwrap(c); refused != nil {
				return refused, nil
			}
			if entry, release, err = g.takeSettled(ctx, c); err != nil {
				release = func() {}
				return unwrapped(err)
			}
		}
		if c.Source != "" && c.Source != entry.Source {
			return nil, errState() // it began with another source's tool of that name
		}
		if direct { // else the headers are of call_tool's own arguments
			if err := entry.checkHeaders(ctx, c.Arguments); err != nil {
				return nil, err
			}
		}
		c.Tool, c.Source = entry.Tool, entry.Source
		if entry.Budget > 0 && (c.Budget == 0 || c.Budget > entry.Budget) {
			c.Budget = entry.Budget
		}
		return next(withEntry(ctx, entry), c)
	}
}

// isCallTool reports whether the entry is the tool that calls another.
func (e *Entry) isCallTool() bool { return e.origin.tool == &finderTools[2] }

// unwrapped tells a model which tool it may have meant.
func unwrapped(err error) (*call.Result, error) {
	if fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	res := call.Failure(fault.Message(err))
	res.Fault = fault.NotFound
	return res, nil
}

// takeSettled is take, which waits a little for sources that are still loading: to
// have an unknown name, and to be found by who searches.
func (g *Gateway) takeSettled(ctx context.Context, c *call.Call) (*Entry, func(), error) {
	if isFinder(c.Name) {
		g.settle(ctx)
	}
	entry, release, err := g.take(c)
	if err != nil {
		g.settle(ctx)
		entry, release, err = g.take(c)
	}
	return entry, release, err
}

// take looks a call's tool up and holds its source until release is called.
func (g *Gateway) take(c *call.Call) (entry *Entry, release func(), err error) {
	for {
		v := g.viewAt(c.Endpoint)
		if v == nil {
			return nil, nil, fault.New("gateway.resolve", fault.NotFound, "the endpoint "+fault.Clip(c.Endpoint, maxShownName)+" is no longer served")
		}
		if entry, err = v.catalog.Load().callable(c.Name); err != nil {
			return nil, nil, err
		}
		// A source is closed only when no catalog has it any more, so that the
		// next look meets another.
		if release, ok := entry.origin.mount.hold(); ok {
			return entry, release, nil
		}
	}
}

// credential lets the source's own stage give the call its credentials.
func (g *Gateway) credential(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		if stage := entryOf(ctx).origin.mount.Credentials; stage != nil {
			return stage(next)(ctx, c)
		}
		return next(ctx, c)
	}
}

// invoke hands the call to its source, in the source's own names and URIs.
func (g *Gateway) invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	e := entryOf(ctx)
	by := owner{c.Endpoint, c.Caller.Session, c.Caller.ID}
	c.Meta, c.Client = e.dialect.restoreMeta(c.Meta), g.client(e.origin.mount, e.dialect, c.Client, by)
	res, err := e.origin.mount.Source.Invoke(ctx, c)
	if err != nil {
		g.owners.rememberRefusal(e.Source, by, err)
		return res, err
	}
	g.owners.rememberTask(e.Source, by, res)
	return e.dialect.called(res), nil
}

type entryKey struct{}

func withEntry(ctx context.Context, e *Entry) context.Context {
	return context.WithValue(ctx, entryKey{}, e)
}

// entryOf returns the entry that resolve put into the context. The stages that
// ask for it all stand behind resolve.
func entryOf(ctx context.Context) *Entry { return ctx.Value(entryKey{}).(*Entry) }
