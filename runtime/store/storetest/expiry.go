package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/bridge-gateway/bridge/runtime/store"
)

// brief is a TTL that ends while a test runs.
const brief = 30 * time.Millisecond

func (s *suite) expiry() {
	s.set("brief", "x", brief)
	s.set("least", "x", 1)
	s.set("long", "x", time.Hour)
	s.set("good", "x", 0)
	s.set("lengthened", "x", brief)
	s.set("lengthened", "y", time.Hour)
	s.set("kept", "x", brief)
	s.set("kept", "y", 0)
	s.set("swapped", "x", brief)
	s.done(true)(s.Swap(s.ctx, "swapped", []byte("x"), []byte("y"), 0))
	s.sum(1)(s.Add(s.ctx, "counter", 1, brief))
	s.sum(1)(s.Add(s.ctx, "lasting", 1, 0))
	s.sum(2)(s.Add(s.ctx, "lasting", 1, brief))
	s.eventually("values expire", func() bool {
		_, err := s.Get(s.ctx, "brief")
		_, err2 := s.Get(s.ctx, "least")
		return errors.Is(err, store.ErrNotFound) && errors.Is(err2, store.ErrNotFound)
	})
	s.eventually("counters expire", func() bool {
		list, err := s.Counters(s.ctx, "counter", "", 10)
		s.must(err)
		return len(list) == 0
	})
	s.sum(7)(s.Add(s.ctx, "counter", 7, time.Hour))
	s.sum(3)(s.Add(s.ctx, "lasting", 1, 0))
	s.has("long", "x")
	s.has("good", "x")
	s.has("lengthened", "y")
	s.has("kept", "y")
	s.has("swapped", "y")
}

// expiredIsGone checks that no method sees what has expired.
func (s *suite) expiredIsGone() {
	for _, key := range []string{"create", "swap", "take", "probe"} {
		s.set(key, "x", brief)
	}
	s.eventually("values expire", func() bool {
		_, err := s.Get(s.ctx, "probe")
		return errors.Is(err, store.ErrNotFound)
	})
	s.done(false)(s.Swap(s.ctx, "swap", []byte("x"), []byte("y"), 0))
	if _, err := s.Take(s.ctx, "take"); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("took what had expired: %v", err)
	}
	s.done(true)(s.Create(s.ctx, "create", []byte("anew"), 0))
	s.done(false)(s.Create(s.ctx, "create", []byte("again"), 0))
	s.has("create", "anew")
}

func (s *suite) pagesSkip() {
	for _, key := range []string{"a1", "a2", "a4", "a5", "a7"} {
		s.set(key, "x", brief)
	}
	s.set("a3", "x", 0)
	s.set("a6", "x", time.Hour)
	s.eventually("values expire", func() bool {
		_, err := s.Get(s.ctx, "a7")
		return errors.Is(err, store.ErrNotFound)
	})
	for limit := 1; limit <= 3; limit++ {
		var got []string
		for after := ""; ; after = got[len(got)-1] {
			page, err := s.Keys(s.ctx, "a", after, limit)
			s.must(err)
			got = append(got, page...)
			if len(page) < limit {
				break
			}
		}
		if !slices.Equal(got, []string{"a3", "a6"}) {
			s.Errorf("in pages of %d the keys are %v", limit, got)
		}
	}
}
