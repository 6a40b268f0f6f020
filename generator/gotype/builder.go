package gotype

import (
	"fmt"
	"slices"

	"github.com/bridge-gateway/bridge/generator/naming"
	"github.com/bridge-gateway/bridge/generator/prose"
	"github.com/bridge-gateway/bridge/generator/schema"
)

// Builder makes the types of one package. Make the shared types and those of all
// operations first, then [Builder.Finish], then write them.
type Builder struct {
	scope *naming.Scope
	defs  map[string]*schema.Schema
	decls map[string]*Decl // of the definitions
	enums map[string]*Decl // the shared enumerations, by name
	all   []*Decl

	nulls   map[string]bool // whether a definition allows null, once it was asked
	sharing bool            // while the shared types are made
}

// place says where a schema stands: what a type for it would be called, and how
// its comment explains it.
type place struct {
	names  []string // candidates, the best first
	source string   // "[Contact.Address]"
	what   string   // "the type of", "one of"

	argument bool // within the arguments of an operation
}

const responseOf = "the response of"

func (p place) field(owner *Decl, ident string) place {
	var names []string
	for _, n := range p.names {
		names = append(names, n+ident)
	}
	if full := owner.Name + ident; !slices.Contains(names, full) {
		names = append(names, full)
	}
	return place{names: names, source: "[" + owner.Name + "." + ident + "]", what: "the type of", argument: p.argument}
}

func (p place) item() place {
	var names []string
	for _, n := range p.names {
		names = append(names, naming.Singular(n), n+"Item")
	}
	what := "one of"
	if p.what == responseOf {
		what = "an item in " + p.what
	}
	return place{names: names, source: p.source, what: what, argument: p.argument}
}

// New returns a builder whose definitions have the given schemas, and claims
// their names in scope, in alphabetical order.
func New(scope *naming.Scope, defs map[string]*schema.Schema) *Builder {
	b := &Builder{scope: scope, defs: defs, decls: make(map[string]*Decl, len(defs)), enums: map[string]*Decl{}, nulls: map[string]bool{}}
	for _, name := range b.names() {
		ident := naming.Exported(name, "Schema")
		d := b.declare(scope.Claim(ident, ident+"Model"))
		d.place = place{names: []string{d.Name}, source: fmt.Sprintf("the document's schema %q", prose.Line(name))}
		b.decls[name] = d
	}
	return b
}

// names returns the definitions' names, those that are Go names already first,
// so that the others give way.
func (b *Builder) names() []string {
	names := make([]string, 0, len(b.defs))
	for name := range b.defs {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		ownX, ownY := naming.Exported(x, "") == x, naming.Exported(y, "") == y
		switch {
		case ownX != ownY && ownX:
			return -1
		case ownX != ownY:
			return 1
		case x < y:
			return -1
		default:
			return 1
		}
	})
	return names
}

func (b *Builder) declare(name string) *Decl {
	d := &Decl{Name: name}
	b.all = append(b.all, d)
	return d
}

// Shared makes the types of the definitions, sorted by name, each followed by
// those within it.
func (b *Builder) Shared() []*Decl {
	names := b.names()
	slices.Sort(names)
	b.sharing = true
	defer func() { b.sharing = false }()
	var out []*Decl
	for _, name := range names {
		d := b.decls[name]
		from := len(b.all)
		b.define(d, b.defs[name])
		out = append(append(out, d), b.all[from:]...)
	}
	return out
}

// Arguments makes the struct of an operation's arguments, and the types within
// it. Types within it are named after the operation.
func (b *Builder) Arguments(operation string, s *schema.Schema) (Type, []*Decl) {
	from := len(b.all)
	d := b.declare(b.scope.Claim(operation + "Input"))
	d.place = place{names: []string{operation}, argument: true}
	d.doc = []string{d.Name + " holds the arguments of [" + operation + "]."}
	b.fields(d, b.merge(s))
	return Type{kind: named, decl: d}, b.all[from:]
}

// Response makes the type of what an operation answers, and the types within it.
func (b *Builder) Response(operation string, s *schema.Schema) (Type, []*Decl) {
	from := len(b.all)
	p := place{names: []string{operation + "Output"}, source: "[" + operation + "]", what: responseOf}
	t := b.typeOf(s, p, nil)
	t.nullable = false
	return t, b.all[from:]
}

// Defined returns the type of a definition.
func (b *Builder) Defined(name string) Type { return Type{kind: named, decl: b.decls[name]} }

// define makes the declaration of a definition.
func (b *Builder) define(d *Decl, s *schema.Schema) {
	t := b.typeOf(s, d.place, d)
	if d.form != alias { // typeOf has made d itself
		return
	}
	d.target = t
	d.doc = describe(d, s)
	if t.kind == slice || t.kind == mapping || t.kind == object {
		d.form = defined
	}
	if t.kind == named && t.decl == d {
		d.target = Type{}
	}
}

// typeOf returns the type of a schema. Where that needs a declaration it is own,
// if given, and else a new one named after the place.
func (b *Builder) typeOf(s *schema.Schema, p place, own *Decl) Type {
	switch {
	case s == nil:
		return Type{}
	case s.Ref != "":
		return b.reference(s)
	case len(s.AllOf) > 0:
		return b.allOf(s, p, own)
	case len(s.OneOf) > 0:
		return b.oneOf(s, p, own)
	case len(s.Enum) > 0:
		return b.enum(s, p, own)
	default:
		return b.plain(s, p, own)
	}
}

func (b *Builder) reference(s *schema.Schema) Type {
	d, ok := b.decls[s.Ref]
	if !ok {
		return Type{nullable: s.Nullable}
	}
	return Type{kind: named, decl: d, nullable: s.Nullable || b.nullable(s.Ref)}
}

// nullable reports whether a definition allows null, by itself, by what it
// refers to or by a variant.
func (b *Builder) nullable(ref string) bool {
	if known, ok := b.nulls[ref]; ok {
		return known
	}
	b.nulls[ref] = false // while it is asked for, against cycles
	s, ok := b.defs[ref]
	if !ok {
		return false
	}
	b.nulls[ref] = s.Nullable || s.Ref != "" && b.nullable(s.Ref) ||
		slices.ContainsFunc(s.OneOf, func(v *schema.Schema) bool {
			return v.Nullable || v.Ref != "" && b.nullable(v.Ref)
		})
	return b.nulls[ref]
}

// plain makes the type of a schema that has a type and no combinator.
func (b *Builder) plain(s *schema.Schema, p place, own *Decl) Type {
	t := Type{nullable: s.Nullable}
	switch {
	case s.IsObject():
		return b.object(s, p, own)
	case len(s.Types) == 0 && s.Items != nil && !s.Tuple:
		return b.array(s, p)
	case len(s.Types) != 1:
		return t
	}
	switch s.Types[0] {
	case "array":
		return b.array(s, p)
	case "string":
		t.kind, t.name = basic, "string"
	case "boolean":
		t.kind, t.name = basic, "bool"
	case "number":
		t.kind, t.name = basic, "float64"
	case "integer":
		t.kind, t.name = basic, "int"
		if s.Format == "int64" {
			t.name = "int64"
		}
	}
	return t
}

func (b *Builder) array(s *schema.Schema, p place) Type {
	if s.Tuple {
		return Type{nullable: s.Nullable}
	}
	elem := b.typeOf(s.Items, p.item(), nil)
	return Type{kind: slice, elem: &elem, nullable: s.Nullable}
}

func (b *Builder) object(s *schema.Schema, p place, own *Decl) Type {
	switch {
	case len(s.Properties) > 0:
		d := b.own(p, own)
		d.doc = describe(d, s)
		b.fields(d, s)
		return Type{kind: named, decl: d, nullable: s.Nullable}
	case s.Additional != nil:
		elem := b.typeOf(s.Additional, p.item(), nil)
		return Type{kind: mapping, elem: &elem, nullable: s.Nullable}
	default:
		return Type{kind: object, nullable: s.Nullable}
	}
}

func (b *Builder) own(p place, own *Decl) *Decl {
	if own != nil {
		return own
	}
	d := b.declare(b.scope.Claim(p.names...))
	d.place = p
	return d
}

// fields gives a declaration the fields of an object's properties.
func (b *Builder) fields(d *Decl, s *schema.Schema) {
	d.form = structure
	var scope naming.Scope
	names := make([]string, len(s.Properties))
	for i, p := range s.Properties {
		names[i] = p.Name
	}
	idents := scope.ClaimAll(names, "Field")
	for i, p := range s.Properties {
		if !tagName(p.Name) {
			d.lost = append(d.lost, p.Name)
			continue
		}
		t := b.typeOf(p.Schema, d.place.field(d, idents[i]), nil)
		d.fields = append(d.fields, field{
			name: idents[i], wire: p.Name, typ: t, required: p.Required, argument: d.place.argument, doc: fieldDoc(p.Schema, t),
		})
	}
}
