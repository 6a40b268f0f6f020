//go:build unix

package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// callTimeout is what the lanes' sources give a call, and overhang how much
	// later its answer may be on a machine that is busy.
	callTimeout = 1500 * time.Millisecond
	overhang    = 3 * time.Second
	// listTimeout is how long tools/list may take, whatever is broken.
	listTimeout = 2 * time.Second
	// recovery is how long it may take until a lane works again: the pause after a
	// few failed starts.
	recovery = 20 * time.Second
	// rest is how long a session lasts before its end is no sign to the gateway
	// that the server fails again and again.
	rest = 11 * time.Second
)

// secret is what the gateway presents to lanes. No caller may see it.
const secret = "hush-7f3a9"

// unwanted are texts that no caller may be told: what is no help, what says how
// things are inside, and secrets.
var unwanted = []string{"internal error", "goroutine", "panic", "nil map", ".go:", "EOF", secret, "127.0.0.1:", "/tmp", "context deadline", "jsonrpc2"}

// storm is a run of cycles.
type storm struct {
	t       *testing.T
	clients []caller
	raw     *rawCaller
	stalls  stalls
	table   table
	keys    atomic.Int64
	bad     atomic.Int64
}

// errorf fails the test. Of many failures the first say enough.
func (s *storm) errorf(format string, args ...any) {
	if s.bad.Add(1) <= 40 {
		s.t.Errorf(format, args...)
	}
}

// cycle breaks a lane, sees what callers see, mends it and waits for it.
func (s *storm) cycle(l *lane) {
	l.turn.Lock()
	defer l.turn.Unlock()
	time.Sleep(time.Until(l.rested))
	l.arm()
	if l.provokes() {
		s.call(l, s.raw, false) // ends the session; the next call begins another
	}
	var calls sync.WaitGroup
	for _, c := range s.clients {
		calls.Go(func() { s.meet(l, c) })
	}
	s.list(l)
	calls.Wait()
	s.table.struck(l)
	l.lift()
	if took, ok := s.recover(l); ok {
		s.table.recovered(l, took)
		l.rested = time.Now().Add(rest)
	}
}

// meet calls a broken lane, again while it is only told that the gateway has not
// tried to connect yet.
func (s *storm) meet(l *lane, c caller) {
	for begun := time.Now(); time.Since(begun) < recovery; time.Sleep(50 * time.Millisecond) {
		if ok := s.call(l, c, harmless(l.form, l.point, l.fault)); ok || l.hit() {
			return
		}
	}
}

// paused is in what callers are told between two attempts to connect.
const paused = "the next start is tried in"

// call calls a broken lane. Whatever it is told is told in time and is of use,
// and the tool has not run more often than that says.
func (s *storm) call(l *lane, c caller, harmless bool) (ok bool) {
	key := fmt.Sprintf("%s-%d", l.name, s.keys.Add(1))
	ctx, cancel := context.WithTimeout(s.t.Context(), callTimeout+2*overhang)
	defer cancel()
	reading := s.stalls.reading()
	a := c.call(ctx, l.name+"_bump", key, l.point == progressing)
	s.table.note(l, a)
	ran, lost := l.book.count(key), s.stalls.since(reading)
	switch {
	case a.took > callTimeout+overhang+2*lost:
		s.errorf("%s: a call took %v: %q", l.name, a.took, a.text)
	case a.ok && (ran != 1 || a.text != "counted "+key):
		s.errorf("%s: a call was answered with %q and has run %d times", l.name, a.text, ran)
	case !a.ok && ran > 1:
		s.errorf("%s: a call has run %d times: %q", l.name, ran, a.text)
	case !a.ok && harmless && !strings.Contains(a.text, paused) && lost < callTimeout/4:
		s.errorf("%s: a fault that harms no call: %q", l.name, a.text)
	case !a.ok:
		s.judge(l, a.text)
	}
	return a.ok
}

// judge holds what a caller is told to what may be told.
func (s *storm) judge(l *lane, text string) {
	text, _, _ = strings.Cut(text, " (call ") // whose letters are by chance
	for _, part := range unwanted {
		if strings.Contains(text, part) {
			s.errorf("%s: a caller is told %q: %q", l.name, part, text)
		}
	}
	if len(text) < 20 {
		s.errorf("%s: a caller is told too little: %q", l.name, text)
	}
}

// list sees that what is healthy is listed, at once.
func (s *storm) list(l *lane) {
	begun, reading := time.Now(), s.stalls.reading()
	tools, err := s.raw.tools(s.t.Context())
	if took := time.Since(begun); err != nil || took > listTimeout+2*s.stalls.since(reading) {
		s.errorf("%s: tools/list took %v: %v", l.name, took, err)
		return
	}
	for _, want := range healthy {
		if _, found := slices.BinarySearch(tools, want); !found {
			s.errorf("%s: tools/list lacks %s", l.name, want)
		}
	}
}

// recover calls a mended lane until it works, and returns how long that took.
func (s *storm) recover(l *lane) (time.Duration, bool) {
	begun := time.Now()
	for n := 0; ; n++ {
		if s.call(l, s.clients[n%len(s.clients)], false) {
			return time.Since(begun), true
		}
		if time.Since(begun) > recovery {
			s.errorf("%s does not work again within %v", l.name, recovery)
			return 0, false
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-s.t.Context().Done():
			return 0, false
		}
	}
}
