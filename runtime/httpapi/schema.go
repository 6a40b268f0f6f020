package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// A tool's schema stands for itself: "#/$defs/X" in it means its own X. In a
// document "#" is the document's root, so the definitions become components,
// and references to them are rewritten. Definitions that are the same in many
// tools, references included, become one component.

// componentsPrefix begins a reference to a component.
const componentsPrefix = "#/components/schemas/"

// maxSchemaDepth bounds the nesting of schemas that is followed.
const maxSchemaDepth = 256

// outputSuffix is put behind the names of definitions that outputs refer to:
// outputs are shown in a tolerant form, and inputs are not.
const outputSuffix = "_Output"

// components are the document's schemas, by name.
type components map[string]component

// component is a definition as it stands in tools.
type component struct {
	from string // its name there
	raw  string // its text there; "" for a component of the document's own
	text json.RawMessage
}

// adopt returns a schema as it stands in the document at a place, which is a
// reference such as "#/paths/…/schema", and adds its definitions. Their names get
// the suffix.
func (c components) adopt(schema json.RawMessage, place, suffix string) (json.RawMessage, error) {
	members, err := tool.Members(schema)
	if err != nil {
		return nil, fmt.Errorf("the schema %w", err)
	}
	defs, err := definitionsOf(members)
	if err != nil {
		return nil, err
	}
	names := c.name(defs, place, suffix)
	w := rewriter{place: place, names: names}
	for _, def := range slices.Sorted(maps.Keys(defs)) {
		if _, there := c[names[def]]; there {
			continue
		}
		text, err := w.rewrite(defs[def])
		if err != nil {
			return nil, fmt.Errorf("its definition %q: %w", def, err)
		}
		c[names[def]] = component{from: def, raw: string(defs[def]), text: text}
	}
	return w.rewrite(encodeMembers(slices.DeleteFunc(members, func(m tool.Member) bool {
		// The document says what dialect it is in, and where it is.
		return m.Key == "$defs" || m.Key == "$schema" || m.Key == "$id"
	})))
}

// definitionsOf returns what stands under "$defs".
func definitionsOf(members []tool.Member) (map[string]json.RawMessage, error) {
	for _, m := range members {
		if m.Key == "$defs" {
			var defs map[string]json.RawMessage
			err := json.Unmarshal(m.Value, &defs)
			return defs, err
		}
	}
	return nil, nil
}

func encodeMembers(members []tool.Member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(m.Key))
		b.WriteByte(':')
		b.Write(m.Value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// name gives each definition of a schema its component's name: its own, where
// that is free or stands for the same already, else one that depends on all
// definitions of the schema. What refers to a definition of another name can't
// be the same either.
func (c components) name(defs map[string]json.RawMessage, place, suffix string) map[string]string {
	names := make(map[string]string, len(defs))
	usedBy := map[string][]string{}
	taken := map[string]string{}
	var differing []string
	for _, def := range slices.Sorted(maps.Keys(defs)) {
		names[def] = componentName(def) + suffix
		there, ok := c[names[def]]
		_, twice := taken[names[def]]
		if twice || ok && (there.from != def || there.raw != string(defs[def])) || refersElsewhere(defs[def]) {
			differing = append(differing, def)
		}
		taken[names[def]] = def
		for _, used := range tool.Refs(defs[def]) {
			usedBy[used] = append(usedBy[used], def)
		}
	}
	mark := fingerprint(defs, place)
	seen := map[string]bool{}
	for len(differing) > 0 {
		def := differing[0]
		differing = differing[1:]
		if seen[def] {
			continue
		}
		seen[def] = true
		names[def] += "_" + shortHash(mark+def)
		differing = append(differing, usedBy[def]...)
	}
	return names
}

// localRef finds the references within a schema.
var localRef = regexp.MustCompile(`"\$ref"\s*:\s*"(#[^"]*)"`)

// refersElsewhere reports whether a definition refers to a place of its schema
// that is no definition, so that it means something else in each tool.
func refersElsewhere(def json.RawMessage) bool {
	for _, match := range localRef.FindAllSubmatch(def, -1) {
		step, ok := bytes.CutPrefix(match[1], []byte(tool.RefPrefix))
		if !ok || bytes.ContainsRune(step, '/') {
			return true
		}
	}
	return false
}

// fingerprint tells definitions apart, and by its place a schema of which one
// refers elsewhere.
func fingerprint(defs map[string]json.RawMessage, place string) string {
	var all strings.Builder
	elsewhere := false
	for _, def := range slices.Sorted(maps.Keys(defs)) {
		fmt.Fprintf(&all, "%q %d %s\n", def, len(defs[def]), defs[def])
		elsewhere = elsewhere || refersElsewhere(defs[def])
	}
	if elsewhere {
		all.WriteString(place)
	}
	return shortHash(all.String())
}

// shortHash is short enough for a name, and long enough that no two of a
// document are the same.
func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// componentName returns a definition's name as one that a component may have:
// ^[a-zA-Z0-9._-]+$ (OpenAPI 3.1, section 4.8.7.1).
func componentName(def string) string {
	name := strings.Map(func(r rune) rune {
		if r == '.' || tool.ValidName(string(r)) {
			return r
		}
		return '_'
	}, def)
	if name == "" {
		return "_"
	}
	return name
}

// rewriter writes schemas of one tool with the document's references.
type rewriter struct {
	place string
	names map[string]string // of components, by definition
	out   bytes.Buffer
}

func (w *rewriter) rewrite(schema json.RawMessage) (json.RawMessage, error) {
	w.out.Reset()
	if err := w.schema(schema, 0); err != nil {
		return nil, err
	}
	return bytes.Clone(w.out.Bytes()), nil
}

var errDeepSchema = errors.New("is nested too deeply")

// schema writes what may be a schema, a list of them, or any other value.
func (w *rewriter) schema(value json.RawMessage, depth int) error {
	value = bytes.TrimSpace(value)
	switch {
	case depth > maxSchemaDepth:
		return errDeepSchema
	case len(value) > 0 && value[0] == '{':
		return w.object(value, depth, w.member)
	case len(value) > 0 && value[0] == '[':
		return w.array(value, depth)
	default:
		return json.Compact(&w.out, value)
	}
}

func (w *rewriter) array(value json.RawMessage, depth int) error {
	var items []json.RawMessage
	if err := json.Unmarshal(value, &items); err != nil {
		return err
	}
	w.out.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if err := w.schema(item, depth+1); err != nil {
			return err
		}
	}
	w.out.WriteByte(']')
	return nil
}

func (w *rewriter) object(value json.RawMessage, depth int, member func(tool.Member, int) error) error {
	members, err := tool.Members(value)
	if err != nil {
		return err
	}
	w.out.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.out.Write(encode(m.Key))
		w.out.WriteByte(':')
		if err := member(m, depth+1); err != nil {
			return err
		}
	}
	w.out.WriteByte('}')
	return nil
}

// member writes the value of a schema's keyword. What a value of "const" and the
// like holds is data, whatever it looks like.
func (w *rewriter) member(m tool.Member, depth int) error {
	switch m.Key {
	case "const", "enum", "default", "example", "examples":
		return json.Compact(&w.out, m.Value)
	case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas":
		if m.Value[0] == '{' {
			return w.object(m.Value, depth, func(m tool.Member, depth int) error { return w.schema(m.Value, depth) })
		}
	case "discriminator":
		if m.Value[0] == '{' {
			return w.object(m.Value, depth, w.discriminator)
		}
	case "$ref":
		return w.referring(m, depth)
	}
	return w.schema(m.Value, depth)
}

// discriminator writes a member of OpenAPI's discriminator, whose mapping has
// references as its values.
func (w *rewriter) discriminator(m tool.Member, depth int) error {
	if m.Key == "mapping" && m.Value[0] == '{' {
		return w.object(m.Value, depth, w.referring)
	}
	return w.schema(m.Value, depth)
}

// referring writes a value that is a reference, if it is text.
func (w *rewriter) referring(m tool.Member, depth int) error {
	var ref string
	if m.Value[0] != '"' || json.Unmarshal(m.Value, &ref) != nil {
		return w.schema(m.Value, depth)
	}
	w.out.Write(encode(w.reference(ref)))
	return nil
}

// reference returns what a reference of a tool's schema is in the document.
func (w *rewriter) reference(ref string) string {
	pointer, local := strings.CutPrefix(ref, "#")
	if !local || pointer != "" && pointer[0] != '/' {
		return ref
	}
	step, ok := strings.CutPrefix(ref, tool.RefPrefix)
	if !ok {
		return w.place + pointer
	}
	step, rest, deeper := strings.Cut(step, "/")
	name, ok := w.names[unescapeStep.Replace(step)]
	if !ok {
		return w.place + pointer // it leads nowhere in either
	}
	if deeper {
		rest = "/" + rest
	}
	return componentsPrefix + name + rest
}

// A step of a JSON Pointer (RFC 6901, section 3).
var (
	unescapeStep = strings.NewReplacer("~1", "/", "~0", "~")
	escapeStep   = strings.NewReplacer("~", "~0", "/", "~1")
)
