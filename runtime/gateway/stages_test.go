package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// shop is an API with a list in pages of ten, told by a cursor, and one thing to
// write. It counts what it is asked.
type shop struct {
	things int
	asked  atomic.Int64
	hold   chan struct{} // what answers wait for; nil for nothing
	link   bool          // pages are told by a Link header, and the answer is an array

	mu   sync.Mutex
	last string // query
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	s.mu.Lock()
	s.last = r.URL.RawQuery
	s.mu.Unlock()
	if s.hold != nil {
		<-s.hold
	}
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodPost {
		fmt.Fprint(w, `{"ok":true}`)
		return
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	type thing struct {
		ID   int    `json:"id"`
		Text string `json:"text"`
	}
	items := []thing{}
	for i := from; i < min(from+10, s.things); i++ {
		items = append(items, thing{i, strings.Repeat("word ", 10)})
	}
	out := map[string]any{"items": items}
	if from+10 < s.things {
		out["next_cursor"] = strconv.Itoa(from + 10)
		if s.link {
			w.Header().Set("Link", fmt.Sprintf(`<%s?cursor=%d>; rel="next"`, r.URL.Path, from+10))
		}
	}
	if s.link {
		_ = json.NewEncoder(w).Encode(items)
		return
	}
	_ = json.NewEncoder(w).Encode(out)
}

// shopMount mounts the shop's tools, shaped.
func shopMount(t *testing.T, s *shop, shaping *tool.Shaping) gateway.Mount {
	t.Helper()
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	input := json.RawMessage(`{"type":"object","properties":{"cursor":{"type":"string"},"q":{"type":"string"},"limit":{"type":"integer"}},"additionalProperties":false}`)
	query := func(name string) tool.Parameter {
		return tool.Parameter{Arg: name, Name: name, In: tool.InQuery, Style: tool.Form, Explode: true}
	}
	list := tool.Tool{Name: "list", Description: "Lists things.", Input: input, Shaping: shaping, Annotations: tool.Annotations{ReadOnly: true},
		Output:    json.RawMessage(`{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"}}}},"next_cursor":{"type":"string"}}}`),
		Operation: &tool.Operation{ID: "list", Method: "GET", Path: "/things", Parameters: []tool.Parameter{query("cursor"), query("q"), query("limit")}}}
	if s.link {
		list.Output, list.Operation.Wrap = json.RawMessage(`{"type":"object","properties":{"result":{"type":"array","items":{"type":"object"}}}}`), "result"
	}
	write := tool.Tool{Name: "write", Description: "Writes a thing.", Input: json.RawMessage(`{"type":"object","properties":{}}`),
		Operation: &tool.Operation{ID: "write", Method: "POST", Path: "/things"}}
	source, err := rest.New(rest.Options{Name: "shop", Tools: []tool.Tool{list, write}, BaseURL: web.URL, Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Mount{Source: source, Prefix: "shop"}
}

// text calls a tool, and returns the text of its answer.
func text(t *testing.T, session *mcp.ClientSession, name string, arguments any, meta mcp.Meta) (*mcp.CallToolResult, string) {
	t.Helper()
	res, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments, Meta: meta})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, block := range res.Content {
		if b, ok := block.(*mcp.TextContent); ok {
			all = append(all, b.Text)
		}
	}
	return res, strings.Join(all, "\n")
}

func TestPagesAreFollowedUntilTheBudgetIsUsed(t *testing.T) {
	for name, link := range map[string]bool{"by a cursor": false, "by a Link header, in an array": true} {
		t.Run(name, func(t *testing.T) {
			api := &shop{things: 35, link: link}
			g, url := serve(t, shopMount(t, api, &tool.Shaping{Pages: 3}))
			settled(t, g)
			session := connect(t, url, nil)
			res, got := text(t, session, "shop_list", map[string]any{"q": "x"}, nil)
			if n := strings.Count(got, `"id"`); n != 30 || res.IsError {
				t.Fatalf("%d things: %s", n, got)
			}
			if !strings.Contains(got, `[3 pages read, and more exist. To go on, call again with {"cursor":"30"}.]`) {
				t.Errorf("not said how it goes on: %s", got[len(got)-200:])
			}
			if meta, _ := json.Marshal(res.Meta["bridge/pages"]); string(meta) != `{"more":true,"read":3}` {
				t.Errorf("_meta is %v", res.Meta)
			}
			if res.Meta[call.MetaURL] != nil || res.Meta[call.MetaLink] != nil {
				t.Errorf("the caller is told the upstream's address: %v", res.Meta)
			}
			structured, _ := json.Marshal(res.StructuredContent)
			if n := strings.Count(string(structured), `"id"`); n != 30 {
				t.Errorf("%d things are structured", n)
			}
			if _, got = text(t, session, "shop_list", map[string]any{"cursor": "30"}, nil); strings.Count(got, `"id"`) != 5 || strings.Contains(got, "pages read") {
				t.Errorf("the last page: %s", got)
			}
			before := api.asked.Load()
			if _, got = text(t, session, "shop_list", map[string]any{"limit": 10}, nil); strings.Count(got, `"id"`) != 10 || api.asked.Load() != before+1 {
				t.Errorf("who wants ten got %s", got)
			}
			before = api.asked.Load()
			if res, _ = text(t, session, "shop_list", nil, mcp.Meta{"bridge/budget": 150}); api.asked.Load() != before+1 || res.IsError {
				t.Errorf("%d pages were read for a budget that one fills", api.asked.Load()-before)
			}
		})
	}
}

func TestResultsAreKept(t *testing.T) {
	api := &shop{things: 5}
	g, url := serve(t, shopMount(t, api, &tool.Shaping{Cache: 60}))
	settled(t, g)
	session, other := connect(t, url, nil), connect(t, url, nil)
	ask := func(s *mcp.ClientSession, arguments string, meta mcp.Meta) (*mcp.CallToolResult, string) {
		return text(t, s, "shop_list", json.RawMessage(arguments), meta)
	}
	first, want := ask(session, `{"q":"a","limit":1}`, nil)
	second, got := ask(other, `{ "limit":1, "q":"\u0061" }`, nil)
	if api.asked.Load() != 1 || got != want || first.Meta["bridge/cached"] != nil || second.Meta["bridge/cached"] == nil {
		t.Errorf("asked %d times; _meta %v and %v", api.asked.Load(), first.Meta, second.Meta)
	}
	if less, got := ask(session, `{"q":"a","limit":1}`, mcp.Meta{"bridge/budget": 90}); api.asked.Load() != 1 || less.IsError || len(got) >= len(want) {
		t.Errorf("a smaller budget: asked %d times, %s", api.asked.Load(), got)
	}
	ask(session, `{"q":"b"}`, nil)
	if api.asked.Load() != 2 {
		t.Error("other arguments are another call")
	}
	if _, got := text(t, session, "shop_write", nil, nil); !strings.Contains(got, "ok") {
		t.Fatal(got)
	}
	if ask(session, `{"q":"b"}`, nil); api.asked.Load() != 4 {
		t.Error("what was read before something was written must be read again")
	}
	if stats := g.Cached(); stats.Hits != 2 || stats.Misses != 3 || stats.Bytes == 0 {
		t.Errorf("counted %+v", stats)
	}
}

func TestEqualCallsUnderWayAreOne(t *testing.T) {
	api := &shop{things: 5, hold: make(chan struct{})}
	g, url := serve(t, shopMount(t, api, &tool.Shaping{Cache: 60}))
	settled(t, g)
	session := connect(t, url, nil)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if res, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "shop_list"}); err != nil || res.IsError {
				t.Errorf("%v, %v", res, err)
			}
		})
	}
	close(api.hold)
	callers.Wait()
	if api.asked.Load() != 1 {
		t.Errorf("asked %d times", api.asked.Load())
	}
	if stats := g.Cached(); stats.Hits+stats.Shared != 7 {
		t.Errorf("counted %+v", stats)
	}
}

func TestFailuresAreNotKept(t *testing.T) {
	var asked atomic.Int64
	failing := &mcp.Tool{Name: "read", InputSchema: object, Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true}}
	server, url := upstream(t)
	server.AddTool(failing, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		asked.Add(1)
		return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: "no"}}}, nil
	})
	keep := 60
	g, url := serve(t, gateway.Mount{Source: source(t, "a", url), Prefix: "a", Shaping: tool.Reshaping{Cache: &keep}})
	settled(t, g)
	session := connect(t, url, nil)
	text(t, session, "a_read", nil, nil)
	if res, _ := text(t, session, "a_read", nil, nil); asked.Load() != 2 || !res.IsError {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestASessionIsToldOnce(t *testing.T) {
	api := &shop{things: 10}
	g, url := serve(t, shopMount(t, api, &tool.Shaping{Dedupe: true}))
	settled(t, g)
	session := connect(t, url, &mcp.ClientOptions{})
	older := connectAs(t, url, "2025-11-25")
	for name, s := range map[string]*mcp.ClientSession{"newest": session, "older": older} {
		_, first := text(t, s, "shop_list", nil, nil)
		res, again := text(t, s, "shop_list", map[string]any{"q": "other words"}, nil)
		if name == "newest" && s.ID() == "" {
			if again != first {
				t.Errorf("requests that stand alone are answered whole: %s", again)
			}
			continue
		}
		if !strings.HasPrefix(again, "[Nothing new: the same, byte for byte, as the answer of shop_list") || res.StructuredContent == nil || res.IsError {
			t.Errorf("%s: the second answer is %s, %v", name, again, res.StructuredContent)
		}
		if _, whole := text(t, s, "shop_list", nil, mcp.Meta{"bridge/repeat": true}); whole != first {
			t.Errorf("%s: who wants it again got %s", name, whole)
		}
	}
}

// connectAs connects a client of a revision.
func connectAs(t *testing.T, url, revision string) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + gateway.Path}, &mcp.ClientSessionOptions{ProtocolVersion: revision})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func TestCallersSayHowMuchTheyWant(t *testing.T) {
	api := &shop{things: 10}
	mount := shopMount(t, api, nil)
	g, url := serveWith(t, gateway.Options{Mounts: []gateway.Mount{mount}, CallerShaping: true})
	settled(t, g)
	session := connect(t, url, nil)
	listed, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if schema, _ := json.Marshal(listed.Tools[0].InputSchema); !strings.Contains(string(schema), `"_budget"`) || !strings.Contains(string(schema), `"_fields"`) {
		t.Errorf("clients see %s", schema)
	}
	_, whole := text(t, session, "shop_list", nil, nil)
	res, less := text(t, session, "shop_list", map[string]any{"_budget": 200, "q": "x"}, nil)
	if len(less) >= len(whole) || res.IsError || api.last != "q=x" {
		t.Errorf("%d and %d bytes, asked %q", len(whole), len(less), api.last)
	}
	if _, same := text(t, session, "shop_list", map[string]any{"_budget": 1_000_000}, nil); same != whole {
		t.Error("a larger budget than the tool's gets no more")
	}
	if _, ids := text(t, session, "shop_list", map[string]any{"_fields": []string{"/items/*/id"}}, nil); strings.Contains(ids, "word") || !strings.Contains(ids, `"id":9`) {
		t.Errorf("asked for ids, got %s", ids)
	}
	if _, ids := text(t, session, "shop_list", nil, mcp.Meta{"bridge/fields": []string{"/items/*/id"}}); strings.Contains(ids, "word") || !strings.Contains(ids, `"id":9`) {
		t.Errorf("asked for ids by _meta, got %s", ids)
	}
	for _, bad := range []any{"many", 1.5, 3, -1} {
		if res, why := text(t, session, "shop_list", map[string]any{"_budget": bad}, nil); !res.IsError || !strings.Contains(why, "_budget is a whole number of tokens, at least 50") {
			t.Errorf("_budget %v: %s", bad, why)
		}
	}
	if res, why := text(t, session, "shop_list", map[string]any{"_fields": []string{"items"}}, nil); !res.IsError || !strings.Contains(why, `begins with "/"`) {
		t.Errorf("a bad pointer: %s", why)
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "shop_list", Meta: mcp.Meta{"bridge/budget": "x"}}); err == nil {
		t.Error("a bad hint must be refused")
	}
}

func TestAToolsOwnArgumentsAreItsOwn(t *testing.T) {
	server, url := upstream(t)
	server.AddTool(&mcp.Tool{Name: "say", InputSchema: json.RawMessage(`{"type":"object","properties":{"_budget":{"type":"string"}}}`)},
		func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(r.Params.Arguments)}}}, nil
		})
	g, url := serveWith(t, gateway.Options{Mounts: []gateway.Mount{{Source: source(t, "a", url), Prefix: "a"}}, CallerShaping: true})
	settled(t, g)
	if _, got := text(t, connect(t, url, nil), "a_say", json.RawMessage(`{"_budget":"mine","_fields":["/a"]}`), nil); !strings.HasPrefix(got, `{"_budget":"mine"}`+"\n[") {
		t.Errorf("the tool got %s", got)
	}
}

func TestWithoutLeaveArgumentsAreTheTools(t *testing.T) {
	_, url := upstream(t, "say")
	g, url := serve(t, gateway.Mount{Source: source(t, "a", url), Prefix: "a"})
	settled(t, g)
	if _, got := text(t, connect(t, url, nil), "a_say", json.RawMessage(`{"_budget":60}`), nil); got != `say {"_budget":60}` {
		t.Errorf("the tool got %s", got)
	}
}
