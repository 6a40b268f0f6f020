package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
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

// TestProgramsAreCheckedBeforeTheyRun refuses a configuration whose jq can't be
// run, and says of a document's that it is left out.
func TestProgramsAreCheckedBeforeTheyRun(t *testing.T) {
	document := strings.Replace(shop, "paths:\n", "x-mcp: {jq: \".items | map(\", drop: {nulls: true}}\npaths:\n", 1)
	inFolder(t, map[string]string{
		"shop.yaml": document,
		"good.yaml": "sources: {shop: {openapi: shop.yaml}}\n",
		"bad.yaml":  "shape: {jq: nosuch}\nsources:\n  shop: {openapi: shop.yaml, tools: {override: {place_order: {shape: {jq: \".[\"}}}}}\n",
	})
	for _, args := range [][]string{{"tools"}, {"serve", "--check"}, {"serve", "--check", "--offline"}, {"tokens"}} {
		_, stderr, code := ran(t, append(args, "-c", "bad.yaml")...)
		if code != exitBroken || !strings.Contains(stderr, "bad.yaml:1:13: shape.jq: ") || !strings.Contains(stderr, "bad.yaml:3:75: sources.shop.tools.override.place_order.shape.jq: ") {
			t.Errorf("%v: exit code %d\n%s", args, code, stderr)
		}
	}
	stdout, stderr, code := ran(t, "serve", "--check", "-c", "good.yaml", "--json")
	var found checked
	if err := json.Unmarshal([]byte(stdout), &found); err != nil || code != exitOK || len(found.Warnings) != 2 || !strings.Contains(found.Warnings[0], "jq program") {
		t.Errorf("exit code %d, %v: %+v\n%s", code, err, found, stderr)
	}
	stdout, stderr, code = ran(t, "tools", "-c", "good.yaml", "--json")
	var list toolList
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != exitOK {
		t.Fatalf("exit code %d, %v\n%s", code, err, stderr)
	}
	for _, l := range list.Tools {
		if want := (tool.Shaping{Drop: tool.Drop{Nulls: true}}); !reflect.DeepEqual(l.Shaping, &want) {
			t.Errorf("%s: %+v, want %+v", l.Name, l.Shaping, want)
		}
	}
}

// TestDocumentsAtURLsBringNoPrograms keeps code of others out of the gateway;
// bridge.yaml can have the same program run.
func TestDocumentsAtURLsBringNoPrograms(t *testing.T) {
	document := strings.Replace(shop, "paths:\n", "x-mcp: {jq: .id, drop: {nulls: true}}\npaths:\n", 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(document)) }))
	t.Cleanup(web.Close)
	inFolder(t, map[string]string{
		"shop.yaml":   document,
		"bridge.yaml": "sources:\n  file: {openapi: shop.yaml}\n  url: {openapi: " + web.URL + "/shop.yaml}\n  own: {openapi: " + web.URL + "/shop.yaml, shape: {jq: .status}}\n",
	})
	stdout, stderr, code := ran(t, "tools", "--json")
	var list toolList
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != exitOK {
		t.Fatalf("exit code %d, %v\n%s", code, err, stderr)
	}
	for _, l := range list.Tools {
		want := map[string]string{"file": ".id", "url": "", "own": ".status"}[l.Source]
		if l.Shaping == nil || l.Shaping.JQ != want || !l.Shaping.Drop.Nulls {
			t.Errorf("%s: %+v, want the program %q", l.Name, l.Shaping, want)
		}
	}
	if n := strings.Count(stdout, "brings no programs"); n != 4 {
		t.Errorf("it is said %d times of two sources with two tools each", n)
	}
}

// TestSourcesAreNotCalledAsTheGatewaysOwn gives a document that is called bridge
// another name.
func TestSourcesAreNotCalledAsTheGatewaysOwn(t *testing.T) {
	inFolder(t, map[string]string{"bridge.yml": shop})
	if stdout, stderr, code := ran(t, "tools", "bridge.yml"); code != exitOK || !strings.Contains(stdout, "api_bridge_get_order") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
