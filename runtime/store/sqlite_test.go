package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// childFile names the file that a process started by a test works on.
const childFile = "STORE_TEST_FILE"

const (
	childTakes = 40
	childAdds  = 50
)

// child takes every value that it can, adds to a counter, and prints what it took.
func child(path string) int {
	ctx := context.Background()
	s := store.SQLite(path, store.Options{})
	defer s.Close()
	for i := range childTakes {
		if got, err := s.Take(ctx, fmt.Sprint("code", i)); err == nil {
			fmt.Printf("took %s\n", got)
		} else if fault.KindOf(err) != fault.NotFound {
			fmt.Println(err)
			return 1
		}
	}
	for range childAdds {
		if _, err := s.Add(ctx, "n", 1, 0); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

func TestSeveralProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := store.SQLite(path, store.Options{})
	defer s.Close()
	for i := range childTakes {
		if err := s.Set(t.Context(), fmt.Sprint("code", i), fmt.Append(nil, i), 0); err != nil {
			t.Fatal(err)
		}
	}
	const processes = 3
	out := make([]string, processes)
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), childFile+"="+path)
			text, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, text)
			}
			out[i] = string(text)
		})
	}
	wg.Wait()
	if n := strings.Count(strings.Join(out, ""), "took"); n != childTakes {
		t.Errorf("%d values were taken of %d", n, childTakes)
	}
	if n, err := s.Add(t.Context(), "n", 0, 0); err != nil || n != processes*childAdds {
		t.Errorf("the sum is %d, %v; want %d", n, err, processes*childAdds)
	}
}

func TestSeveralOpenANewFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			s := store.SQLite(path, store.Options{})
			defer s.Close()
			if err := s.Set(t.Context(), fmt.Sprint(i), nil, 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := store.SQLite(path, store.Options{})
	defer s.Close()
	if keys, err := s.Keys(t.Context(), "", "", 10); err != nil || len(keys) != 6 {
		t.Errorf("the keys are %v, %v", keys, err)
	}
}

func TestSQLiteOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	first := store.SQLite(path, store.Options{})
	if err := first.Set(t.Context(), "a", []byte("x"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := store.SQLite(path, store.Options{})
	defer second.Close()
	if got, err := second.Get(t.Context(), "a"); err != nil || string(got) != "x" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSQLiteIsOpenedWhenNeeded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "s.db")
	s := store.SQLite(path, store.Options{})
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is there before it is needed")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(t.Context(), "a"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a closed store: %v", err)
	}
}

func TestSQLiteIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil { // with modes that are too wide
		t.Fatal(err)
	}
	s := store.SQLite(path, store.Options{})
	defer s.Close()
	if err := s.Set(t.Context(), "a", []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", suffix, info.Mode(), err)
		}
	}
}

func TestSQLiteSweeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := store.SQLite(path, store.Options{Sweep: 5 * time.Millisecond})
	defer s.Close()
	for i := range 20 {
		if err := s.Set(t.Context(), fmt.Sprint(i), make([]byte, 100_000), time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(t.Context(), fmt.Sprint(i), 1, time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	db := raw(t, path)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var rows, pages int
		if err := db.QueryRow(`SELECT (SELECT count(*) FROM entries) + (SELECT count(*) FROM counters), (SELECT page_count FROM pragma_page_count)`).Scan(&rows, &pages); err != nil {
			t.Fatal(err)
		}
		if rows == 0 && pages < 100 {
			return // and the file has shrunk
		}
		if time.Now().After(end) {
			t.Fatalf("%d rows and %d pages are left", rows, pages)
		}
	}
}

// raw opens a file as any program can.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestSQLiteRefusesFilesThatAreNotItsOwn(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("text"), []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, path("foreign")).Exec(`CREATE TABLE mine (a)`); err != nil {
		t.Fatal(err)
	}
	newer := store.SQLite(path("newer"), store.Options{})
	if err := newer.Set(t.Context(), "a", nil, 0); err != nil {
		t.Fatal(err)
	}
	newer.Close()
	if _, err := raw(t, path("newer")).Exec(`PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, want string
		kind       fault.Kind
	}{
		{path("text"), "is no database or is damaged", fault.Conflict},
		{path("foreign"), "another program", fault.Invalid},
		{path("newer"), "newer version of Bridge", fault.Conflict},
		{dir, "is no file", fault.Invalid},
		{path("text/below"), "can't be made", fault.Unavailable},
	} {
		s := store.SQLite(c.path, store.Options{})
		for range 2 { // a failure to open is told each time
			_, err := s.Get(t.Context(), "a")
			if fault.KindOf(err) != c.kind || !strings.Contains(fault.Message(err), c.want) {
				t.Errorf("%s: %v; want %q", c.path, err, c.want)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSQLiteSaysWhoHasItLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := store.SQLite(path, store.Options{})
	defer s.Close()
	if err := s.Set(t.Context(), "a", nil, 0); err != nil {
		t.Fatal(err)
	}
	tx, err := raw(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	if _, err := tx.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Set(ctx, "a", nil, 0); fault.KindOf(err) != fault.Timeout {
		t.Errorf("a locked file: %v", err)
	}
	if _, err := s.Get(t.Context(), "a"); err != nil {
		t.Errorf("reading beside a writer: %v", err)
	}
	if _, err := tx.ExecContext(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(t.Context(), "a", nil, 0); err != nil {
		t.Errorf("after the lock is gone: %v", err)
	}
}
