package remainder_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/remainder"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/store"
)

func readable(t *testing.T, k *remainder.Keeper, c call.Caller, handle string) bool {
	t.Helper()
	_, err := k.Read(t.Context(), c, remainder.ReadRequest{Handle: handle})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		t.Fatal(err)
	}
	return err == nil
}

func TestOnlyTheCallerReads(t *testing.T) {
	callers := []call.Caller{
		{ID: "alice"}, {ID: "bob"}, {Session: "s1"}, {Session: "s2"}, {Session: "alice"}, {}, {ID: "s1"}, {ID: "anonymous"},
	}
	k := newKeeper(t, remainder.Options{})
	for _, of := range callers {
		handle, err := k.Keep(t.Context(), of, texts("mine"))
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range callers {
			if got := readable(t, k, by, handle); got != (of == by) {
				t.Errorf("a result of %+v read by %+v: %t", of, by, got)
			}
		}
	}
	handle := keep(t, k, texts("mine"))
	other := call.Caller{ID: "alice", Session: "another", Client: "another"}
	if !readable(t, k, other, handle) {
		t.Error("a caller with an ID can't read in another session")
	}
	_, stranger := k.Read(t.Context(), callers[1], remainder.ReadRequest{Handle: handle})
	unknown := strings.Repeat("q", len(handle))
	_, none := k.Read(t.Context(), callers[1], remainder.ReadRequest{Handle: unknown})
	if strings.ReplaceAll(stranger.Error(), handle, unknown) != none.Error() {
		t.Errorf("a stranger can tell what there is: %v, and %v", stranger, none)
	}
}

func TestResultsExpire(t *testing.T) {
	for name, s := range map[string]store.Store{"memory": nil, "store": store.Memory(store.Options{})} {
		t.Run(name, func(t *testing.T) {
			if s != nil {
				defer s.Close()
			}
			k := newKeeper(t, remainder.Options{TTL: 40 * time.Millisecond, Store: s, Shared: s != nil})
			handle := keep(t, k, texts("brief"))
			for end := time.Now().Add(10 * time.Second); readable(t, k, alice, handle); {
				if time.Now().After(end) {
					t.Fatal("it is still there")
				}
			}
			keep(t, k, texts("next")) // sweeps
			if n := k.Stats().Results; n != 1 {
				t.Errorf("%d results are in memory; want 1", n)
			}
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var log strings.Builder
	k := newKeeper(t, remainder.Options{MaxBytes: 10_000, MaxEntry: 5000, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	first := keep(t, k, texts(strings.Repeat("a", 3000)))
	second := keep(t, k, texts(strings.Repeat("b", 3000)))
	if !readable(t, k, alice, first) { // now it was read last
		t.Fatal("the first is gone")
	}
	third := keep(t, k, texts(strings.Repeat("c", 3000)))
	if !readable(t, k, alice, first) || readable(t, k, alice, second) || !readable(t, k, alice, third) {
		t.Error("it was not the one read longest ago that went")
	}
	if s := k.Stats(); s.Bytes > 10_000 || s.Dropped != 1 || !strings.Contains(log.String(), "dropped") {
		t.Errorf("%+v, logged %s", s, log.String())
	}
	if _, err := k.Keep(t.Context(), alice, texts(strings.Repeat("d", 5000))); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too large a result: %v", err)
	}
}

// settle waits until nothing is on its way to the store.
func settle(t *testing.T, k *remainder.Keeper) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); k.Stats().Waiting > 0; {
		if time.Now().After(end) {
			t.Fatal("results still wait for the store")
		}
	}
}

func TestWhatLeavesMemoryGoesToTheStore(t *testing.T) {
	s := store.SQLite(filepath.Join(t.TempDir(), "s.db"), store.Options{})
	defer s.Close()
	k := newKeeper(t, remainder.Options{MaxBytes: 50_000, Store: s, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	var handles []string
	for i := range 50 {
		handles = append(handles, keep(t, k, texts(fmt.Sprint(i, " ", strings.Repeat("word ", 1000)))))
		settle(t, k)
	}
	for i, handle := range handles {
		settle(t, k)
		p := read(t, k, remainder.ReadRequest{Handle: handle, Count: 3})
		if !strings.HasPrefix(p.text, fmt.Sprint(i)) {
			t.Fatalf("result %d begins with %q", i, p.text)
		}
	}
	if st := k.Stats(); st.Dropped != 0 || st.Bytes > 50_000 {
		t.Errorf("%+v", st)
	}
}

func TestResultsOutliveTheGateway(t *testing.T) {
	s := store.Memory(store.Options{})
	defer s.Close()
	first := remainder.New(remainder.Options{Counter: encoding(t), Store: s})
	handle := keep(t, first, texts(small))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Keep(t.Context(), alice, texts("late")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("keeping after Close: %v", err)
	}
	second := newKeeper(t, remainder.Options{Store: s})
	if p := read(t, second, remainder.ReadRequest{Handle: handle}); p.text != small {
		t.Errorf("after a restart: %s", p.text)
	}
	if readable(t, second, call.Caller{ID: "bob"}, handle) {
		t.Error("after a restart anybody reads")
	}
}

func TestReplicasAnswerForEachOther(t *testing.T) {
	s := store.Memory(store.Options{})
	defer s.Close()
	a, b := newKeeper(t, remainder.Options{Store: s, Shared: true}), newKeeper(t, remainder.Options{Store: s, Shared: true})
	handle := keep(t, a, texts(small))
	if p := read(t, b, remainder.ReadRequest{Handle: handle, Path: "/id"}); p.text != "7" {
		t.Errorf("the replica reads %s", p.text)
	}
}

// broken is a store that fails.
type broken struct{ store.Store }

func (broken) Set(context.Context, string, []byte, time.Duration) error {
	return fault.Wrap("store.set", fault.Unavailable, "Redis can't be reached", errors.New("refused"))
}

func TestWhatTheStoreRefusesIsNotPromised(t *testing.T) {
	s := store.Memory(store.Options{})
	defer s.Close()
	var log strings.Builder
	k := newKeeper(t, remainder.Options{Store: broken{s}, Shared: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if handle := k.Hook()(t.Context(), &call.Call{Caller: alice}, texts("x")); handle != "" || !strings.Contains(log.String(), "not kept") {
		t.Errorf("the handle is %q; logged %s", handle, log.String())
	}
	spilling := remainder.New(remainder.Options{Counter: encoding(t), Store: broken{s}, MaxBytes: 1000})
	keep(t, spilling, texts(strings.Repeat("x", 800)))
	keep(t, spilling, texts(strings.Repeat("y", 800)))
	for end := time.Now().Add(10 * time.Second); spilling.Stats().Dropped != 1; {
		if time.Now().After(end) {
			t.Fatal("what the store refused was not counted")
		}
	}
	if err := spilling.Close(); err != nil || spilling.Stats().Dropped != 2 {
		t.Errorf("%v, %+v", err, spilling.Stats())
	}
}

func TestTrimmedResultsAreReadInFull(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	s := shape.New(shape.Options{Counter: encoding(t), Keep: k.Hook()})
	var items []string
	for i := range 500 {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"person %d"}`, i, i))
	}
	whole := `{"items":[` + strings.Join(items, ",") + `]}`
	c := &call.Call{Caller: alice, Budget: 400}
	res, err := s.Middleware()(func(context.Context, *call.Call) (*call.Result, error) { return texts(whole), nil })(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	_, handle, ok := strings.Cut(fmt.Sprint(res.Content), `bridge_read {"id":"`)
	if !ok {
		t.Fatalf("no handle in %v", res.Content)
	}
	handle, _, _ = strings.Cut(handle, `"`)
	if got := value(t, k, remainder.ReadRequest{Handle: handle, Budget: 400}); !equal(t, got, []byte(whole)) {
		t.Errorf("read back %.200s", got)
	}
	before := k.Stats().Results
	page := &call.Call{Caller: alice, Budget: 1, Source: remainder.Name, Tool: tools(t, k)[0]}
	if handle := k.Hook()(t.Context(), page, texts("x")); handle != "" || k.Stats().Results != before {
		t.Error("a page of a result was kept as a result")
	}
}

func TestManyAtOnce(t *testing.T) {
	s := store.Memory(store.Options{})
	defer s.Close()
	k := newKeeper(t, remainder.Options{MaxBytes: 50_000, Store: s, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				text := fmt.Sprint(i, "/", j, " ", strings.Repeat("word ", 500))
				handle, err := k.Keep(t.Context(), alice, texts(text))
				if err != nil {
					t.Error(err)
					return
				}
				res, err := k.Read(t.Context(), alice, remainder.ReadRequest{Handle: handle})
				if err != nil || res.Content[0].Text != text {
					if k.Stats().Dropped == 0 {
						t.Errorf("read %v, %v", res, err)
					}
				}
			}
		})
	}
	wg.Wait()
}

// away is a store that can't be reached.
type away struct{ store.Store }

func (away) Get(context.Context, string) ([]byte, error) {
	return nil, fault.New("store.get", fault.Unavailable, "Redis at 10.1.2.3:6379 can't be reached")
}

func TestCallersAreNotToldWhereTheStoreIs(t *testing.T) {
	k := newKeeper(t, remainder.Options{Store: away{store.Memory(store.Options{})}})
	_, err := k.Read(t.Context(), alice, remainder.ReadRequest{Handle: strings.Repeat("q", 26)})
	if fault.KindOf(err) != fault.Unavailable || strings.Contains(fault.Message(err), "10.1.2.3") {
		t.Errorf("%v; want an error of kind unavailable without the store's address", fault.Message(err))
	}
}

// A gateway without a key of its own seals with one that ends with it.
func TestWhatAnotherKeySealedIsNotThere(t *testing.T) {
	inner := store.Memory(store.Options{})
	before := newKeeper(t, remainder.Options{Store: store.Sealed(inner, store.Key{1})})
	handle := keep(t, before, texts("mine"))
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	if readable(t, newKeeper(t, remainder.Options{Store: store.Sealed(inner, store.Key{2})}), alice, handle) {
		t.Error("it was read with another key")
	}
	if !readable(t, newKeeper(t, remainder.Options{Store: store.Sealed(inner, store.Key{1})}), alice, handle) {
		t.Error("it can't be read with its own key")
	}
}

// Control characters take six bytes each in JSON.
func TestWhatGrowsAsJSONIsReadFromTheStore(t *testing.T) {
	inner := store.Memory(store.Options{})
	before := newKeeper(t, remainder.Options{Store: inner, MaxEntry: 1 << 20})
	handle := keep(t, before, texts(strings.Repeat("\x01", 1_000_000)))
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	if !readable(t, newKeeper(t, remainder.Options{Store: inner, MaxEntry: 1 << 20}), alice, handle) {
		t.Error("it can't be read")
	}
}

func TestWhatNobodyCouldReadIsNotLeftBehind(t *testing.T) {
	inner := store.Memory(store.Options{})
	k := newKeeper(t, remainder.Options{Store: inner, Passing: true, MaxBytes: 3000})
	keep(t, k, texts(strings.Repeat("a", 2000)))
	keep(t, k, texts(strings.Repeat("b", 2000)))
	settle(t, k)
	before, err := inner.Keys(t.Context(), "", "", 10)
	if err != nil || len(before) != 1 {
		t.Fatalf("stored: %v, %v", before, err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := inner.Keys(t.Context(), "", "", 10); err != nil || len(after) > 1 {
		t.Errorf("left behind: %v, %v", after, err)
	}
}
