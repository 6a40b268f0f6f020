package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// settings returns what holds at each endpoint, the one at [Path] first.
func (o *Options) settings() []settings {
	out := []settings{{budget: o.Budget, profile: o.Profile, callerShaping: o.CallerShaping, counter: o.Counter,
		endpoint: Endpoint{Path: Path, Profile: o.Profile, Instructions: o.Instructions, Tools: o.Tools}}}
	for _, e := range o.Endpoints {
		if e.Instructions == "" {
			e.Instructions = o.Instructions
		}
		out = append(out, settings{budget: o.Budget, profile: e.Profile, callerShaping: o.CallerShaping, counter: o.Counter, endpoint: e})
	}
	return out
}

// Reload serves other mounts and endpoints, under another budget, profile and
// instructions, from now on. The rest of the options stays as it was given to
// [New]. No connection is dropped: sessions go on at endpoints that are still
// there and are told what has changed; those of other endpoints end.
//
// A mount whose Source is the very one that is mounted already keeps it, with
// what was loaded of it. A Source of the same name that is another value takes
// the place of the one before: at once where both are servers (whose tools stay
// listed until the new one has told its own), else when it was loaded, and until
// then the one before serves, under the new mount's settings. What is no longer
// mounted leaves the catalog together with the coming of sources of other names,
// once each of these was tried or Options.Grace has passed: a source that is
// renamed is there throughout. It is closed once the calls that use it are over,
// or Options.Drain has passed.
//
// After an error, of kind Invalid or Unavailable, all is as before, and the
// sources that are new are still the caller's to close.
func (g *Gateway) Reload(opts Options) error {
	if err := opts.check(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life == nil || g.life.Err() != nil {
		return fault.New("gateway.reload", fault.Unavailable, "the gateway is not running, so it can't be given a new configuration")
	}
	old := g.seats
	g.seats = make([]*seat, len(opts.Mounts))
	var fresh []*seat
	for i, m := range opts.Mounts {
		s := seatOf(old, m.Source)
		if s != nil {
			s.remount(m)
		} else {
			s = newSeat(m)
			s.succeed(seatNamed(old, &m))
			g.awaitSeat(s)
			fresh = append(fresh, s)
		}
		g.seats[i] = s
	}
	left := g.handOver(old, fresh)
	gone := g.swapViews(opts.settings())
	g.takeOut(old)
	g.retireAll(left)
	for _, v := range gone {
		g.wg.Go(v.close)
	}
	return nil
}

// check reports what no gateway can serve.
func (o *Options) check() error {
	names, paths := map[string]bool{}, map[string]bool{Path: true}
	for _, m := range o.Mounts {
		if m.BuiltIn {
			continue // its name is nobody's business
		}
		if names[m.Source.Name()] {
			return fault.New("gateway.reload", fault.Invalid, fmt.Sprintf("two sources have the name %q", m.Source.Name()))
		}
		names[m.Source.Name()] = true
	}
	for _, e := range o.Endpoints {
		if e.Path == "" || paths[e.Path] {
			return fault.New("gateway.reload", fault.Invalid, fmt.Sprintf("there are two endpoints at %q, or it is no path", e.Path))
		}
		paths[e.Path] = true
	}
	return nil
}

// seatOf returns the seat of this very source; nil if it has none.
func seatOf(seats []*seat, source Source) *seat {
	for _, s := range seats {
		if reflect.TypeOf(source).Comparable() && s.source == source {
			return s
		}
	}
	return nil
}

// seatNamed returns the seat of the source that a mount's is to succeed.
func seatNamed(seats []*seat, m *Mount) *seat {
	for _, s := range seats {
		if s.source.Name() == m.Source.Name() && s.mount.BuiltIn == m.BuiltIn {
			return s
		}
	}
	return nil
}

// remount gives the seat's source the settings of another mount of it. Where
// none differs the mount stays, and with it the catalog's entries.
func (s *seat) remount(m Mount) {
	if s.mount.equal(&m) {
		return
	}
	m.use = s.use
	own := s.shown == s.mount
	if s.mount = &m; own {
		s.shown = s.mount
	} else {
		s.shown = s.shown.like(s.mount)
	}
}

// succeed makes the seat take the place of the one before, nil for none. A
// server begins with what the server before it had; anything else lets the one
// before serve until it has loaded, since it alone can carry out its tools.
func (s *seat) succeed(before *seat) {
	if before == nil || !before.load.loaded {
		return
	}
	s.load = before.load
	s.load.state, s.load.err = Loading, nil
	_, isServer := s.source.(Server)
	if _, was := before.shown.Source.(Server); was && isServer {
		return
	}
	s.shown = before.shown.like(s.mount)
}

// equal reports whether two mounts of one source show the same.
func (m *Mount) equal(other *Mount) bool {
	// The stage belongs to the source, and functions can't be compared.
	none := &Mount{}
	return reflect.DeepEqual(none.like(m), none.like(other))
}

// like returns the mount with the settings of another: how its tools appear.
func (m *Mount) like(other *Mount) *Mount {
	out := *other
	out.Source, out.Credentials, out.use = m.Source, m.Credentials, m.use
	return &out
}

// swapViews swaps the endpoints and their catalogs, and returns the views of
// those that are no longer served. g.mu is held.
func (g *Gateway) swapViews(all []settings) (gone []*view) {
	mounts, before := g.mounted(), g.views.Load().list
	next := &views{}
	for _, s := range all {
		i := slices.IndexFunc(before, func(v *view) bool { return v.path == s.endpoint.Path })
		var v *view
		if i >= 0 {
			v = before[i]
		} else {
			v = newView(g, s)
		}
		next.list = append(next.list, v)
		g.show(v, compile(mounts, s, v.catalog.Load()))
	}
	g.views.Store(next)
	return slices.DeleteFunc(slices.Clone(before), func(v *view) bool { return slices.Contains(next.list, v) })
}

// takeOut ends the loading of seats that are no more, and closes the sources
// that nothing shows any longer. g.mu is held.
func (g *Gateway) takeOut(old []*seat) {
	needed := map[*use]bool{}
	for _, s := range g.seats {
		needed[s.use], needed[s.shown.use] = true, true
	}
	for _, m := range g.handover.sources() {
		needed[m.use] = true
	}
	for _, s := range old {
		if !slices.Contains(g.seats, s) {
			s.stop()
		}
		for _, m := range []*Mount{s.mount, s.shown} {
			if !needed[m.use] {
				needed[m.use] = true // once
				g.retire(m)
			}
		}
	}
}

// retire closes the source of a mount that no catalog has any more, once the
// calls that use it are over or the drain's time has passed. g.mu is held.
func (g *Gateway) retire(m *Mount) {
	name := slog.String("source", m.Source.Name())
	g.wg.Go(func() {
		ctx, cancel := context.WithTimeout(g.life, g.opts.Drain)
		defer cancel()
		if left := m.use.close(ctx); left > 0 {
			g.logger.LogAttrs(ctx, slog.LevelWarn, "source is closed under calls that took too long", name, slog.Int("calls", left))
		}
		if err := m.Source.Close(); err != nil {
			g.logger.LogAttrs(ctx, slog.LevelWarn, "source that is no longer served can't be closed", name, slog.String("error", err.Error()))
		}
	})
}
