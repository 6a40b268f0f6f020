package store_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

func newKey() (k store.Key) {
	_, _ = rand.Read(k[:])
	return k
}

func TestSealedTellsNothing(t *testing.T) {
	inner := store.Memory(store.Options{})
	defer inner.Close()
	key := newKey()
	s := store.Sealed(inner, key)
	secret := []byte("planted secret of some length")
	for range 2 {
		before, _ := inner.Get(t.Context(), "a")
		if err := s.Set(t.Context(), "a", secret, 0); err != nil {
			t.Fatal(err)
		}
		raw, err := inner.Get(t.Context(), "a")
		if err != nil || bytes.Contains(raw, secret[:8]) || bytes.Contains(raw, key[:8]) || bytes.Equal(raw, before) {
			t.Errorf("what is kept shows something: %x, %v", raw, err)
		}
	}
	if text := fmt.Sprintf("%v %s %x %#v %d", key, key, key, key, key); strings.Count(text, "[redacted]") != 5 || len(text) != 5*len("[redacted] ")-1 {
		t.Errorf("the key prints as %s", text)
	}
	if raw, err := json.Marshal(key); err != nil || string(raw) != `"[redacted]"` {
		t.Errorf("the key marshals as %s, %v", raw, err)
	}
}

func TestSealedRefusesWhatWasTamperedWith(t *testing.T) {
	inner := store.Memory(store.Options{})
	defer inner.Close()
	s := store.Sealed(inner, newKey())
	if err := s.Set(t.Context(), "grants/alice", []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	raw, err := inner.Get(t.Context(), "grants/alice")
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(what, key string, value []byte) {
		t.Helper()
		if err := inner.Set(t.Context(), key, value, 0); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), key); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %q, %v", what, got, err)
		}
		if done, err := s.Swap(t.Context(), key, []byte("x"), []byte("y"), 0); done || fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: swapped %t, %v", what, done, err)
		}
	}
	refuse("moved to another key", "grants/mallory", raw)
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		refuse(fmt.Sprint("byte ", i, " changed"), "grants/alice", changed)
	}
	for n := range raw {
		refuse(fmt.Sprint("cut to ", n, " bytes"), "grants/alice", raw[:n])
	}
	refuse("never encrypted", "grants/alice", []byte(strings.Repeat("plain text", 10)))
}

func TestSealedKeysCanBeChanged(t *testing.T) {
	inner := store.Memory(store.Options{})
	defer inner.Close()
	old, next := newKey(), newKey()
	if err := store.Sealed(inner, old).Set(t.Context(), "a", []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	both := store.Sealed(inner, next, old)
	if done, err := both.Swap(t.Context(), "a", []byte("x"), []byte("y"), 0); !done || err != nil {
		t.Fatalf("swapped %t, %v", done, err)
	}
	if got, err := store.Sealed(inner, next).Get(t.Context(), "a"); err != nil || string(got) != "y" {
		t.Errorf("under the new key: %q, %v", got, err)
	}
	if _, err := store.Sealed(inner, old).Get(t.Context(), "a"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("under the old key: %v", err)
	}
}

func TestParseKey(t *testing.T) {
	want := newKey()
	for _, text := range []string{hex.EncodeToString(want[:]), base64.StdEncoding.EncodeToString(want[:]), base64.RawURLEncoding.EncodeToString(want[:])} {
		if got, err := store.ParseKey(text); err != nil || got != want {
			t.Errorf("a key of %d signs was not read: %v", len(text), err)
		}
	}
	for _, text := range []string{"", "planted", hex.EncodeToString(want[:31]), hex.EncodeToString(want[:]) + "00"} {
		if _, err := store.ParseKey(text); fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), "planted") {
			t.Errorf("the key %q: %v", text, err)
		}
	}
}
