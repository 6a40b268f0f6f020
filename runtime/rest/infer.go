package rest

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// wrapKey holds the result of a composite tool that is no object.
const wrapKey = "result"

// inputSchema infers the schema of a composite's arguments, and their order.
func inputSchema[In any]() (json.RawMessage, []string, error) {
	t := reflect.TypeFor[In]()
	if t.Kind() != reflect.Struct {
		return nil, nil, fmt.Errorf("its arguments are of type %v; give them as a struct", t)
	}
	s, err := infer[In]()
	if err != nil {
		return nil, nil, err
	}
	dropNullOfOptional(s)
	raw, err := json.Marshal(s)
	return raw, s.PropertyOrder, err
}

// outputSchema infers the schema of a composite's results, in the tolerant form
// that leaves trimming its freedom, and the key under which structured results
// hold what is no object. There is none for text and for nothing.
func outputSchema[Out any]() (schema json.RawMessage, wrap string, err error) {
	switch any(*new(Out)).(type) {
	case NoBody, string, []byte:
		return nil, "", nil
	}
	s, err := infer[Out]()
	if err != nil {
		return nil, "", err
	}
	if s.Type != "object" {
		s = &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{wrapKey: s}}
		wrap = wrapKey
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, "", err
	}
	schema, err = tool.Tolerant(raw)
	return schema, wrap, err
}

func infer[T any]() (*jsonschema.Schema, error) {
	t := reflect.TypeFor[T]()
	own := map[reflect.Type]*jsonschema.Schema{}
	ownForms(t, own, map[reflect.Type]bool{})
	s, err := jsonschema.For[T](&jsonschema.ForOptions{TypeSchemas: own})
	if err != nil {
		return nil, fmt.Errorf("no schema can be made of %v: %w; give it a type of its own with just the fields it needs", t, err)
	}
	openAny(s)
	return s, nil
}

// anything lists all types, as inference can only add null to a list.
var anything = []string{"null", "boolean", "object", "array", "number", "string"}

// nullables are the forms of nullable scalars.
var nullables = map[reflect.Type]string{
	reflect.TypeFor[tool.Nullable[string]]():  "string",
	reflect.TypeFor[tool.Nullable[bool]]():    "boolean",
	reflect.TypeFor[tool.Nullable[int]]():     "integer",
	reflect.TypeFor[tool.Nullable[int32]]():   "integer",
	reflect.TypeFor[tool.Nullable[int64]]():   "integer",
	reflect.TypeFor[tool.Nullable[float64]](): "number",
}

// ownForms finds the types within t that write their own JSON, which inference
// would misread by their fields.
func ownForms(t reflect.Type, found map[reflect.Type]*jsonschema.Schema, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.PkgPath() {
	case "time", "log/slog", "math/big": // inference knows these
		return
	}
	if scalar, ok := nullables[t]; ok {
		found[t] = &jsonschema.Schema{Types: []string{scalar, "null"}}
		return
	}
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		switch pointer := reflect.PointerTo(t); {
		case pointer.Implements(reflect.TypeFor[json.Marshaler]()):
			found[t] = &jsonschema.Schema{Types: anything}
			return
		case pointer.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
			found[t] = &jsonschema.Schema{Type: "string"}
			return
		}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		ownForms(t.Elem(), found, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() || f.Anonymous {
				ownForms(f.Type, found, seen)
			}
		}
	}
}

// openAny writes a schema of all types as one of no type. It gets some words, as
// an empty schema is written as true, which not every client takes.
func openAny(s *jsonschema.Schema) {
	for _, child := range children(s) {
		if child != nil {
			openAny(child)
		}
	}
	if slices.Equal(s.Types, anything) {
		s.Types = nil
		if s.Description == "" {
			s.Description = "Any JSON."
		}
	}
}

// dropNullOfOptional takes null from lists and from what may be left out as well:
// a model needs one way to say nothing, and not every client takes several types.
// Nullable values, to which null means something, keep it: theirs comes last.
func dropNullOfOptional(s *jsonschema.Schema) {
	drop := func(s *jsonschema.Schema) {
		if len(s.Types) == 2 && s.Types[0] == "null" {
			s.Type, s.Types = s.Types[1], nil
		}
	}
	if slices.Contains(s.Types, "array") {
		drop(s)
	}
	for name, p := range s.Properties {
		if !slices.Contains(s.Required, name) {
			drop(p)
		}
	}
	for _, child := range children(s) {
		if child != nil {
			dropNullOfOptional(child)
		}
	}
}
