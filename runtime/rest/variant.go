package rest

import (
	"fmt"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// explainUnion says what is wrong with an object that no alternative of a union
// takes, where the alternatives are told apart by a property with one value
// each, such as "type"; else it returns "".
func (v *validator) explainUnion(s *jsonschema.Schema, value any, path string, depth int) string {
	object, ok := value.(map[string]any)
	alternatives := v.alternatives(s)
	if !ok || len(alternatives) == 0 {
		return ""
	}
	tag, values := discriminator(alternatives)
	if tag == "" {
		return ""
	}
	given, ok := object[tag]
	if !ok {
		return fmt.Sprintf("argument %q: missing %s, one of %s", path, tag, showList(values))
	}
	i := slices.Index(values, given)
	if i < 0 {
		return fmt.Sprintf("argument %q: got %s; allowed: one of %s", path+"."+tag, show(given), showList(values))
	}
	return v.explain(alternatives[i], value, path, depth+1)
}

// alternatives returns the members of a union, with references followed.
func (v *validator) alternatives(s *jsonschema.Schema) []*jsonschema.Schema {
	if s = v.follow(s); s == nil {
		return nil
	}
	var out []*jsonschema.Schema
	for _, a := range slices.Concat(s.OneOf, s.AnyOf) {
		if a = v.follow(a); a == nil {
			return nil
		}
		out = append(out, a)
	}
	return out
}

// discriminator returns the property that tells the alternatives apart, and its
// value in each; "" if there is none.
func discriminator(alternatives []*jsonschema.Schema) (tag string, values []any) {
	for _, name := range sortedKeys(alternatives[0].Properties) {
		values = values[:0]
		for _, a := range alternatives {
			only, ok := onlyText(a.Properties[name])
			if !ok || slices.Contains(values, only) {
				break
			}
			values = append(values, only)
		}
		if len(values) == len(alternatives) {
			return name, values
		}
	}
	return "", nil
}

// onlyText returns the one text that a schema takes.
func onlyText(s *jsonschema.Schema) (any, bool) {
	var only any
	switch {
	case s == nil:
		return nil, false
	case s.Const != nil:
		only = *s.Const
	case len(s.Enum) == 1:
		only = s.Enum[0]
	}
	_, ok := only.(string)
	return only, ok
}

// follow returns what a schema's references lead to; nil if to nothing.
func (v *validator) follow(s *jsonschema.Schema) *jsonschema.Schema {
	for range 16 {
		if s == nil || s.Ref == "" {
			return s
		}
		s = v.target(s.Ref)
	}
	return nil
}
