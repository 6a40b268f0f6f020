package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
)

// libraries serves the same server three times: under two prefixes and none.
func libraries(t *testing.T) (*gateway.Gateway, string) {
	t.Helper()
	g, url := serve(t,
		gateway.Mount{Source: newInside(t, "north", library(t, "north")), Prefix: "north"},
		gateway.Mount{Source: newInside(t, "south", library(t, "south")), Prefix: "South_1"},
		gateway.Mount{Source: newInside(t, "plain", library(t, "plain"))},
	)
	settled(t, g)
	return g, url
}

func TestResourcesOfEverySourceAreReachable(t *testing.T) {
	_, url := libraries(t)
	session := connect(t, url, nil)
	var uris []string
	for r, err := range session.Resources(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		uris = append(uris, r.URI)
	}
	want := []string{"north+book://one", "ui://north/clock/view.html", ".53outh.5f1+book://one", "ui://.53outh.5f1/clock/view.html", "book://one", "ui://clock/view.html"}
	want[2], want[3] = "x...53outh.5f1+book://one", "ui://x...53outh.5f1/clock/view.html"
	if !slices.Equal(uris, want) {
		t.Errorf("listed %q, want %q", uris, want)
	}
	for uri, says := range map[string]string{
		"north+book://one":                    "north has book://one",
		"NORTH+book://one":                    "north has book://one",
		"north+book://7/pages/8":              "north has book://7/pages/8",
		"x...53outh.5f1+book://one":           "south has book://one",
		"book://one":                          "plain has book://one",
		"book://5/pages/6":                    "plain has book://5/pages/6",
		"ui://north/clock/view.html":          "north has ui://clock/view.html",
		"ui://x...53outh.5f1/clock/view.html": "south has ui://clock/view.html",
		"ui://clock/view.html":                "plain has ui://clock/view.html",
	} {
		res, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		if err != nil {
			t.Errorf("%s: %v", uri, err)
			continue
		}
		got := res.Contents[0]
		if got.Text != says || !strings.EqualFold(got.URI, uri) {
			t.Errorf("%s is %q at %q, want %q", uri, got.Text, got.URI, says)
		}
		view := "ui://clock/view.html"
		if mark, _, ok := strings.Cut(strings.ToLower(uri), "+"); ok {
			view = "ui://" + mark + "/clock/view.html"
		} else if strings.HasPrefix(uri, "ui://") {
			view = uri
		}
		if meta := fmt.Sprint(got.Meta["ui"]); !strings.Contains(meta, "resourceUri:"+view) || !strings.Contains(meta, "csp:x") {
			t.Errorf("%s: its view is %s, want %s", uri, meta, view)
		}
	}
	var templates []string
	for r, err := range session.ResourceTemplates(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		templates = append(templates, r.URITemplate)
	}
	if want := []string{"north+book://{id}/pages/{page}", "x...53outh.5f1+book://{id}/pages/{page}", "book://{id}/pages/{page}"}; !slices.Equal(templates, want) {
		t.Errorf("templates %q", templates)
	}
}

func TestPromptsOfEverySourceAreReachable(t *testing.T) {
	_, url := libraries(t)
	session := connect(t, url, nil)
	list, err := session.ListPrompts(t.Context(), nil)
	if err != nil || len(list.Prompts) != 3 || list.Prompts[1].Name != "South_1_greet" {
		t.Fatalf("%+v, %v", list, err)
	}
	for name, want := range map[string][2]string{
		"north_greet": {"north greets Ada", "north+book://one"}, "South_1_greet": {"south greets Ada", "x...53outh.5f1+book://one"}, "greet": {"plain greets Ada", "book://one"}} {
		res, err := session.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: name, Arguments: map[string]string{"who": "Ada"}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := res.Messages[0].Content.(*mcp.TextContent).Text; got != want[0] {
			t.Errorf("%s says %q", name, got)
		}
		if got := res.Messages[1].Content.(*mcp.EmbeddedResource).Resource.URI; got != want[1] {
			t.Errorf("%s embeds %q", name, got)
		}
	}
	for ref, want := range map[*mcp.CompleteReference]string{
		{Type: "ref/prompt", Name: "north_greet"}:                       "ref/prompt greet",
		{Type: "ref/prompt", Name: "greet"}:                             "ref/prompt greet",
		{Type: "ref/resource", URI: "north+book://{id}/pages/{page}"}:   "ref/resource book://{id}/pages/{page}",
		{Type: "ref/resource", URI: "x...53outh.5f1+book://{id}/pages"}: "ref/resource book://{id}/pages",
	} {
		res, err := session.Complete(t.Context(), &mcp.CompleteParams{Ref: ref, Argument: mcp.CompleteParamsArgument{Name: "who", Value: "A"}})
		if err != nil || res.Completion.Values[0] != want {
			t.Errorf("%+v: %+v, %v", ref, res, err)
		}
	}
	if _, err := session.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "nonesuch"}); err == nil || !strings.Contains(err.Error(), `there is no prompt "nonesuch"`) {
		t.Errorf("got %v", err)
	}
}

func TestToolsResultsNameTheClientsURIs(t *testing.T) {
	g, url := libraries(t)
	for name, want := range map[string][]string{
		"north_lend": {`"text":"north lends book://one"`, `"uri":"north+book://one"`, `"uri":"north+book://two"`, `"openai/outputTemplate":"ui://north/clock/view.html"`},
		"lend":       {`"uri":"book://one"`, `"uri":"book://two"`, `"openai/outputTemplate":"ui://clock/view.html"`},
	} {
		_, body := post(t, url, "tools/call", name, `{"name":"`+name+`",`+modernMeta+`}`, nil)
		for _, part := range want {
			if !strings.Contains(body, part) {
				t.Errorf("%s: %s lacks %s", name, body, part)
			}
		}
	}
	for name, view := range map[string]string{"north_lend": "ui://north/clock/view.html", "lend": "ui://clock/view.html"} {
		entry, err := g.Catalog().Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(entry.Definition())
		if strings.Count(text, view) != 3 || !strings.Contains(text, `"other":"book://one"`) {
			t.Errorf("%s is defined as %s", name, text)
		}
	}
}

func TestUpdatesOfResourcesReachWhoWatches(t *testing.T) {
	server := library(t, "north")
	source := newInside(t, "north", server)
	g, url := serve(t, gateway.Mount{Source: source, Prefix: "north"})
	settled(t, g)
	updated := make(chan string, 8)
	session := connect(t, url, &mcp.ClientOptions{ResourceUpdatedHandler: func(_ context.Context, r *mcp.ResourceUpdatedNotificationRequest) { updated <- r.Params.URI }})
	if err := session.Subscribe(t.Context(), &mcp.SubscribeParams{URI: "north+book://one"}); err != nil {
		t.Fatal(err)
	}
	if err := server.ResourceUpdated(t.Context(), &mcp.ResourceUpdatedNotificationParams{URI: "book://one"}); err != nil {
		t.Fatal(err)
	}
	if got := within(t, updated, "the client was not told"); got != "north+book://one" {
		t.Errorf("told of %q", got)
	}
	source.asked = make(chan *call.Request, 8)
	if err := session.Unsubscribe(t.Context(), &mcp.UnsubscribeParams{URI: "north+book://one"}); err != nil {
		t.Fatal(err)
	}
	if got := within(t, source.asked, "the source was not told"); got.Method != "resources/unsubscribe" || !strings.Contains(string(got.Params), `"book://one"`) {
		t.Errorf("the source was asked %s %s", got.Method, got.Params)
	}
}

func TestUnknownResources(t *testing.T) {
	_, url := libraries(t)
	for _, uri := range []string{"north+book://missing", "book://missing", "nonesuch://x"} {
		_, body := post(t, url, "resources/read", uri, `{"uri":"`+uri+`",`+modernMeta+`}`, nil)
		if !strings.Contains(body, `"code":-32602`) {
			t.Errorf("%s, 2026-07-28: %s", uri, body)
		}
		send := older(t, url)
		if body := send(http.MethodPost, `{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"`+uri+`"}}`); !strings.Contains(body, `"code":-32002`) {
			t.Errorf("%s, 2025-11-25: %s", uri, body)
		}
	}
}

func TestWhatNobodyOffersIsNoMethod(t *testing.T) {
	g, url := serve(t, gateway.Mount{Source: faulty{}})
	settled(t, g)
	for _, method := range []string{"resources/list", "resources/templates/list", "prompts/list", "tasks/list", "nonesuch/at_all"} {
		status, body := post(t, url, method, "", `{`+modernMeta+`}`, nil)
		if status != http.StatusNotFound || !strings.Contains(body, `"code":-32601`) {
			t.Errorf("%s: %d %s", method, status, body)
		}
	}
	for _, method := range []string{"resources/read", "prompts/get"} {
		status, body := post(t, url, method, "x", `{"uri":"x","name":"x",`+modernMeta+`}`, nil)
		if status != http.StatusNotFound || !strings.Contains(body, `"code":-32601`) {
			t.Errorf("%s: %d %s", method, status, body)
		}
	}
}

func TestTheServerSaysWhatItsSourcesSay(t *testing.T) {
	_, url := libraries(t)
	session := connect(t, url, nil)
	init := session.InitializeResult()
	for _, want := range []string{"# north\n", "north_", "Instructions of north.", "Instructions of south."} {
		if !strings.Contains(init.Instructions, want) {
			t.Errorf("the instructions %q lack %q", init.Instructions, want)
		}
	}
	c := init.Capabilities
	if c.Resources == nil || !c.Resources.Subscribe || !c.Resources.ListChanged || c.Prompts == nil || c.Completions == nil || c.Tools == nil || !c.Tools.ListChanged {
		t.Errorf("capabilities %+v", c)
	}
}

func TestListsComeInPages(t *testing.T) {
	server := mcp.NewServer(&mcp.Implementation{Name: "many", Version: "1"}, nil)
	for i := range 25 {
		addTool(server, fmt.Sprintf("tool_%02d", i))
	}
	g, url := serveWith(t, gateway.Options{PageSize: 10, Mounts: []gateway.Mount{{Source: newInside(t, "many", server), Prefix: "m"}}})
	settled(t, g)
	session := connect(t, url, nil)
	var names []string
	for r, err := range session.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, r.Name)
	}
	if len(names) != 25 || names[0] != "m_tool_00" || names[24] != "m_tool_24" || !slices.IsSorted(names) {
		t.Errorf("the pages have %q", names)
	}
	first, err := session.ListTools(t.Context(), nil)
	if err != nil || len(first.Tools) != 10 {
		t.Fatalf("%+v, %v", first, err)
	}
	server.RemoveTools("tool_10")
	_, body := post(t, url, "tools/list", "", `{"cursor":"`+first.NextCursor+`",`+modernMeta+`}`, nil)
	if !strings.Contains(body, "m_tool_11") || strings.Contains(body, "m_tool_09") {
		t.Errorf("a page goes on where the one before ended: %s", body)
	}
	for _, cursor := range []string{`"nonesuch"`, `"%"`, `7`} {
		if _, body := post(t, url, "tools/list", "", `{"cursor":`+cursor+`,`+modernMeta+`}`, nil); !strings.Contains(body, `"code":-32602`) {
			t.Errorf("cursor %s: %s", cursor, body)
		}
	}
}

// TestASourceThatComesRenamesNothing mounts a second source with the same names
// behind the first, and before it.
func TestASourceThatComesRenamesNothing(t *testing.T) {
	list := func(names ...string) string {
		var mounts []gateway.Mount
		for _, name := range names {
			mounts = append(mounts, gateway.Mount{Source: newInside(t, name, library(t, name))})
		}
		g, url := serve(t, mounts...)
		settled(t, g)
		var all strings.Builder
		for _, method := range []string{"tools/list", "resources/list", "resources/templates/list", "prompts/list"} {
			_, body := post(t, url, method, "", `{`+modernMeta+`}`, nil)
			all.WriteString(body)
		}
		if len(names) > 1 {
			problems := fmt.Sprint(g.Catalog().Problems())
			for _, want := range []string{`"lend" is taken by source "` + names[0], `"book://one" is that of source "` + names[0], `"greet" is that of source "` + names[0]} {
				if !strings.Contains(problems, want) {
					t.Errorf("the problems %s lack %s", problems, want)
				}
			}
		}
		return all.String()
	}
	if alone, joined := list("first"), list("first", "second"); alone != joined {
		t.Errorf("alone:\n%s\nwith another behind it:\n%s", alone, joined)
	}
}

func TestEndpointsSelectAndRename(t *testing.T) {
	g, url := serveWith(t, gateway.Options{
		Mounts: []gateway.Mount{
			{Source: newInside(t, "north", library(t, "north")), Prefix: "north"},
			{Source: newInside(t, "plain", library(t, "plain"))}},
		Endpoints: []gateway.Endpoint{
			{Path: "/mcp/north", Name: "northern", Instructions: "Only the north.", Include: []string{"north_*", "nothing_*"},
				Exclude: []string{"north_greet"}, Rename: map[string]string{"north_lend": "borrow", "nonesuch": "x"}},
			{Path: "/mcp/clash", Rename: map[string]string{"north_lend": "lend", "lend": "not a name"}},
			{Path: "/mcp/small", Budget: 50},
			{Path: "/mcp/swap", Rename: map[string]string{"north_lend": "lend", "lend": "north_lend"}},
		},
	})
	settled(t, g)
	list := func(path, method string) string {
		_, body := send(t, url+path, method, "", `{`+modernMeta+`}`, nil)
		return body
	}
	if tools := list("/mcp/north", "tools/list"); !strings.Contains(tools, `"name":"borrow"`) || strings.Contains(tools, "lend\"") {
		t.Errorf("tools %s", tools)
	}
	if _, body := send(t, url+"/mcp/north", "tools/call", "borrow", `{"name":"borrow",`+modernMeta+`}`, nil); !strings.Contains(body, "north lends") {
		t.Errorf("borrow: %s", body)
	}
	if resources := list("/mcp/north", "resources/list"); !strings.Contains(resources, "north+book://one") || strings.Contains(resources, `"book://one`) {
		t.Errorf("resources %s", resources)
	}
	if _, body := send(t, url+"/mcp/north", "resources/read", "book://one", `{"uri":"book://one",`+modernMeta+`}`, nil); !strings.Contains(body, `"code":-32602`) {
		t.Errorf("what is not shown can't be read: %s", body)
	}
	if _, body := send(t, url+"/mcp/north", "resources/read", "ui://north/clock/view.html", `{"uri":"ui://north/clock/view.html",`+modernMeta+`}`, nil); !strings.Contains(body, "north has ui://clock/view.html") {
		t.Errorf("the views of tools that are shown can be read: %s", body)
	}
	if body := list("/mcp/swap", "tools/list"); !strings.Contains(body, `"name":"lend"`) || !strings.Contains(body, `"name":"north_lend"`) {
		t.Errorf("swapped: %s", body)
	}
	if _, body := send(t, url+"/mcp/swap", "tools/call", "lend", `{"name":"lend",`+modernMeta+`}`, nil); !strings.Contains(body, "north lends") {
		t.Errorf("swapped: %s", body)
	}
	if body := list("/mcp/clash", "tools/list"); !strings.Contains(body, `"name":"north_lend"`) && !strings.Contains(body, `"name":"lend"`) {
		t.Errorf("what can't be renamed keeps its name: %s", body)
	}
	if body := list("/mcp/north", "server/discover"); !strings.Contains(body, `"name":"northern"`) || !strings.Contains(body, "Only the north.") || strings.Contains(body, "Instructions of plain") {
		t.Errorf("discover: %s", body)
	}
	for path, budget := range map[string]int{"/mcp": 8000, "/mcp/small": 50} {
		if e, err := g.CatalogAt(path).Lookup("north_lend"); err != nil || e.Budget != budget {
			t.Errorf("%s: %+v, %v; want a budget of %d", path, e, err, budget)
		}
	}
	problems := fmt.Sprint(g.Problems())
	for _, want := range []string{`include "nothing_*" matches nothing`, `rename "nonesuch" matches nothing`, `"lend" can't be renamed to "not a name"`} {
		if !strings.Contains(problems, want) {
			t.Errorf("the problems %s lack %s", problems, want)
		}
	}
}

func TestDefinitionsWithoutAPrefixAreUntouched(t *testing.T) {
	source := newInside(t, "plain", library(t, "plain"))
	tools, err := source.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	features, err := source.Features(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g, url := serve(t, gateway.Mount{Source: source})
	settled(t, g)
	for method, definition := range map[string]json.RawMessage{"tools/list": tools[0].Definition,
		"resources/list": features.Resources[1], "resources/templates/list": features.Templates[0], "prompts/list": features.Prompts[0]} {
		if _, body := post(t, url, method, "", `{`+modernMeta+`}`, nil); !strings.Contains(body, string(definition)) {
			t.Errorf("%s has %s otherwise: %s", method, definition, body)
		}
	}
}
