package gateway

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
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

// seat is a source's place in the gateway, from when it is mounted until it is
// taken out. All but the source is guarded by the gateway's mu.
type seat struct {
	source Source
	use    *use
	// mount is how the source is to appear. shown is what the catalog has in its
	// place: another one as long as the seat's predecessor serves, because the
	// source has not loaded yet.
	mount, shown *Mount
	load         load
	news         bool               // whether a part of a load was news that is not logged yet
	stop         context.CancelFunc // ends its loading
}

// load is what was loaded of a source last, and how the source is.
type load struct {
	tools    []tool.Tool
	features tool.Features
	loaded   bool // the source, or its predecessor, was up once
	state    State
	err      error
}

func newSeat(m Mount) *seat {
	s := &seat{source: m.Source, use: &use{}}
	m.use = s.use
	s.mount, s.shown = &m, &m
	return s
}

// close closes the source, and the one that still serves in its place.
func (s *seat) close() error {
	err := s.source.Close()
	if s.shown.Source != s.source {
		err = errors.Join(err, s.shown.Source.Close())
	}
	return err
}

// mounted returns what the catalog is made of for this seat.
func (s *seat) mounted() mounted {
	return mounted{mount: s.shown, tools: s.load.tools, features: s.load.features, loaded: s.load.state == Up || s.load.tools != nil}
}

// SourceStatus is how a source is, for display.
type SourceStatus struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Tools int    `json:"tools"`
	// Resources and Prompts are how many the source has; Resources counts its
	// templates too.
	Resources int    `json:"resources,omitempty"`
	Prompts   int    `json:"prompts,omitempty"`
	Error     string `json:"error,omitempty"` // safe for callers
}

// Status returns how each source is, in the order of the mounts.
func (g *Gateway) Status() []SourceStatus {
	served := map[string]int{}
	for _, e := range g.Catalog().all {
		served[e.Source]++
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]SourceStatus, 0, len(g.seats))
	for _, s := range g.seats {
		if s.mount.BuiltIn {
			continue
		}
		f := &s.load.features
		one := SourceStatus{Name: s.source.Name(), State: s.load.state, Tools: served[s.source.Name()],
			Resources: len(f.Resources) + len(f.Templates), Prompts: len(f.Prompts)}
		if s.load.state == "" {
			one.State = Loading
		}
		if s.load.err != nil {
			one.Error = fault.Message(s.load.err)
		}
		if h, ok := s.source.(Healthy); ok && one.State == Up {
			if up, why := h.Health(); !up {
				one.State, one.Error = Down, why
			}
		}
		out = append(out, one)
	}
	return out
}

// begin starts a seat's goroutines, which the seat's stop ends. tried is called
// once the source was loaded or has failed. g.mu is held.
func (g *Gateway) begin(s *seat, tried func()) {
	ctx, stop := context.WithCancel(g.life)
	s.stop = stop
	g.wg.Go(func() { g.keepLoaded(ctx, s, sync.OnceFunc(tried)) })
	if server, ok := s.source.(Server); ok {
		g.wg.Go(func() { g.listen(ctx, s, server) })
	}
}

// listen hands on what a server tells, until ctx ends.
func (g *Gateway) listen(ctx context.Context, s *seat, server Server) {
	for {
		select {
		case <-ctx.Done():
			return
		case n, ok := <-server.Notices():
			if !ok {
				return
			}
			g.mu.Lock()
			mount := s.mount
			g.mu.Unlock()
			g.notice(ctx, mount, n)
		}
	}
}

// keepLoaded loads a seat's source, again after each failure and each change,
// until ctx ends. tried is called after the first attempt.
func (g *Gateway) keepLoaded(ctx context.Context, s *seat, tried func()) {
	defer tried()
	var changes <-chan struct{}
	if c, ok := s.source.(Changing); ok {
		changes = c.Changes()
	}
	retry := minRetry
	for ctx.Err() == nil {
		err := g.load(ctx, s)
		if ctx.Err() != nil {
			return
		}
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

// load loads what a source has, once, and publishes it: a server's tools before
// the rest, which may be slow to come, or never come.
func (g *Gateway) load(ctx context.Context, s *seat) error {
	tools, err := s.source.Tools(ctx)
	if err != nil {
		return g.failed(ctx, s, "source can't be loaded; it is tried again", err)
	}
	server, ok := s.source.(Server)
	g.publish(ctx, s, !ok, func(l *load) { l.tools = tools })
	if !ok {
		return nil
	}
	features, err := server.Features(ctx)
	if err != nil {
		return g.failed(ctx, s, "the source's resources and prompts can't be loaded; it is tried again", err)
	}
	g.publish(ctx, s, true, func(l *load) { l.features = features })
	g.hearLogs(ctx, server, features)
	return nil
}

// failed records that a load failed. What the source had is kept: it comes back
// with the source.
func (g *Gateway) failed(ctx context.Context, s *seat, what string, err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ctx.Err() != nil {
		return err // the source was taken out meanwhile, or the gateway stops
	}
	s.load.state, s.load.err = Down, err
	attrs := []slog.Attr{slog.String("source", s.source.Name()), slog.String("error", err.Error())}
	if n := len(s.load.tools); n > 0 {
		attrs = append(attrs, slog.Int("tools_kept", n))
	}
	g.logger.LogAttrs(ctx, slog.LevelWarn, what, attrs...)
	return err
}

// publish records what was loaded, and whether that is the whole of it, and swaps
// the catalogs if it is news. A source that is to take a predecessor's place does
// so now.
func (g *Gateway) publish(ctx context.Context, s *seat, whole bool, change func(*load)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ctx.Err() != nil {
		return // as in failed
	}
	next := s.load
	change(&next)
	next.loaded, next.state, next.err = true, Up, nil
	same := s.shown == s.mount && reflect.DeepEqual(s.load, next)
	s.load, s.news = next, s.news || !same
	var leaving []*Mount
	if whole {
		leaving = g.arrived(s)
		defer g.logLoaded(ctx, s)
	}
	if same && leaving == nil {
		return
	}
	defer g.retireAll(leaving)
	if before := s.shown; before != s.mount {
		s.shown = s.mount
		defer g.retire(before)
	}
	g.recompile()
}

// logLoaded logs once what a load brought that was news, be it in parts. What is
// built in is no source that anybody configured. g.mu is held.
func (g *Gateway) logLoaded(ctx context.Context, s *seat) {
	if s.news && !s.mount.BuiltIn {
		g.logger.LogAttrs(ctx, slog.LevelInfo, "source loaded", slog.String("source", s.source.Name()),
			slog.Int("tools", len(s.load.tools)), slog.Int("served", len(g.Catalog().all)))
	}
	s.news = false
}

// recompile compiles the catalog of every endpoint anew and swaps them. g.mu is
// held.
func (g *Gateway) recompile() {
	mounts := g.mounted()
	for _, v := range g.views.Load().list {
		g.show(v, compile(mounts, v.catalog.Load().settings, v.catalog.Load()))
	}
}

// show swaps the catalog of a view and tells who should know. g.mu is held.
func (g *Gateway) show(v *view, next *Catalog) {
	before := v.catalog.Swap(next)
	g.wg.Go(func() { g.announce(g.life, v, before, next) })
}

// mounted returns the mounts with what is loaded of them. g.mu is held.
func (g *Gateway) mounted() []mounted {
	mounts := make([]mounted, 0, len(g.seats))
	leaving := g.handover
	for _, s := range g.seats {
		if !g.handover.withholds(s) {
			mounts = append(mounts, s.mounted())
			continue
		}
		if leaving != nil { // in the place of the first that came
			mounts, leaving = append(mounts, leaving.leaving...), nil
		}
		mounts = append(mounts, mounted{mount: s.mount})
	}
	return mounts
}
