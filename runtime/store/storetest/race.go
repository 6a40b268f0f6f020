package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// together runs a function by many at once.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() { <-start; f(i) })
	}
	close(start)
	wg.Wait()
}

func (s *suite) oneCreates() {
	for round := range 10 {
		key := fmt.Sprint("key", round)
		var winners atomic.Int32
		var winner atomic.Int64
		together(8, func(i int) {
			made, err := s.Create(s.ctx, key, []byte(strconv.Itoa(i)), time.Hour)
			if err != nil {
				s.Error(err)
			}
			if made {
				winners.Add(1)
				winner.Store(int64(i))
			}
		})
		if winners.Load() != 1 {
			s.Fatalf("%d created the same key", winners.Load())
		}
		s.has(key, strconv.FormatInt(winner.Load(), 10))
	}
}

func (s *suite) oneTakes() {
	for round := range 10 {
		s.set("code", fmt.Sprint(round), time.Hour)
		var winners atomic.Int32
		together(8, func(int) {
			got, err := s.Take(s.ctx, "code")
			switch {
			case err == nil && string(got) == fmt.Sprint(round):
				winners.Add(1)
			case !errors.Is(err, store.ErrNotFound):
				s.Errorf("took %q: %v", got, err)
			}
		})
		if winners.Load() != 1 {
			s.Fatalf("%d took the same value", winners.Load())
		}
	}
}

// swapsCount lets several count by compare and swap.
func (s *suite) swapsCount() {
	const many, each = 4, 10
	s.set("n", "0", 0)
	together(many, func(int) {
		for done := 0; done < each; {
			old, err := s.Get(s.ctx, "n")
			if err != nil {
				s.Error(err)
				return
			}
			n, _ := strconv.Atoi(string(old))
			swapped, err := s.Swap(s.ctx, "n", old, []byte(strconv.Itoa(n+1)), 0)
			if err != nil {
				s.Error(err)
				return
			}
			if swapped {
				done++
			}
		}
	})
	s.has("n", strconv.Itoa(many*each))
}

func (s *suite) sumsCount() {
	const many, each = 8, 20
	together(many, func(int) {
		for range each {
			if _, err := s.Add(s.ctx, "n", 3, time.Hour); err != nil {
				s.Error(err)
			}
		}
	})
	s.sum(3 * many * each)(s.Add(s.ctx, "n", 0, 0))
}

// all calls every method but Close.
func (s *suite) all(ctx context.Context) map[string]error {
	errs := map[string]error{}
	_, errs["Get"] = s.Get(ctx, "a")
	errs["Set"] = s.Set(ctx, "a", []byte("y"), 0)
	_, errs["Create"] = s.Create(ctx, "b", nil, 0)
	_, errs["Swap"] = s.Swap(ctx, "a", []byte("x"), []byte("y"), 0)
	_, errs["Take"] = s.Take(ctx, "a")
	errs["Delete"] = s.Delete(ctx, "a")
	_, errs["Add"] = s.Add(ctx, "a", 1, 0)
	_, errs["Counters"] = s.Counters(ctx, "", "", 1)
	_, errs["Keys"] = s.Keys(ctx, "", "", 1)
	return errs
}

func (s *suite) cancelled() {
	s.set("a", "x", 0)
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	for method, err := range s.all(ctx) {
		if !errors.Is(err, context.Canceled) || fault.KindOf(err) != fault.Canceled {
			s.Errorf("%s with a cancelled context: %v", method, err)
		}
	}
	s.has("a", "x")
	s.hasNone("b")
	late, cancel := context.WithDeadline(s.ctx, time.Now().Add(-time.Second))
	defer cancel()
	for method, err := range s.all(late) {
		if fault.KindOf(err) != fault.Timeout {
			s.Errorf("%s after the deadline: %v", method, err)
		}
	}
}

func (s *suite) closed() {
	s.set("a", "x", 0)
	s.must(s.Close())
	s.must(s.Close())
	for method, err := range s.all(s.ctx) {
		if !errors.Is(err, store.ErrClosed) {
			s.Errorf("%s of a closed store: %v", method, err)
		}
	}
}
