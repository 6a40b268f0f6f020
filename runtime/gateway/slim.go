package gateway

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Bounds of what is told of a schema in short.
const (
	maxSlimDepth   = 4
	maxSlimSchemas = 1000
	maxSlimEnum    = 12
	maxSlimText    = 120 // bytes of an argument's description
)

// summaryOf returns a line on what a tool does.
func summaryOf(t *tool.Tool) string {
	text := t.Description
	if text == "" {
		text = t.Title
	}
	return sentenceOf(text, maxSummary)
}

// markup are the tags of HTML, which some documents' descriptions are in.
var markup = regexp.MustCompile(`</?[a-zA-Z][^<>]{0,200}>`)

// sentenceOf returns the first sentence of a text, as one line.
func sentenceOf(text string, limit int) string {
	if paragraph, _, more := strings.Cut(strings.TrimSpace(text), "\n\n"); more {
		text = paragraph
	}
	text = strings.Join(strings.Fields(markup.ReplaceAllString(text, " ")), " ")
	text = strings.ReplaceAll(text, " .", ".")
	if end := strings.Index(text, ". "); end > 0 {
		text = text[:end+1]
	}
	if len(text) > limit {
		text = strings.TrimRight(fault.Clip(text, limit), " ")
		if !utf8.ValidString(text) {
			text = strings.ToValidUTF8(text, "")
		}
	}
	return text
}

// requiredOf returns the names of the arguments that a tool can't do without.
func requiredOf(input json.RawMessage) []string {
	var s struct {
		Required []string `json:"required"`
	}
	_ = json.Unmarshal(input, &s) // a schema that is none requires nothing
	return s.Required
}

// slimmed describes a tool in short: what it does, and its arguments, those that
// it needs first, by types written as in TypeScript.
func slimmed(e *Entry) string {
	var b strings.Builder
	b.WriteString(e.Name + ": " + sentenceOf(e.Tool.Description, 2*maxSummary))
	switch a := e.Tool.Annotations; {
	case a.ReadOnly:
		b.WriteString(" (reads only)")
	case a.Destructive:
		b.WriteString(" (may delete or overwrite)")
	}
	input := e.reserves().shown(e.Tool.Input)
	defs, _ := protocol.Member(input, "$defs")
	left := maxSlimSchemas
	s := slimmer{defs, &left}
	for _, p := range s.properties(input) {
		b.WriteString("\n  " + p.name + ": " + s.typed(p.schema, 1))
		if text := sentenceOf(protocol.MemberString(p.schema, "description"), maxSlimText); text != "" {
			b.WriteString(" // " + text)
		}
	}
	return b.String()
}

// slimmer writes schemas in short.
type slimmer struct {
	defs json.RawMessage
	left *int // how many schemas may still be written out: they may refer to each other
}

type slimProperty struct {
	name   string // with "?" where it may be left out
	schema json.RawMessage
}

// properties returns an object's properties, the required ones first.
func (s slimmer) properties(schema json.RawMessage) []slimProperty {
	properties, _ := protocol.Member(schema, "properties")
	if !protocol.IsObject(properties) {
		return nil
	}
	required := map[string]bool{}
	for _, name := range requiredOf(schema) {
		required[name] = true
	}
	var first, rest []slimProperty
	for key, value := range protocol.Members(properties) {
		if name := string(key); required[name] {
			first = append(first, slimProperty{name, value})
		} else {
			rest = append(rest, slimProperty{name + "?", value})
		}
	}
	return append(first, rest...)
}

// typed returns a schema's type.
func (s slimmer) typed(schema json.RawMessage, depth int) string {
	if *s.left--; *s.left < 0 || !protocol.IsObject(schema) {
		return "any"
	}
	if ref := protocol.MemberString(schema, "$ref"); ref != "" {
		name, ok := strings.CutPrefix(ref, "#/$defs/")
		target, known := protocol.Member(s.defs, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
		if !ok || !known || depth >= maxSlimDepth {
			return "any"
		}
		return s.typed(target, depth+1)
	}
	if constant, ok := protocol.Member(schema, "const"); ok {
		return string(constant)
	}
	if enum, ok := protocol.Member(schema, "enum"); ok {
		return enumerated(enum)
	}
	for _, keyword := range []string{"anyOf", "oneOf", "allOf"} {
		if branches, ok := protocol.Member(schema, keyword); ok {
			between := " | "
			if keyword == "allOf" {
				between = " & "
			}
			var parts []string
			for branch := range protocol.Elements(branches) {
				if part := s.typed(branch, depth+1); len(parts) < maxSlimEnum && (len(parts) == 0 || parts[len(parts)-1] != part) {
					parts = append(parts, part)
				}
			}
			return strings.Join(parts, between)
		}
	}
	return s.plain(schema, depth)
}

// plain returns the type of a schema that says it by "type".
func (s slimmer) plain(schema json.RawMessage, depth int) string {
	value, _ := protocol.Member(schema, "type")
	var names []string
	if name, ok := protocol.String(value); ok {
		names = []string{name}
	} else {
		for one := range protocol.Elements(value) {
			name, _ := protocol.String(one)
			names = append(names, name)
		}
	}
	for i, name := range names {
		switch name {
		case "array":
			items, _ := protocol.Member(schema, "items")
			inner := s.typed(items, depth+1)
			if strings.ContainsAny(inner, "|&") {
				inner = "(" + inner + ")"
			}
			names[i] = inner + "[]"
		case "object":
			names[i] = s.objectType(schema, depth)
		default:
			names[i] = name + bounds(schema)
		}
	}
	if len(names) == 0 {
		if _, has := protocol.Member(schema, "properties"); has {
			return s.objectType(schema, depth)
		}
		return "any"
	}
	return strings.Join(names, " | ")
}

func (s slimmer) objectType(schema json.RawMessage, depth int) string {
	properties := s.properties(schema)
	if len(properties) == 0 || depth >= maxSlimDepth {
		return "object"
	}
	parts := make([]string, len(properties))
	for i, p := range properties {
		parts[i] = p.name + ": " + s.typed(p.schema, depth+1)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// enumerated writes the values of an enumeration.
func enumerated(enum json.RawMessage) string {
	var parts []string
	n := 0
	for value := range protocol.Elements(enum) {
		if n++; n <= maxSlimEnum {
			parts = append(parts, string(value))
		}
	}
	if n > maxSlimEnum {
		parts = append(parts, "… "+strconv.Itoa(n-maxSlimEnum)+" more")
	}
	return strings.Join(parts, "|")
}

// bounds writes what else a schema says of a scalar: "(date)", "(1..100)", "=20".
func bounds(schema json.RawMessage) string {
	out := ""
	if format := protocol.MemberString(schema, "format"); format != "" {
		out = "(" + fault.Clip(format, 20) + ")"
	}
	least, hasLeast := protocol.Member(schema, "minimum")
	most, hasMost := protocol.Member(schema, "maximum")
	if hasLeast || hasMost {
		out += "(" + string(least) + ".." + string(most) + ")"
	}
	if value, ok := protocol.Member(schema, "default"); ok && len(value) <= 40 && value[0] != '{' && value[0] != '[' {
		out += "=" + string(value)
	}
	return out
}
