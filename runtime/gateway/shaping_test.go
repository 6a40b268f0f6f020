package gateway_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestShapingIsTheOperators shows that what a mount says goes before what the
// document says, an override before both, and that nothing but what reads is kept.
func TestShapingIsTheOperators(t *testing.T) {
	const document = `{"openapi":"3.1.0","info":{"title":"Notes","version":"1"},"x-mcp":{"drop":{"keys":["etag"]},"encoding":"csv"},"paths":{"/notes":{
		"get":{"operationId":"list","responses":{},"x-mcp":{"jq":".a","pages":3,"cache":"10s","dedupe":true}},
		"post":{"operationId":"add","responses":{}},
		"put":{"operationId":"put","responses":{}}}}}`
	doc, err := openapi.Lower(t.Context(), []byte(document), "notes.json", openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	source, err := rest.New(rest.Options{Name: "notes", API: doc.API, Tools: doc.Tools, BaseURL: "http://127.0.0.1:1", Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	yes, no, layout, minute := true, false, tool.LayoutAuto, 60
	g, _ := serveWith(t, gateway.Options{Mounts: []gateway.Mount{{
		Source:  source,
		Shaping: tool.Reshaping{Fields: []string{"/id"}, Nulls: &yes, Encoding: &layout, Cache: &minute},
		Overrides: map[string]gateway.Override{
			"add": {Shaping: tool.Reshaping{Fields: []string{}, Keys: []string{"links"}, Nulls: &no}},
			"put": {Shaping: tool.Reshaping{Cache: &minute}},
		},
	}}})
	settled(t, g)
	for name, want := range map[string]tool.Shaping{
		"list": {Fields: []string{"/id"}, Drop: tool.Drop{Nulls: true, Keys: []string{"etag"}}, Encoding: layout, Pages: 3, Cache: 60, Dedupe: true},
		"add":  {Drop: tool.Drop{Keys: []string{"etag", "links"}}, Encoding: layout},
		"put":  {Fields: []string{"/id"}, Drop: tool.Drop{Nulls: true, Keys: []string{"etag"}}, Encoding: layout},
	} {
		entry, err := g.Catalog().Lookup(name)
		if err != nil || !reflect.DeepEqual(entry.Tool.Shaping, &want) {
			t.Errorf("%s: %+v, %v; want %+v", name, entry.Tool.Shaping, err, want)
		}
	}
	problems := g.Catalog().Problems()
	if len(problems) != 1 || problems[0].Tool != "put" || !strings.Contains(problems[0].Message, "only read") {
		t.Errorf("problems = %v", problems)
	}
}

// TestBudgetsNarrow shows that an override goes before all, that what a document
// says is bounded by its mount, and that an endpoint bounds everything.
func TestBudgetsNarrow(t *testing.T) {
	_, native := upstream(t, "get")
	own := func(name string, budget int) tool.Tool {
		return tool.Tool{Name: name, Description: "Does.", Input: json.RawMessage(`{"type":"object"}`), Budget: budget,
			Operation: &tool.Operation{ID: name, Method: "GET", Path: "/" + name}}
	}
	rests := func(name string) gateway.Source {
		s, err := rest.New(rest.Options{Name: name, Tools: []tool.Tool{own("more", 6000), own("less", 500), own("none", 0), own("changed", 700)}, BaseURL: "http://127.0.0.1:1", Logger: logger(t)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	change := map[string]gateway.Override{"changed": {Budget: 5000}}
	g, _ := serveWith(t, gateway.Options{
		Mounts: []gateway.Mount{
			{Source: rests("bound"), Prefix: "bound", Budget: 2000, Overrides: change},
			{Source: rests("free"), Prefix: "free", Overrides: change},
			{Source: source(t, "native", native), Prefix: "native", Budget: 900},
		},
		Endpoints: []gateway.Endpoint{{Path: "/mcp/small", Budget: 1000}},
	})
	settled(t, g)
	for name, want := range map[string][2]int{
		"bound_more": {2000, 1000}, "bound_less": {500, 500}, "bound_none": {2000, 1000}, "bound_changed": {5000, 1000},
		"free_more": {6000, 1000}, "free_less": {500, 500}, "free_none": {8000, 1000}, "free_changed": {5000, 1000},
		"native_get": {900, 900},
	} {
		for i, c := range []*gateway.Catalog{g.Catalog(), g.CatalogAt("/mcp/small")} {
			if entry, err := c.Lookup(name); err != nil || entry.Budget != want[i] {
				t.Errorf("%s: %+v, %v; want %d", name, entry, err, want[i])
			}
		}
	}
}

// TestJQTakesTheOutputSchemaAway shows that a tool with a jq program promises
// nothing of its results, whose form the program decides.
func TestJQTakesTheOutputSchemaAway(t *testing.T) {
	program := `{ids: [.items[].id]}`
	api := &shop{things: 3}
	server := mcp.NewServer(&mcp.Implementation{Name: "native", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "list"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, struct {
		Items []map[string]int `json:"items"`
	}, error) {
		return nil, struct {
			Items []map[string]int `json:"items"`
		}{[]map[string]int{{"id": 0}, {"id": 1}, {"id": 2}}}, nil
	})
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, stateless))
	t.Cleanup(web.Close)
	t.Cleanup(web.CloseClientConnections)
	g, url := serve(t, shopMount(t, api, &tool.Shaping{JQ: program}),
		gateway.Mount{Source: source(t, "native", web.URL), Prefix: "native", Shaping: tool.Reshaping{JQ: &program}})
	settled(t, g)
	session := connect(t, url, nil)
	list, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, listed := range list.Tools {
		if listed.OutputSchema != nil {
			t.Errorf("%s is listed with an output schema: %v", listed.Name, listed.OutputSchema)
		}
		if entry, err := g.Catalog().Lookup(listed.Name); err != nil || entry.OutputLeftOut() {
			t.Errorf("%s: said to be too large to be shown (%v)", listed.Name, err)
		}
	}
	for _, name := range []string{"shop_list", "native_list"} {
		res, got := text(t, session, name, map[string]any{}, nil)
		structured, _ := json.Marshal(res.StructuredContent)
		if want := `{"ids":[0,1,2]}`; got != want || res.StructuredContent != nil && string(structured) != want {
			t.Errorf("%s: text %s, structured %s; want %s", name, got, structured, want)
		}
	}
}
