package native_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// kinds are all the ways to reach a server.
var kinds = []struct {
	name string
	open func(*testing.T, *gate, ...func(*native.Options)) *native.Source
}{
	{"stdio", func(t *testing.T, _ *gate, o ...func(*native.Options)) *native.Source {
		return command(t, "normal", o...)
	}},
	{"http stateful", func(t *testing.T, g *gate, o ...func(*native.Options)) *native.Source {
		return remote(t, serve(t, handler(newServer(g), nil)).URL, o...)
	}},
	{"http stateless", func(t *testing.T, g *gate, o ...func(*native.Options)) *native.Source {
		return remote(t, serve(t, handler(newServer(g), &mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true})).URL, o...)
	}},
	{"http stateless json", func(t *testing.T, g *gate, o ...func(*native.Options)) *native.Source {
		return remote(t, serve(t, handler(newServer(g), &mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true, JSONResponse: true})).URL, o...)
	}},
	{"sse", func(t *testing.T, g *gate, o ...func(*native.Options)) *native.Source {
		s := newServer(g)
		return remote(t, serve(t, mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return s }, nil)).URL, o...)
	}},
	{"memory", func(t *testing.T, g *gate, o ...func(*native.Options)) *native.Source {
		return compiled(t, newServer(g), o...)
	}},
}

func TestEveryTransportListsAndCalls(t *testing.T) {
	protocols := map[string]string{"stdio": "2026-07-28", "http stateful": "2025-11-25", "http stateless": "2026-07-28", "http stateless json": "2026-07-28", "sse": "2025-11-25", "memory": "2026-07-28"}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			if st := s.State(); st.Status != native.Idle {
				t.Errorf("new source is %q", st.Status)
			}
			tools, err := s.Tools(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(tools, func(x tool.Tool) bool { return x.Name == "echo" && len(x.Definition) > 0 }) {
				t.Errorf("no echo among %d tools", len(tools))
			}
			got, err := invoke(t, s, "echo", `{"b":1,"a":[2.50]}`)
			if err != nil || got != `{"b":1,"a":[2.50]}` {
				t.Errorf("echo: %q, %v", got, err)
			}
			st := s.State()
			if st.Status != native.Connected || st.Server != "moody 1.2" || st.Protocol != protocols[k.name] {
				t.Errorf("state %+v", st)
			}
		})
	}
}

func TestCallsRunConcurrentlyOnOneSession(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			var wg sync.WaitGroup
			for i := range 50 {
				wg.Go(func() {
					args := fmt.Sprintf(`{"i":%d}`, i)
					if got, err := invoke(t, s, "echo", args); err != nil || got != args {
						t.Errorf("call %d: %q, %v", i, got, err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestWireSurvivesByteForByte(t *testing.T) {
	s := command(t, "rawwire")
	tools, err := s.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(tools) != 2 || tools[0].Name != "odd.name" || tools[1].Name != "last" {
		t.Fatalf("tools %+v", tools)
	}
	if got := string(tools[0].Definition); got != wireTool {
		t.Errorf("definition\n%s\nwant\n%s", got, wireTool)
	}
	want := tool.Annotations{ReadOnly: true, OpenWorld: true}
	if tools[0].Title != "Odd" || tools[0].Annotations != want {
		t.Errorf("read as %+v", tools[0])
	}
	if st := s.State(); st.Tools != 2 || st.Skipped != 4 {
		t.Errorf("counted %d and %d", st.Tools, st.Skipped)
	}
	res, err := s.Invoke(t.Context(), &call.Call{Tool: &tools[0]})
	if err != nil {
		t.Fatal(err)
	}
	if string(res.Structured) != `{"z":1.50,"a":12345678901234567890}` ||
		string(res.Content[0].Raw) != `{"type":"hologram","depth":3,"data":"<&>"}` ||
		string(res.Extra["resultType"]) != `"task"` || string(res.Extra["task"]) != `{"id":"7"}` ||
		string(res.Meta["k"]) != `{"n":1e2}` || string(res.Content[1].Extra) != `{"annotations":{"priority":0.50}}` {
		t.Errorf("result %+v", res)
	}
}

func TestServersOwnErrorIsKept(t *testing.T) {
	s := command(t, "rawwire")
	_, err := s.Invoke(t.Context(), toolCall("refuse", `{}`))
	var rpc *protocol.Error
	if !errors.As(err, &rpc) || rpc.Code != -32602 || string(rpc.Data) != `{"hint":"last"}` {
		t.Errorf("cause %v", err)
	}
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), "unknown tool") {
		t.Errorf("error %v", err)
	}
}

func TestMetaIsForwardedWithoutTheCallersConnection(t *testing.T) {
	s := remote(t, serve(t, handler(newServer(nil), nil)).URL)
	c := toolCall("meta", `{}`)
	c.Meta = json.RawMessage(`{"traceparent":"00-1","progressToken":"theirs","io.modelcontextprotocol/clientInfo":{"name":"x"},"io.modelcontextprotocol/protocolVersion":"2026-07-28","n":1.50}`)
	res, err := s.Invoke(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Content[0].Text; got != `{"n":1.5,"traceparent":"00-1"}` {
		t.Errorf("the server saw %s", got)
	}
}

func TestProgressReachesItsCall(t *testing.T) {
	for _, k := range kinds[1:3] { // the gate must be in this process
		t.Run(k.name, func(t *testing.T) {
			g := newGate()
			s := k.open(t, g)
			var steps []call.Progress
			c := toolCall("steps", `{}`)
			c.Progress = func(_ context.Context, p call.Progress) {
				if steps = append(steps, p); len(steps) == 3 {
					close(g.open)
				}
			}
			if _, err := s.Invoke(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if want := (call.Progress{Done: 3, Total: 3, Message: "step 3"}); steps[2] != want {
				t.Errorf("steps %+v", steps)
			}
		})
	}
}

// TestSlowClientHoldsNobodyElse has one client take its progress for as long as
// another's call takes.
func TestSlowClientHoldsNobodyElse(t *testing.T) {
	for _, k := range kinds {
		if k.name == "http stateless json" {
			continue // its answers have no place for progress
		}
		t.Run(k.name, func(t *testing.T) {
			g := newGate()
			close(g.open)
			s := k.open(t, g)
			slow, release := make(chan struct{}), make(chan struct{})
			var once sync.Once
			var wg sync.WaitGroup
			wg.Go(func() {
				c := toolCall("steps", `{}`)
				c.Progress = func(context.Context, call.Progress) {
					once.Do(func() { close(slow) })
					<-release
				}
				if _, err := s.Invoke(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
			<-slow
			if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
				t.Errorf("%q, %v", got, err)
			}
			close(release)
			wg.Wait()
		})
	}
}

func TestCancelReachesTheServer(t *testing.T) {
	for _, k := range kinds[1:] {
		t.Run(k.name, func(t *testing.T) {
			g := newGate()
			s := k.open(t, g)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-g.entered; cancel() }()
			_, err := s.Invoke(ctx, toolCall("wait", `{}`))
			if fault.KindOf(err) != fault.Canceled {
				t.Errorf("error %v", err)
			}
			<-g.canceled
			if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
				t.Errorf("the session did not survive: %v", err)
			}
		})
	}
}

func TestChangesAreSignalled(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			before, err := s.Tools(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := invoke(t, s, "grow", `{}`); err != nil {
				t.Fatal(err)
			}
			<-s.Changes()
			after, err := s.Tools(t.Context())
			if err != nil || len(after) != len(before)+1 {
				t.Errorf("%d tools, then %d, %v", len(before), len(after), err)
			}
		})
	}
}
