package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/store"
)

func BenchmarkStore(b *testing.B) {
	for name, open := range map[string]func(b *testing.B) store.Store{
		"memory": func(*testing.B) store.Store { return store.Memory(store.Options{}) },
		"sqlite": func(b *testing.B) store.Store {
			return store.SQLite(filepath.Join(b.TempDir(), "s.db"), store.Options{})
		},
		"sealed sqlite": func(b *testing.B) store.Store {
			return store.Sealed(store.SQLite(filepath.Join(b.TempDir(), "s.db"), store.Options{}), newKey())
		},
		"redis": func(b *testing.B) store.Store { return redis(b, server(b), store.Options{}) },
	} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			defer s.Close()
			value := make([]byte, 1000)
			ops := map[string]func(i int) error{
				"set": func(i int) error { return s.Set(b.Context(), fmt.Sprint("k", i%1000), value, time.Hour) },
				"get": func(i int) error { _, err := s.Get(b.Context(), fmt.Sprint("k", i%1000)); return err },
				"add": func(i int) error { _, err := s.Add(b.Context(), fmt.Sprint("k", i%1000), 1, time.Hour); return err },
			}
			for _, op := range []string{"set", "get", "add"} {
				b.Run(op, func(b *testing.B) {
					for i := range b.N {
						if err := ops[op](i); err != nil && !errors.Is(err, store.ErrNotFound) {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

func BenchmarkOpenSQLite(b *testing.B) {
	for i := range b.N {
		s := store.SQLite(filepath.Join(b.TempDir(), fmt.Sprint(i, ".db")), store.Options{})
		if err := s.Set(b.Context(), "a", nil, 0); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
