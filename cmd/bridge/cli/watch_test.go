package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// must ends the test at the first error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// changes are ways to give bridge.yaml in a folder other content.
var changes = map[string]struct {
	real         string // where the file really is, if links lead to it
	link, change func(dir string) error
}{
	"written in place": {change: func(dir string) error { return os.WriteFile(filepath.Join(dir, "bridge.yaml"), []byte("two"), 0o600) }},
	"removed":          {change: func(dir string) error { return os.Remove(filepath.Join(dir, "bridge.yaml")) }},
	"another in its place, as editors do": {change: func(dir string) error {
		file := filepath.Join(dir, "bridge.yaml")
		return errors.Join(os.WriteFile(file+".swp", []byte("two"), 0o600), os.Rename(file, file+"~"), os.Rename(file+".swp", file))
	}},
	"a link to a folder is swapped, as Kubernetes does": {
		real: "..1/bridge.yaml",
		link: func(dir string) error {
			return errors.Join(os.Symlink("..1", filepath.Join(dir, "..data")), os.Symlink("..data/bridge.yaml", filepath.Join(dir, "bridge.yaml")))
		},
		change: func(dir string) error {
			return errors.Join(os.Mkdir(filepath.Join(dir, "..2"), 0o755), os.WriteFile(filepath.Join(dir, "..2/bridge.yaml"), []byte("two"), 0o600),
				os.Symlink("..2", filepath.Join(dir, "..new")), os.Rename(filepath.Join(dir, "..new"), filepath.Join(dir, "..data")))
		},
	},
	"written where a link leads": {
		real: "elsewhere/other.yaml",
		link: func(dir string) error {
			return os.Symlink("elsewhere/other.yaml", filepath.Join(dir, "bridge.yaml"))
		},
		change: func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "elsewhere/other.yaml"), []byte("two"), 0o600)
		},
	},
}

// Whatever way a file gets other content is seen, though a log beside it is
// written to all the time.
func TestChangesAreSeenBesideALog(t *testing.T) {
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "bridge.yaml")
			if c.real == "" {
				putFile(t, file, "one")
			} else {
				must(t, os.Mkdir(filepath.Dir(filepath.Join(dir, c.real)), 0o755))
				putFile(t, filepath.Join(dir, c.real), "one")
				must(t, c.link(dir))
			}
			w := newWatcher(slog.New(slog.DiscardHandler))
			defer w.close()
			w.set(map[string]digest{file: digestOf(file)})
			if w.polling {
				t.Skip("this system does not tell of changes")
			}
			defer keepLog(t, filepath.Join(dir, "bridge.log"))()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			failed := make(chan error, 1)
			time.AfterFunc(50*time.Millisecond, func() { failed <- c.change(dir) }) // most likely after the first look, which is at once
			if why := w.next(ctx, nil, nil); why != changed {
				t.Errorf("next = %v", why)
			}
			must(t, <-failed)
		})
	}
}

// keepLog writes to a log until it is stopped.
func keepLog(t *testing.T, file string) (stop func()) {
	log, err := os.Create(file)
	must(t, err)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				_, _ = log.WriteString("a call\n") // a full disk is no matter here
			}
		}
	}()
	return func() { close(done); <-ended; _ = log.Close() }
}

// Events of files that nobody watches make no look, and few of them are taken:
// while nobody takes them, the system makes one of many.
func TestALogIsNotListenedTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bridge.yaml")
	putFile(t, file, "one")
	synctest.Test(t, func(t *testing.T) {
		events := make(chan fsnotify.Event)
		w := &watcher{system: &fsnotify.Watcher{Events: events}, names: map[string]bool{key(file): true},
			files: map[string]seen{file: {content: digestOf(file)}}, folders: map[string]bool{filepath.Dir(file): true}}
		why := make(chan reason, 1)
		go func() { why <- w.next(t.Context(), nil, nil) }()
		synctest.Wait() // for the first look
		putFile(t, file, "two")
		taken := 0
		for range 10_000 { // a record each millisecond
			select {
			case events <- fsnotify.Event{Name: filepath.Join(filepath.Dir(file), "bridge.log"), Op: fsnotify.Write}:
				taken++
			default:
			}
			time.Sleep(time.Millisecond)
		}
		if taken < 30 || taken > 300 {
			t.Errorf("%d of 10,000 events are taken; about 40 times 5 are enough to miss nothing, and cost little", taken)
		}
		select {
		case got := <-why:
			t.Fatalf("next = %v, though nothing concerned the file", got)
		default:
		}
		start := time.Now()
		events <- fsnotify.Event{Name: file, Op: fsnotify.Write}
		if got := <-why; got != changed || time.Since(start) > restTime+quietTime {
			t.Errorf("next = %v after %v", got, time.Since(start))
		}
	})
}

// A pipe can be read but once, and is not read to see whether it changes; nor is
// anything else that is no file.
func TestOnlyFilesAreReadToSeeWhetherTheyChange(t *testing.T) {
	if digestOf(os.DevNull) != (digest{}) {
		t.Errorf("%s was read", os.DevNull)
	}
}
