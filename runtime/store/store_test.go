package store_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
	"github.com/bridge-gateway/bridge/runtime/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.Memory(store.Options{}) })
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return store.SQLite(filepath.Join(t.TempDir(), "a ?#%20b", "état.db"), store.Options{})
	})
}

func TestSealed(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return store.Sealed(store.Memory(store.Options{}), newKey()) })
}

func TestSealedSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return store.Sealed(store.SQLite(filepath.Join(t.TempDir(), "s.db"), store.Options{}), newKey())
	})
}

func TestMemoryIsBounded(t *testing.T) {
	s := store.Memory(store.Options{MaxBytes: 10_000})
	defer s.Close()
	value := make([]byte, 4000)
	for range 3 { // in the place of itself it takes no more room
		if err := s.Set(t.Context(), "a", value, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Set(t.Context(), "b", value, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	err := s.Set(t.Context(), "c", make([]byte, 9000), 0)
	if fault.KindOf(err) != fault.TooLarge || !strings.Contains(err.Error(), "full") {
		t.Fatalf("a full store: %v", err)
	}
	for end := time.Now().Add(10 * time.Second); ; {
		if err := s.Set(t.Context(), "c", value, 0); err == nil {
			break
		} else if time.Now().After(end) {
			t.Fatalf("what expired leaves no room: %v", err)
		}
	}
}
