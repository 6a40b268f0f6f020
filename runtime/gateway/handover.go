package gateway

import (
	"maps"
	"slices"
	"time"
)

// handover is what happens when one reload takes sources out and brings others
// in: those that leave stay in the catalog until each that came was tried, but no
// longer than the grace, and all change places in one swap. So no client that
// lists just then sees, and keeps, less than there was and will be. It is guarded
// by the gateway's mu.
type handover struct {
	leaving []mounted
	fresh   map[*seat]bool // what came, and whether it has still to be tried
}

// handOver begins the handover from the seats that were there to those that are
// there now, given which of these are new. One that is under way goes on as part
// of it; if nothing has to wait any more, handOver returns what was leaving. g.mu
// is held.
func (g *Gateway) handOver(old []*seat, fresh []*seat) (left []*Mount) {
	before, next := g.handover, &handover{fresh: map[*seat]bool{}}
	if before != nil {
		next.leaving = slices.Clone(before.leaving)
		for s, waiting := range before.fresh {
			if slices.Contains(g.seats, s) {
				next.fresh[s] = waiting
			}
		}
	}
	for _, s := range old {
		if s.load.loaded && !before.withholds(s) && !slices.Contains(g.seats, s) && seatNamed(g.seats, s.mount) == nil {
			next.leaving = append(next.leaving, s.mounted())
		}
	}
	for _, s := range fresh {
		if seatNamed(old, s.mount) == nil {
			next.fresh[s] = true
		}
	}
	if len(next.leaving) > 0 && next.awaits() {
		g.handover = next
		return nil
	}
	g.handover = nil
	return before.sources()
}

// awaits reports whether anything has still to be tried.
func (h *handover) awaits() bool {
	return slices.Contains(slices.Collect(maps.Values(h.fresh)), true)
}

// withholds reports whether a seat's source is not shown yet.
func (h *handover) withholds(s *seat) bool {
	if h == nil {
		return false
	}
	_, fresh := h.fresh[s]
	return fresh
}

// sources returns the mounts that are leaving.
func (h *handover) sources() []*Mount {
	if h == nil {
		return nil
	}
	mounts := make([]*Mount, len(h.leaving))
	for i, m := range h.leaving {
		mounts[i] = m.mount
	}
	return mounts
}

// arrived notes that a seat's source was tried. If the handover has ended by it,
// it returns the mounts that leave: the catalogs are to be compiled anew, and then
// these to be retired. g.mu is held.
func (g *Gateway) arrived(s *seat) (leaving []*Mount) {
	if !g.handover.withholds(s) {
		return nil
	}
	g.handover.fresh[s] = false
	if g.handover.awaits() {
		return nil
	}
	leaving, g.handover = g.handover.sources(), nil
	return leaving
}

func (g *Gateway) retireAll(mounts []*Mount) {
	for _, m := range mounts {
		g.retire(m)
	}
}

// awaitSeat begins a seat that a reload brought, and sees to it that nothing
// waits for it once it was tried, or the grace is over. g.mu is held.
func (g *Gateway) awaitSeat(s *seat) {
	tried := make(chan struct{})
	g.begin(s, func() { close(tried) })
	g.wg.Go(func() {
		timer := time.NewTimer(g.opts.Grace)
		defer timer.Stop()
		select {
		case <-tried:
		case <-timer.C:
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		if leaving := g.arrived(s); leaving != nil {
			g.recompile()
			g.retireAll(leaving)
		}
	})
}
