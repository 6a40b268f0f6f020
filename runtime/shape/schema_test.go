package shape_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// satisfies checks structured content as a strict client does.
func satisfies(t testing.TB, output string, structured json.RawMessage) error {
	t.Helper()
	var s jsonschema.Schema
	mustDecode(t, output, &s)
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	mustDecode(t, string(structured), &v)
	return resolved.Validate(v)
}

// list is an output schema of {"items": [...]} with a schema for the items.
func list(item string) string {
	return `{"type":"object","required":["items"],"properties":{"items":{"type":"array","items":` + item + `}}}`
}

// many repeats an item, in which %d is its number.
func many(item string) string {
	items := make([]string, 200)
	for i := range items {
		items[i] = strings.ReplaceAll(item, "%d", fmt.Sprint(i))
	}
	return `{"items":[` + strings.Join(items, ", ") + `]}`
}

const long = "a text that is long enough to be cut somewhere if the schema lets it be cut, and then some more words to be sure of it, and more"

func TestStructuredKeepsItsSchema(t *testing.T) {
	s := newShaper(t)
	cases := []struct{ name, output, body string }{
		{"contacts", contactSchema, contacts(200)},
		{"required", list(`{"type":"object","required":["a","b"],"properties":{"b":{"type":"string"}}}`), many(`{"a":%d,"b":"` + long + `","c":"x"}`)},
		{"deep required", list(`{"type":"object","required":["a"],"properties":{"a":{"type":"object","required":["b"],"properties":{"b":{"type":"array","minItems":2}}}}}`), many(`{"a":{"b":[%d,2,3,4]},"c":[1]}`)},
		{"enum, format, pattern", list(`{"type":"object","required":["a","b","c"],"properties":{"a":{"enum":["` + long + `"]},"b":{"type":"string","format":"uri"},"c":{"pattern":"more$"}}}`), many(`{"a":"` + long + `","b":"https://x.y/` + strings.ReplaceAll(long, " ", "-") + `","c":"` + long + `"}`)},
		{"minLength", list(`{"type":"object","required":["a"],"properties":{"a":{"type":"string","minLength":120}}}`), many(`{"a":"` + long + `"}`)},
		{"minProperties", list(`{"type":"object","minProperties":3}`), many(`{"a":%d,"b":2,"c":3,"d":4,"e":5}`)},
		{"uniqueItems", list(`{"type":"array","uniqueItems":true}`), many(`["` + long + `1","` + long + `2",%d]`)},
		{"nullable", `{"type":"object","properties":{"items":{"type":"array","items":{"oneOf":[{"type":"null"},{"$ref":"#/$defs/A"}]}}},"$defs":{"A":{"type":"object","required":["a"]}}}`, many(`{"a":%d,"b":"` + long + `"}`)},
		{"discriminated union", list(`{"oneOf":[{"type":"object","required":["t","a"],"properties":{"t":{"const":"x"}}},{"type":"object","required":["t"],"properties":{"t":{"const":"y"}}}]}`), many(`{"t":"x","a":%d,"b":"` + long + `"}`)},
		{"union that trimming would confuse", list(`{"oneOf":[{"type":"object","required":["a"],"properties":{"b":{"type":"string"}}},{"type":"object","required":["a"],"properties":{"b":{"type":"integer"}}}]}`), many(`{"a":%d,"b":"` + long + `"}`)},
		{"recursive", `{"type":"object","required":["id"],"properties":{"children":{"type":"array","items":{"$ref":"#"}}}}`, `{"id":0,"children":[` + strings.TrimSuffix(strings.Repeat(`{"id":1,"name":"n","children":[{"id":2,"name":"`+long+`"}]},`, 200), ",") + `]}`},
		{"if", list(`{"if":{"required":["a"]},"then":{"required":["b"]}}`), many(`{"a":%d,"b":"` + long + `"}`)},
		{"closed", `{"type":"object","additionalProperties":false,"properties":{"items":{"type":"array"}}}`, many(`[%d]`)},
		{"prefixItems and contains", list(`{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"contains":{"type":"boolean"}}`), many(`[%d,"` + long + `",true]`)},
		{"dependentRequired", list(`{"type":"object","dependentRequired":{"a":["b"]}}`), many(`{"a":%d,"b":"` + long + `"}`)},
		{"pattern and additional properties", list(`{"type":"object","patternProperties":{"^x":{"type":"string","format":"x"}},"additionalProperties":{"type":"object","required":["k"]}}`), many(`{"x1":"` + long + `","other%d":{"k":"` + long + `","l":1}}`)},
		{"allOf", list(`{"allOf":[{"type":"object","required":["a"]},{"properties":{"c":{"minLength":200}}}]}`), many(`{"a":%d,"b":"` + long + `","c":"` + long + long + `"}`)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := satisfies(t, c.output, json.RawMessage(c.body)); err != nil {
				t.Fatalf("the case itself: %v", err)
			}
			some := false
			for _, budget := range []int{8, 20, 60, 150, 400, 1000, 2500} {
				out, report := checkFits(t, s, both(c.body), budget, json.RawMessage(c.output))
				if out.IsError {
					if out.Structured != nil || out.Content[0].Text == "" {
						t.Errorf("%d: a refusal says why, and has no structured content", budget)
					}
					continue
				}
				if err := satisfies(t, c.output, out.Structured); err != nil {
					t.Errorf("%d: %v in %.300s", budget, err, out.Structured)
				}
				if report.Invalid != "" {
					t.Errorf("%d: it was valid: %s", budget, report.Invalid)
				}
				some = some || len(out.Structured) > 200
			}
			if !some {
				t.Error("no budget shows anything of the items")
			}
		})
	}
}

func TestRefusalWhenNothingValidFits(t *testing.T) {
	s := newShaper(t)
	output := `{"type":"object","required":["a"],"properties":{"a":{"type":"string","format":"x"}}}`
	out, report := checkFits(t, s, both(`{"a":"`+strings.Repeat(long, 20)+`"}`), 100, json.RawMessage(output))
	if !out.IsError || out.Structured != nil || !strings.Contains(out.Content[0].Text, "budget of 100 tokens") || len(report.Cut) == 0 {
		t.Errorf("got %+v", out)
	}
	failed := both(`{"a":"` + strings.Repeat(long, 20) + `"}`)
	failed.IsError = true
	out, _ = checkFits(t, s, failed, 100, json.RawMessage(output))
	if !out.IsError || out.Structured != nil {
		t.Errorf("an error result needs no structured content: %s", out.Structured)
	}
}

func TestBrokenStructuredContentIsMended(t *testing.T) {
	s := newShaper(t)
	output := `{"type":"object","required":["items"],"additionalProperties":false,"properties":{"items":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"kind":{"enum":["a","b"]},"name":{"type":"string"}}}}}}`
	cases := []struct{ name, body, want string }{
		{"null where a string was promised", `{"items":[{"id":1,"name":null}]}`, `{"items":[{"id":1}]}`},
		{"a new enum value", `{"items":[{"id":1,"kind":"c"}]}`, `{"items":[{"id":1}]}`},
		{"an unknown key", `{"items":[],"more":1}`, `{"items":[]}`},
		{"an item without a required key of its type", `{"items":[{"id":"1"},{"id":2}]}`, `{"items":[{"id":2}]}`},
		{"beyond mending", `{"items":7}`, `{"items":7}`},
	}
	for _, c := range cases {
		for _, budget := range []int{0, 1000} {
			res := both(c.body)
			out, report := s.Shape(res, budget, json.RawMessage(output))
			if string(out.Structured) != c.want || out.Content[0].Text != c.body || out.IsError {
				t.Errorf("%s: got %s and %s", c.name, out.Structured, out.Content[0].Text)
			}
			if report.Invalid == "" || strings.Contains(report.Invalid, `"c"`) || strings.Contains(report.Invalid, "7") {
				t.Errorf("%s: reported %q", c.name, report.Invalid)
			}
			if report.After != read(t, out) || string(res.Structured) != c.body {
				t.Errorf("%s: after %d", c.name, report.After)
			}
		}
	}
	out, report := checkFits(t, s, both(many(`{"id":%d,"name":null,"kind":"zzz"}`)), 400, json.RawMessage(output))
	if err := satisfies(t, output, out.Structured); err != nil || report.Invalid == "" || len(out.Structured) < 100 {
		t.Errorf("trimmed: %v, %q in %s", err, report.Invalid, out.Structured)
	}
	if !strings.Contains(out.Content[0].Text, `"id":0`) {
		t.Errorf("the text is the body's: %s", out.Content[0].Text)
	}
}

func TestMiddlewareShapesByTheServedSchema(t *testing.T) {
	s := newShaper(t)
	output := json.RawMessage(list(`{"type":"object","required":["id","name"],"properties":{"id":{"type":"integer"},"name":{"type":"string","format":"x"}}}`))
	body := many(`{"id":%d,"name":null}`)
	for name, c := range map[string]struct {
		tool *tool.Tool
		same bool
	}{
		"rest":   {&tool.Tool{Output: output, Operation: &tool.Operation{}}, true},
		"native": {&tool.Tool{Output: output}, false},
	} {
		h := s.Middleware()(func(ctxType, *call.Call) (*call.Result, error) { return both(body), nil })
		out, err := h(t.Context(), &call.Call{Tool: c.tool})
		if err != nil || (string(out.Structured) == body) != c.same {
			t.Errorf("%s: %v, %.200s", name, err, out.Structured)
		}
	}
}

// Schemas of native servers are outside input as well.
func TestHostileSchemas(t *testing.T) {
	s := newShaper(t)
	for _, output := range []string{
		`{"$ref":"#"}`, `{"type":"object","properties":{"items":{"$ref":"#/$defs/A"}},"$defs":{"A":{"$ref":"#/$defs/A"}}}`,
		`{"type":"object","properties":{"items":{"$ref":"#/properties/items"}}}`,
		`{"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/B"}]},"B":{"allOf":[{"$ref":"#/$defs/A"}]}},"allOf":[{"$ref":"#/$defs/A"}]}`,
		`{"$ref":"https://example.com/schema"}`, `{"properties":{"items":{"pattern":"("}}}`, `{"patternProperties":{"(":{}}}`,
		`{"type":3}`, `[]`, `true`, `false`, `nonsense`, `{"minItems":-5,"type":"object","minProperties":1e9}`, `{"$dynamicRef":"#x"}`,
		`{"properties":{"items":{"minItems":9007199254740993}}}`,
	} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for _, budget := range []int{0, 10, 500, 1 << 20} {
				out, report := s.Shape(both(contacts(40)), budget, json.RawMessage(output))
				if budget > 0 && read(t, out) > budget {
					t.Errorf("%s: over", output)
				}
				_ = report
			}
		}()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: no end", output)
		}
	}
}
