package gotype

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/bridge-gateway/bridge/generator/naming"
	"github.com/bridge-gateway/bridge/generator/schema"
)

// basicName returns the basic Go type that a schema is, by its type or by the
// values of its enumeration; "" if it is none.
func basicName(s *schema.Schema) string {
	if s.Ref != "" || len(s.AllOf)+len(s.OneOf)+len(s.Properties) > 0 || s.Items != nil {
		return ""
	}
	if len(s.Types) == 1 {
		switch s.Types[0] {
		case "string":
			return "string"
		case "boolean":
			return "bool"
		case "number":
			return "float64"
		case "integer":
			if s.Format == "int64" {
				return "int64"
			}
			return "int"
		}
		return ""
	}
	if len(s.Types) > 1 || len(s.Enum) == 0 {
		return ""
	}
	name := valueType(s.Enum[0])
	for _, v := range s.Enum[1:] {
		if valueType(v) != name {
			return ""
		}
	}
	return name
}

func valueType(v json.RawMessage) string {
	switch c := v[0]; {
	case c == '"':
		return "string"
	case c == 't' || c == 'f':
		return "bool"
	case c == '{' || c == '[':
		return ""
	case strings.ContainsAny(string(v), ".eE"):
		return "float64"
	default:
		return "int"
	}
}

func stringValue(v json.RawMessage) (string, bool) {
	var s string
	err := json.Unmarshal(v, &s)
	return s, err == nil && len(v) > 0 && v[0] == '"'
}

// enum makes the type of an enumeration: strings have a type with constants, all
// else is what its values are.
func (b *Builder) enum(s *schema.Schema, p place, own *Decl) Type {
	name := basicName(s)
	if name == "" {
		bare := *s
		bare.Enum = nil
		return b.plain(&bare, p, own)
	}
	t := Type{kind: basic, name: name, nullable: s.Nullable}
	if name != "string" {
		return t
	}
	if own == nil {
		if d := b.sameEnum(p, s.Enum); d != nil {
			return Type{kind: named, decl: d, nullable: s.Nullable}
		}
	}
	d := b.own(p, own)
	d.form = enumeration
	d.values = s.Enum
	if b.sharing {
		b.enums[d.Name] = d
	}
	d.doc = describe(d, s)
	d.target = Type{kind: basic, name: "string"}
	b.constants(d, s.Enum)
	return Type{kind: named, decl: d, nullable: s.Nullable}
}

// constants claims a constant for each value.
func (b *Builder) constants(d *Decl, values []json.RawMessage) {
	var texts []string
	seen := map[string]bool{}
	for _, v := range values {
		if text, ok := stringValue(v); ok && !seen[text] {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	var scope naming.Scope
	for i, ident := range scope.ClaimAll(texts, "Other") {
		if texts[i] == "" {
			ident = "Empty"
		}
		name := b.scope.Claim(d.Name+ident, d.Name+ident+"Value")
		d.consts = append(d.consts, constant{name: name, value: texts[i]})
	}
}

func same(x, y json.RawMessage) bool { return bytes.Equal(x, y) }

// sameEnum returns a shared enumeration that has the values and whose name is what a
// new one's would be, but for the words before it or an "Input" in it: the tags
// of CreateContact are those of Contact, the kinds of CallInput those of Call.
func (b *Builder) sameEnum(p place, values []json.RawMessage) *Decl {
	for _, name := range p.names {
		for _, like := range []string{name, strings.Replace(name, "Input", "", 1)} {
			for i, r := range like {
				d, ok := b.enums[like[i:]]
				if ok && unicode.IsUpper(r) && slices.EqualFunc(d.values, values, same) {
					return d
				}
			}
		}
	}
	return nil
}
