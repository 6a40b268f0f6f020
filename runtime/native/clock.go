package native

import (
	"context"
	"errors"
	"sync"
	"time"
)

// clock bounds the time that a call may take. It stops while the client is
// asked, as a person may have to think, and then begins anew.
type clock struct {
	limit time.Duration

	mu    sync.Mutex
	timer *time.Timer
	holds int
}

// newClock returns a context that ends after the limit, with the cause
// context.DeadlineExceeded.
func newClock(ctx context.Context, limit time.Duration) (context.Context, context.CancelCauseFunc, *clock) {
	ctx, cancel := context.WithCancelCause(ctx)
	c := &clock{limit: limit}
	c.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
	return ctx, cancel, c
}

func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holds++ // never to run again
	c.timer.Stop()
}

// hold stops the clock until the function that it returns is called.
func (c *clock) hold() (release func()) {
	if c == nil {
		return func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holds++
	c.timer.Stop()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.holds--; c.holds == 0 {
			c.timer.Reset(c.limit)
		}
	}
}

// expired reports whether a context ended as its time was up.
func expired(ctx context.Context) bool {
	return ctx.Err() != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}
