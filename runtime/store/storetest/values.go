package storetest

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

func (s *suite) values() {
	s.hasNone("a")
	s.set("a", "one", 0)
	s.has("a", "one")
	s.set("a", "two", time.Hour)
	s.has("a", "two")
	s.set("a", "", 0)
	s.has("a", "")
	s.must(s.Set(s.ctx, "nil", nil, 0))
	s.has("nil", "")
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	s.set("bytes", string(all), 0)
	s.has("bytes", string(all))
}

func (s *suite) create() {
	s.done(true)(s.Create(s.ctx, "a", []byte("first"), time.Hour))
	s.done(false)(s.Create(s.ctx, "a", []byte("second"), 0))
	s.has("a", "first")
	s.must(s.Delete(s.ctx, "a"))
	s.done(true)(s.Create(s.ctx, "a", nil, 0))
	s.has("a", "")
	s.done(false)(s.Create(s.ctx, "a", []byte("third"), 0))
}

func (s *suite) swap() {
	s.done(false)(s.Swap(s.ctx, "a", []byte("x"), []byte("y"), 0))
	s.done(false)(s.Swap(s.ctx, "a", nil, []byte("y"), 0))
	s.hasNone("a")
	s.set("a", "x", 0)
	s.done(false)(s.Swap(s.ctx, "a", []byte("z"), []byte("y"), 0))
	s.done(false)(s.Swap(s.ctx, "a", nil, []byte("y"), 0))
	s.has("a", "x")
	s.done(true)(s.Swap(s.ctx, "a", []byte("x"), []byte("y"), time.Hour))
	s.done(true)(s.Swap(s.ctx, "a", []byte("y"), []byte("y"), 0))
	s.done(true)(s.Swap(s.ctx, "a", []byte("y"), nil, 0))
	s.has("a", "")
	s.done(true)(s.Swap(s.ctx, "a", nil, []byte("\x00\xff"), 0))
	s.has("a", "\x00\xff")
}

func (s *suite) take() {
	if _, err := s.Take(s.ctx, "a"); err == nil {
		s.Error("took what is not there")
	}
	s.set("a", "x", 0)
	got, err := s.Take(s.ctx, "a")
	s.must(err)
	if string(got) != "x" {
		s.Errorf("took %q; want x", got)
	}
	s.hasNone("a")
	if _, err := s.Take(s.ctx, "a"); err == nil {
		s.Error("took the same twice")
	}
	s.set("empty", "", 0)
	_, err = s.Take(s.ctx, "empty")
	s.must(err)
	s.hasNone("empty")
}

func (s *suite) delete() {
	s.must(s.Delete(s.ctx, "a"))
	s.set("a", "x", 0)
	s.set("b", "y", 0)
	s.sum(3)(s.Add(s.ctx, "a", 3, 0))
	s.must(s.Delete(s.ctx, "a"))
	s.hasNone("a")
	s.has("b", "y")
	s.sum(1)(s.Add(s.ctx, "a", 1, 0))
}

func (s *suite) counters() {
	s.sum(5)(s.Add(s.ctx, "a", 5, 0))
	s.sum(3)(s.Add(s.ctx, "a", -2, time.Hour))
	s.sum(3)(s.Add(s.ctx, "a", 0, 0))
	s.sum(0)(s.Add(s.ctx, "zero", 0, 0))
	// Above 2⁵³, where floating point is no longer exact.
	s.sum(1<<62 + 1)(s.Add(s.ctx, "large", 1<<62+1, 0))
	s.sum(1<<62 + 2)(s.Add(s.ctx, "large", 1, 0))
	got, err := s.Counters(s.ctx, "", "", 10)
	s.must(err)
	if want := []store.Counter{{Key: "a", Sum: 3}, {Key: "large", Sum: 1<<62 + 2}, {Key: "zero"}}; !slices.Equal(got, want) {
		s.Errorf("the counters are %v; want %v", got, want)
	}
}

func (s *suite) overflow() {
	for name, c := range map[string]struct{ end, more int64 }{"up": {math.MaxInt64, 1}, "down": {math.MinInt64, -1}} {
		s.sum(c.end)(s.Add(s.ctx, name, c.end, 0))
		_, err := s.Add(s.ctx, name, c.more, 0)
		s.fails(err, fault.Invalid)
		s.sum(c.end)(s.Add(s.ctx, name, 0, 0))
		s.sum(c.end - c.more)(s.Add(s.ctx, name, -c.more, 0))
	}
}

func (s *suite) apart() {
	s.set("a", "text", 0)
	s.sum(1)(s.Add(s.ctx, "a", 1, 0))
	s.has("a", "text")
	s.sum(1)(s.Add(s.ctx, "only", 1, 0))
	s.hasNone("only")
	s.done(true)(s.Create(s.ctx, "only", []byte("x"), 0))
	keys, err := s.Keys(s.ctx, "", "", 10)
	s.must(err)
	if !slices.Equal(keys, []string{"a", "only"}) {
		s.Errorf("the keys are %v", keys)
	}
}

// bytes checks that nobody shares bytes with the store.
func (s *suite) bytes() {
	mine := []byte("abc")
	s.must(s.Set(s.ctx, "a", mine, 0))
	mine[0] = 'X'
	s.has("a", "abc")
	got, err := s.Get(s.ctx, "a")
	s.must(err)
	got[0] = 'Y'
	s.has("a", "abc")
}

func (s *suite) limits() {
	long := strings.Repeat("k", store.MaxKey)
	s.set(long, "x", 0)
	s.has(long, "x")
	s.sum(1)(s.Add(s.ctx, long, 1, 0))
	for key, kind := range map[string]fault.Kind{
		"": fault.Invalid, long + "k": fault.TooLarge, "a\x00b": fault.Invalid, "a\xff": fault.Invalid,
	} {
		s.fails(s.Set(s.ctx, key, nil, 0), kind)
		s.fails(s.Delete(s.ctx, key), kind)
		_, err := s.Get(s.ctx, key)
		s.fails(err, kind)
		_, err = s.Take(s.ctx, key)
		s.fails(err, kind)
		_, err = s.Create(s.ctx, key, nil, 0)
		s.fails(err, kind)
		_, err = s.Swap(s.ctx, key, nil, nil, 0)
		s.fails(err, kind)
		_, err = s.Add(s.ctx, key, 1, 0)
		s.fails(err, kind)
	}
	s.fails(s.Set(s.ctx, "a", nil, -1), fault.Invalid)
	_, err := s.Add(s.ctx, "a", 1, -time.Hour)
	s.fails(err, fault.Invalid)
	for _, limit := range []int{-1, 0, store.MaxPage + 1} {
		_, err = s.Keys(s.ctx, "", "", limit)
		s.fails(err, fault.Invalid)
		_, err = s.Counters(s.ctx, "", "", limit)
		s.fails(err, fault.Invalid)
	}
}

func (s *suite) largest() {
	value := bytes.Repeat([]byte("0123456789abcde\n"), store.MaxValue/16)
	s.must(s.Set(s.ctx, "a", value, 0))
	got, err := s.Get(s.ctx, "a")
	s.must(err)
	if !bytes.Equal(got, value) {
		s.Errorf("of %d bytes came back %d others", len(value), len(got))
	}
	s.fails(s.Set(s.ctx, "a", append(value, make([]byte, 64)...), 0), fault.TooLarge)
	s.has("a", string(value))
}

func (s *suite) texts() {
	keys := []string{"a b", "a%b_c", "it's", `q"uote`, "{x}:y", "Ünïcode/日本", "*?[a]", "new\nline", "(", "[", "+", "-"}
	for _, k := range keys {
		s.set(k, "value of "+k, 0)
	}
	for _, k := range keys {
		s.has(k, "value of "+k)
		got, err := s.Keys(s.ctx, k, "", 10)
		s.must(err)
		if len(got) != 1 || got[0] != k {
			s.Errorf("the keys that begin with %q are %q", k, got)
		}
	}
	got, err := s.Keys(s.ctx, "", "", 100)
	s.must(err)
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		s.Errorf("the keys are %q; want %q", got, keys)
	}
}

func (s *suite) pages() {
	var want []string
	for i := range 25 {
		key := fmt.Sprintf("room/a/%02d", i)
		want = append(want, key)
		s.set(key, "x", 0)
		s.sum(int64(i))(s.Add(s.ctx, key, int64(i), time.Hour))
	}
	for _, other := range []string{"room", "room/", "room/A/1", "room/a", "room/b/1", "rooms", "s", "\U0010ffff"} {
		s.set(other, "x", 0)
		s.sum(1)(s.Add(s.ctx, other, 1, 0))
	}
	var keys []string
	var sums []store.Counter
	for after := ""; ; after = keys[len(keys)-1] {
		page, err := s.Keys(s.ctx, "room/a/", after, 10)
		s.must(err)
		counters, err := s.Counters(s.ctx, "room/a/", after, 10)
		s.must(err)
		if len(page) > 10 || len(counters) != len(page) {
			s.Fatalf("pages of %d and %d; want the same, and at most 10", len(page), len(counters))
		}
		keys, sums = append(keys, page...), append(sums, counters...)
		if len(page) < 10 {
			break
		}
	}
	if !slices.Equal(keys, want) {
		s.Errorf("the keys are %q; want %q", keys, want)
	}
	for i, c := range sums {
		if c.Key != want[i] || c.Sum != int64(i) {
			s.Errorf("counter %d is %v", i, c)
		}
	}
	for _, c := range []struct{ prefix, after, first string }{
		{"room/a/", "room/a/05x", "room/a/06"}, {"room/a/", "a", "room/a/00"}, {"room/a/", "room/a/24", ""},
		{"room/a/", "z", ""}, {"none", "", ""}, {"", "", "room"}, {"room/b", "", "room/b/1"},
	} {
		got, err := s.Keys(s.ctx, c.prefix, c.after, 1)
		s.must(err)
		if first := strings.Join(got, ","); first != c.first {
			s.Errorf("the first key with %q after %q is %q; want %q", c.prefix, c.after, first, c.first)
		}
	}
}
