package native_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// request asks a source for something but a tool, and returns the result.
func request(t *testing.T, s *native.Source, method, params string) string {
	t.Helper()
	raw, err := s.Request(t.Context(), &call.Request{Method: method, Params: json.RawMessage(params)})
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return string(raw)
}

func TestWholeServer(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			f, err := s.Features(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Resources) != 3 || len(f.Templates) != 1 || len(f.Prompts) != 1 || f.Instructions != "Ask nicely." {
				t.Errorf("features %+v", f)
			}
			if !strings.Contains(string(f.Resources[0]), `"ui":{"csp":"x"}`) || !strings.Contains(string(f.Capabilities), `"completions"`) {
				t.Errorf("%s, %s", f.Resources[0], f.Capabilities)
			}
			if st := s.State(); st.Resources != 3 || st.Templates != 1 || st.Prompts != 1 || st.Omitted != 0 {
				t.Errorf("state %+v", st)
			}
			for _, c := range []struct{ method, params, want string }{
				{protocol.ReadResource, `{"uri":"note:///by/ada"}`, `"text":"contents"`},
				{protocol.GetPrompt, `{"name":"greet","arguments":{"who":"Ada"}}`, "Hello Ada"},
				{protocol.Complete, `{"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":"A"}}`, `"A!"`},
				{protocol.ListPrompts, ``, `"greet"`},
			} {
				if got := request(t, s, c.method, c.params); !strings.Contains(got, c.want) {
					t.Errorf("%s answered %s", c.method, got)
				}
			}
		})
	}
}

func TestSubscriptions(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			request(t, s, protocol.Subscribe, `{"uri":"note:///1"}`)
			until(t, "the update", func() bool { // towards 2026-07-28 a stream must open first
				if _, err := invoke(t, s, "update", `{}`); err != nil {
					t.Fatal(err)
				}
				select {
				case n := <-s.Notices():
					if n.Method != protocol.ResourceUpdated || !strings.Contains(string(n.Params), `"uri":"note:///1"`) || strings.Contains(string(n.Params), "subscriptionId") {
						t.Errorf("notice %s %s", n.Method, n.Params)
					}
					return true
				default:
					return false
				}
			})
			request(t, s, protocol.Unsubscribe, `{"uri":"note:///1"}`)
		})
	}
}

// TestARefusedSubscriptionCanBeTriedAgain has a server of 2026-07-28 that takes
// none at first.
func TestARefusedSubscriptionCanBeTriedAgain(t *testing.T) {
	var asked atomic.Int32
	s := remote(t, serve(t, modern(func(w http.ResponseWriter, r *http.Request, m protocol.Message) {
		if m.Method != protocol.Listen {
			reply(w, m, `{}`)
			return
		}
		if asked.Add(1) == 1 {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32602,"message":"not now"}}`, m.ID)
			return
		}
		events(w, "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{\"uri\":\"a:1\"}}")
		<-r.Context().Done()
	})).URL)
	until(t, "the second try", func() bool {
		request(t, s, protocol.Subscribe, `{"uri":"a:1"}`)
		return asked.Load() > 1
	})
	if n := <-s.Notices(); n.Method != protocol.ResourceUpdated {
		t.Errorf("notice %+v", n)
	}
}

func TestSubscriptionsSurviveAReconnect(t *testing.T) {
	var sw swap
	old, fresh := newServer(nil), newServer(nil)
	sw.set(handler(old, nil))
	t.Cleanup(func() {
		for ss := range old.Sessions() {
			_ = ss.Close()
		}
	})
	s := remote(t, serve(t, &sw).URL)
	request(t, s, protocol.Subscribe, `{"uri":"note:///1"}`)
	sw.set(handler(fresh, nil))
	if _, err := invoke(t, s, "echo", `{}`); err != nil {
		t.Fatal(err)
	}
	<-s.Changes()
	if err := fresh.ResourceUpdated(t.Context(), &mcp.ResourceUpdatedNotificationParams{URI: "note:///1"}); err != nil {
		t.Fatal(err)
	}
	if n := <-s.Notices(); n.Method != protocol.ResourceUpdated {
		t.Errorf("notice %+v", n)
	}
}

// scripted is a server of 2025-06-18 over plain HTTP.
func scripted(capabilities string, answer func(method string, params json.RawMessage) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
		}
		_ = json.NewDecoder(r.Body).Decode(&req)
		switch {
		case r.Method != http.MethodPost || req.Method == "server/discover":
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		case req.ID == nil:
			w.WriteHeader(http.StatusAccepted)
			return
		}
		result := answer(req.Method, req.Params)
		if req.Method == "initialize" {
			result = `"result":{"protocolVersion":"2025-06-18","capabilities":` + capabilities + `,"serverInfo":{"name":"x","version":"0"}}`
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, req.ID, result)
	})
}

func TestListsAreBoundedAndSorted(t *testing.T) {
	asked := make(chan string, 100)
	s := remote(t, serve(t, scripted(`{"resources":{},"odd":{"x":1.50}}`, func(method string, params json.RawMessage) string {
		asked <- method
		switch {
		case method == protocol.ListTemplates:
			return `"error":{"code":-32601,"message":"no templates here"}`
		case strings.Contains(string(params), "next"):
			return `"result":{"resources":[{"uri":"a:2","name":"2","zeta":[1.50]}]}`
		}
		return `"result":{"nextCursor":"next","resources":[{"uri":"a:1","name":"1"},{"uri":"a:1","name":"1"},{"name":"without"},{"uri":"a:3"},{"uri":"a:4","name":4},17,{"uri":"a:\u0007"}]}`
	})).URL)
	f, err := s.Features(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Resources) != 2 || string(f.Resources[1]) != `{"uri":"a:2","name":"2","zeta":[1.50]}` || string(f.Capabilities) != `{"resources":{},"odd":{"x":1.50}}` {
		t.Errorf("%s, %s", f.Resources, f.Capabilities)
	}
	if st := s.State(); st.Omitted != 6 || st.Resources != 2 {
		t.Errorf("state %+v", st)
	}
	close(asked)
	for m := range asked {
		if m == protocol.ListPrompts {
			t.Error("what the server does not declare was asked for")
		}
	}
}

func TestListsAreBoundedInBytes(t *testing.T) {
	pages := 0
	s := remote(t, serve(t, scripted(`{"tools":{}}`, func(string, json.RawMessage) string {
		pages++
		return fmt.Sprintf(`"result":{"nextCursor":"%d","tools":[{"name":"t%d","description":%q,"inputSchema":{"type":"object"}}]}`, pages, pages, strings.Repeat("x", 5000))
	})).URL, func(o *native.Options) { o.MaxMessage = 10_000 })
	_, err := s.Tools(t.Context())
	wantFault(t, err, fault.Upstream, "of over 40000 bytes")
	if pages > 10 {
		t.Errorf("%d pages were read", pages)
	}
}

func TestToolsWhoseHeadersCannotBeSentAreLeftOut(t *testing.T) {
	var tools []string
	for i, properties := range []string{
		`{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"object","properties":{"c":{"type":["integer","null"],"x-mcp-header":"C"}}}}`,
		`{"a":{"type":"string","x-mcp-header":""}}`, `{"a":{"type":"string","x-mcp-header":5}}`, `{"a":{"type":"string","x-mcp-header":"A\r\nB"}}`,
		`{"a":{"type":"number","x-mcp-header":"A"}}`, `{"a":{"x-mcp-header":"A"}}`,
		`{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"object","properties":{"c":{"type":"string","x-mcp-header":"a"}}}}`,
	} {
		tools = append(tools, fmt.Sprintf(`{"name":"t%d","inputSchema":{"type":"object","properties":%s}}`, i, properties))
	}
	s := remote(t, serve(t, scripted(`{"tools":{}}`, func(string, json.RawMessage) string {
		return `"result":{"tools":[` + strings.Join(tools, ",") + `]}`
	})).URL)
	got, err := s.Tools(t.Context())
	if err != nil || len(got) != 1 || got[0].Name != "t0" || s.State().Skipped != len(tools)-1 {
		t.Errorf("%v, %v, %+v", got, err, s.State())
	}
}

func TestListsWithoutEndSpareTheRest(t *testing.T) {
	var l logs
	s := remote(t, serve(t, scripted(`{"resources":{},"prompts":{}}`, func(method string, _ json.RawMessage) string {
		if method == protocol.ListPrompts {
			return `"result":{"prompts":[{"name":"p"}]}`
		}
		return `"result":{"resources":[],"nextCursor":"again"}`
	})).URL, l.option)
	f, err := s.Features(t.Context())
	if err != nil || len(f.Prompts) != 1 || !strings.Contains(l.String(), "without end") {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestRequestsAreChecked(t *testing.T) {
	s := command(t, "exit") // would fail otherwise
	for _, r := range []*call.Request{
		{Method: "bad\"name"}, {Method: ""}, {Method: "x", Params: json.RawMessage(`[1]`)},
		{Method: "x", Params: json.RawMessage(`{`)}, {Method: "x", Meta: json.RawMessage(`7`)},
	} {
		_, err := s.Request(t.Context(), r)
		wantFault(t, err, fault.Invalid)
	}
}

// TestMalformedPromptsAreLeftOut has what makes clients that check refuse all
// prompts of all servers.
func TestMalformedPromptsAreLeftOut(t *testing.T) {
	s := remote(t, serve(t, scripted(`{"prompts":{}}`, func(string, json.RawMessage) string {
		return `"result":{"prompts":[{"name":"fine","arguments":[{"name":"a","required":true,"odd":1}]},{"name":"plain"},` +
			`{"name":"x","arguments":"x"},{"name":"y","arguments":[{"name":5}]},{"name":"z","arguments":[{}]},{"name":"n","arguments":null},{"name":"d","description":[]}]}`
	})).URL)
	f, err := s.Features(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Prompts) != 2 || s.State().Omitted != 5 {
		t.Errorf("prompts %s, state %+v", f.Prompts, s.State())
	}
}
