package lock_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// locked returns a lock of one tool with this schema as its argument "x", and as
// the property "x" of its result.
func locked(schema, defs string) *lock.Lock {
	object := json.RawMessage(`{"type":"object","properties":{"x":` + schema + `}}`)
	l := &lock.Lock{Encoding: "o200k_base", Tools: []lock.Tool{{Name: "t", Method: "GET", Path: "/t", Input: object, Output: object}}}
	if err := json.Unmarshal([]byte(defs), &l.Defs); err != nil {
		panic(err)
	}
	return l
}

// brief writes changes as "side level kind", sorted; words are for people.
func brief(d *lock.Diff) string {
	var out []string
	for _, c := range d.Changes {
		place, _, _ := strings.Cut(strings.ReplaceAll(c.Where, " ", "."), ".")
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", place, c.Level, c.Kind)))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), "; ")
}

// TestCompareSchemas changes one schema, from the caller's view and the reader's.
func TestCompareSchemas(t *testing.T) {
	cases := []struct{ name, before, after, want string }{
		{"nothing", `{"type":"string","enum":["a"]}`, `{"enum":["a"],"type":"string"}`, ""},
		{"another type", `{"type":"string"}`, `{"type":"integer"}`, "input breaking type-changed; output breaking type-changed"},
		{"integer to number", `{"type":"integer"}`, `{"type":"number"}`, "input compatible type-changed; output breaking type-changed"},
		{"number to integer", `{"type":"number"}`, `{"type":"integer"}`, "input breaking type-changed; output compatible type-changed"},
		{"null comes", `{"type":"string"}`, `{"type":["string","null"]}`, "input compatible type-changed; output breaking type-changed"},
		{"null goes", `{"type":["null","string"]}`, `{"type":"string"}`, "input breaking type-changed; output compatible type-changed"},
		{"null goes from a union", `{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{"type":"string"}`, "input breaking variant-removed; output compatible variant-removed"},
		{"null comes as a union", `{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`, "input compatible variant-added; output breaking variant-added"},
		{"a type where none was", `{}`, `{"type":"string"}`, "input breaking type-changed; output compatible type-changed"},
		{"a value goes", `{"enum":["a","b"]}`, `{"enum":["a"]}`, "input breaking enum-changed; output compatible enum-changed"},
		{"a value comes", `{"enum":["a"]}`, `{"enum":["b","a"]}`, "input compatible enum-changed; output warning enum-changed"},
		{"values where none were", `{"type":"string"}`, `{"type":"string","enum":["a"]}`, "input breaking enum-changed; output compatible enum-changed"},
		{"values are free", `{"type":"string","const":"a"}`, `{"type":"string"}`, "input compatible enum-changed; output warning enum-changed"},
		{"a smaller maximum", `{"type":"integer","maximum":10}`, `{"type":"integer","maximum":9}`, "input breaking bound-changed; output compatible bound-changed"},
		{"a greater maximum", `{"type":"integer","maximum":9}`, `{"type":"integer","maximum":10}`, "input compatible bound-changed; output warning bound-changed"},
		{"a first minimum", `{"type":"string"}`, `{"type":"string","minLength":1}`, "input breaking bound-changed; output compatible bound-changed"},
		{"no minimum any more", `{"type":"array","minItems":1}`, `{"type":"array"}`, "input compatible bound-changed; output warning bound-changed"},
		{"unique items", `{"type":"array"}`, `{"type":"array","uniqueItems":true}`, "input breaking bound-changed; output compatible bound-changed"},
		{"another pattern", `{"type":"string","pattern":"a"}`, `{"type":"string","pattern":"b"}`, "input breaking format-changed; output warning format-changed"},
		{"a first pattern", `{"type":"string"}`, `{"type":"string","pattern":"b"}`, "input breaking format-changed; output compatible format-changed"},
		{"another format", `{"type":"string","format":"date"}`, `{"type":"string","format":"date-time"}`, "input breaking format-changed; output breaking format-changed"},
		{"another default", `{"type":"integer","default":1}`, `{"type":"integer","default":2}`, "input warning default-changed"},
		{"a description", `{"description":"a"}`, `{"description":"b"}`, "input text text-changed; output text text-changed"},
		{"deprecated", `{}`, `{"deprecated":true}`, "input compatible deprecated; output compatible deprecated"},
		{"a property goes", `{"type":"object","properties":{"a":{}}}`, `{"type":"object"}`, "input breaking property-removed; output breaking property-removed"},
		{"a property comes", `{"type":"object"}`, `{"type":"object","properties":{"a":{}}}`, "input compatible property-added; output compatible property-added"},
		{"a required one comes", `{"type":"object"}`, `{"type":"object","properties":{"a":{}},"required":["a"]}`, "input breaking required-added; output compatible property-added"},
		{"one is required now, deep inside", `{"type":"array","items":{"type":"object","properties":{"a":{}}}}`,
			`{"type":"array","items":{"type":"object","properties":{"a":{}},"required":["a"]}}`, "input breaking required-added; output compatible required-added"},
		{"one is optional now", `{"type":"object","properties":{"a":{}},"required":["a"]}`, `{"type":"object","properties":{"a":{}}}`, "input compatible required-dropped; output breaking required-dropped"},
		{"an object closes", `{"type":"object"}`, `{"type":"object","additionalProperties":false}`, "input breaking openness-changed; output compatible openness-changed"},
		{"an object opens", `{"type":"object","additionalProperties":false}`, `{"type":"object"}`, "input compatible openness-changed; output compatible openness-changed"},
		{"values of a map", `{"type":"object","additionalProperties":{"type":"string"}}`, `{"type":"object","additionalProperties":{"type":"integer"}}`, "input breaking type-changed; output breaking type-changed"},
		{"a form goes", `{"oneOf":[{"title":"A","type":"object"},{"title":"B","type":"object"}]}`, `{"oneOf":[{"title":"B","type":"object"}]}`, "input breaking variant-removed; output compatible variant-removed"},
		{"a form comes", `{"oneOf":[{"title":"B","type":"object"}]}`, `{"anyOf":[{"title":"A","type":"object"},{"title":"B","type":"object"}]}`, "input compatible variant-added; output warning variant-added"},
		{"within a form", `{"oneOf":[{"title":"A","properties":{"a":{"type":"string"}}},{"title":"B"}]}`, `{"oneOf":[{"title":"B"},{"title":"A","properties":{"a":{"type":"integer"}}}]}`, "input breaking type-changed; output breaking type-changed"},
		{"forms beside properties", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}},"oneOf":[{"required":["a"]},{"required":["b"]}]}`, "input breaking condition-changed; output compatible condition-changed"},
		{"a further condition", `{"allOf":[{"type":"string"}]}`, `{"allOf":[{"type":"string"},{"minLength":2}]}`, "input breaking condition-changed; output compatible condition-changed"},
		{"not", `{"not":{"const":1}}`, `{"not":{"const":2}}`, "input breaking condition-changed; output warning condition-changed"},
		{"a place in a tuple", `{"type":"array","prefixItems":[{"type":"string"}]}`, `{"type":"array","prefixItems":[{"type":"null"}]}`, "input breaking type-changed; output breaking type-changed"},
		{"nothing is allowed", `{"type":"array","items":true}`, `{"type":"array","items":false}`, "input breaking condition-changed; output compatible condition-changed"},
	}
	for _, c := range cases {
		if got := brief(lock.Compare(locked(c.before, "{}"), locked(c.after, "{}"))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestCompareDefinitions shows that what is shared is compared once, wherever it
// is inlined, and that recursion ends.
func TestCompareDefinitions(t *testing.T) {
	const ref = `{"$ref":"#/$defs/Node"}`
	const before = `{"Node":{"type":"object","properties":{"next":{"$ref":"#/$defs/Node"},"v":{"type":"string"}}}}`
	after := strings.Replace(before, `"string"`, `"integer"`, 1)
	renamed := strings.ReplaceAll(before, "Node", "Knot")
	inlined := `{"type":"object","properties":{"next":{"$ref":"#/$defs/Node"},"v":{"type":"string"}}}`
	cases := []struct{ name, old, oldDefs, new, newDefs, want string }{
		{"the same", ref, before, ref, before, ""},
		{"another name", ref, before, `{"$ref":"#/$defs/Knot"}`, renamed, ""},
		{"written out", ref, before, inlined, before, ""},
		{"written out before", inlined, before, ref, before, ""},
		{"changed", ref, before, ref, after, "input breaking type-changed; output breaking type-changed"},
		{"changed and written out", inlined, before, ref, after, "input breaking type-changed; output breaking type-changed"},
		{"in a circle", ref, `{"Node":{"$ref":"#/$defs/Node"}}`, `{}`, `{}`, ""},
		{"not there", ref, `{}`, ref, `{}`, ""},
		{"may be null now", ref, before, `{"anyOf":[` + ref + `,{"type":"null"}]}`, before, "input compatible variant-added; output breaking variant-added"},
	}
	for _, c := range cases {
		if got := brief(lock.Compare(locked(c.old, c.oldDefs), locked(c.new, c.newDefs))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}

	old, new := locked(ref, before), locked(ref, after)
	for _, l := range []*lock.Lock{old, new} {
		second := l.Tools[0]
		second.Name, second.Path = "u", "/u"
		l.Tools = append(l.Tools, second)
	}
	d := lock.Compare(old, new)
	if len(d.Changes) != 2 || strings.Join(d.Changes[0].Tools, " ") != "t u" || d.Changes[0].Where != "input Node.v" {
		t.Errorf("a shared definition must be told of once, with its tools: %+v", d.Changes)
	}
}

func TestCompareTools(t *testing.T) {
	base := lock.Tool{Name: "t", Method: "GET", Path: "/t", Tokens: 10, Input: json.RawMessage(`{"type":"object"}`), Annotations: tool.Annotations{ReadOnly: true, Idempotent: true}}
	cases := []struct {
		name, want string
		change     func(*lock.Tool)
	}{
		{"renamed", "breaking tool-renamed", func(t *lock.Tool) { t.Name = "u" }},
		{"gone, and another came", "breaking tool-removed; compatible tool-added", func(t *lock.Tool) { t.Name, t.Path = "u", "/u" }},
		{"another operation", "warning operation-changed", func(t *lock.Tool) { t.Path = "/v2/t" }},
		{"writes now", "breaking hint-flipped", func(t *lock.Tool) { t.Annotations.ReadOnly = false }},
		{"destroys now", "breaking hint-flipped", func(t *lock.Tool) { t.Annotations.Destructive = true }},
		{"not to be tried again", "breaking hint-flipped", func(t *lock.Tool) { t.Annotations.Idempotent = false }},
		{"in the open", "compatible hint-flipped", func(t *lock.Tool) { t.Annotations.OpenWorld = true }},
		{"other words", "text text-changed", func(t *lock.Tool) { t.Description = "other" }},
		{"a result", "compatible output-added", func(t *lock.Tool) { t.Output = json.RawMessage(`{"type":"object"}`) }},
		{"dearer", "", func(t *lock.Tool) { t.Tokens = 30 }},
		{"a first budget", "warning budget-changed", func(t *lock.Tool) { t.Budget = 500 }},
		{"a first shaping", "breaking shaping-changed; warning shaping-changed", func(t *lock.Tool) {
			t.Shaping = &tool.Shaping{Fields: []string{"/a"}, Drop: tool.Drop{Nulls: true}}
		}},
	}
	for _, c := range cases {
		changed := base
		c.change(&changed)
		d := lock.Compare(one(base), one(changed))
		if got := brief(d); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		for _, change := range d.Changes {
			if change.Level == lock.Breaking && change.Message == "" || len(change.Tools) != 1 {
				t.Errorf("%s: a change without its tool or reason: %+v", c.name, change)
			}
		}
	}
	back := base
	back.Annotations = tool.Annotations{Destructive: true}
	if d := lock.Compare(one(back), one(base)); d.Count(lock.Breaking) != 0 || d.Count(lock.Compatible) != 3 {
		t.Errorf("safer hints break nobody: %+v", d.Changes)
	}
	dear := base
	dear.Tokens = 30
	if d := lock.Compare(one(base), one(dear)); d.Tokens != (lock.Cost{Old: 10, New: 30}) || len(d.Costs) != 1 || d.Costs[0] != (lock.Cost{Tool: "t", Old: 10, New: 30}) {
		t.Errorf("tokens: %+v %+v", d.Tokens, d.Costs)
	}
}

// TestCompareShaping changes what is done to results.
func TestCompareShaping(t *testing.T) {
	base := lock.Tool{Name: "t", Method: "GET", Path: "/t", Input: json.RawMessage(`{"type":"object"}`), Budget: 1000, Shaping: &tool.Shaping{
		Fields: []string{"/a", "/b"}, Drop: tool.Drop{Nulls: true, Keys: []string{"k"}}, Encoding: tool.LayoutTOON, Pages: 3, Cache: 30, Dedupe: true}}
	const breaking, look, fine = "breaking shaping-changed", "warning shaping-changed", "compatible shaping-changed"
	cases := []struct {
		name, there, back string
		change            func(*lock.Tool, *tool.Shaping)
	}{
		{"less budget", "warning budget-changed", "compatible budget-changed", func(t *lock.Tool, s *tool.Shaping) { t.Budget = 500 }},
		{"no budget", "compatible budget-changed", "warning budget-changed", func(t *lock.Tool, s *tool.Shaping) { t.Budget = 0 }},
		{"a field less", breaking, fine, func(t *lock.Tool, s *tool.Shaping) { s.Fields = []string{"/b"} }},
		{"another field", breaking + "; " + fine, breaking + "; " + fine, func(t *lock.Tool, s *tool.Shaping) { s.Fields = []string{"/a", "/c"} }},
		{"all fields", fine, breaking, func(t *lock.Tool, s *tool.Shaping) { s.Fields = nil }},
		{"a program", breaking, breaking, func(t *lock.Tool, s *tool.Shaping) { s.Fields, s.JQ = nil, ".a" }},
		{"a name to drop", breaking, fine, func(t *lock.Tool, s *tool.Shaping) { s.Drop.Keys = []string{"k", "l"} }},
		{"empty ones go", look, fine, func(t *lock.Tool, s *tool.Shaping) { s.Drop.Empty = true }},
		{"nulls stay", fine, look, func(t *lock.Tool, s *tool.Shaping) { s.Drop.Nulls = false }},
		{"another layout", look, look, func(t *lock.Tool, s *tool.Shaping) { s.Encoding = tool.LayoutCSV }},
		{"no layout", look, look, func(t *lock.Tool, s *tool.Shaping) { s.Encoding = "" }},
		{"one page", look, fine, func(t *lock.Tool, s *tool.Shaping) { s.Pages = 0 }},
		{"older", look, fine, func(t *lock.Tool, s *tool.Shaping) { s.Cache = 60 }},
		{"told again", fine, look, func(t *lock.Tool, s *tool.Shaping) { s.Dedupe = false }},
	}
	for _, c := range cases {
		changed, shaping := base, *base.Shaping
		c.change(&changed, &shaping)
		changed.Shaping = &shaping
		if got := brief(lock.Compare(one(base), one(changed))); got != c.there {
			t.Errorf("%s: got %q, want %q", c.name, got, c.there)
		}
		if got := brief(lock.Compare(one(changed), one(base))); got != c.back {
			t.Errorf("%s, back: got %q, want %q", c.name, got, c.back)
		}
	}
}

func one(t lock.Tool) *lock.Lock {
	return &lock.Lock{Encoding: "o200k_base", Tokens: t.Tokens, Tools: []lock.Tool{t}}
}
