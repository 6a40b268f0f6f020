package generator

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxInline is how wide a literal may be to stand on one line.
const maxInline = 110

// constants are the names of the model's constants by type and value.
var constants = map[any]string{
	tool.InPath: "InPath", tool.InQuery: "InQuery", tool.InHeader: "InHeader", tool.InCookie: "InCookie",
	tool.InQueryString: "InQueryString",
	tool.Simple:        "Simple", tool.Label: "Label", tool.Matrix: "Matrix", tool.Form: "Form",
	tool.SpaceDelimited: "SpaceDelimited", tool.PipeDelimited: "PipeDelimited", tool.DeepObject: "DeepObject",
	tool.CookieStyle: "CookieStyle",
	tool.APIKey:      "APIKey", tool.HTTPAuth: "HTTPAuth", tool.OAuth2: "OAuth2", tool.OpenIDConnect: "OpenIDConnect",
	tool.MutualTLS: "MutualTLS", tool.UnknownScheme: "UnknownScheme",
	tool.LayoutJSON: "LayoutJSON", tool.LayoutAuto: "LayoutAuto", tool.LayoutTOON: "LayoutTOON", tool.LayoutCSV: "LayoutCSV",
	tool.LayoutColumns: "LayoutColumns",
}

// literal returns a value of the model as a Go literal with its type. It reads
// the model by reflection, so that a field that the model gains is written too.
func literal(v any) *jen.Statement { return value(reflect.ValueOf(v), true) }

// fields returns the braces and fields of a struct, one or more to a line.
func fields(v any) *jen.Statement { return structFields(reflect.ValueOf(v), true) }

// value writes v; typed says whether a composite literal names its type.
func value(v reflect.Value, typed bool) *jen.Statement {
	switch v.Kind() {
	case reflect.String:
		if name, ok := constants[v.Interface()]; ok {
			return jen.Qual(toolPath, name)
		}
		return text(v.String())
	case reflect.Bool:
		return jen.Lit(v.Bool())
	case reflect.Int:
		return jen.Lit(int(v.Int()))
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct {
			return jen.Op("&").Add(value(v.Elem(), true))
		}
		return jen.New(value(v.Elem(), true))
	case reflect.Struct:
		return typeOf(v, typed).Add(structFields(v, width(v) > maxInline))
	default: // slices; the model has nothing else
		return typeOf(v, typed).Add(elements(v))
	}
}

func typeOf(v reflect.Value, typed bool) *jen.Statement {
	if !typed {
		return jen.Null()
	}
	return goType(v.Type())
}

func goType(t reflect.Type) *jen.Statement {
	switch {
	case t.PkgPath() != "":
		return jen.Qual(t.PkgPath(), t.Name())
	case t.Kind() == reflect.Slice:
		return jen.Index().Add(goType(t.Elem()))
	default:
		return jen.Id(t.String())
	}
}

// elements writes a slice: structs one to a line, all else on one.
func elements(v reflect.Value) *jen.Statement {
	items := make([]jen.Code, v.Len())
	for i := range items {
		items[i] = value(v.Index(i), false)
	}
	return braces(v.Type().Elem().Kind() == reflect.Struct && width(v) > maxInline/2 || width(v) > maxInline, items)
}

// structFields writes the fields that are not zero, in the order of the type.
// The scalars that begin an operation share one line: they are what it is.
func structFields(v reflect.Value, multi bool) *jen.Statement {
	var items []jen.Code
	heading := v.Type() == reflect.TypeFor[tool.Operation]()
	for i := range v.NumField() {
		f := v.Field(i)
		if f.IsZero() {
			continue
		}
		item := jen.Id(v.Type().Field(i).Name).Op(":").Add(value(f, true))
		if heading = heading && f.Kind() == reflect.String && f.Len() < maxInline/2; heading && len(items) > 0 {
			items[0] = jen.Add(items[0]).Op(",").Add(item)
			continue
		}
		items = append(items, item)
	}
	return braces(multi, items)
}

func braces(multi bool, items []jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: multi && len(items) > 0}, items...)
}

// width estimates how wide a value is on one line.
func width(v reflect.Value) int {
	switch v.Kind() {
	case reflect.String:
		return len(strconv.Quote(v.String()))
	case reflect.Pointer:
		return width(v.Elem()) + 1
	case reflect.Struct:
		n := 2
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsZero() {
				n += len(v.Type().Field(i).Name) + 4 + width(f)
			}
		}
		return n
	case reflect.Slice:
		n := 2
		for i := range v.Len() {
			n += width(v.Index(i)) + 2
		}
		return n
	default:
		return 5
	}
}

// maxPieces is how many lines a text may take; a longer one breaks only where it
// has line breaks itself, or not at all.
const maxPieces = 10

// text writes a string, a long one over several lines.
func text(s string) *jen.Statement {
	if len(s) <= maxInline {
		return jen.Lit(s)
	}
	pieces := breakText(s, maxInline-20)
	if len(pieces) > maxPieces {
		pieces = strings.SplitAfter(s, "\n")
	}
	if len(pieces) > maxPieces {
		return jen.Lit(s)
	}
	out := jen.Null()
	for i, p := range pieces {
		if i > 0 {
			out.Op("+").Line()
		}
		out.Lit(p)
	}
	return out
}

// breakText splits a text after line breaks, and after blanks so that no piece
// with a blank is longer than limit. The pieces together are the text.
func breakText(s string, limit int) []string {
	var pieces []string
	for line := range strings.SplitAfterSeq(s, "\n") {
		for len(line) > limit {
			cut := strings.LastIndexByte(line[:limit], ' ') + 1
			if cut == 0 {
				break
			}
			pieces = append(pieces, line[:cut])
			line = line[cut:]
		}
		if line != "" {
			pieces = append(pieces, line)
		}
	}
	return pieces
}
