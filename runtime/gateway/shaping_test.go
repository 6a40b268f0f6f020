package gateway_test

import (
	"reflect"
	"strings"
	"testing"

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
