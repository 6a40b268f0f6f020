package gateway

import (
	"context"
	"sync"
)

// use counts who uses a source, so that a source which is no longer mounted is
// closed once nobody does.
type use struct {
	mu     sync.Mutex
	users  int
	closed bool
	idle   chan struct{} // not nil while closing waits for the users
}

// hold keeps the mount's source from being closed until release is called. It
// returns false where the source was closed already: the mount comes from a
// catalog that is no longer served, and whoever has it looks the current one up.
func (m *Mount) hold() (release func(), ok bool) {
	if m.use == nil { // a catalog that is only looked at
		return func() {}, true
	}
	return m.use.hold()
}

func (u *use) hold() (release func(), ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return nil, false
	}
	u.users++
	return u.release, true
}

func (u *use) release() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.users--; u.users == 0 && u.idle != nil {
		u.closed = true
		close(u.idle)
		u.idle = nil
	}
}

// close waits until nobody uses the source, or ctx ends, and lets nobody use it
// from then on. It reports how many users are left.
func (u *use) close(ctx context.Context) (left int) {
	u.mu.Lock()
	if u.users == 0 {
		u.closed = true
	}
	if u.closed {
		defer u.mu.Unlock()
		return u.users
	}
	idle := make(chan struct{})
	u.idle = idle
	u.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed, u.idle = true, nil
	return u.users
}

// busy returns how many calls and requests sources are carrying out.
func (g *Gateway) busy() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, s := range g.seats {
		s.use.mu.Lock()
		n += s.use.users
		s.use.mu.Unlock()
	}
	return n
}
