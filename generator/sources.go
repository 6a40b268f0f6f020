package generator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/generator/prose"
)

// sources writes the Go files of the package.
func (p *planned) sources(opts Options) []source {
	out := []source{p.adapter(opts)}
	if len(p.shared) > 0 {
		s := newSource("types.go", opts)
		for _, d := range p.shared {
			d.Write(s.code)
		}
		out = append(out, s)
	}
	groups := map[string]source{}
	for _, op := range p.operations {
		s, ok := groups[op.file]
		if !ok {
			s = newSource(op.file+".go", opts)
			groups[op.file] = s
			out = append(out, s)
		}
		op.write(s.code)
	}
	return out
}

// adapter writes adapter.go: what the package is, and the list of its tools.
func (p *planned) adapter(opts Options) source {
	s := newSource("adapter.go", opts)
	f := s.code
	f.PackageComment(prose.Comment(prose.Width, packageDoc(opts)...))
	f.Anon("embed")
	f.Comment("// An adapter and a runtime that do not fit each other fail to compile here.")
	f.Const().Id("_").Op("=").Qual(toolPath, "GeneratedV1")
	f.Line()
	f.Comment("//go:embed " + lock.FileName)
	f.Var().Id("lock").String()
	f.Line()
	f.Comment("// Adapter returns the tools of the package.")
	tools := make([]jen.Code, len(p.operations))
	for i, op := range p.operations {
		tools[i] = jen.Id(op.name).Dot("Tool").Call()
	}
	value := jen.Qual(restPath, "Adapter").Add(braces(true, []jen.Code{
		jen.Id("Name").Op(":").Lit(opts.Package),
		jen.Id("API").Op(":").Add(literal(opts.API)),
		jen.Id("Tools").Op(":").Index().Qual(toolPath, "Tool").Add(braces(true, tools)),
		jen.Id("Lock").Op(":").Id("lock"),
	}))
	body := []jen.Code{jen.Return(value)}
	if opts.Customized {
		body = []jen.Code{
			jen.Id("a").Op(":=").Add(value),
			jen.Comment("// What is written by hand in this folder."),
			jen.Id(CustomizeFunc).Call(jen.Op("&").Id("a")),
			jen.Return(jen.Id("a")),
		}
	}
	f.Func().Id("Adapter").Params().Qual(restPath, "Adapter").Block(body...)
	return s
}

func packageDoc(opts Options) []string {
	title, version := prose.Line(opts.API.Title), prose.Line(opts.API.Version)
	lead := "Package " + opts.Package + " is the adapter of "
	switch {
	case title == "":
		lead += "an API without a title"
	case strings.HasPrefix(strings.ToLower(title), "the "):
		lead += "the " + title[len("the "):]
	case strings.HasSuffix(title, "API"):
		lead += "the " + title
	default:
		lead += title
	}
	if version != "" {
		lead += ", version " + version
	}
	return append([]string{lead + "."}, prose.Shorten(prose.Clean(opts.API.Description))...)
}

// Index returns generated.go, which lists every adapter that is compiled into
// the program: package generated of the given module, with an explicit import of
// each adapter's package.
func Index(module string, adapters []string) (File, error) {
	names := slices.Clone(adapters)
	slices.Sort(names)
	names = slices.Compact(names)

	f := jen.NewFile("generated")
	f.HeaderComment(header(""))
	f.PackageComment("// Package generated lists the adapters that this program is built with.")
	f.ImportName(restPath, "rest")
	calls := make([]jen.Code, len(names))
	for i, name := range names {
		if clean, err := PackageName(name); err != nil || clean != name {
			return File{}, invalid("%q is no name of an adapter's package", name)
		}
		path := module + "/generated/" + name
		f.ImportName(path, name)
		calls[i] = jen.Qual(path, "Adapter").Call()
	}
	f.Comment("// Adapters returns the adapters, sorted by name.")
	f.Func().Id("Adapters").Params().Index().Qual(restPath, "Adapter").Block(
		jen.Return(jen.Index().Qual(restPath, "Adapter").Add(braces(true, calls))),
	)
	data, err := render(f)
	if err != nil {
		return File{}, fmt.Errorf("generator.index: %w", err)
	}
	return File{Name: "generated.go", Data: data}, nil
}
