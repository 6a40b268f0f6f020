package cli

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestShapeOfBridgeYAML brings what bridge.yaml says at its three widths to the
// tools that are served, over what the document says.
func TestShapeOfBridgeYAML(t *testing.T) {
	document := strings.Replace(shop, "paths:\n", "x-mcp: {drop: {keys: [links]}, encoding: csv, cache: 5s, pages: 2}\npaths:\n", 1)
	inFolder(t, map[string]string{"shop.yaml": document, "bridge.yaml": `
shape: {drop: {nulls: true}, encoding: toon, dedupe: true}
sources:
  shop:
    openapi: shop.yaml
    shape: {encoding: auto, cache: 1m, fields: [/id]}
    tools: {override: {place_order: {shape: {jq: .id, dedupe: false, drop: {keys: [etag]}}}}}
  plain:
    openapi: shop.yaml
    shape: {cache: 0s, pages: 1, encoding: json}
`})
	stdout, stderr, code := ran(t, "tools", "--json")
	var list toolList
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s", code, err, stderr)
	}
	drop := tool.Drop{Nulls: true, Keys: []string{"links"}}
	want := map[string]tool.Shaping{
		"shop_get_order":    {Fields: []string{"/id"}, Drop: drop, Encoding: tool.LayoutAuto, Pages: 2, Cache: 60, Dedupe: true},
		"shop_place_order":  {JQ: ".id", Drop: tool.Drop{Nulls: true, Keys: []string{"links", "etag"}}, Encoding: tool.LayoutAuto, Pages: 2},
		"plain_get_order":   {Drop: drop, Dedupe: true},
		"plain_place_order": {Drop: drop, Dedupe: true},
	}
	if len(list.Tools) != len(want) {
		t.Fatalf("%d tools", len(list.Tools))
	}
	for _, l := range list.Tools {
		if w := want[l.Name]; !reflect.DeepEqual(l.Shaping, &w) {
			t.Errorf("%s: %+v, want %+v", l.Name, l.Shaping, w)
		}
	}
}
