package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
)

// crm mounts the CRM of the examples, whose upstream does not answer.
func crm(t *testing.T) gateway.Mount {
	t.Helper()
	doc, err := openapi.Load(t.Context(), filepath.Join("..", "..", "specs", "crm.yaml"), openapi.Options{Prefix: "crm"})
	if err != nil {
		t.Fatal(err)
	}
	source, err := rest.New(rest.Options{Name: "crm", API: doc.API, Tools: doc.Tools, BaseURL: "http://127.0.0.1:1", Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Mount{Source: source, Prefix: "crm"}
}

func listed(t *testing.T, session *mcp.ClientSession) string {
	t.Helper()
	res, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(res.Tools))
	for i, tool := range res.Tools {
		names[i] = tool.Name
	}
	return strings.Join(names, " ")
}

// book counts what a gateway records.
type book struct{ calls, lists chan string }

func (b *book) Middleware() call.Middleware {
	return func(next call.Handler) call.Handler {
		return func(ctx context.Context, c *call.Call) (*call.Result, error) {
			res, err := next(ctx, c)
			if res != nil {
				b.calls <- fmt.Sprintf("%s %s %t", c.Source, c.Name, res.Tokens.After > 0)
			}
			return res, err
		}
	}
}

func (b *book) Listed(_ call.Caller, endpoint string, tokens int) {
	b.lists <- fmt.Sprintf("%s %t", endpoint, tokens > 0)
}

func TestSearchedCatalog(t *testing.T) {
	api := &shop{things: 3}
	records := &book{make(chan string, 16), make(chan string, 16)}
	g, url := serveWith(t, gateway.Options{Mounts: []gateway.Mount{crm(t), shopMount(t, api, nil)}, Ledger: records,
		Tools: gateway.Listing{Mode: gateway.ListSearch, Pinned: []string{"shop_li*", "nonesuch"}, Short: true}})
	settled(t, g)
	session := connect(t, url, nil)
	if got := listed(t, session); got != "search_tools describe_tools call_tool shop_list" {
		t.Fatalf("listed %s", got)
	}
	if got := within(t, records.lists, "the list was not recorded"); got != "/mcp true" {
		t.Errorf("recorded %s", got)
	}
	res, found := text(t, session, "search_tools", map[string]any{"queries": []string{"add a note to a contact"}, "limit": 5}, nil)
	if res.IsError || !strings.Contains(found, "note") || strings.Count(found, "\n- ")+1 > 6 || res.StructuredContent == nil {
		t.Errorf("found %s", found)
	}
	if got := within(t, records.calls, "the search was not recorded"); got != "bridge search_tools true" {
		t.Errorf("recorded %s", got)
	}
	_, short := text(t, session, "describe_tools", map[string]any{"names": []string{"crm_create_contact", "crm_get_contcat"}}, nil)
	if !strings.HasPrefix(short, "crm_create_contact: ") || !strings.Contains(short, `did you mean "crm_get_contact"?`) || strings.Contains(short, "inputSchema") {
		t.Errorf("in short: %s", short)
	}
	_, full := text(t, session, "describe_tools", map[string]any{"names": []string{"crm_create_contact"}, "detail": "full"}, nil)
	if !json.Valid([]byte(full)) || !strings.Contains(full, `"inputSchema"`) || len(full) <= len(short) {
		t.Errorf("in full: %s", full)
	}
	_, got := text(t, session, "call_tool", map[string]any{"name": "shop_list", "arguments": map[string]any{"q": "x"}}, nil)
	if !strings.Contains(got, `"id":2`) || api.last != "q=x" {
		t.Errorf("called, got %s; asked %q", got, api.last)
	}
	if _, direct := text(t, session, "shop_list", map[string]any{"q": "x"}, nil); direct != got {
		t.Errorf("by its name the tool answers %s", direct)
	}
	<-records.calls
	<-records.calls
	if recorded := within(t, records.calls, "the call was not recorded"); recorded != "shop shop_list true" {
		t.Errorf("recorded %s", recorded)
	}
	if problems := fmt.Sprint(g.Problems()); !strings.Contains(problems, `tools.pinned "nonesuch" matches nothing`) {
		t.Errorf("problems: %s", problems)
	}
}

func TestFindersTellWhatIsWrong(t *testing.T) {
	g, url := serveWith(t, gateway.Options{Mounts: []gateway.Mount{crm(t)}, Tools: gateway.Listing{Mode: gateway.ListSearch}})
	settled(t, g)
	session := connect(t, url, nil)
	for _, c := range []struct{ name, arguments, want string }{
		{"search_tools", `{}`, "1 to 5 queries"},
		{"search_tools", `{"queries":"contacts"}`, "search_tools takes"},
		{"describe_tools", `{"names":["nonesuch_at_all"]}`, "search_tools finds"},
		{"describe_tools", `{"names":["crm_get_contact"],"detail":"long"}`, "describe_tools takes"},
		{"call_tool", `{}`, "call_tool takes"},
		{"call_tool", `{"name":"crm_get_contcat"}`, `did you mean "crm_get_contact"?`},
		{"call_tool", `{"name":"call_tool","arguments":{"name":"crm_get_contact"}}`, "any tool but itself"},
		{"call_tool", `{"name":"crm_get_contact","arguments":[1]}`, "are an object"},
		{"call_tool", `{"name":"crm_get_contact","id":"7"}`, `"id" is an argument of crm_get_contact, and stands in "arguments"`},
		{"call_tool", `{"name":"crm_get_contact","arguments":{}}`, "contact_id"},
	} {
		if res, got := text(t, session, c.name, json.RawMessage(c.arguments), nil); !res.IsError || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %s", c.name, c.arguments, got)
		}
	}
	if res, got := text(t, session, "search_tools", json.RawMessage(`{"queries":["zzzzqqq"]}`), nil); res.IsError || !strings.Contains(got, "Nothing was found") && !strings.Contains(got, "crm_") {
		t.Errorf("nothing to find: %s", got)
	}
	if res, got := text(t, session, "call_tool", json.RawMessage(`{"name":"search_tools","arguments":"{\"queries\":[\"contacts\"]}"}`), nil); res.IsError || !strings.Contains(got, "crm_list_contacts") {
		t.Errorf("a tool to find others by, called through another: %s", got)
	}
}

func TestTheListStaysTheSameWhileToolsChange(t *testing.T) {
	_, one := upstream(t, "one")
	_, two := upstream(t, "one", "reticulate_splines")
	options := func(url string, mode gateway.Mode) gateway.Options {
		return gateway.Options{Mounts: []gateway.Mount{{Source: source(t, "a", url), Prefix: "a"}}, Tools: gateway.Listing{Mode: mode}}
	}
	g, url := serveWith(t, options(one, gateway.ListSearch))
	settled(t, g)
	raw := func() string {
		_, got := post(t, url, "tools/list", "", `{`+modernMeta+`}`, nil)
		return got
	}
	before := raw()
	changed := make(chan struct{}, 8)
	session := connect(t, url, &mcp.ClientOptions{ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) {
		select {
		case changed <- struct{}{}:
		default:
		}
	}})
	find := func() string {
		_, got := text(t, session, "search_tools", json.RawMessage(`{"queries":["reticulate splines"]}`), nil)
		return got
	}
	if got := find(); strings.Contains(got, "splines") {
		t.Fatalf("found %s", got)
	}
	if err := g.Reload(complete(t, options(two, gateway.ListSearch))); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(find(), "a_reticulate_splines"); {
		if time.Now().After(deadline) {
			t.Fatal("the new tool is not found")
		}
	}
	if after := raw(); after != before {
		t.Errorf("the list changed from\n%s to\n%s", before, after)
	}
	if err := g.Reload(complete(t, options(two, gateway.ListAll))); err != nil {
		t.Fatal(err)
	}
	within(t, changed, "the client was not told that the list has changed")
}

func TestAutoSearchesWhereDefinitionsAreMany(t *testing.T) {
	auto := func(path string, threshold int) gateway.Endpoint {
		return gateway.Endpoint{Path: path, Tools: gateway.Listing{Mode: gateway.ListAuto, Threshold: threshold}}
	}
	g, url := serveWith(t, gateway.Options{Mounts: []gateway.Mount{crm(t)},
		Endpoints: []gateway.Endpoint{auto("/mcp/small", 1000), auto("/mcp/large", 1_000_000)}})
	settled(t, g)
	at := func(path string) string {
		client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
		session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		return listed(t, session)
	}
	if got := at("/mcp/small"); got != "search_tools describe_tools call_tool" {
		t.Errorf("over the threshold there are %s", got)
	}
	for _, path := range []string{"/mcp/large", "/mcp"} {
		if got := at(path); strings.Contains(got, "search_tools") || len(strings.Fields(got)) < 30 {
			t.Errorf("at %s there are %s", path, got)
		}
	}
}

func TestNamesOfFindersAreReserved(t *testing.T) {
	_, url := upstream(t, "call_tool", "other")
	g, url := serveWith(t, gateway.Options{Mounts: []gateway.Mount{{Source: source(t, "a", url)}}, Endpoints: []gateway.Endpoint{{Path: "/mcp/search", Tools: gateway.Listing{Mode: gateway.ListSearch}}}})
	settled(t, g)
	if _, got := text(t, connect(t, url, nil), "call_tool", json.RawMessage(`{"x":1}`), nil); got != `call_tool {"x":1}` {
		t.Errorf("where all are listed the name is anyone's: %s", got)
	}
	if problems := fmt.Sprint(g.CatalogAt("/mcp/search").Problems()); !strings.Contains(problems, "call_tool") {
		t.Errorf("problems: %s", problems)
	}
}

// TestQuestionsGoThroughCallTool has a server ask the client (2026-07-28,
// basic/patterns/mrtr) while a tool is called through another.
func TestQuestionsGoThroughCallTool(t *testing.T) {
	source := newScripted("one", `{}`, map[string]string{
		"tools/call": `{"resultType":"input_required","requestState":"inner","inputRequests":{"a":{"method":"elicitation/create","params":{}}}}`})
	g, url := serveWith(t, gateway.Options{Mounts: []gateway.Mount{{Source: source, Prefix: "one"}}, Tools: gateway.Listing{Mode: gateway.ListSearch}})
	settled(t, g)
	const params = `"name":"call_tool","arguments":{"name":"one_do","arguments":{"x":1}}`
	_, body := post(t, url, "tools/call", "call_tool", `{`+params+`,`+modernMeta+`}`, nil)
	state := string(member(t, string(member(t, body, "result")), "requestState"))
	if strings.Contains(body, "inner") {
		t.Fatalf("the state is not sealed: %s", body)
	}
	again := `,"inputResponses":{"a":{"action":"accept"}},"requestState":` + state + `,` + modernMeta + `}`
	if _, body = post(t, url, "tools/call", "call_tool", `{`+params+again, nil); !strings.Contains(source.last(), `"requestState":"inner"`) {
		t.Errorf("the source got %s, the client %s", source.last(), body)
	}
	if _, body = post(t, url, "tools/call", "call_tool", `{"name":"call_tool","arguments":{"name":"one_do","arguments":{"x":2}}`+again, nil); !strings.Contains(body, "start over") {
		t.Errorf("a state of another call: %s", body)
	}
}
