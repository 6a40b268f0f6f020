package gotype

import (
	"encoding/json"

	"github.com/dave/jennifer/jen"
)

// kind is what a type is made of.
type kind uint8

const (
	raw     kind = iota // json.RawMessage
	basic               // string, bool, int, int64, float64
	object              // map[string]any
	slice               // of elem
	mapping             // map[string]elem
	named               // a declaration
)

// Type is a Go type as it is used. The zero value is any JSON.
type Type struct {
	kind     kind
	name     string // of a basic type
	elem     *Type
	decl     *Decl
	nullable bool // the schema allows null
}

// Decl is the declaration of a type.
type Decl struct {
	Name  string
	place place
	doc   []string
	form  form
	// fields are those of a struct, target the type that an alias or a defined
	// type has, consts those of an enumeration, variants those of a union.
	fields        []field
	lost          []string
	target        Type
	consts        []constant
	values        []json.RawMessage
	variants      []variant
	discriminator string
	group         int // the recursive types that it belongs to
}

type form uint8

const (
	alias form = iota
	structure
	defined
	enumeration
	union
)

type field struct {
	name, wire string
	doc        []string
	typ        Type
	required   bool
	argument   bool // of an operation, so that null may have to be sent
}

type constant struct{ name, value string }

type variant struct {
	name  string // of its reader, after "As"
	maker string // the function that makes the union from it
	typ   Type
}

// resolve follows aliases to what a type is.
func (t Type) resolve() Type {
	nullable := t.nullable
	for range 32 {
		if t.kind != named || t.decl.form != alias {
			t.nullable = t.nullable || nullable
			return t
		}
		t = t.decl.target
		nullable = nullable || t.nullable
	}
	return Type{}
}

// nils reports whether a value of the type can be absent by itself.
func (t Type) nils() bool {
	r := t.resolve()
	switch r.kind {
	case basic:
		return false
	case named:
		return r.decl.form == union || r.decl.form == defined
	default:
		return true
	}
}

// value returns the declaration of the struct that a value of the type holds;
// nil if it is none.
func (t Type) value() *Decl {
	if r := t.resolve(); r.kind == named && r.decl.form == structure {
		return r.decl
	}
	return nil
}

// Code returns the type as an expression.
func (t Type) Code() *jen.Statement {
	switch t.kind {
	case basic:
		return jen.Id(t.name)
	case object:
		return jen.Map(jen.String()).Any()
	case slice:
		return jen.Index().Add(t.elem.element())
	case mapping:
		return jen.Map(jen.String()).Add(t.elem.element())
	case named:
		return jen.Id(t.decl.Name)
	default:
		return jen.Qual("encoding/json", "RawMessage")
	}
}

// element is the type as one of many: a pointer where it may be null.
func (t Type) element() *jen.Statement {
	if t.resolve().nullable && !t.nils() {
		return jen.Op("*").Add(t.Code())
	}
	return t.Code()
}

// String returns the type as it stands in a comment.
func (t Type) String() string {
	if t.kind == named {
		return "[" + t.decl.Name + "]"
	}
	return t.Code().GoString()
}
