package manager_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bridge-gateway/bridge/runtime/credential/manager"
	"github.com/bridge-gateway/bridge/runtime/credential/reference"
)

// secrets is a manager whose time and failures are the test's.
type secrets struct {
	mu    sync.Mutex
	tries int
	down  bool
	slow  time.Duration
}

func (s *secrets) fetch(ctx context.Context, _ reference.Kind, target string) (string, error) {
	s.mu.Lock()
	s.tries++
	n, down, slow := s.tries, s.down, s.slow
	s.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if down {
		return "", errors.New("it is down")
	}
	return fmt.Sprintf("planted-%s-%d", target, n), nil
}

func (s *secrets) change(down bool, slow time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.slow = down, slow
}

func (s *secrets) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

func get(t *testing.T, m *manager.Managers) (string, error) {
	t.Helper()
	return m.Fetch(t.Context(), reference.Vault, "a/b#c")
}

// TestKeptAndRenewed uses a secret all the time: it is got anew before it is over,
// and no use waits for that.
func TestKeptAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &secrets{slow: time.Second}
		m := manager.New(manager.Options{TTL: 100 * time.Second, Fetch: s.fetch})
		defer m.Close()
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				if text, err := get(t, m); err != nil || text != "planted-a/b#c-1" {
					t.Errorf("%q, %v", text, err)
				}
			})
		}
		calls.Wait()
		for second := range 99 {
			before := time.Now()
			if _, err := get(t, m); err != nil || time.Since(before) != 0 {
				t.Fatalf("after %d s: %v, and it took %s", second, err, time.Since(before))
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if text, _ := get(t, m); text != "planted-a/b#c-2" || s.count() != 2 {
			t.Errorf("the secret is %q after %d tries", text, s.count())
		}
	})
}

// TestStandsIn takes the manager down: its last good value is used for a bounded
// time, which is logged; then uses fail, and recover once it is back.
func TestStandsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &secrets{}
		var log bytes.Buffer
		m := manager.New(manager.Options{TTL: time.Minute, Stale: 10 * time.Minute, Fetch: s.fetch, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		defer m.Close()
		if _, err := get(t, m); err != nil {
			t.Fatal(err)
		}
		s.change(true, 15*time.Second) // it hangs, too
		for at := time.Duration(0); at < 10*time.Minute; at += 10 * time.Second {
			before := time.Now()
			if text, err := get(t, m); err != nil || text != "planted-a/b#c-1" {
				t.Fatalf("after %s: %q, %v", at, text, err)
			}
			if took := time.Since(before); took > 2*time.Second {
				t.Fatalf("a use waited for %s though there is a value", took)
			}
			time.Sleep(10 * time.Second)
		}
		if n := s.count(); n > 25 {
			t.Errorf("a manager that is down was asked %d times in 10 minutes", n)
		}
		time.Sleep(2 * time.Minute)
		if _, err := get(t, m); err == nil || err.Error() != "it is down" {
			t.Errorf("after the bound: %v", err)
		}
		s.change(false, 0)
		time.Sleep(time.Minute)
		if text, err := get(t, m); err != nil || text == "planted-a/b#c-1" {
			t.Errorf("once it is back: %q, %v", text, err)
		}
		for _, want := range []string{"its last good value stays in use", "could not be got", "answers again", "stale_uses="} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, log.String())
			}
		}
		if strings.Contains(log.String(), "planted") {
			t.Error("the log has the secret")
		}
	})
}

// TestCloseEndsWhatIsUnderWay closes while a manager hangs, and asks after it.
func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager.New(manager.Options{Fetch: (&secrets{slow: time.Hour}).fetch})
		done := make(chan error)
		go func() {
			_, err := get(t, m)
			done <- err
		}()
		synctest.Wait()
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err == nil {
			t.Error("a use that waited got something")
		}
		if _, err := get(t, m); err == nil {
			t.Error("a use after Close got something")
		}
	})
}
