//go:build unix

package chaos_test

import (
	"context"
	"sync/atomic"
	"time"
)

// stalls measures for how long this process was not run: what it measures of the
// gateway is late by that too, on a machine that has more to do.
type stalls struct{ lost atomic.Int64 }

// watch measures until ctx ends.
func (s *stalls) watch(ctx context.Context) {
	const beat = 10 * time.Millisecond
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			now := time.Now()
			if late := now.Sub(last) - 2*beat; late > 0 {
				s.lost.Add(int64(late))
			}
			last = now
		}
	}
}

// since returns what was lost since an earlier reading.
func (s *stalls) since(reading time.Duration) time.Duration { return s.reading() - reading }

func (s *stalls) reading() time.Duration { return time.Duration(s.lost.Load()) }
