package generator

import (
	"cmp"
	"encoding/json"
	"mime"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/bridge-gateway/bridge/generator/gotype"
	"github.com/bridge-gateway/bridge/generator/prose"
	"github.com/bridge-gateway/bridge/generator/schema"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// typ is the type of an operation's arguments or response: one made from a
// schema, or one of the runtime's.
type typ struct {
	gotype.Type
	runtime jen.Code
}

func (t typ) code() jen.Code {
	if t.runtime != nil {
		return t.runtime
	}
	return t.Code()
}

// response returns the type of what an operation answers. Where the document
// describes no JSON, the media types say what comes: text is a string, other
// content bytes, and no content rest.NoBody.
func response(types *gotype.Builder, op operation, output json.RawMessage) (typ, []*gotype.Decl) {
	if output != nil {
		s := schema.Parse(output)
		if wrap := op.tool.Operation.Wrap; wrap != "" {
			s = s.Property(wrap)
		}
		t, decls := types.Response(op.name, s)
		return typ{Type: t}, decls
	}
	for _, accept := range op.tool.Operation.Accept {
		media, _, err := mime.ParseMediaType(accept)
		switch {
		case err != nil, strings.HasSuffix(media, "/problem+json"), strings.HasSuffix(media, "/problem+xml"):
		case tool.IsJSON(media), strings.HasPrefix(media, "*/"):
			return typ{}, nil
		case strings.HasPrefix(media, "text/"), strings.HasSuffix(media, "xml"), strings.HasSuffix(media, "yaml"):
			return typ{runtime: jen.String()}, nil
		default:
			return typ{runtime: jen.Index().Byte()}, nil
		}
	}
	return typ{runtime: jen.Qual(restPath, "NoBody")}, nil
}

// write adds the operation and its types to a file.
func (op operation) write(f *jen.File) {
	f.Line()
	f.Comment(prose.Comment(prose.Width, op.doc()...))
	t := op.tool
	t.Input, t.Output, t.Definition = nil, nil, nil
	f.Var().Id(op.name).Op("=").Qual(restPath, "Operation").Types(op.in.code(), op.out.code()).Add(fields(t))
	for _, d := range op.types {
		d.Write(f)
	}
}

// doc returns the operation's comment: what it does in the document's words, the
// request, and whether it is deprecated.
func (op operation) doc() []string {
	text := prose.Clean(op.tool.Description)
	text, deprecated := undeprecate(text)
	if title := prose.Line(op.tool.Title); title != "" && (len(text) == 0 || !prose.Acts(text[0]) && prose.Acts(title)) {
		text = append([]string{title}, text...)
	}
	lead := op.name + " has no description in the document."
	if len(text) > 1 && text[0] == prose.Line(op.tool.Title) && prose.Acts(text[1]) {
		text = text[1:] // it says more than the title, and says it as well
	}
	if len(text) > 0 {
		text = prose.Shorten(text)
		lead, text = prose.Lead(op.name, text[0]), text[1:]
	}
	doc := append([]string{lead}, text...)
	doc = append(doc, prose.Line(op.tool.Operation.Method+" "+op.tool.Operation.Path))
	if op.tool.Operation.Deprecated {
		doc = append(doc, cmp.Or(deprecated, prose.Deprecated))
	}
	return doc
}

// undeprecate takes a leading sentence "Deprecated: …" from a text.
func undeprecate(text []string) (rest []string, sentence string) {
	if len(text) == 0 || !strings.HasPrefix(text[0], "Deprecated: ") {
		return text, ""
	}
	sentence, after, found := strings.Cut(text[0], ". ")
	if !found {
		return text[1:], text[0]
	}
	return append([]string{after}, text[1:]...), sentence + "."
}
