//go:build unix

package chaos_test

import (
	"context"
	"sync"
	"time"
)

// lane is one server and the one fault that it can have. The server asks it at
// each point whether to break there.
type lane struct {
	name  string
	form  form
	point point
	fault fault
	book  *ledger
	// turn is held by the cycle that breaks the lane.
	turn sync.Mutex
	// rested is when the lane has worked for so long that the gateway trusts it
	// again, and does not pause before it connects.
	rested time.Time

	mu       sync.Mutex
	lifted   chan struct{} // nil while nothing is armed
	provoked bool          // the session was ended since the fault was armed
	struck   bool          // the fault has struck since then
	break_   func()        // ends what listens; nil where nothing does
	mend     func()
}

func newLane(f form, p point, what fault) *lane {
	return &lane{name: name(f, p, what), form: f, point: p, fault: what, book: &ledger{}}
}

// arm begins the fault.
func (l *lane) arm() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lifted, l.provoked, l.struck = make(chan struct{}), false, false
	if l.fault == flaps && l.point == before {
		l.flap()
	}
}

// lift ends the fault.
func (l *lane) lift() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lifted == nil {
		return
	}
	close(l.lifted)
	l.lifted = nil
	if l.fault == flaps {
		l.mend()
	}
}

// provokes reports whether the fault strikes a part of a session that only comes
// with a new one, so that the one at hand has to end first.
func (l *lane) provokes() bool {
	switch l.point {
	case connecting, listing, streaming, closing:
		return true
	}
	return false
}

// at returns what goes wrong at a point. ends is true once for a call that is
// to end the session, by which the fault is provoked.
func (l *lane) at(p point) (what fault, ends bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.lifted == nil:
		return none, false
	case p == l.point:
		l.struck = true
		return l.fault, false
	case p == before && l.provokes() && !l.provoked:
		l.provoked = true
		if l.fault == flaps {
			l.flap()
		}
		return none, true
	}
	return none, false
}

// flap ends what listens. l.mu is held.
func (l *lane) flap() {
	l.break_()
	l.struck = true
}

// hit reports whether the fault has struck since it was armed.
func (l *lane) hit() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.struck
}

// wait waits until the fault is lifted.
func (l *lane) wait(ctx context.Context) {
	l.mu.Lock()
	lifted := l.lifted
	l.mu.Unlock()
	if lifted == nil {
		return
	}
	select {
	case <-lifted:
	case <-ctx.Done():
	}
}

// ledger counts how often the tool ran, by the key of the call.
type ledger struct {
	mu  sync.Mutex
	ran map[string]int
}

func (b *ledger) run(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ran == nil {
		b.ran = map[string]int{}
	}
	b.ran[key]++
}

func (b *ledger) count(key string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ran[key]
}
