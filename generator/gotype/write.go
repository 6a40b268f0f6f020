package gotype

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/bridge-gateway/bridge/generator/prose"
)

// fieldWidth is where the comments of fields wrap: their tab stands for four
// columns.
const fieldWidth = prose.Width - 4

const toolPath = "github.com/bridge-gateway/bridge/runtime/tool"

// nullable reports whether the field is an argument for which to be left out and
// to be null are two things, and whose type can't say so by itself.
func (f field) nullable() bool {
	r := f.typ.resolve()
	holdsJSON := r.kind == raw || r.kind == named && r.decl.form == union
	return f.argument && !f.required && r.nullable && !holdsJSON
}

// key tells types apart.
func (t Type) key() string {
	switch t.kind {
	case slice, mapping:
		return string(rune('0'+t.kind)) + t.elem.key()
	case named:
		return "=" + t.decl.Name
	default:
		return string(rune('0'+t.kind)) + t.name
	}
}

// Write adds the declaration to a file.
func (d *Decl) Write(f *jen.File) {
	f.Line()
	f.Add(comment(prose.Width, d.doc))
	switch d.form {
	case structure:
		f.Type().Id(d.Name).StructFunc(d.writeFields)
	case enumeration:
		d.writeEnum(f)
	case union:
		d.writeUnion(f)
	case defined:
		f.Type().Id(d.Name).Add(d.target.Code())
	default:
		target := d.target
		if r := target.resolve(); r.kind == raw {
			target = r
		}
		f.Type().Id(d.Name).Op("=").Add(target.Code())
	}
}

func comment(width int, doc []string) jen.Code {
	text := prose.Comment(width, doc...)
	if text == "" {
		return jen.Null()
	}
	return jen.Comment(text)
}

func (d *Decl) writeFields(g *jen.Group) {
	for _, f := range d.fields {
		g.Add(comment(fieldWidth, f.doc))
		typ := f.typ.Code()
		tag := f.wire
		held := f.typ.value()
		switch {
		case f.nullable():
			typ, tag = jen.Qual(toolPath, "Nullable").Types(typ), tag+",omitzero"
		case f.typ.nils() && !f.required:
			tag += ",omitzero"
		case f.typ.nils():
		case !f.required:
			typ, tag = jen.Op("*").Add(typ), tag+",omitempty"
		case f.optional(), held != nil && held.group == d.group:
			typ = jen.Op("*").Add(typ)
		}
		g.Id(f.name).Add(typ).Tag(map[string]string{"json": tag})
	}
	for _, name := range d.lost {
		g.Comment("// No Go struct can name the member " + strconv.QuoteToASCII(name) + ".")
	}
}

func (d *Decl) writeEnum(f *jen.File) {
	f.Type().Id(d.Name).String()
	if len(d.consts) == 0 {
		return
	}
	f.Line()
	if len(d.consts) == 1 {
		f.Comment("// " + d.consts[0].name + " is the only value of " + d.Name + ".")
		f.Const().Id(d.consts[0].name).Id(d.Name).Op("=").Lit(d.consts[0].value)
		return
	}
	f.Comment("// The values of " + d.Name + ".")
	f.Const().DefsFunc(func(g *jen.Group) {
		for _, c := range d.consts {
			g.Id(c.name).Id(d.Name).Op("=").Lit(c.value)
		}
	})
}

// writeUnion writes a union: its JSON, and for each variant a reader and a maker.
func (d *Decl) writeUnion(f *jen.File) {
	json := func(name string) *jen.Statement { return jen.Qual("encoding/json", name) }
	f.Type().Id(d.Name).Struct(json("RawMessage"))
	if d.discriminator != "" && tagName(d.discriminator) {
		d.writeDiscriminator(f)
	}
	for _, v := range d.variants {
		as, of := "As"+v.name, v.maker
		f.Line()
		f.Comment("// " + as + " reads the value as " + v.typ.String() + ".")
		f.Func().Params(jen.Id("u").Id(d.Name)).Id(as).Params().Params(jen.Id("v").Add(v.typ.Code()), jen.Err().Error()).Block(
			jen.Err().Op("=").Add(json("Unmarshal")).Call(jen.Id("u").Dot("RawMessage"), jen.Op("&").Id("v")),
			jen.Return(jen.Id("v"), jen.Err()),
		)
		f.Line()
		f.Comment("// " + of + " returns the union that holds v.")
		f.Func().Id(of).Params(jen.Id("v").Add(v.typ.Code())).Params(jen.Id("u").Id(d.Name), jen.Err().Error()).Block(
			jen.List(jen.Id("u").Dot("RawMessage"), jen.Err()).Op("=").Add(json("Marshal")).Call(jen.Id("v")),
			jen.Return(jen.Id("u"), jen.Err()),
		)
	}
}

func (d *Decl) writeDiscriminator(f *jen.File) {
	f.Line()
	f.Comment("// Discriminator returns the value of " + strconv.Quote(d.discriminator) + ", which tells the variants apart.")
	f.Func().Params(jen.Id("u").Id(d.Name)).Id("Discriminator").Params().Params(jen.String(), jen.Error()).Block(
		jen.Var().Id("v").Struct(jen.Id("Value").String().Tag(map[string]string{"json": d.discriminator})),
		jen.Err().Op(":=").Qual("encoding/json", "Unmarshal").Call(jen.Id("u").Dot("RawMessage"), jen.Op("&").Id("v")),
		jen.Return(jen.Id("v").Dot("Value"), jen.Err()),
	)
}
