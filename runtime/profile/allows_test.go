package profile_test

import (
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestWhatIsAllowedStaysAllowed makes values that fit each tool's schemas, in
// the example document and all real ones that are there, and checks that each
// profile's schemas take them too: the ways in which these were adapted and
// which values are made share nothing.
func TestWhatIsAllowedStaysAllowed(t *testing.T) {
	t.Run("crm", func(t *testing.T) { checkAllowed(t, filepath.Join("..", "..", "specs", "crm.yaml"), 20) })
	if testing.Short() {
		return
	}
	for _, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) { checkAllowed(t, path, 1) })
	}
}

func checkAllowed(t *testing.T, path string, rounds int) {
	doc, err := openapi.Load(t.Context(), path, openapi.Options{})
	if err != nil {
		t.Skip(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	made, fit := 0, 0
	for _, tl := range sample(doc.Tools) {
		shown := shownOf(t, tl)
		sources := []*jsonschema.Resolved{resolved(t, shown.Input), resolved(t, shown.Output)}
		var values [2][]any
		for i, source := range sources {
			for range rounds {
				if source == nil {
					break
				}
				m := maker{root: source.Schema(), random: random, left: 300}
				v := m.value(source.Schema(), 0)
				made++
				if source.Validate(v) == nil {
					fit++
					values[i] = append(values[i], v)
				}
			}
		}
		for _, name := range profile.Names() {
			adapted, err := named(t, name).Apply(shown)
			if err != nil {
				t.Fatal(err)
			}
			for i, schema := range []json.RawMessage{adapted.Input, adapted.Output} {
				target := resolved(t, schema)
				for _, v := range values[i] {
					if name == profile.Gemini && i == 0 && hasNull(v) {
						continue // that it may be null is said in words: see TestApply
					}
					if err := target.Validate(v); err != nil {
						text, _ := json.Marshal(v)
						t.Errorf("%s: %s refuses %.300s: %v", name, tl.Name, text, err)
					}
				}
			}
		}
	}
	t.Logf("%d of %d values fit the tools' own schemas", fit, made)
	if made > 20 && fit*4 < made {
		t.Error("too few values fit to say much")
	}
}

// sample takes at most 150 tools, spread evenly.
func sample(tools []tool.Tool) []tool.Tool {
	const most = 150
	if len(tools) <= most {
		return tools
	}
	var some []tool.Tool
	for i := range most {
		some = append(some, tools[i*len(tools)/most])
	}
	return some
}

func resolved(t *testing.T, text json.RawMessage) *jsonschema.Resolved {
	t.Helper()
	if len(text) == 0 {
		return nil
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	r, err := schema.Resolve(nil)
	if err != nil {
		t.Fatalf("%v in %.2000s", err, text)
	}
	return r
}

// maker makes values that are meant to fit a schema.
type maker struct {
	root   *jsonschema.Schema
	random *rand.Rand
	left   int // values that may still be made of optional parts
}

func (m *maker) value(s *jsonschema.Schema, depth int) any {
	if m.left--; depth > 30 {
		return nil // what it is in will not fit
	}
	for range 20 {
		if s.Ref == "" {
			break
		}
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(strings.TrimPrefix(s.Ref, tool.RefPrefix))
		s = m.root.Defs[name]
	}
	switch alternatives := slices.Concat(s.AnyOf, s.OneOf); {
	case s.Const != nil:
		return *s.Const
	case len(s.Enum) > 0:
		return s.Enum[m.random.IntN(len(s.Enum))]
	case len(alternatives) > 0 && s.Type != "object":
		return m.value(alternatives[m.random.IntN(len(alternatives))], depth+1)
	}
	kind := s.Type
	if len(s.Types) > 0 {
		kind = s.Types[m.random.IntN(len(s.Types))]
	}
	switch kind {
	case "null":
		return nil
	case "boolean":
		return m.random.IntN(2) == 0
	case "integer", "number":
		return m.number(s)
	case "array":
		return m.array(s, depth)
	case "object":
		return m.object(s, depth)
	default:
		return strings.Repeat("x", max(value(s.MinLength), min(1, value(s.MaxLength))))
	}
}

func (m *maker) number(s *jsonschema.Schema) float64 {
	n := 1.0
	if s.Minimum != nil {
		n = *s.Minimum
	} else if s.ExclusiveMinimum != nil {
		n = *s.ExclusiveMinimum + 1
	}
	if s.Maximum != nil {
		n = min(n, *s.Maximum)
	}
	return n
}

func (m *maker) array(s *jsonschema.Schema, depth int) []any {
	list := []any{}
	n := value(s.MinItems)
	if n == 0 && depth < 6 && m.left > 0 {
		n = 1
	}
	for i := range n {
		item := s.Items
		if i < len(s.PrefixItems) {
			item = s.PrefixItems[i]
		}
		if item != nil {
			list = append(list, m.value(item, depth+1))
		}
	}
	return list
}

func (m *maker) object(s *jsonschema.Schema, depth int) map[string]any {
	object := map[string]any{}
	for _, part := range slices.Concat([]*jsonschema.Schema{s}, s.AllOf) {
		names := make([]string, 0, len(part.Properties))
		for name := range part.Properties {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if slices.Contains(part.Required, name) || m.left > 0 && depth < 6 && m.random.IntN(2) == 0 {
				object[name] = m.value(part.Properties[name], depth+1)
			}
		}
	}
	return object
}

func hasNull(v any) bool {
	text, err := json.Marshal(v)
	return err != nil || strings.Contains(string(text), "null")
}

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

func FuzzApply(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/$defs/A","type":["string","null"]}},"$defs":{"A":{"allOf":[{"$ref":"#/$defs/A"},{"enum":[1,"",null]}]}}}`)
	f.Add(`{"type":"object","properties":{"a":{"oneOf":[{"const":1},true,{"items":{},"prefixItems":[{}]}],"anyOf":[]}},"additionalProperties":{"$ref":"x"}}`)
	f.Fuzz(func(t *testing.T, schema string) {
		for _, name := range profile.Names() {
			in := tool.Tool{Name: "x", Input: json.RawMessage(schema), Output: json.RawMessage(schema)}
			out, err := named(t, name).Apply(in)
			if err != nil || name == profile.Anthropic {
				continue
			}
			if again, err := named(t, name).Apply(in); err != nil || string(again.Input) != string(out.Input) {
				t.Errorf("%s: a second time gives %s, %v", name, again.Input, err)
			}
			for _, text := range []json.RawMessage{out.Input, out.Output} {
				if len(text) > 0 && !json.Valid(text) {
					t.Errorf("%s made %s", name, text)
				}
			}
		}
	})
}
