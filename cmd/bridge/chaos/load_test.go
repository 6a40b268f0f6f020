//go:build unix

package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// healthy are the tools of the sources that nothing breaks.
var healthy = []string{"rest_ping", "steady_echo", "calm_bump"}

// pace is the pause between two calls of one client of the load.
const pace = 20 * time.Millisecond

// load are clients that call what is healthy, all the time.
type load struct {
	t    *testing.T
	book *ledger // of the healthy child
	mu   sync.Mutex
	took map[string][]time.Duration
	bad  int
	stop context.CancelFunc
	work sync.WaitGroup
}

// start begins to call, in the background.
func (l *load) start(clients []caller) {
	ctx, stop := context.WithCancel(l.t.Context())
	l.took, l.stop = map[string][]time.Duration{}, stop
	phase := time.Now().UnixNano()
	for i, c := range clients {
		l.work.Go(func() {
			tick := time.NewTicker(pace)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					l.one(c, healthy[n%len(healthy)], fmt.Sprintf("load-%d-%d-%d", phase, i, n))
				}
			}
		})
	}
}

// leave has clients come, call, and go before they have their answer.
func (l *load) leave(url string) {
	ctx, stop := context.WithCancel(l.t.Context())
	stopLoad := l.stop
	l.stop = func() { stopLoad(); stop() }
	l.work.Go(func() {
		raw := &rawCaller{url}
		for n := 0; ctx.Err() == nil; n++ {
			brief, cancel := context.WithTimeout(ctx, time.Duration(n%10)*time.Millisecond)
			raw.call(brief, "steady_echo", "left", n%2 == 0)
			if n%20 == 0 {
				l.visit(brief, url, n/20)
			}
			cancel()
			time.Sleep(pace)
		}
	})
}

// visit opens a session for one call that it does not wait for.
func (l *load) visit(ctx context.Context, url string, n int) {
	c, err := connect(l.t.Context(), url, revisions[n%len(revisions)])
	if err != nil {
		l.t.Errorf("a client can't connect: %v", err)
		return
	}
	c.call(ctx, "calm_bump", fmt.Sprintf("left-%d", n), true)
	c.close()
}

// one makes one call, which must succeed and run once.
func (l *load) one(c caller, tool, key string) {
	a := c.call(l.t.Context(), tool, key, false)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took[tool] = append(l.took[tool], a.took)
	ran := 1
	if tool == "calm_bump" {
		ran = l.book.count(key)
	}
	if !a.ok || ran != 1 {
		if l.bad++; l.bad <= 10 {
			l.t.Errorf("%s is healthy, but a call ran %d times and ended with %v %q after %v", tool, ran, a.ok, a.text, a.took)
		}
	}
}

// end ends the calls and returns how long they took, in order.
func (l *load) end() map[string][]time.Duration {
	l.stop()
	l.work.Wait()
	for _, took := range l.took {
		slices.Sort(took)
	}
	return l.took
}

// at returns the value that the part q of all is below.
func at(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// compare fails if healthy sources have slowed down by more than the machine's
// own noise explains.
func compare(t *testing.T, calm, storm map[string][]time.Duration) {
	t.Helper()
	for _, tool := range healthy {
		a, b := calm[tool], storm[tool]
		t.Logf("%-12s %5d calls; p50 %v → %v, p99 %v → %v, slowest %v → %v", tool, len(b),
			round(at(a, .5)), round(at(b, .5)), round(at(a, .99)), round(at(b, .99)), round(at(a, 1)), round(at(b, 1)))
		if len(a) < 20 || len(b) < 20 {
			t.Errorf("%s: too few calls to compare: %d and %d", tool, len(a), len(b))
		}
		if at(b, .5) > 10*at(a, .5)+20*time.Millisecond || at(b, .99) > 10*at(a, .99)+callTimeout/2 {
			t.Errorf("%s has slowed down", tool)
		}
	}
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
