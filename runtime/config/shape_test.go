package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

func TestShapesArrive(t *testing.T) {
	c, err := config.Parse([]byte(read(t, "testdata/shape.good.yml")), "shape.yml")
	if err != nil {
		t.Fatal(err)
	}
	yes, no, long, none := true, false, config.Duration(90*time.Second), config.Duration(0)
	want := config.Shape{Drop: config.Drop{Nulls: &yes, Keys: []string{"etag"}}, Encoding: "auto", Dedupe: &yes}
	if !reflect.DeepEqual(c.Shape, want) {
		t.Errorf("shape = %+v", c.Shape)
	}
	s := c.Sources[0]
	if want := (config.Shape{Fields: []string{"/items/*/id", "/a~1b/~0c"}, Pages: 3, Cache: &long}); !reflect.DeepEqual(s.Shape, want) {
		t.Errorf("shape of the source = %+v", s.Shape)
	}
	overrides := map[string]config.Override{
		"search": {Budget: 500, Shape: config.Shape{JQ: ".items | map(.id)", Cache: &none, Dedupe: &no}},
		"get":    {Shape: config.Shape{Fields: []string{}, Drop: config.Drop{Nulls: &no, Empty: &yes}}},
	}
	if !reflect.DeepEqual(s.Tools.Override, overrides) {
		t.Errorf("overrides = %+v", s.Tools.Override)
	}
}

func TestCatalogAndWhatIsKeptArrive(t *testing.T) {
	c, err := config.Parse([]byte(read(t, "testdata/keeping.good.yml")), "keeping.yml")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Catalog{Mode: "auto", Threshold: 20_000, Pinned: []string{"crm_search", "*_get_*"}, Describe: "short"}
	if !reflect.DeepEqual(c.Tools, want) || !reflect.DeepEqual(c.CatalogAt(c.Endpoints[1]), want) {
		t.Errorf("tools = %+v, at an endpoint %+v", c.Tools, c.CatalogAt(c.Endpoints[1]))
	}
	if own := c.CatalogAt(c.Endpoints[0]); own.Mode != "all" || len(own.Pinned) != 0 || own.Threshold != 20_000 || own.Describe != "short" {
		t.Errorf("an endpoint's own = %+v", own)
	}
	if c.Store.Redis != "${env:REDIS_URL}" || !c.CallerShaping || c.Ledger ||
		c.Remainders != (config.Remainders{TTL: config.Duration(time.Hour), MaxBytes: 512 << 20}) {
		t.Errorf("config = %+v", c)
	}
	if refs := c.References(); len(refs) != 1 || refs[0].At != "keeping.yml:2:16: store.redis" {
		t.Errorf("references = %v", refs)
	}
	d := config.Default()
	if d.Tools.Mode != "all" || d.Tools.Threshold != config.DefaultThreshold || d.Tools.Describe != "full" || d.CallerShaping || !d.Ledger ||
		d.Remainders.Off || d.Remainders.TTL != config.DefaultRemainderTTL || d.Remainders.MaxBytes.String() != "64MB" {
		t.Errorf("defaults = %+v", d)
	}
}

func TestRemaindersCanBeOff(t *testing.T) {
	for text, off := range map[string]bool{"remainders: false": true, "remainders: true": false, "remainders:": false, "remainders: {ttl: 5m}": false} {
		c, err := config.Parse([]byte(text), "r.yml")
		if err != nil || c.Remainders.Off != off || c.Remainders.MaxBytes != config.DefaultRemainderBytes {
			t.Errorf("%s: %+v, %v", text, c.Remainders, err)
		}
	}
	c, err := config.ParseWith(nil, "", environment(map[string]string{"BRIDGE_REMAINDERS": "false", "BRIDGE_TOOLS_PINNED": "a_*, b", "BRIDGE_SHAPE_DROP_NULLS": "true", "BRIDGE_SHAPE_CACHE": "5s"}))
	if err != nil || !c.Remainders.Off || !reflect.DeepEqual(c.Tools.Pinned, []string{"a_*", "b"}) || c.Shape.Drop.Nulls == nil || c.Shape.Cache.String() != "5s" {
		t.Errorf("from the environment: %+v, %v", c, err)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]config.Size{
		"1048576": 1 << 20, "2_097_152": 2 << 20, "64MB": 64 << 20, "64 mb": 64 << 20, "2GiB": 2 << 30, "1tb": 1 << 40, "2048KB": 2 << 20,
	} {
		c, err := config.Parse([]byte(`remainders: {max_bytes: "`+text+`"}`), "s.yml")
		if err != nil || c.Remainders.MaxBytes != want {
			t.Errorf("%s: %d, %v; want %d", text, c.Remainders.MaxBytes, err, want)
		}
		again, err := config.Parse([]byte("remainders: {max_bytes: "+want.String()+"}"), "s.yml")
		if err != nil || again.Remainders.MaxBytes != want {
			t.Errorf("%s is written as %s, which is read as %d (%v)", text, want, again.Remainders.MaxBytes, err)
		}
	}
	for _, text := range []string{"MB", "-1MB", "1.5GB", "9999999999TB", "64 M", "x", "99999999999999999999"} {
		_, err := config.Parse([]byte(`remainders: {max_bytes: "`+text+`"}`), "s.yml")
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), "number of bytes") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestProgramsSayWhereTheyStand(t *testing.T) {
	c, err := config.Parse([]byte(`shape: {jq: .a}
sources:
  crm:
    openapi: crm.yaml
    shape: {jq: .b}
    tools: {override: {list: {shape: {jq: .c}}, get: {shape: {pages: 2}}}}
`), "bridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Program{
		{At: "bridge.yaml:1:13: shape.jq", Text: ".a"},
		{At: "bridge.yaml:5:17: sources.crm.shape.jq", Text: ".b"},
		{At: "bridge.yaml:6:43: sources.crm.tools.override.list.shape.jq", Text: ".c"},
	}
	if got := c.Programs(); !slices.Equal(got, want) {
		t.Errorf("%+v; want %+v", got, want)
	}
}
