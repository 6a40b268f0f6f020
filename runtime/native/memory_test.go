package native_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// compiled returns a source for a server in this process.
func compiled(t *testing.T, server *mcp.Server, change ...func(*native.Options)) *native.Source {
	t.Helper()
	o := native.Options{Name: "moody", Server: server, StartTimeout: 20 * time.Second, CallTimeout: 20 * time.Second, RetryDelay: time.Millisecond}
	return open(t, o, change...)
}

func add(s *mcp.Server, name string, h mcp.ToolHandler) {
	s.AddTool(&mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)}, h)
}

func TestServerInProcessThatPanics(t *testing.T) {
	server := newServer(nil)
	add(server, "panic", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { panic("out of cheese") })
	var l logs
	native.Guard(server, slog.New(slog.NewTextHandler(&l, nil)))
	s := compiled(t, server)
	_, err := invoke(t, s, "panic", `{}`)
	wantFault(t, err, fault.Upstream, "the gateway's log says how")
	if strings.Contains(fault.Message(err), "cheese") || !strings.Contains(l.String(), "out of cheese") || !strings.Contains(l.String(), "memory_test.go") {
		t.Errorf("message %q, log %s", fault.Message(err), l.String())
	}
	if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
		t.Errorf("after the panic: %q, %v", got, err)
	}
}

// TestSessionsOfOneServer has two sources and two callers share one server: each
// has a session of its own.
func TestSessionsOfOneServer(t *testing.T) {
	server := newServer(nil)
	var mu sync.Mutex
	seen := map[*mcp.ServerSession]bool{}
	add(server, "session", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.Session] = true
		return text("ok"), nil
	})
	first, second := compiled(t, server, isolated), compiled(t, server)
	for _, id := range []string{"ada", "bob", "ada"} {
		c := toolCall("session", `{}`)
		c.Caller = call.Caller{ID: id}
		if _, err := first.Invoke(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := invoke(t, second, "session", `{}`); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 3 || first.State().Sessions != 2 || first.State().Transport != "" || second.State().Transport != "memory" {
		t.Errorf("%d sessions, %+v, %+v", len(seen), first.State(), second.State())
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := invoke(t, second, "echo", `{}`); err != nil || got != `{}` {
		t.Errorf("after the other source was closed: %q, %v", got, err)
	}
	n := 0
	for range server.Sessions() {
		n++
	}
	if n != 1 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestServerInProcessThatEndsASession has the server end its side: another
// session takes its place.
func TestServerInProcessThatEndsASession(t *testing.T) {
	server := newServer(nil)
	s := compiled(t, server)
	if _, err := s.Tools(t.Context()); err != nil {
		t.Fatal(err)
	}
	for session := range server.Sessions() {
		if err := session.Close(); err != nil {
			t.Fatal(err)
		}
	}
	<-s.Changes() // nobody called, and it was replaced
	if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
		t.Errorf("%q, %v", got, err)
	}
}

// TestToolThatDoesNotHeedItsContext can't be ended; closing waits for it no
// longer than a while, and says so.
func TestToolThatDoesNotHeedItsContext(t *testing.T) {
	server, free, entered := newServer(nil), make(chan struct{}), make(chan struct{})
	add(server, "stubborn", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		close(entered)
		<-free
		return text("late"), nil
	})
	var l logs
	s := compiled(t, server, l.option)
	defer close(free)
	failed := make(chan error, 1)
	go func() {
		_, err := s.Invoke(context.Background(), toolCall("stubborn", `{}`))
		failed <- err
	}()
	<-entered
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantFault(t, <-failed, fault.Unavailable, "no longer served")
	if !strings.Contains(l.String(), "it should return when its context ends") {
		t.Errorf("log %s", l.String())
	}
}

func TestHealth(t *testing.T) {
	s := command(t, "normal", func(o *native.Options) { o.RetryDelay = time.Hour })
	if ok, why := s.Health(); !ok || why != "" {
		t.Errorf("before it was asked for: %v, %q", ok, why)
	}
	if _, err := s.Tools(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ok, why := s.Health(); !ok || why != "" {
		t.Errorf("connected: %v, %q", ok, why)
	}
	if _, err := invoke(t, s, "die", `{}`); err == nil {
		t.Fatal("it lives")
	}
	<-s.Changes() // started again
	if ok, why := s.Health(); !ok || why != "" {
		t.Errorf("connected again: %v, %q", ok, why)
	}
	if _, err := invoke(t, s, "die", `{}`); err == nil {
		t.Fatal("it lives")
	}
	until(t, "its end", func() bool { ok, why := s.Health(); return !ok && strings.Contains(why, "out of cheese") })
}
