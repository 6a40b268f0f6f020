package native_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
)

// until waits for a condition that another goroutine or process brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s never came", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// wantFault checks an error's kind and that its message says each of the words.
func wantFault(t *testing.T, err error, kind fault.Kind, words ...string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind {
		t.Fatalf("got %v, want a fault of kind %v", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(f.Message, w) {
			t.Errorf("the message does not say %q: %s", w, f.Message)
		}
	}
}

func TestServerThatExitsAtOnce(t *testing.T) {
	s := command(t, "exit", func(o *native.Options) {
		o.RetryDelay = time.Hour
		o.Env["LICENSE"] = "hunter2hunter2"
	})
	_, err := invoke(t, s, "echo", `{}`)
	wantFault(t, err, fault.Unavailable, `"moody"`, "exit status 3", "no license found for key [redacted]")
	_, err = s.Tools(t.Context())
	wantFault(t, err, fault.Unavailable, "exit status 3", "the next start is tried in 1m0s")
	if st := s.State(); st.Status != native.Down || st.RetryAt.IsZero() {
		t.Errorf("state %+v", st)
	}
}

func TestServerThatHangsAtStart(t *testing.T) {
	s := command(t, "hang", func(o *native.Options) { o.StartTimeout = time.Second })
	began := time.Now()
	_, err := invoke(t, s, "echo", `{}`)
	wantFault(t, err, fault.Timeout, "did not answer within 1s", "waiting for the database")
	if d := time.Since(began); d > 8*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestServerThatKnowsNoDiscovery(t *testing.T) {
	for _, mood := range []string{"strict", "silent"} {
		t.Run(mood, func(t *testing.T) {
			s := command(t, mood, func(o *native.Options) { o.StartTimeout = 3 * time.Second })
			if got, err := invoke(t, s, "any", `{}`); err != nil || got != "hi" {
				t.Fatalf("%q, %v", got, err)
			}
			if st := s.State(); st.Protocol != "2025-06-18" || st.Transport != "stdio" {
				t.Errorf("state %+v", st)
			}
		})
	}
}

func TestServerThatIsNone(t *testing.T) {
	s := command(t, "text")
	_, err := invoke(t, s, "echo", `{}`)
	wantFault(t, err, fault.Upstream, "prints text where MCP messages belong", "Listening on port 3000")
	for _, argv := range [][]string{{"no-such-program-anywhere"}, {filepath.Join(t.TempDir(), "nothing")}, {t.TempDir()}} {
		s := command(t, "", func(o *native.Options) { o.Command = argv })
		_, err := invoke(t, s, "echo", `{}`)
		wantFault(t, err, fault.Unavailable, "could not be started", argv[0])
	}
	s = command(t, "", func(o *native.Options) { o.Dir = filepath.Join(t.TempDir(), "gone") })
	_, err = invoke(t, s, "echo", `{}`)
	wantFault(t, err, fault.Unavailable, "there is no folder")
}

func TestServerThatWritesMore(t *testing.T) {
	for mood, want := range map[string]string{"greeting": "Welcome to the server!", "flood": "the server writes too fast"} {
		t.Run(mood, func(t *testing.T) {
			var l logs
			s := command(t, mood, l.option)
			if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
				t.Fatalf("%q, %v", got, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if text := l.String(); !strings.Contains(text, want) || !strings.Contains(text, "source=moody") {
				t.Errorf("the log does not say %q:\n%.2000s", want, text)
			}
		})
	}
}

func TestServerThatDiesInACall(t *testing.T) {
	s := command(t, "normal")
	if _, err := invoke(t, s, "echo", `{}`); err != nil {
		t.Fatal(err)
	}
	_, err := invoke(t, s, "die", `{}`)
	wantFault(t, err, fault.Unavailable, `the MCP server "moody" stopped`, "exit status 7", "panic: out of cheese", "it is being started again")
	if got, err := invoke(t, s, "echo", `{"again":1}`); err != nil || got != `{"again":1}` {
		t.Fatalf("after the restart: %q, %v", got, err)
	}
	<-s.Changes()
}

func TestRestartsAreSlowedDown(t *testing.T) {
	s := command(t, "normal", func(o *native.Options) { o.RetryDelay = time.Hour })
	for range 2 {
		_, err := invoke(t, s, "die", `{}`)
		wantFault(t, err, fault.Unavailable, "exit status 7")
	}
	_, err := invoke(t, s, "echo", `{}`)
	wantFault(t, err, fault.Unavailable, "the next start is tried in")
}

func TestServerThatDoesNotReadIsNoTrap(t *testing.T) {
	var l logs
	s := command(t, "deaf", l.option, func(o *native.Options) { o.CallTimeout = time.Second })
	big := `{"x":"` + strings.Repeat("x", 1<<20) + `"}` // more than a pipe holds
	for _, args := range []string{`{}`, big, `{}`} {
		_, err := s.Invoke(t.Context(), toolCall("any", args))
		wantFault(t, err, fault.Timeout, "did not answer in time")
	}
	// The message that was cut off in the middle has cost the session.
	if n := strings.Count(l.String(), "MCP server started"); n != 2 {
		t.Errorf("%d starts, want 2", n)
	}
}

func TestAnswerOverTheBound(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate(), func(o *native.Options) { o.MaxMessage = 1 << 20 })
			_, err := invoke(t, s, "big", `{}`)
			wantFault(t, err, fault.TooLarge, "more than 1048576 bytes")
			if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
				t.Errorf("the next call: %q, %v", got, err)
			}
		})
	}
}

func TestOneStartForManyCalls(t *testing.T) {
	var l logs
	s := command(t, "normal", l.option)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := invoke(t, s, "echo", `{}`); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := strings.Count(l.String(), "MCP server started"); n != 1 {
		t.Errorf("%d starts", n)
	}
}

func TestCloseEndsCallsAndStarts(t *testing.T) {
	t.Run("call", func(t *testing.T) {
		s := command(t, "deaf")
		done := make(chan error, 1)
		go func() {
			_, err := s.Invoke(t.Context(), toolCall("any", `{}`))
			done <- err
		}()
		until(t, "the session", func() bool { return s.State().Status == native.Connected })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		wantFault(t, <-done, fault.Unavailable, "no longer served")
		_, err := invoke(t, s, "echo", `{}`)
		wantFault(t, err, fault.Unavailable, "no longer served")
	})
	t.Run("start", func(t *testing.T) {
		s := command(t, "hang")
		done := make(chan error, 1)
		go func() {
			_, err := s.Tools(t.Context())
			done <- err
		}()
		until(t, "the start", func() bool { return s.State().Status == native.Connecting })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		wantFault(t, <-done, fault.Unavailable, "no longer served")
	})
	t.Run("caller leaves a start", func(t *testing.T) {
		s := command(t, "hang")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := s.Tools(ctx)
		wantFault(t, err, fault.Timeout, "still starting")
	})
}

func TestEnvironmentIsShort(t *testing.T) {
	t.Setenv("BRIDGE_CREDENTIAL", "hunter2")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
	s := command(t, "normal", func(o *native.Options) { o.Env["OWN"] = "yes" })
	got, err := invoke(t, s, "environ", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got, "hunter2") {
		t.Error("a secret of the gateway reached the server")
	}
	for _, want := range []string{"OWN=yes", "PATH=" + os.Getenv("PATH")} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestMalformedInputIsRefusedBeforeItIsSent(t *testing.T) {
	s := command(t, "exit") // would fail otherwise
	c := toolCall("echo", `{"a":`)
	_, err := s.Invoke(t.Context(), c)
	wantFault(t, err, fault.Invalid, "arguments")
	c = toolCall("echo", `{}`)
	c.Meta = json.RawMessage(`[]`)
	_, err = s.Invoke(t.Context(), c)
	wantFault(t, err, fault.Invalid, "_meta")
}

func TestOptionsAreChecked(t *testing.T) {
	value := func(context.Context) (string, error) { return "x", nil }
	for want, o := range map[string]native.Options{
		"needs a name":                 {Command: []string{"x"}},
		"a server that is compiled in": {Name: "a"},
		"set just one of":              {Name: "a", Command: []string{"x"}, URL: "http://h/"},
		"command is empty":             {Name: "a", Command: []string{""}},
		"is negative":                  {Name: "a", Command: []string{"x"}, CallTimeout: -1},
		"of the form":                  {Name: "a", URL: "ftp://h/"},
		"must be of the form":          {Name: "a", URL: "localhost:80"},
		"use a credential":             {Name: "a", URL: "http://u:p@h/"},
		"env, dir and headers":         {Name: "a", Server: newServer(nil), Dir: "/"},
		"headers are for a URL":        {Name: "a", Command: []string{"x"}, Headers: map[string]native.HeaderFunc{"X": value}},
		"env and dir":                  {Name: "a", URL: "http://h/", Dir: "/"},
		"no name of a variable":        {Name: "a", Command: []string{"x"}, Env: map[string]string{"A=B": ""}},
		`"Host" is no header`:          {Name: "a", URL: "http://h/", Headers: map[string]native.HeaderFunc{"Host": value}},
		`"Mcp-Name" is no header`:      {Name: "a", URL: "http://h/", Headers: map[string]native.HeaderFunc{"Mcp-Name": value}},
		`"A B" is no header`:           {Name: "a", URL: "http://h/", Headers: map[string]native.HeaderFunc{"A B": value}},
	} {
		_, err := native.New(o)
		wantFault(t, err, fault.Invalid, want)
		if strings.Contains(fmt.Sprint(err), "u:p") {
			t.Errorf("the secret shows: %v", err)
		}
	}
}
