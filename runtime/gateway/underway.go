package gateway

import (
	"context"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Why calls are ended before their sources have answered.
var (
	errStopping = fault.New("gateway.drain", fault.Unavailable,
		"the gateway is stopping and has ended this call, which may have taken effect: check before you call again")
	errSessionEnded = fault.New("gateway.session", fault.Canceled, "the session has ended, and its calls with it")
)

// underway knows the calls that are being carried out and the requests that are
// being answered, so that both can be waited for and calls be ended.
//
// The SDK ties a call to its request only from revision 2026-07-28 on; in a
// session of an older one a call would outlive the session.
type underway struct {
	mu       sync.Mutex
	calls    map[*context.CancelCauseFunc]string // to the session's id
	requests int
	idle     []chan struct{} // closed when no request is left
}

// call returns the context of a call in a session, and what says that it is over.
func (u *underway) call(ctx context.Context, session string) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	key := &cancel
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.calls == nil {
		u.calls = map[*context.CancelCauseFunc]string{}
	}
	u.calls[key] = session
	return ctx, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.calls, key)
		cancel(nil)
	}
}

// endSession ends the calls of one session.
func (u *underway) endSession(session string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for cancel, of := range u.calls {
		if of == session {
			(*cancel)(errSessionEnded)
		}
	}
}

// endAll ends every call.
func (u *underway) endAll() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for cancel := range u.calls {
		(*cancel)(errStopping)
	}
}

// request notes that a request is being answered, until done is called.
func (u *underway) request() (done func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.requests--; u.requests > 0 {
			return
		}
		for _, waiting := range u.idle {
			close(waiting)
		}
		u.idle = nil
	}
}

// wait waits until no request is being answered, or ctx ends.
func (u *underway) wait(ctx context.Context) {
	idle := make(chan struct{})
	u.mu.Lock()
	if u.requests == 0 {
		close(idle)
	} else {
		u.idle = append(u.idle, idle)
	}
	u.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}
