package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
	"github.com/bridge-gateway/bridge/runtime/store/storetest"
)

const redisPassword = "planted-secret-9"

// server starts a server of its own on a socket, and returns the URL to it.
func server(t testing.TB, args ...string) string {
	t.Helper()
	program := ""
	for _, name := range []string{"redis-server", "valkey-server"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("neither redis-server nor valkey-server is on the PATH: `apt-get install redis-server` brings one")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "r.sock")
	args = append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no", "--requirepass", redisPassword}, args...)
	cmd := exec.Command(program, args...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%s did not start: %s", program, out.String())
		}
	}
	return (&url.URL{Scheme: "unix", User: url.UserPassword("", redisPassword), Path: socket}).String()
}

func redis(t testing.TB, address string, o store.Options) store.Store {
	t.Helper()
	s, err := store.Redis(address, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRedis(t *testing.T) {
	address := server(t)
	var n atomic.Int32
	storetest.Run(t, func(t *testing.T) store.Store {
		return redis(t, address, store.Options{Prefix: fmt.Sprint("test", n.Add(1))})
	})
}

func TestRedisForgetsTheNamesOfWhatExpired(t *testing.T) {
	s := redis(t, server(t), store.Options{})
	defer s.Close()
	for i := range 100 {
		if err := s.Set(t.Context(), fmt.Sprint("brief", i), nil, time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	// Each write takes a few names out. What is left is seen in the set itself.
	names := store.RedisNames(s)
	for end := time.Now().Add(10 * time.Second); names(t.Context()) > 1; {
		if err := s.Set(t.Context(), "good", nil, 0); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(end) {
			t.Fatalf("%d names are left", names(t.Context()))
		}
	}
}

func TestRedisPrefixesKeepGatewaysApart(t *testing.T) {
	address := server(t)
	a, b := redis(t, address, store.Options{Prefix: "a"}), redis(t, address, store.Options{Prefix: "b"})
	defer a.Close()
	defer b.Close()
	if err := a.Set(t.Context(), "k", []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if keys, err := b.Keys(t.Context(), "", "", 10); err != nil || len(keys) != 0 {
		t.Errorf("the other prefix has %v, %v", keys, err)
	}
}

func TestRedisErrorsSayWhatToDoAndTellNoSecret(t *testing.T) {
	full := server(t, "--maxmemory", "1mb", "--maxmemory-policy", "noeviction")
	right, err := url.Parse(full)
	if err != nil {
		t.Fatal(err)
	}
	wrong, none := *right, *right
	wrong.User = url.UserPassword("", "another-planted-secret")
	none.User = nil
	for _, c := range []struct{ name, address, want string }{
		{"refused", "redis://:" + redisPassword + "@127.0.0.1:1/0", "127.0.0.1:1 can't be reached"},
		{"no such host", "redis://u:" + redisPassword + "@host.invalid:6379", "can't be reached"},
		{"wrong password", wrong.String(), "does not accept the user and password"},
		{"no password", none.String(), "does not accept the user and password"},
		{"full", full, "is full"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := redis(t, c.address, store.Options{})
			defer s.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := s.Get(ctx, "a")
			if errors.Is(err, store.ErrNotFound) {
				err = nil
			}
			for i := 0; i < 50 && err == nil; i++ {
				err = s.Set(ctx, fmt.Sprint("a", i), make([]byte, 100_000), 0)
			}
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), c.want) {
				t.Errorf("the error is %v; want %q", err, c.want)
			}
			if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "planted") {
				t.Errorf("the error tells the password: %s", text)
			}
		})
	}
	for _, address := range []string{"", "http://:planted@x", "redis://:planted@host:port", "redis://:planted%zz@h", "redis://:planted@h/x", "redis://h?planted=1"} {
		_, err := store.Redis(address, store.Options{})
		if fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), "planted") {
			t.Errorf("the URL %q: %v", address, err)
		}
	}
	for _, address := range []string{"redis://h", "rediss://u:p@h:1/2", "valkey://h", "valkeys://h:6380", "unix:///x.sock"} {
		s, err := store.Redis(address, store.Options{})
		if err != nil {
			t.Errorf("the URL %q: %v", address, err)
			continue
		}
		s.Close()
	}
	if _, err := store.Redis("redis://h", store.Options{Prefix: "{a}"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a prefix with braces: %v", err)
	}
}

func TestRedisThatComesBackIsUsedAgain(t *testing.T) {
	address := server(t)
	s := redis(t, address, store.Options{})
	defer s.Close()
	if err := s.Set(t.Context(), "a", nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := store.RedisDrop(t.Context(), s); err != nil { // as a restart of the server does
		t.Fatal(err)
	}
	if err := s.Set(t.Context(), "b", nil, 0); err != nil {
		t.Errorf("after the connections were lost: %v", err)
	}
	if n, err := s.Add(t.Context(), "n", 1, 0); err != nil || n != 1 {
		t.Errorf("after the connections were lost: %d, %v", n, err)
	}
}
