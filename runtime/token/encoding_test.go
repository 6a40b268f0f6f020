package token_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/token"
)

func TestOpenNamesTheKnownOnes(t *testing.T) {
	for _, name := range []string{"", "gpt-4o", "O200K_BASE", "p50k_base"} {
		_, err := token.Open(name)
		if fault.KindOf(err) != fault.Invalid {
			t.Fatalf("Open(%q): %v", name, err)
		}
		for _, known := range token.Encodings() {
			if !strings.Contains(fault.Message(err), known) {
				t.Errorf("Open(%q) says %q, which does not name %s", name, fault.Message(err), known)
			}
		}
	}
}

func TestOpenLoadsOnce(t *testing.T) {
	for _, name := range token.Encodings() {
		e := open(t, name)
		if e.Name() != name {
			t.Errorf("Open(%q).Name() = %q", name, e.Name())
		}
		if e != open(t, name) {
			t.Errorf("%s is loaded twice", name)
		}
	}
}

func TestEncodingsIsACopy(t *testing.T) {
	token.Encodings()[0] = "mine"
	if token.Encodings()[0] != "o200k_base" {
		t.Error("a caller can change the list of encodings")
	}
}

func TestParallelUse(t *testing.T) {
	e := open(t, "o200k_base")
	texts := append([]string{jsonText(21, 8<<10), strings.Repeat("ab", 400)}, tricky...)
	want := make([]int, len(texts))
	for i, text := range texts {
		want[i] = e.Count(text)
	}
	var workers sync.WaitGroup
	for offset := range 8 {
		workers.Go(func() {
			for i := range texts {
				i = (i + offset*17) % len(texts)
				if got := e.Count(texts[i]); got != want[i] {
					t.Errorf("%q has %d tokens alone and %d beside others", texts[i], want[i], got)
				}
			}
		})
	}
	workers.Wait()
}

func TestCountingDoesNotAllocate(t *testing.T) {
	e := open(t, "o200k_base")
	text := jsonText(22, 16<<10) + strings.Repeat("long", 200) + "\xff 漢字"
	raw := []byte(text)
	for name, count := range map[string]func(){
		"Count":      func() { e.Count(text) },
		"CountBytes": func() { e.CountBytes(raw) },
		"CountUpTo":  func() { e.CountUpTo(text, 1000) },
		"Cut":        func() { e.Cut(text, 1000) },
	} {
		// A collection of garbage may empty the pool of workers at any time;
		// that it did in each of several runs is beyond belief.
		least := 1.0
		for range 5 {
			least = min(least, testing.AllocsPerRun(20, count))
		}
		if least >= 1 {
			t.Errorf("%s allocates %v times", name, least)
		}
	}
}
