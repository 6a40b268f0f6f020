package gotype

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/bridge-gateway/bridge/generator/naming"
	"github.com/bridge-gateway/bridge/generator/schema"
)

// maxMerge is how deep combinators are merged.
const maxMerge = 16

// allOf makes the type of an allOf: that of its one branch where the others say
// nothing, else a struct with the fields of all.
func (b *Builder) allOf(s *schema.Schema, p place, own *Decl) Type {
	var only *schema.Schema
	count := 0
	for _, part := range s.AllOf {
		if part.Ref != "" || part.IsObject() || len(part.Types)+len(part.Enum)+len(part.OneOf)+len(part.AllOf) > 0 {
			only = part
			count++
		}
	}
	if count == 1 && len(s.Properties) == 0 && len(s.OneOf) == 0 {
		t := b.typeOf(only, p, own)
		t.nullable = t.nullable || s.Nullable
		return t
	}
	merged := b.merge(s)
	if len(merged.Properties) == 0 {
		return Type{nullable: s.Nullable}
	}
	return b.object(merged, p, own)
}

// merge returns the object that has all the properties of s, of the branches of
// its allOf and, none of them required, of the variants of its oneOf.
func (b *Builder) merge(s *schema.Schema) *schema.Schema {
	out := &schema.Schema{Types: []string{"object"}, Nullable: s.Nullable, Description: s.Description, Title: s.Title, Deprecated: s.Deprecated}
	m := merger{b: b, out: out, at: map[string]int{}, added: map[branch]bool{}}
	m.add(s, true, 0)
	for _, name := range m.required { // by one branch, of what another one has
		if i, ok := m.at[name]; ok {
			out.Properties[i].Required = true
		}
	}
	return out
}

type merger struct {
	b   *Builder
	out *schema.Schema
	at  map[string]int
	// added is what was added before: a schema that is reached by many ways, or
	// by a cycle, counts once.
	added    map[branch]bool
	required []string
}

type branch struct {
	schema   *schema.Schema
	required bool
}

func (m *merger) add(s *schema.Schema, required bool, depth int) {
	if s == nil || depth > maxMerge || m.added[branch{s, required}] {
		return
	}
	m.added[branch{s, required}] = true
	if s.Ref != "" {
		m.add(m.b.defs[s.Ref], required, depth+1)
	}
	for _, part := range s.AllOf {
		m.add(part, required, depth+1)
	}
	for _, p := range s.Properties {
		m.property(p, required)
	}
	if required {
		m.required = append(m.required, s.Required...)
	}
	for _, v := range s.OneOf {
		m.add(v, false, depth+1)
	}
	if m.out.Additional == nil {
		m.out.Additional = s.Additional
	}
}

// property adds a property. Of two with different schemas the latter refines the
// former in an allOf; between variants the two may be anything.
func (m *merger) property(p schema.Property, required bool) {
	p.Required = p.Required && required
	i, ok := m.at[p.Name]
	if !ok {
		m.at[p.Name] = len(m.out.Properties)
		m.out.Properties = append(m.out.Properties, p)
		return
	}
	old := &m.out.Properties[i]
	old.Required = old.Required || p.Required
	if required {
		if !p.Schema.Empty() {
			old.Schema = p.Schema
		}
	} else if !sameBasic(old.Schema, p.Schema) {
		old.Schema = &schema.Schema{Description: old.Schema.Description}
	} else if len(old.Schema.Enum) > 0 || len(p.Schema.Enum) > 0 {
		old.Schema = widen(old.Schema, p.Schema)
	}
}

// widen returns a schema with the values of both, or without enumeration if one
// has none.
func widen(x, y *schema.Schema) *schema.Schema {
	out := *x
	out.Enum = nil
	if len(x.Enum) == 0 || len(y.Enum) == 0 {
		return &out
	}
	for _, v := range append(slices.Clone(x.Enum), y.Enum...) {
		if !slices.ContainsFunc(out.Enum, func(o json.RawMessage) bool { return same(o, v) }) {
			out.Enum = append(out.Enum, v)
		}
	}
	return &out
}

// sameBasic reports whether two schemas surely have one Go type.
func sameBasic(x, y *schema.Schema) bool {
	if x.Ref != "" || y.Ref != "" {
		return x.Ref == y.Ref
	}
	tx, ty := basicName(x), basicName(y)
	return tx != "" && tx == ty
}

// oneOf makes the type of a union.
func (b *Builder) oneOf(s *schema.Schema, p place, own *Decl) Type {
	if len(s.Properties) > 0 {
		return b.object(b.merge(s), p, own)
	}
	nullable := s.Nullable
	var variants []*schema.Schema
	for _, v := range s.OneOf {
		if v.IsNull() {
			nullable = true
			continue
		}
		variants = append(variants, v)
	}
	t := b.variants(s, variants, p, own)
	t.nullable = t.nullable || nullable
	return t
}

func (b *Builder) variants(s *schema.Schema, variants []*schema.Schema, p place, own *Decl) Type {
	switch {
	case len(variants) == 0:
		return Type{}
	case len(variants) == 1:
		v := variants[0]
		if v.Description == "" && s.Description != "" && v.Ref == "" {
			described := *v
			described.Description = s.Description
			v = &described
		}
		return b.typeOf(v, p, own)
	}
	if first := basicName(variants[0]); first != "" && !slices.ContainsFunc(variants, func(v *schema.Schema) bool { return basicName(v) != first }) {
		one := *variants[0]
		one.Description = s.Description
		for _, v := range variants[1:] {
			one = *widen(&one, v)
			one.Nullable = one.Nullable || v.Nullable
		}
		return b.typeOf(&one, p, own)
	}
	return b.union(s, variants, p, own)
}

// union declares a union of variants that differ.
func (b *Builder) union(s *schema.Schema, variants []*schema.Schema, p place, own *Decl) Type {
	d := b.own(p, own)
	d.form = union
	d.doc = describe(d, s)
	d.discriminator = s.Discriminator
	var scope naming.Scope
	var nullable bool
	seen := map[string]bool{}
	for _, v := range variants {
		label := b.label(v, s.Discriminator)
		at := place{names: []string{d.Name + label}, source: "[" + d.Name + "]", what: "a variant of"}
		t := b.typeOf(v, at, nil)
		nullable = nullable || t.nullable
		key := t.key()
		if t.kind == raw || seen[key] {
			continue
		}
		seen[key] = true
		name := label
		if t.kind == named {
			name = t.decl.Name
			if v.Ref == "" {
				name = label
			}
		}
		if short := strings.TrimSuffix(strings.TrimPrefix(name, d.Name), d.Name); short != "" && unicode.IsUpper(rune(short[0])) {
			name = short // "CallActivity" of the union "Activity"
		}
		name = scope.Claim(name)
		d.variants = append(d.variants, variant{name: name, maker: b.scope.Claim(d.Name + "From" + name), typ: t})
	}
	return Type{kind: named, decl: d, nullable: nullable}
}

// label names a variant within its union: by its type, its title, or the value
// that tells it apart.
func (b *Builder) label(v *schema.Schema, discriminator string) string {
	if v.Ref != "" {
		return naming.Exported(v.Ref, "Schema")
	}
	if name := basicName(v); name != "" && len(v.Enum) == 0 {
		return naming.Exported(name, "")
	}
	for _, p := range v.Properties {
		if len(p.Schema.Enum) == 1 && (p.Name == discriminator || discriminator == "") {
			if value, ok := stringValue(p.Schema.Enum[0]); ok {
				return naming.Exported(value, "Variant")
			}
		}
	}
	switch {
	case v.Title != "" && len(v.Title) <= 40:
		return naming.Exported(v.Title, "Variant")
	case v.Items != nil:
		return b.label(v.Items, "") + "List"
	case v.IsObject() && len(v.Properties) == 0:
		return "Map"
	case v.IsObject():
		return "Object"
	case len(v.Enum) > 0:
		return "Enum"
	default:
		return "Variant"
	}
}
