package gateway

import (
	"bytes"
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// The wait before a source that failed to load is tried again doubles from
// minRetry to maxRetry.
const (
	minRetry = time.Second
	maxRetry = time.Minute
)

// State says how a source is.
type State string

// The states of a source.
const (
	Loading State = "loading"
	Up      State = "up"
	Down    State = "down"
)

// load is the last load of one mount.
type load struct {
	tools []tool.Tool
	state State
	err   error
}

// SourceStatus is how a source is, for display.
type SourceStatus struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Tools int    `json:"tools"`
	Error string `json:"error,omitempty"` // safe for callers
}

// Status returns how each source is, in the order of the mounts.
func (g *Gateway) Status() []SourceStatus {
	served := map[string]int{}
	for _, e := range g.Catalog().all {
		served[e.Source]++
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]SourceStatus, len(g.loads))
	for i, l := range g.loads {
		name := g.opts.Mounts[i].Source.Name()
		out[i] = SourceStatus{Name: name, State: l.state, Tools: served[name]}
		if l.state == "" {
			out[i].State = Loading
		}
		if l.err != nil {
			out[i].Error = fault.Message(l.err)
		}
	}
	return out
}

// keepLoaded loads mount i, again after each failure and each change, until ctx
// ends. tried is called after the first attempt.
func (g *Gateway) keepLoaded(ctx context.Context, i int, tried func()) {
	defer tried()
	source := g.opts.Mounts[i].Source
	var changes <-chan struct{}
	if c, ok := source.(Changing); ok {
		changes = c.Changes()
	}
	retry := minRetry
	for ctx.Err() == nil {
		tools, err := source.Tools(ctx)
		if ctx.Err() != nil {
			return
		}
		g.publish(ctx, i, tools, err)
		tried()
		var again <-chan time.Time
		if err != nil {
			again = time.After(retry)
			retry = min(2*retry, maxRetry)
		} else {
			retry = minRetry
		}
		select {
		case <-ctx.Done():
		case <-changes:
		case <-again:
		}
	}
}

// publish records the outcome of a load and swaps the catalog. A source that
// was up before keeps the tools it had: they come back with it.
func (g *Gateway) publish(ctx context.Context, i int, tools []tool.Tool, err error) {
	name := slog.String("source", g.opts.Mounts[i].Source.Name())
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.logger.LogAttrs(ctx, slog.LevelWarn, "source can't be loaded; it is tried again", name, slog.String("error", err.Error()))
		g.loads[i].state, g.loads[i].err = Down, err
		return
	}
	same := g.loads[i].state == Up && reflect.DeepEqual(g.loads[i].tools, tools)
	g.loads[i] = load{tools: tools, state: Up}
	if same {
		return
	}
	mounts := g.mounted()
	for _, v := range g.views.Load().list {
		before := v.catalog.Load()
		next := compile(mounts, v.settings, before)
		v.catalog.Store(next)
		g.wg.Go(func() { g.announce(ctx, v, before, next) })
	}
	g.logger.LogAttrs(ctx, slog.LevelInfo, "source loaded", name, slog.Int("tools", len(tools)), slog.Int("served", len(g.Catalog().all)))
}

// announce writes a new catalog's definitions, so that no client has to wait for
// them, and tells who should know what is new: the log of problems, and the
// clients that listen of the tools.
func (g *Gateway) announce(ctx context.Context, v *view, before, next *Catalog) {
	if !before.prepare(ctx) || !next.prepare(ctx) {
		return
	}
	g.announcing.Lock()
	defer g.announcing.Unlock()
	for _, p := range newProblems(before, next) {
		g.logger.LogAttrs(ctx, slog.LevelWarn, "not served", slog.String("endpoint", v.endpoint.Path), slog.String("source", p.Source), slog.String("tool", p.Tool), slog.String("reason", p.Message))
	}
	if !bytes.Equal(before.show().list, next.show().list) {
		v.faces.toolsChanged()
	}
}

// mounted returns the mounts with what is loaded of them. g.mu is held.
func (g *Gateway) mounted() []mounted {
	mounts := make([]mounted, len(g.loads))
	for i := range g.loads {
		mounts[i] = mounted{&g.opts.Mounts[i], g.loads[i].tools}
	}
	return mounts
}

func newProblems(before, after *Catalog) []Problem {
	known := map[Problem]bool{}
	for _, p := range before.Problems() {
		known[p] = true
	}
	var fresh []Problem
	for _, p := range after.Problems() {
		if !known[p] {
			fresh = append(fresh, p)
		}
	}
	return fresh
}
