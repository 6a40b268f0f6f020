package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// Run holds a store to all that store.Store promises. open returns a new and
// empty store each time; Run closes it.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(*suite)
	}{
		{"values", (*suite).values},
		{"create", (*suite).create},
		{"swap", (*suite).swap},
		{"take", (*suite).take},
		{"delete", (*suite).delete},
		{"counters", (*suite).counters},
		{"sums that do not fit", (*suite).overflow},
		{"values and counters are apart", (*suite).apart},
		{"bytes are the caller's", (*suite).bytes},
		{"expiry", (*suite).expiry},
		{"expired values make room", (*suite).expiredIsGone},
		{"limits", (*suite).limits},
		{"the largest value", (*suite).largest},
		{"keys of any text", (*suite).texts},
		{"pages", (*suite).pages},
		{"expired keys are not listed", (*suite).pagesSkip},
		{"one creates", (*suite).oneCreates},
		{"one takes", (*suite).oneTakes},
		{"swaps lose nothing", (*suite).swapsCount},
		{"sums lose nothing", (*suite).sumsCount},
		{"a context that ended", (*suite).cancelled},
		{"closed", (*suite).closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &suite{T: t, Store: open(t), ctx: t.Context()}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			c.test(s)
		})
	}
}

// suite is one test with its store.
type suite struct {
	*testing.T
	store.Store
	ctx context.Context
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// has checks a key's value.
func (s *suite) has(key, want string) {
	s.Helper()
	got, err := s.Get(s.ctx, key)
	s.must(err)
	if string(got) != want {
		s.Errorf("%q has %q; want %q", key, got, want)
	}
}

func (s *suite) hasNone(key string) {
	s.Helper()
	if got, err := s.Get(s.ctx, key); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("%q has %q and error %v; want none", key, got, err)
	}
}

func (s *suite) set(key, value string, ttl time.Duration) {
	s.Helper()
	s.must(s.Set(s.ctx, key, []byte(value), ttl))
}

// done checks what Create and Swap report.
func (s *suite) done(want bool) func(got bool, err error) {
	s.Helper()
	return func(got bool, err error) {
		s.Helper()
		s.must(err)
		if got != want {
			s.Errorf("reported %t; want %t", got, want)
		}
	}
}

// sum checks what Add returns.
func (s *suite) sum(want int64) func(got int64, err error) {
	s.Helper()
	return func(got int64, err error) {
		s.Helper()
		s.must(err)
		if got != want {
			s.Errorf("the sum is %d; want %d", got, want)
		}
	}
}

// eventually waits until a condition holds.
func (s *suite) eventually(what string, holds func() bool) {
	s.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("not in 10 s: %s", what)
		}
	}
}

// fails checks an error's kind, and that it says what to do.
func (s *suite) fails(err error, kind fault.Kind) {
	s.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Message == "" {
		s.Errorf("the error is %v; want one of kind %q", err, kind)
	}
}
