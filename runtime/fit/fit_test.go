package fit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/fit"
)

const shop = `{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","minItems":1,"items":{"$ref":"#/$defs/Item"}},"total":{"type":"integer","minimum":0}},
	"$defs":{"Item":{"type":"object","required":["id"],"properties":{"id":{"type":"string","maxLength":5},"price":{"type":["number","null"],"exclusiveMinimum":0},"status":{"enum":["open","sold",null,3]},"parent":{"$ref":"#/$defs/Item"}},"additionalProperties":false}}}`

// cases are schemas and JSON, and whether the JSON is plain enough to be told
// that it fits.
var cases = []struct {
	schema, data string
	fits         bool
}{
	{`{}`, `{"a":[1,"x",null,true,false,-1.5e3]}`, true},
	{`true`, ` 1 `, true},
	{`false`, `1`, false},
	{`{}`, `{`, false},
	{`{}`, `1 2`, false},
	{shop, `{"items":[{"id":"a"},{"id":"b","price":1.5,"status":"open","parent":{"id":"c","status":3}}],"total":2}`, true},
	{shop, `{ "items" : [ {"id":"a","price":null,"status":null} ] , "total" : 0, "more": {"x":1}}`, true},
	{shop, `{"items":[{"id":"a"}]}`, false},
	{shop, `{"items":[{"id":"a","other":1}],"total":1}`, false},
	{shop, `{"items":[{"id":"a","parent":{}}],"total":1}`, false},
	{shop, `{"items":[],"total":1}`, false},
	{shop, `{"items":[{"id":"aaaaaa"}],"total":1}`, false},
	{shop, `{"items":[{"id":"äöüßé"}],"total":1}`, true},
	{shop, `{"items":[{"id":"a","price":0}],"total":1}`, false},
	{shop, `{"items":[{"id":"a"}],"total":1.5}`, false},
	{shop, `{"items":[{"id":"a","status":"gone"}],"total":1}`, false},
	{shop, `[]`, false},
	{`{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer","maximum":5}}`, `{"a":"x","b":5}`, true},
	{`{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer","maximum":5}}`, `{"a":"x","b":6}`, false},
	{`{"required":["a"],"additionalProperties":false}`, `{"a":1}`, false},
	{`{"anyOf":[{"type":"string","minLength":2},{"type":"integer","exclusiveMaximum":3}]}`, `2`, true},
	{`{"anyOf":[{"type":"string","minLength":2},{"type":"integer","exclusiveMaximum":3}]}`, `"x"`, false},
	{`{"allOf":[{"type":"object","required":["a"]},{"properties":{"b":{"type":"boolean"}}}]}`, `{"a":1,"b":true}`, true},
	{`{"allOf":[{"type":"object","required":["a"]},{"properties":{"b":{"type":"boolean"}}}]}`, `{"b":true}`, false},
	{`{"type":"string","pattern":"^a+$"}`, `"aaa"`, true},
	{`{"type":"string","pattern":"^a+$"}`, `"aab"`, false},
	{`{"type":"string","format":"date","default":5}`, `"no date"`, true},
	{`{"type":"boolean","enum":[true]}`, `true`, true},
	{`{"type":"boolean","enum":[true]}`, `false`, false},
	{`{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/a"}}}`, `1`, false},
	{`{"properties":{"a":{"$ref":"#"}}}`, `{"a":{"a":{}}}`, true},
	{`{"type":"array","items":{"type":"array","maxItems":1}}`, `[[],[1]]`, true},
	{`{"type":"array","items":{"type":"array","maxItems":1}}`, `[[],[1,2]]`, false},
	{`{"type":"string"}`, `"a\u0062\n"`, true},
	{`{"not":{"type":"string"}}`, `1`, false},
	{`{"$schema":"http://json-schema.org/draft-07/schema#"}`, `1`, false},
	{`{"type":"number"}`, `1e3`, false},
	{`{"type":"number"}`, strings.Repeat("9", 400), false},
	{`{}`, strings.Repeat("[", 300) + strings.Repeat("]", 300), true},
	{`{"items":{"$ref":"#"}}`, strings.Repeat("[", 300) + strings.Repeat("]", 300), false},
}

func compile(schema string) (*fit.Checker, *jsonschema.Resolved) {
	var root jsonschema.Schema
	if json.Unmarshal([]byte(schema), &root) != nil {
		return nil, nil
	}
	resolved, err := root.CloneSchemas().Resolve(nil)
	if err != nil {
		return nil, nil
	}
	return fit.Compile(&root), resolved
}

func TestFits(t *testing.T) {
	for _, c := range cases {
		checker, _ := compile(c.schema)
		if got := checker.Fits([]byte(c.data)); got != c.fits {
			t.Errorf("%s by %s: %v", c.data, c.schema, got)
		}
	}
}

func TestMember(t *testing.T) {
	checker, _ := compile(shop)
	if total := checker.Member("total"); !total.Fits([]byte("3")) || total.Fits([]byte("-3")) {
		t.Error("what the schema says of a member is not what its checker says")
	}
	if checker.Member("other").Fits([]byte("3")) || (*fit.Checker)(nil).Member("x").Fits([]byte("3")) {
		t.Error("of what the schema says nothing, a checker tells something")
	}
}

// Alternatives within alternatives would be read over and over.
func TestWorkIsBounded(t *testing.T) {
	schema := `{"type":"string"}`
	for range 40 {
		schema = fmt.Sprintf(`{"anyOf":[{"type":"array","items":%[1]s,"maxItems":0},{"type":"array","items":%[1]s}]}`, `{"$ref":"#"}`)
	}
	checker, _ := compile(schema)
	if checker == nil {
		t.Fatal("the schema was to be one that can be told by")
	}
	_ = checker.Fits([]byte(strings.Repeat("[", 60) + strings.Repeat("]", 60))) // it ends
}

// A long text within alternatives would be, too, which is few visits of many bytes:
// it would take minutes.
func TestWorkIsBoundedInBytes(t *testing.T) {
	checker, _ := compile(`{"anyOf":[{"type":"array","items":{"$ref":"#"},"maxItems":0},{"type":"array","items":{"$ref":"#"}},{"type":"string"}]}`)
	long := `"` + strings.Repeat("x", 1<<20) + `"`
	if checker.Fits([]byte(strings.Repeat("[", 30) + long + strings.Repeat("]", 30))) {
		t.Error("it can't be told with so little work")
	}
	if !checker.Fits([]byte("[" + long + "]")) {
		t.Error("it fits")
	}
}

func FuzzFits(f *testing.F) {
	for _, c := range cases {
		f.Add([]byte(c.schema), []byte(c.data))
	}
	f.Fuzz(func(t *testing.T, schema, data []byte) {
		checker, resolved := compile(string(schema))
		fits := checker.Fits(data)
		if checker.Fits(data) != fits { // it has seen in which order members come
			t.Fatalf("%q by %s: %v, but not the second time", data, schema, fits)
		}
		if !fits {
			return
		}
		var value any
		if err := json.Unmarshal(data, &value); err != nil {
			t.Fatalf("%q fits %s, but is no JSON: %v", data, schema, err)
		}
		if err := resolved.Validate(value); err != nil {
			t.Fatalf("%q fits %s, but not by the validator: %v", data, schema, err)
		}
	})
}

func BenchmarkFits(b *testing.B) {
	checker, resolved := compile(shop)
	data := []byte(`{"items":[` + strings.Repeat(`{"id":"abcde","price":12.5,"status":"open"},`, 600) + `{"id":"x"}],"total":601}`)
	b.Run("bytes", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if !checker.Fits(data) {
				b.Fatal("it fits")
			}
		}
	})
	b.Run("validator", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var value any
			if json.Unmarshal(data, &value) != nil || resolved.Validate(value) != nil {
				b.Fatal("it fits")
			}
		}
	})
}
