package native_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// modern is a server of 2026-07-28 without an SDK, which answers calls by call.
func modern(answer func(w http.ResponseWriter, r *http.Request, m protocol.Message)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		m, err := protocol.Parse(body)
		if err != nil || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if m.Method != protocol.Discover {
			answer(w, r, m)
			return
		}
		reply(w, m, `{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bare","version":"0"}}}`)
	})
}

func reply(w http.ResponseWriter, m protocol.Message, result string) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, result)
}

// events answers by a stream of events, each flushed.
func events(w http.ResponseWriter, lines ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, l := range lines {
		fmt.Fprint(w, l+"\n\n")
		_ = http.NewResponseController(w).Flush()
	}
}

func TestRequestOnTheWire(t *testing.T) {
	var headers atomic.Pointer[http.Header]
	var body atomic.Pointer[protocol.Message]
	s := remote(t, serve(t, modern(func(w http.ResponseWriter, r *http.Request, m protocol.Message) {
		h := r.Header.Clone()
		headers.Store(&h)
		m.Params = append(json.RawMessage(nil), m.Params...)
		body.Store(&m)
		reply(w, m, `{"content":[{"type":"text","text":"hi"}],"resultType":"complete","zeta":[1.50]}`)
	})).URL)
	c := toolCall("echo ü", `{"b":1.50,"a":"<&>"}`)
	c.Client = &person{}
	c.Extra = map[string]json.RawMessage{"task": json.RawMessage(`{"ttl":1}`)}
	c.Meta = json.RawMessage(`{"traceparent":"00-1"}`)
	res, err := s.Invoke(t.Context(), c)
	if err != nil || string(res.Extra["zeta"]) != "[1.50]" {
		t.Fatalf("%+v, %v", res, err)
	}
	h := *headers.Load()
	for name, want := range map[string]string{"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "=?base64?ZWNobyDDvA==?=", "Content-Type": "application/json", "Mcp-Session-Id": ""} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	want := `{"name":"echo ü","arguments":{"b":1.50,"a":"<&>"},"task":{"ttl":1},"_meta":{"traceparent":"00-1",` +
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bridge","version":"1"},` +
		`"io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}},"sampling":{},"roots":{}}}}`
	if got := string(body.Load().Params); got != want {
		t.Errorf("params\n%s\nwant\n%s", got, want)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, m protocol.Message)
		kind   fault.Kind
		want   string
	}{
		"another's":    {func(w http.ResponseWriter, m protocol.Message) { m.ID = protocol.ID("99"); reply(w, m, `{}`) }, fault.Upstream, "no message of MCP"},
		"broken":       {func(w http.ResponseWriter, m protocol.Message) { reply(w, m, `{"content":`) }, fault.Upstream, "broken JSON"},
		"no object":    {func(w http.ResponseWriter, m protocol.Message) { reply(w, m, `17`) }, fault.Upstream, "no result"},
		"no result":    {func(w http.ResponseWriter, m protocol.Message) { reply(w, m, `{"content":17}`) }, fault.Upstream, "malformed result"},
		"empty":        {func(w http.ResponseWriter, _ protocol.Message) { w.WriteHeader(200) }, fault.Upstream, "where MCP messages belong"},
		"stream ends":  {func(w http.ResponseWriter, _ protocol.Message) { events(w, ": hi") }, fault.Unavailable, "may or may not"},
		"stream lies":  {func(w http.ResponseWriter, _ protocol.Message) { events(w, "data: hi") }, fault.Upstream, "broken JSON"},
		"stream flood": {func(w http.ResponseWriter, _ protocol.Message) { events(w, "data: "+strings.Repeat("x", 2<<20)) }, fault.TooLarge, "more than 1048576"},
		"reset":        {func(http.ResponseWriter, protocol.Message) { panic(http.ErrAbortHandler) }, fault.Unavailable, "may or may not"},
		"cut": {func(w http.ResponseWriter, _ protocol.Message) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"jsonrpc"`)
			panic(http.ErrAbortHandler)
		}, fault.Unavailable, "may or may not"},
	} {
		t.Run(name, func(t *testing.T) {
			var bad atomic.Bool
			bad.Store(true)
			s := remote(t, serve(t, modern(func(w http.ResponseWriter, _ *http.Request, m protocol.Message) {
				if bad.Load() {
					c.answer(w, m)
					return
				}
				reply(w, m, `{"content":[{"type":"text","text":"hi"}]}`)
			})).URL, func(o *native.Options) { o.MaxMessage = 1 << 20 })
			cl := toolCall("x", `{}`)
			_, err := s.Invoke(t.Context(), cl)
			wantFault(t, err, c.kind, c.want)
			bad.Store(false)
			until(t, "the recovery", func() bool {
				res, err := s.Invoke(t.Context(), cl)
				return err == nil && res.Content[0].Text == "hi"
			})
		})
	}
}

// resuming is a server of 2025-11-25 that breaks off the stream of each answer
// and goes on with it for whoever asks; or that answers calls as it is told to.
func resuming(calls *atomic.Int32, resumed http.HandlerFunc, answer ...func(http.ResponseWriter)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.Header.Get("Last-Event-ID") != "" {
			resumed(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		m, err := protocol.Parse(body)
		switch {
		case err != nil || m.Method == protocol.Discover:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case m.ID == nil:
			w.WriteHeader(http.StatusAccepted)
		case m.Method == protocol.Initialize:
			w.Header().Set("Mcp-Session-Id", "s1")
			reply(w, m, `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"0"}}`)
		default:
			calls.Add(1)
			if len(answer) > 0 {
				answer[0](w)
				return
			}
			events(w, "id: 1-"+string(m.ID)+"\nretry: 5\ndata:")
		}
	})
}

func TestBrokenStreamIsTakenUpAgain(t *testing.T) {
	var calls atomic.Int32
	s := remote(t, serve(t, resuming(&calls, func(w http.ResponseWriter, r *http.Request) {
		_, id, _ := strings.Cut(r.Header.Get("Last-Event-ID"), "-")
		if r.Header.Get("Mcp-Session-Id") != "s1" || r.Header.Get("Authorization") != "Bearer own" || r.Header.Get("Mcp-Protocol-Version") != "2025-11-25" {
			t.Errorf("headers %v", r.Header)
		}
		events(w, "id: 2-"+id+`
data: {"jsonrpc":"2.0","id":`+id+`,"result":{"content":[{"type":"text","text":"late"}]}}`)
	})).URL)
	c := toolCall("x", `{}`)
	c.Credentials = []call.Credential{{In: tool.InHeader, Name: "Authorization", Value: "Bearer own"}}
	if res, err := s.Invoke(t.Context(), c); err != nil || res.Content[0].Text != "late" || calls.Load() != 1 {
		t.Errorf("%+v, %v after %d calls", res, err, calls.Load())
	}
}

func TestBrokenStreamThatIsNotGoneOnWith(t *testing.T) {
	var calls atomic.Int32
	s := remote(t, serve(t, resuming(&calls, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) })).URL)
	_, err := invoke(t, s, "x", `{}`)
	wantFault(t, err, fault.Unavailable, "may or may not have taken effect")
	if calls.Load() != 1 {
		t.Errorf("called %d times", calls.Load())
	}
}

func TestProgressOnAModernStream(t *testing.T) {
	s := remote(t, serve(t, modern(func(w http.ResponseWriter, _ *http.Request, m protocol.Message) {
		meta := protocol.SplitMeta(m.Params)
		events(w, `data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":`+string(meta.ProgressToken)+`,"progress":1,"total":2,"message":"half"}}`,
			`data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"odd":1.50}}}`,
			`data: {"jsonrpc":"2.0","id":`+string(m.ID)+`,"result":{"content":[{"type":"text","text":"hi"}]}}`)
	})).URL)
	var got call.Progress
	p := &person{}
	c := toolCall("x", `{}`)
	c.Client, c.Progress = p, func(_ context.Context, p call.Progress) { got = p }
	if _, err := s.Invoke(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	_, told := p.heard()
	if got != (call.Progress{Done: 1, Total: 2, Message: "half"}) || len(told) != 1 || !strings.Contains(told[0], `{"odd":1.50}`) {
		t.Errorf("progress %+v, told %q", got, told)
	}
}

func TestRoundsAreBounded(t *testing.T) {
	var calls atomic.Int32
	s := remote(t, serve(t, modern(func(w http.ResponseWriter, _ *http.Request, m protocol.Message) {
		calls.Add(1)
		reply(w, m, `{"resultType":"input_required","requestState":"s","inputRequests":{"a":{"method":"elicitation/create","params":{"message":"more?"}}}}`)
	})).URL)
	c := toolCall("x", `{}`)
	c.Client = &person{}
	_, err := s.Invoke(t.Context(), c)
	wantFault(t, err, fault.Upstream, "asks for more and more")
	if calls.Load() != 8 {
		t.Errorf("%d rounds", calls.Load())
	}
}

func TestNoticesAreBounded(t *testing.T) {
	var l logs
	s := remote(t, serve(t, modern(func(w http.ResponseWriter, _ *http.Request, m protocol.Message) {
		lines := make([]string, 0, 1001)
		for i := range 1000 {
			lines = append(lines, fmt.Sprintf(`data: {"jsonrpc":"2.0","method":"notifications/odd","params":{"n":%d}}`, i))
		}
		events(w, append(lines, `data: {"jsonrpc":"2.0","id":`+string(m.ID)+`,"result":{"content":[]}}`)...)
	})).URL, l.option)
	if _, err := s.Invoke(t.Context(), toolCall("x", `{}`)); err != nil {
		t.Fatal(err)
	}
	if n := <-s.Notices(); !strings.HasPrefix(string(n.Params), `{"n":7`) { // the oldest are gone
		t.Errorf("first %s", n.Params)
	}
	if !strings.Contains(l.String(), "notices are left out") {
		t.Errorf("log %s", l.String())
	}
}

func TestServerThatHangsIsReplaced(t *testing.T) {
	var hangs atomic.Bool
	var sessions atomic.Int32
	block := make(chan struct{})
	var once sync.Once
	free := func() { once.Do(func() { close(block) }) }
	h := scripted(`{"tools":{}}`, func(method string, _ json.RawMessage) string {
		if method == protocol.Initialize {
			hangs.Store(sessions.Add(1) == 1) // the first session goes bad
		} else if hangs.Load() {
			<-block
		}
		return `"result":{"content":[{"type":"text","text":"hi"}]}`
	})
	srv := serve(t, h)
	t.Cleanup(free)
	s := remote(t, srv.URL, func(o *native.Options) { o.CallTimeout = 100 * time.Millisecond })
	for counted := 0; counted < 2; {
		_, err := invoke(t, s, "x", `{}`)
		wantFault(t, err, fault.Timeout)
		if !strings.Contains(fault.Message(err), "is still starting") { // which is no word on the session
			counted++
		}
	}
	<-s.Changes() // nobody called, and it was replaced
	if got, err := invoke(t, s, "x", `{}`); err != nil || got != "hi" {
		t.Errorf("%q, %v", got, err)
	}
	free()
}

func TestSlowCallsDoNotCostTheSession(t *testing.T) {
	g := newGate()
	var l logs
	s := remote(t, serve(t, handler(newServer(g), nil)).URL, l.option, func(o *native.Options) { o.CallTimeout = 300 * time.Millisecond })
	for range 3 {
		_, err := invoke(t, s, "wait", `{}`)
		wantFault(t, err, fault.Timeout)
	}
	if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
		t.Errorf("%q, %v", got, err)
	}
	if strings.Count(l.String(), "MCP server connected") != 1 {
		t.Error("the session was replaced")
	}
	close(g.open)
}
