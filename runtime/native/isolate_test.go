package native_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

func isolated(o *native.Options) { o.Isolate = "caller" }

// pidFor returns the process that serves a caller.
func pidFor(t *testing.T, s *native.Source, who call.Caller) string {
	t.Helper()
	c := toolCall("pid", `{}`)
	c.Caller = who
	res, err := s.Invoke(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return res.Content[0].Text
}

func TestEachCallerHasAProcess(t *testing.T) {
	s := command(t, "normal", isolated)
	if _, err := s.Tools(t.Context()); err != nil {
		t.Fatal(err)
	}
	shared := pidFor(t, s, call.Caller{})
	ada, bob := pidFor(t, s, call.Caller{ID: "ada", Session: "1"}), pidFor(t, s, call.Caller{ID: "bob"})
	if shared == ada || ada == bob || bob == shared {
		t.Errorf("processes %s, %s, %s", shared, ada, bob)
	}
	if again := pidFor(t, s, call.Caller{ID: "ada", Session: "2"}); again != ada {
		t.Errorf("the same caller's next client got %s instead of %s", again, ada)
	}
	if one, two := pidFor(t, s, call.Caller{Session: "1"}), pidFor(t, s, call.Caller{Session: "2"}); one == two || one == ada {
		t.Errorf("sessions of nobody in particular share %s", one)
	}
	if n := s.State().Sessions; n != 4 {
		t.Errorf("%d sessions", n)
	}
}

func TestCallersSharesOfSessionsAreBounded(t *testing.T) {
	s := command(t, "asker", isolated, func(o *native.Options) { o.MaxSessions = 2; o.CallTimeout = 10 * time.Second })
	var wg sync.WaitGroup
	busy := make([]*person, 2)
	for i := range busy {
		busy[i] = &person{hold: make(chan struct{})}
		c := toolCall("ask", `{}`)
		c.Caller, c.Client = call.Caller{ID: fmt.Sprint(i)}, busy[i]
		wg.Go(func() {
			if _, err := s.Invoke(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
		until(t, "the question", func() bool { asked, _ := busy[i].heard(); return len(asked) > 0 })
	}
	c := toolCall("ask", `{}`)
	c.Caller, c.Client = call.Caller{ID: "late"}, &person{}
	_, err := s.Invoke(t.Context(), c)
	wantFault(t, err, fault.Unavailable, "all 2 are busy")
	for _, p := range busy {
		close(p.hold)
	}
	wg.Wait()
	if _, err := s.Invoke(t.Context(), c); err != nil { // the longest idle one makes room
		t.Fatal(err)
	}
	if n := s.State().Sessions; n != 2 {
		t.Errorf("%d sessions", n)
	}
}

func TestIdleSessionsEnd(t *testing.T) {
	s := command(t, "normal", isolated, func(o *native.Options) { o.IdleTimeout = 20 * time.Millisecond })
	first := pidFor(t, s, call.Caller{ID: "ada"})
	until(t, "the end", func() bool { return s.State().Sessions == 0 })
	if second := pidFor(t, s, call.Caller{ID: "ada"}); first == second {
		t.Error("the process did not end")
	}
}

func TestOneCallersNewsStayHis(t *testing.T) {
	s := command(t, "normal", isolated)
	if _, err := s.Tools(t.Context()); err != nil {
		t.Fatal(err)
	}
	level := &call.Request{Method: protocol.SetLevel, Params: json.RawMessage(`{"level":"debug"}`), Caller: call.Caller{ID: "ada"}}
	if _, err := s.Request(t.Context(), level); err != nil {
		t.Fatal(err)
	}
	ada := &person{}
	for _, name := range []string{"log", "grow"} {
		c := toolCall(name, `{}`)
		c.Caller, c.Client = call.Caller{ID: "ada"}, ada
		if _, err := s.Invoke(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	// What follows on the shared session comes after.
	if _, err := invoke(t, s, "grow", `{}`); err != nil {
		t.Fatal(err)
	}
	<-s.Changes()
	select {
	case n := <-s.Notices():
		t.Errorf("all would hear %s", n.Params)
	default:
	}
	if n := s.State().Sessions; n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestIsolationIsChecked(t *testing.T) {
	_, err := native.New(native.Options{Name: "a", Command: []string{"x"}, Isolate: "everyone"})
	wantFault(t, err, fault.Invalid, `"everyone"`, `"caller"`)
	if !strings.Contains(fault.Message(err), "isolate") {
		t.Error(err)
	}
}
