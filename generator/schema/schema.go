package schema

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxDepth is how deep schemas are read; what is nested deeper is any JSON.
const maxDepth = 64

// Schema is a JSON Schema, as far as types need it. All of it may be absent; the
// zero value allows any JSON.
type Schema struct {
	Ref           string   // the name of a definition in "$defs"
	Types         []string // "type", without "null"
	Nullable      bool     // "type" has "null"
	Title         string
	Description   string
	Format        string
	Deprecated    bool
	Properties    []Property
	Required      []string
	Items         *Schema
	Additional    *Schema // "additionalProperties", if that is a schema with content
	Enum          []json.RawMessage
	AllOf         []*Schema
	OneOf         []*Schema // "oneOf", or else "anyOf"
	Discriminator string    // the property that tells the variants apart
	Tuple         bool      // the items have schemas by their place
}

// Property is a property of an object.
type Property struct {
	Name     string
	Required bool
	Schema   *Schema
}

// Parse reads a schema. What is no valid JSON reads as any JSON.
func Parse(raw json.RawMessage) *Schema {
	if !json.Valid(raw) {
		return &Schema{}
	}
	return parse(raw, 0)
}

func parse(raw json.RawMessage, depth int) *Schema {
	s := &Schema{}
	members, err := Members(raw)
	if err != nil || depth > maxDepth {
		return s
	}
	for _, m := range members {
		switch m.Name {
		case "properties":
			s.Properties = properties(m.Value, depth)
		case "required":
			s.Required = stringsOf(m.Value)
		case "items":
			if m.Value[0] == '{' {
				s.Items = parse(m.Value, depth+1)
			}
		case "additionalProperties":
			if sub := parse(m.Value, depth+1); sub.says() {
				s.Additional = sub
			}
		case "allOf":
			s.AllOf = list(m.Value, depth)
		case "oneOf":
			s.OneOf = list(m.Value, depth)
		case "anyOf":
			if s.OneOf == nil {
				s.OneOf = list(m.Value, depth)
			}
		default:
			s.scalar(m)
		}
	}
	s.require()
	return s
}

// scalar reads a member that holds no schemas.
func (s *Schema) scalar(m Member) {
	switch m.Name {
	case "$ref":
		if names := tool.Refs([]byte(`{"$ref":` + string(m.Value) + `}`)); len(names) == 1 {
			s.Ref = names[0]
		}
	case "type":
		s.setTypes(stringsOf(m.Value))
	case "nullable":
		s.Nullable = s.Nullable || string(m.Value) == "true"
	case "title":
		s.Title = stringOf(m.Value)
	case "description":
		s.Description = stringOf(m.Value)
	case "format":
		s.Format = stringOf(m.Value)
	case "deprecated":
		s.Deprecated = string(m.Value) == "true"
	case "enum":
		s.setEnum(Elements(m.Value))
	case "const":
		s.setEnum([]json.RawMessage{m.Value})
	case "prefixItems":
		s.Tuple = true
	case "discriminator":
		var d struct {
			PropertyName string `json:"propertyName"`
		}
		if json.Unmarshal(m.Value, &d) == nil {
			s.Discriminator = d.PropertyName
		}
	}
}

func (s *Schema) setTypes(types []string) {
	for _, t := range types {
		if t == "null" {
			s.Nullable = true
		} else {
			s.Types = append(s.Types, t)
		}
	}
}

func (s *Schema) setEnum(values []json.RawMessage) {
	for _, v := range values {
		if string(v) == "null" {
			s.Nullable = true
		} else {
			s.Enum = append(s.Enum, v)
		}
	}
}

// require marks the required properties.
func (s *Schema) require() {
	if len(s.Required) == 0 {
		return
	}
	required := make(map[string]bool, len(s.Required))
	for _, name := range s.Required {
		required[name] = true
	}
	for i := range s.Properties {
		s.Properties[i].Required = required[s.Properties[i].Name]
	}
}

// IsNull reports whether the schema allows null alone.
func (s *Schema) IsNull() bool {
	return s.Nullable && len(s.Types) == 0 && len(s.Enum) == 0 && s.Ref == "" && len(s.OneOf) == 0 && len(s.AllOf) == 0 && len(s.Properties) == 0
}

// IsObject reports whether the schema describes an object and nothing else.
func (s *Schema) IsObject() bool {
	if len(s.Types) == 0 {
		return len(s.Properties) > 0 || s.Additional != nil
	}
	return len(s.Types) == 1 && s.Types[0] == "object"
}

// says reports whether the schema says anything that a type can be made of.
func (s *Schema) says() bool {
	return s.Ref != "" || len(s.Types) > 0 || s.Nullable || len(s.Properties) > 0 || s.Items != nil ||
		s.Additional != nil || len(s.Enum) > 0 || len(s.AllOf) > 0 || len(s.OneOf) > 0
}

func properties(raw json.RawMessage, depth int) []Property {
	members, err := Members(raw)
	if err != nil {
		return nil
	}
	out := make([]Property, 0, len(members))
	seen := make(map[string]int, len(members))
	for _, m := range members {
		p := Property{Name: m.Name, Schema: parse(m.Value, depth+1)}
		if at, ok := seen[m.Name]; ok { // JSON's last one counts
			out[at] = p
			continue
		}
		seen[m.Name] = len(out)
		out = append(out, p)
	}
	return out
}

func list(raw json.RawMessage, depth int) []*Schema {
	var out []*Schema
	for _, e := range Elements(raw) {
		out = append(out, parse(e, depth+1))
	}
	return out
}

func stringOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// stringsOf returns the strings of an array, or the one that raw is.
func stringsOf(raw json.RawMessage) []string {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return []string{stringOf(raw)}
	}
	var out []string
	for _, e := range Elements(raw) {
		if strings.HasPrefix(string(e), `"`) {
			out = append(out, stringOf(e))
		}
	}
	return out
}

// Empty reports whether the schema says nothing that a type can be made of.
func (s *Schema) Empty() bool { return !s.says() }

// Property returns the schema of the property of that name; nil if there is none.
func (s *Schema) Property(name string) *Schema {
	for _, p := range s.Properties {
		if p.Name == name {
			return p.Schema
		}
	}
	return nil
}
