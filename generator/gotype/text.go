package gotype

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/bridge-gateway/bridge/generator/prose"
	"github.com/bridge-gateway/bridge/generator/schema"
)

// describe returns the comment of a declaration: what the schema says, else
// where it stands.
func describe(d *Decl, s *schema.Schema) []string {
	text := prose.Shorten(prose.Clean(s.Description))
	if title := prose.Line(s.Title); len(text) == 0 && strings.Contains(title, " ") {
		text = []string{title}
	}
	var doc []string
	switch {
	case len(text) > 0 && strings.HasPrefix(text[0], "- "), len(text) == 0:
		doc = append([]string{strings.Join(strings.Fields(d.Name+" is "+d.place.what+" "+d.place.source), " ") + "."}, text...)
	default:
		doc = append([]string{prose.About(d.Name, text[0])}, text[1:]...)
	}
	if s.Deprecated {
		doc = append(doc, prose.Deprecated)
	}
	return doc
}

// fieldDoc returns the comment of a field. A type that was declared for the field
// alone has the text already.
func fieldDoc(s *schema.Schema, t Type) []string {
	text := prose.Shorten(prose.Clean(s.Description))
	if t.kind == basic && t.name != "string" && len(s.Enum) > 0 {
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = string(v)
		}
		text = append(text, fmt.Sprintf("One of %s.", strings.Join(values, ", ")))
	}
	if s.Deprecated {
		text = append(text, prose.Deprecated)
	}
	return text
}

// tagName reports whether encoding/json takes name from a struct's tag, in the
// version that is and in the one that comes (which both read "-" differently).
func tagName(name string) bool {
	if name == "" || name == "-" {
		return false
	}
	for _, c := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return true
}
