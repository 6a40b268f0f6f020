package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/ledger"
	"github.com/bridge-gateway/bridge/runtime/store"
	"github.com/bridge-gateway/bridge/runtime/tool"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that a test sets.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(c.at.Load(), 0) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d / time.Second)) }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 30, 23, 59, 0, 0, time.UTC).Unix())
	return c
}

func newLedger(t testing.TB, o ledger.Options) *ledger.Ledger {
	t.Helper()
	if o.Every == 0 {
		o.Every = time.Hour // tests flush by themselves
	}
	l := ledger.New(o)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// of is a call of a tool.
func of(source, name string, caller call.Caller, budget int) *call.Call {
	return &call.Call{Source: source, Tool: &tool.Tool{Name: name}, Caller: caller, Budget: budget}
}

// send sends calls whose results cost so much through the stage.
func send(t testing.TB, l *ledger.Ledger, c *call.Call, n int, before, after int) {
	t.Helper()
	res := &call.Result{Tokens: call.Tokens{Before: before, After: after}}
	if after < before {
		res.Meta = map[string]json.RawMessage{"bridge/trimmed": json.RawMessage("{}")}
	}
	handler := l.Middleware()(func(context.Context, *call.Call) (*call.Result, error) { return res, nil })
	for range n {
		if got, err := handler(t.Context(), c); got != res || err != nil {
			t.Fatal(got, err)
		}
	}
}

func totals(t testing.TB, l *ledger.Ledger, by ledger.By, since time.Time) []ledger.Total {
	t.Helper()
	list, err := l.Totals(t.Context(), by, since)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var (
	ada    = call.Caller{ID: "ada", Session: "secret-session-1"}
	nobody = call.Caller{}
)

func TestTotals(t *testing.T) {
	c := newClock()
	l := newLedger(t, ledger.Options{Now: c.now})
	send(t, l, of("crm", "list", ada, 0), 3, 1000, 100)
	send(t, l, of("crm", "get", nobody, 0), 2, 50, 50)
	send(t, l, of("bridge", "bridge_read", ada, 0), 1, 70, 70)
	l.Listed(ada, "/mcp", 900)
	failing := l.Middleware()(func(context.Context, *call.Call) (*call.Result, error) { return nil, errors.New("x") })
	_, _ = failing(t.Context(), of("crm", "get", nobody, 0))
	_, _ = failing(t.Context(), &call.Call{Name: "no_such_tool"})
	said := l.Middleware()(func(context.Context, *call.Call) (*call.Result, error) {
		return &call.Result{IsError: true, Tokens: call.Tokens{Before: 5, After: 5}}, nil
	})
	_, _ = said(t.Context(), of("crm", "get", nobody, 0))
	for by, want := range map[ledger.By][]ledger.Total{
		ledger.ByTool: {
			{Name: "list", Source: "crm", Calls: 3, Cut: 3, Before: 3000, After: 300},
			{Name: "get", Source: "crm", Calls: 4, Failed: 2, Before: 105, After: 105},
			{Name: "bridge_read", Source: "bridge", Calls: 1, Before: 70, After: 70},
			{Name: "(unknown)", Calls: 1, Failed: 1},
		},
		ledger.BySource: {
			{Name: "crm", Calls: 7, Failed: 2, Cut: 3, Before: 3105, After: 405},
			{Name: "bridge", Calls: 1, Before: 70, After: 70},
			{Name: "", Calls: 1, Failed: 1},
		},
		ledger.ByCaller: {
			{Name: "ada", Calls: 4, Cut: 3, Before: 3070, After: 370, Lists: 1, ListTokens: 900},
			{Name: "(anonymous)", Calls: 5, Failed: 3, Before: 105, After: 105},
		},
		ledger.ByEndpoint: {{Name: "/mcp", Lists: 1, ListTokens: 900}},
		ledger.ByDay:      {{Name: "2026-03-30", Calls: 9, Failed: 3, Cut: 3, Before: 3175, After: 475, Lists: 1, ListTokens: 900}},
	} {
		if got := totals(t, l, by, c.now()); !slices.Equal(got, want) {
			t.Errorf("by %s:\n%+v\nwant\n%+v", by, got, want)
		}
	}
	sessions := totals(t, l, ledger.BySession, c.now())
	if len(sessions) != 1 || sessions[0].Calls != 4 || strings.Contains(sessions[0].Name, "secret") || len(sessions[0].Name) != 12 {
		t.Errorf("by session: %+v", sessions)
	}
	if _, err := l.Totals(t.Context(), "tools", c.now()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("by what is not known: %v", err)
	}
}

func TestDaysAreApartAndForgotten(t *testing.T) {
	c := newClock()
	l := newLedger(t, ledger.Options{Now: c.now, Keep: 72 * time.Hour})
	first := c.now()
	for day := range 3 {
		send(t, l, of("crm", "list", ada, 0), day+1, 10, 10)
		c.pass(24 * time.Hour)
		if err := l.Flush(t.Context()); err != nil { // sees the day's end
			t.Fatal(err)
		}
	}
	send(t, l, of("crm", "list", ada, 0), 10, 10, 10)
	count := func(since time.Time) (n int64) {
		for _, total := range totals(t, l, ledger.ByDay, since) {
			n += total.Calls
		}
		return n
	}
	if got := count(first); got != 16 {
		t.Errorf("since the first day %d calls; want 16", got)
	}
	if got := count(c.now().Add(-24 * time.Hour)); got != 13 {
		t.Errorf("since yesterday %d calls; want 13", got)
	}
	c.pass(72 * time.Hour)
	if got := count(first); got != 10 {
		t.Errorf("of the days that are remembered %d calls; want 10", got)
	}
}

func TestLedgersAddUpInAStore(t *testing.T) {
	s := store.SQLite(filepath.Join(t.TempDir(), "s.db"), store.Options{})
	defer s.Close()
	c := newClock()
	a := ledger.New(ledger.Options{Store: s, Now: c.now, Every: time.Hour})
	b := newLedger(t, ledger.Options{Store: s, Now: c.now})
	send(t, a, of("crm", "list", ada, 700), 5, 100, 50)
	send(t, b, of("crm", "list", ada, 700), 7, 100, 50)
	if err := a.Close(); err != nil { // flushes
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // flushing again adds nothing
		if got := totals(t, b, ledger.ByTool, c.now()); len(got) != 1 || got[0].Calls != 12 || got[0].Before != 1200 || got[0].After != 600 {
			t.Errorf("%+v", got)
		}
	}
	if got, err := b.Suggest(t.Context(), c.now()); err != nil || len(got) != 1 || got[0].Budget != 700 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFlushesByItself(t *testing.T) {
	s := store.Memory(store.Options{})
	defer s.Close()
	l := newLedger(t, ledger.Options{Store: s, Every: time.Millisecond})
	send(t, l, of("crm", "list", ada, 0), 1, 1, 1)
	for end := time.Now().Add(10 * time.Second); ; {
		list, err := s.Counters(t.Context(), "ledger/", "", 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nothing was written")
		}
	}
}

// flaky is a store that fails while it is told to.
type flaky struct {
	store.Store
	fails atomic.Bool
}

func (f *flaky) Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error) {
	if f.fails.Load() {
		return 0, fault.New("store.add", fault.Unavailable, "Redis can't be reached")
	}
	return f.Store.Add(ctx, key, n, ttl)
}

func TestAStoreThatFailsLosesNothing(t *testing.T) {
	s := &flaky{Store: store.Memory(store.Options{})}
	defer s.Close()
	c := newClock()
	l := newLedger(t, ledger.Options{Store: s, Now: c.now})
	day := c.now()
	send(t, l, of("crm", "list", ada, 0), 4, 10, 10)
	s.fails.Store(true)
	if _, err := l.Totals(t.Context(), ledger.ByTool, day); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the error is %v", err)
	}
	c.pass(24 * time.Hour)
	if err := l.Flush(t.Context()); err == nil {
		t.Error("a flush that failed says nothing")
	}
	send(t, l, of("crm", "list", ada, 0), 1, 10, 10)
	s.fails.Store(false)
	got := totals(t, l, ledger.ByDay, day)
	if len(got) != 2 || got[0].Calls != 4 || got[1].Calls != 1 {
		t.Errorf("%+v", got)
	}
}

func TestNamesAreBounded(t *testing.T) {
	c := newClock()
	l := newLedger(t, ledger.Options{Now: c.now, MaxSeries: 10})
	for i := range 50 {
		send(t, l, of("crm", fmt.Sprint("tool", i), call.Caller{ID: fmt.Sprint("caller", i), Session: fmt.Sprint(i)}, 0), 1, 10, 10)
	}
	for _, by := range []ledger.By{ledger.ByTool, ledger.ByCaller, ledger.BySession} {
		list := totals(t, l, by, c.now())
		if len(list) != 11 || list[0].Name != "(other)" || list[0].Calls != 40 {
			t.Errorf("by %s there are %d names, the first %+v", by, len(list), list[0])
		}
	}
}

func TestNamesOfAnyText(t *testing.T) {
	c := newClock()
	l := newLedger(t, ledger.Options{Now: c.now})
	names := []string{"a/b", "a%2Fb", "%", "é \x00\n", strings.Repeat("long", 200) + "1", strings.Repeat("long", 200) + "2", strings.Repeat("日", 100)}
	for _, name := range names {
		send(t, l, of(name, name, call.Caller{ID: name}, 5), 1, 10, 10)
	}
	if got := totals(t, l, ledger.ByTool, c.now()); len(got) != len(names) {
		t.Errorf("%d names of %d: %+v", len(got), len(names), got)
	}
	if got := totals(t, l, ledger.ByCaller, c.now()); len(got) != len(names) || !slices.ContainsFunc(got, func(t ledger.Total) bool { return t.Name == "a%2Fb" }) {
		t.Errorf("%+v", got)
	}
}

func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		name        string
		budget      int
		results     map[int]int // calls by tokens
		least, most int
		reason      string
	}{
		{"few calls", 1000, map[int]int{50_000: 10}, 1000, 1000, "too few"},
		{"fits", 1000, map[int]int{700: 100}, 1000, 1000, "fits"},
		{"much smaller", 8000, map[int]int{600: 100}, 600, 850, "smaller budget"},
		{"tiny", 8000, map[int]int{5: 100}, 500, 500, "smaller budget"},
		{"often cut", 1000, map[int]int{900: 70, 3000: 30}, 3000, 4300, "30 % of the results were cut"},
		{"seldom cut", 1000, map[int]int{900: 97, 3000: 3}, 1000, 1000, "fits"},
		{"huge", 5000, map[int]int{100_000: 100}, 5000, 5000, "fields, drop"},
		{"huge at times", 10_000, map[int]int{900: 80, 100_000: 20}, 10_000, 10_000, "more than clients like"},
		{"no budget", 0, map[int]int{900: 100}, 900, 1300, "no budget"},
		{"no budget, huge", 0, map[int]int{100_000: 100}, 10_000, 10_000, "no budget"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := newClock()
			l := newLedger(t, ledger.Options{Now: clock.now})
			for tokens, n := range c.results {
				after := tokens
				if c.budget > 0 {
					after = min(tokens, c.budget)
				}
				send(t, l, of("crm", "list", ada, c.budget), n, tokens, after)
			}
			got, err := l.Suggest(t.Context(), clock.now())
			if err != nil || len(got) != 1 {
				t.Fatal(got, err)
			}
			g := got[0]
			if g.Budget != c.budget || g.Suggested < c.least || g.Suggested > c.most || !strings.Contains(g.Reason, c.reason) || g.Source != "crm" || g.Tool != "list" {
				t.Errorf("%+v; want %d to %d because %q", g, c.least, c.most, c.reason)
			}
		})
	}
}

func TestQuantilesAreRoundedUpByLittle(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 5, 7, 99, 1000, 1448, 1449, 16_000_000} {
		clock := newClock()
		l := newLedger(t, ledger.Options{Now: clock.now})
		send(t, l, of("crm", "list", ada, 0), 30, n, n)
		got, err := l.Suggest(t.Context(), clock.now())
		if err != nil {
			t.Fatal(err)
		}
		if p := got[0].P50; p < n || float64(p) > 1.5*float64(n) || got[0].P95 != p {
			t.Errorf("results of %d tokens: P50 %d, P95 %d", n, p, got[0].P95)
		}
	}
}

func TestCountingByManyAtOnce(t *testing.T) {
	c := newClock()
	l := newLedger(t, ledger.Options{Now: c.now})
	first := c.now()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { send(t, l, of("crm", fmt.Sprint("tool", i%3), ada, 0), 500, 10, 5) })
	}
	for range 20 {
		c.pass(time.Hour)
		if err := l.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	var n int64
	for _, total := range totals(t, l, ledger.ByTool, first) {
		n += total.Calls
	}
	if n != 4000 {
		t.Errorf("%d calls were counted of 4,000", n)
	}
}

func TestCountingDoesNotAllocate(t *testing.T) {
	l := newLedger(t, ledger.Options{})
	c := of("crm", "list", ada, 1000)
	res := &call.Result{Tokens: call.Tokens{Before: 100, After: 50}}
	handler := l.Middleware()(func(context.Context, *call.Call) (*call.Result, error) { return res, nil })
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() { _, _ = handler(ctx, c) }); n != 0 {
		t.Errorf("counting a call allocates %v times", n)
	}
}

func BenchmarkCount(b *testing.B) {
	l := newLedger(b, ledger.Options{})
	c := of("crm", "list", ada, 1000)
	res := &call.Result{Tokens: call.Tokens{Before: 100, After: 50}, Meta: map[string]json.RawMessage{"bridge/trimmed": nil}}
	handler := l.Middleware()(func(context.Context, *call.Call) (*call.Result, error) { return res, nil })
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = handler(context.Background(), c)
		}
	})
}
