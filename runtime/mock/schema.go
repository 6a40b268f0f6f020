package mock

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxDepth bounds every walk down a schema: references, combinators, values.
const maxDepth = 12

// schemas parses the schemas of a document. Definitions are parsed once and
// shared: in one document a "$defs" name stands for one schema only.
type schemas struct {
	mu     sync.Mutex
	raw    map[string]json.RawMessage
	parsed map[string]*jsonschema.Schema
	roots  map[*byte]*jsonschema.Schema // of responses, by where their text begins
}

func newSchemas() *schemas {
	return &schemas{raw: map[string]json.RawMessage{}, parsed: map[string]*jsonschema.Schema{}, roots: map[*byte]*jsonschema.Schema{}}
}

// parse reads a schema and takes its "$defs" in.
func (d *schemas) parse(raw json.RawMessage) (*jsonschema.Schema, error) {
	if len(raw) == 0 {
		return &jsonschema.Schema{}, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) == nil && members["$defs"] != nil {
		if err := d.take(members["$defs"]); err != nil {
			return nil, err
		}
		delete(members, "$defs")
		rest, err := json.Marshal(members)
		if err != nil {
			return nil, err
		}
		raw = rest
	}
	s := new(jsonschema.Schema)
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, err
	}
	dropBadPatterns(s, 0)
	return s, nil
}

func (d *schemas) take(raw json.RawMessage) error {
	var defs map[string]json.RawMessage
	if err := json.Unmarshal(raw, &defs); err != nil {
		return fmt.Errorf("$defs: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, def := range defs {
		if _, ok := d.raw[name]; !ok {
			d.raw[name] = def
		}
	}
	return nil
}

// def returns a definition, an empty schema where there is none that parses.
func (d *schemas) def(name string) *jsonschema.Schema {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.parsed[name]; ok {
		return s
	}
	s := new(jsonschema.Schema)
	if err := json.Unmarshal(d.raw[name], s); err != nil {
		s = new(jsonschema.Schema)
	}
	dropBadPatterns(s, 0)
	d.parsed[name] = s
	return s
}

// refName returns the name in "#/$defs/NAME", "" for any other reference.
func refName(ref string) string {
	name, ok := strings.CutPrefix(ref, tool.RefPrefix)
	if !ok {
		return ""
	}
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
}

// deref follows references; it never returns nil.
func (d *schemas) deref(s *jsonschema.Schema) *jsonschema.Schema {
	for range maxDepth {
		if s == nil {
			break
		}
		name := refName(s.Ref)
		if name == "" {
			return s
		}
		s = d.def(name)
	}
	return &jsonschema.Schema{}
}

// properties returns all properties that an object of the schema may have,
// those of its combinators included.
func (d *schemas) properties(s *jsonschema.Schema) map[string]*jsonschema.Schema {
	all := map[string]*jsonschema.Schema{}
	d.collect(s, all, 0)
	return all
}

func (d *schemas) collect(s *jsonschema.Schema, into map[string]*jsonschema.Schema, depth int) {
	if depth > maxDepth {
		return
	}
	s = d.deref(s)
	for name, p := range s.Properties {
		if _, ok := into[name]; !ok {
			into[name] = p
		}
	}
	for _, group := range [][]*jsonschema.Schema{s.AllOf, s.OneOf, s.AnyOf} {
		for _, sub := range group {
			d.collect(sub, into, depth+1)
		}
	}
}

// fitting collects the properties and required names of the schema for one
// value: of a union only those of the branch whose constants the value has.
func (d *schemas) fitting(s *jsonschema.Schema, value map[string]any, props map[string]*jsonschema.Schema, need map[string]bool, depth int) {
	if s == nil || depth > maxDepth {
		return
	}
	s = d.deref(s)
	for name, p := range s.Properties {
		props[name] = p
	}
	for _, name := range s.Required {
		need[name] = true
	}
	for _, sub := range s.AllOf {
		d.fitting(sub, value, props, need, depth+1)
	}
	for _, union := range [][]*jsonschema.Schema{s.OneOf, s.AnyOf} {
		for _, branch := range union {
			if d.hasConstants(branch, value) {
				d.fitting(branch, value, props, need, depth+1)
				break
			}
		}
	}
}

func (d *schemas) hasConstants(s *jsonschema.Schema, value map[string]any) bool {
	for name, p := range d.properties(s) {
		p = d.deref(p)
		if p.Const != nil && !jsonschema.Equal(*p.Const, value[name]) {
			return false
		}
		if len(p.Enum) == 1 && !jsonschema.Equal(p.Enum[0], value[name]) {
			return false
		}
	}
	return true
}

// required returns the names that the schema needs, those of allOf included.
func (d *schemas) required(s *jsonschema.Schema, depth int) []string {
	if depth > maxDepth {
		return nil
	}
	s = d.deref(s)
	names := slices.Clone(s.Required)
	for _, sub := range s.AllOf {
		names = append(names, d.required(sub, depth+1)...)
	}
	return names
}

// types returns the JSON types that a schema allows, nil for any.
func (d *schemas) types(s *jsonschema.Schema) []string { return d.typesAt(s, 0) }

func (d *schemas) typesAt(s *jsonschema.Schema, depth int) []string {
	if depth > maxDepth {
		return nil
	}
	s = d.deref(s)
	switch {
	case s.Type != "":
		return []string{s.Type}
	case len(s.Types) > 0:
		return s.Types
	case s.Const != nil:
		return []string{typeOf(*s.Const)}
	case len(s.Enum) > 0:
		var out []string
		for _, v := range s.Enum {
			out = append(out, typeOf(v))
		}
		return out
	}
	var out []string
	for _, sub := range s.AllOf {
		out = append(out, d.typesAt(sub, depth+1)...)
	}
	for _, union := range [][]*jsonschema.Schema{s.OneOf, s.AnyOf} {
		for _, sub := range union {
			types := d.typesAt(sub, depth+1)
			if types == nil {
				return nil // a branch takes anything, so the union does
			}
			out = append(out, types...)
		}
	}
	switch {
	case len(out) > 0:
		return out
	case len(s.Properties) > 0 || len(s.Required) > 0:
		return []string{"object"}
	case s.Items != nil || len(s.PrefixItems) > 0:
		return []string{"array"}
	}
	return nil
}

// allows reports whether a schema names the type; a schema of any type does not.
func (d *schemas) allows(s *jsonschema.Schema, typ string) bool {
	return slices.Contains(d.types(s), typ)
}

// items returns the schema of an array's elements.
func (d *schemas) items(s *jsonschema.Schema) *jsonschema.Schema {
	return d.itemsAt(s, 0)
}

func (d *schemas) itemsAt(s *jsonschema.Schema, depth int) *jsonschema.Schema {
	s = d.deref(s)
	if s.Items != nil || depth > maxDepth {
		return s.Items
	}
	for _, group := range [][]*jsonschema.Schema{s.AllOf, s.OneOf, s.AnyOf} {
		for _, sub := range group {
			if items := d.itemsAt(sub, depth+1); items != nil {
				return items
			}
		}
	}
	return nil
}

// defaultOf returns a schema's default; the one beside a reference goes first.
func (d *schemas) defaultOf(s *jsonschema.Schema) (any, bool) {
	for _, from := range []*jsonschema.Schema{s, d.deref(s)} {
		if from != nil && len(from.Default) > 0 {
			v, err := decodeJSON(from.Default)
			return v, err == nil
		}
	}
	return nil, false
}

// typeOf returns the JSON type of a decoded value.
func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case int64:
		return "integer"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	default:
		return "object"
	}
}

// dropBadPatterns removes patterns that Go's regexp can't read (look-around,
// say), which would make the whole schema useless for validation.
func dropBadPatterns(s *jsonschema.Schema, depth int) {
	if s == nil || depth > 100 {
		return
	}
	if s.Pattern != "" {
		if _, err := regexp.Compile(s.Pattern); err != nil {
			s.Pattern = ""
		}
	}
	for p := range s.PatternProperties {
		if _, err := regexp.Compile(p); err != nil {
			delete(s.PatternProperties, p)
		}
	}
	for _, sub := range children(s) {
		dropBadPatterns(sub, depth+1)
	}
}

// children returns the schemas right below one.
func children(s *jsonschema.Schema) []*jsonschema.Schema {
	out := []*jsonschema.Schema{s.Items, s.AdditionalProperties, s.Not, s.If, s.Then, s.Else,
		s.Contains, s.PropertyNames, s.UnevaluatedItems, s.UnevaluatedProperties, s.AdditionalItems}
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems, s.ItemsArray} {
		out = append(out, list...)
	}
	for _, group := range []map[string]*jsonschema.Schema{s.Properties, s.PatternProperties, s.DependentSchemas, s.Defs} {
		for _, sub := range group {
			out = append(out, sub)
		}
	}
	return out
}
