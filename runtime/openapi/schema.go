package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Bounds on the schemas of one document.
const (
	maxSchemaDepth = 120
	maxSchemaNodes = 8_000_000 // converted, in each direction
	maxInputBytes  = 4 << 20   // of one tool's input
	maxOutputBytes = 64 << 10
	maxText        = 1500 // of a description within a schema, in bytes
	maxExample     = 200  // of an example that is carried, in bytes
	maxExamples    = 3
	maxDefault     = 2000  // of a default that is carried, in bytes
	maxInlined     = 2_000 // schemas that merging may copy into one definition
)

// converter turns the document's schemas into JSON Schema 2020-12 for one
// direction. Each definition is converted once.
type converter struct {
	l       *lowerer
	dir     direction
	defs    map[string]json.RawMessage
	refs    map[string][]string
	queue   []pendingDef
	work    int
	swamped bool
	within  map[*node]int // schemas whose merged form is being converted
	parts   bool          // what is converted are parts of an "allOf"
	inlined int           // schemas converted within merged ones, since the last definition
}

type pendingDef struct {
	name   string
	target *node
}

func newConverter(l *lowerer, dir direction) *converter {
	return &converter{l: l, dir: dir, defs: map[string]json.RawMessage{}, refs: map[string][]string{}, within: map[*node]int{}}
}

// convert returns the schema of n, an object, and converts what it refers to.
func (c *converter) convert(n *node) *node {
	c.inlined = 0
	out := c.schema(n, 0)
	c.drain()
	return out
}

// drain converts the definitions that were referred to and not yet converted.
func (c *converter) drain() {
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		c.inlined = 0
		schema := c.schema(next.target, 0).json()
		c.defs[next.name] = schema
		c.refs[next.name] = tool.Refs(schema)
	}
}

func (c *converter) report(sev Severity, code string, at *node, format string, args ...any) {
	c.l.rep.report(sev, code, at, "", format, args...)
}

// schema converts one schema. It never returns nil.
func (c *converter) schema(n *node, depth int) *node {
	c.work++
	switch {
	case n == nil || n.is(kindBool):
		return newObject()
	case !n.is(kindObject):
		c.report(SeverityWarning, "schema-not-object", n, "a schema is due here, and this is %s: it is read as any value", n.kind)
		return newObject()
	case depth > maxSchemaDepth:
		c.report(SeverityWarning, "schema-too-deep", n, "schemas nest deeper than %d: this one is read as any value; use $ref", maxSchemaDepth)
		return newObject()
	case c.work > maxSchemaNodes:
		if !c.swamped {
			c.swamped = true
			c.report(SeverityWarning, "schema-too-large", n, "the document's schemas are larger than %d values: the rest are read as any value", maxSchemaNodes)
		}
		return newObject()
	}
	if len(c.within) > 0 {
		c.inlined++
	}
	if owner := c.l.recursiveOwner(n); owner != nil {
		return c.refTo(owner, n, "#/"+c.l.names.bases[owner])
	}
	if v := n.get("$dynamicRef"); refOf(n) == "" && v.is(kindString) {
		out := n.without("$dynamicRef")
		out.set("$ref", v)
		n = out
	}
	if refOf(n) != "" {
		if n.has("properties") && !c.parts {
			return c.mergedSchema(n, depth)
		}
		return c.reference(n, depth)
	}
	if all := n.get("allOf"); all != nil && !n.resolved {
		if one, ok := soleRef(n, all); ok {
			return c.reference(one, depth)
		}
		return c.mergedSchema(n, depth)
	}
	return c.keywords(n, depth)
}

// mergedSchema converts a schema with "allOf", or with properties beside a "$ref",
// which clients take for all there are. It is merged into one, unless
// that would write a schema into itself, or takes too much room: then its parts
// stay apart.
func (c *converter) mergedSchema(n *node, depth int) *node {
	merged, parts := c.l.mergeParts(n)
	for part := range parts {
		if c.within[part] > 0 || c.inlined > maxInlined {
			if refOf(n) != "" {
				return c.reference(n, depth)
			}
			apart := n.without()
			apart.resolved = true
			return c.keywords(apart, depth)
		}
	}
	for part := range parts {
		c.within[part]++
	}
	out := c.keywords(merged, depth)
	for part := range parts {
		if c.within[part]--; c.within[part] == 0 {
			delete(c.within, part)
		}
	}
	return out
}

// soleRef turns {"allOf": [{"$ref": …}], "description": …}, the way of 3.0 to
// describe a reference, into the reference with a sibling.
func soleRef(n, all *node) (*node, bool) {
	if len(all.list) != 1 || refOf(all.list[0]) == "" || len(all.list[0].members) != 1 {
		return nil, false
	}
	out := n.at(kindObject)
	for _, m := range n.members {
		if m.key == "allOf" {
			out.members = append(out.members, member{key: "$ref", value: all.list[0].get("$ref"), line: m.line, col: m.col})
			out.file = all.list[0].file
			continue
		}
		if m.key != "nullable" && m.key != "type" && !annotations[m.key] && !strings.HasPrefix(m.key, "x-") {
			return nil, false
		}
		out.members = append(out.members, m)
	}
	return out, true
}

// annotations are the keywords that say something of a schema and bind nothing.
var annotations = map[string]bool{
	"title": true, "description": true, "default": true, "example": true, "examples": true,
	"deprecated": true, "readOnly": true, "writeOnly": true, "xml": true, "externalDocs": true, "summary": true,
}

// reference converts a schema with a "$ref".
func (c *converter) reference(n *node, depth int) *node {
	target, err := c.l.resolveSchema(n)
	if err != nil {
		c.report(SeverityWarning, "unresolved-ref", n, "%v: it is read as any value", err)
		return c.keywords(n.without("$ref"), depth)
	}
	if !target.is(kindObject) {
		return newObject()
	}
	siblings := n.without("$ref")
	out := c.refTo(target, siblings, refOf(n))
	if list := c.l.subtypes(target); list != nil && !c.parts {
		out = c.union(target, siblings, refOf(n), list)
	}
	for _, m := range siblings.members {
		if !annotations[m.key] && m.key != "nullable" && m.key != "type" && bindingKeywords[m.key] {
			return c.beside(out, siblings, depth)
		}
	}
	return out
}

// beside adds keywords that stand beside a reference; both bind.
func (c *converter) beside(out, siblings *node, depth int) *node {
	for _, m := range c.keywords(siblings, depth).members {
		if !out.has(m.key) {
			out.set(m.key, m.value)
		}
	}
	return out
}

// bindingKeywords are the keywords that say more of what a reference names.
var bindingKeywords = map[string]bool{
	"properties": true, "required": true, "additionalProperties": true, "enum": true, "const": true, "minimum": true,
	"maximum": true, "exclusiveMinimum": true, "exclusiveMaximum": true, "multipleOf": true, "minLength": true,
	"maxLength": true, "pattern": true, "items": true, "minItems": true, "maxItems": true, "uniqueItems": true,
	"minProperties": true, "maxProperties": true, "oneOf": true, "anyOf": true, "allOf": true, "not": true, "if": true,
}

// refTo makes a reference to a definition, with the siblings' annotations.
func (c *converter) refTo(target, siblings *node, ref string) *node {
	name := c.l.names.name(target, c.dir, ref)
	if _, ok := c.defs[name]; !ok {
		c.defs[name] = nil
		c.queue = append(c.queue, pendingDef{name, target})
	}
	link := newObject()
	link.set("$ref", newString(tool.RefPrefix+name))
	out := link
	if nullable(siblings) {
		out = newObject()
		null := newObject()
		null.set("type", newString("null"))
		out.set("anyOf", &node{kind: kindArray, list: []*node{link, null}})
	}
	c.annotate(out, siblings)
	return out
}

// union makes a reference to a base's subtypes. The base's own definition stays
// what it is, as the subtypes may refer to it.
func (c *converter) union(base, siblings *node, baseRef string, subtypes []subtype) *node {
	out := newObject()
	list := out.at(kindArray)
	for _, s := range subtypes {
		ref := s.ref
		if s.node == base {
			ref = baseRef
		}
		list.list = append(list.list, c.refTo(s.node, newObject(), ref))
	}
	if nullable(siblings) {
		null := newObject()
		null.set("type", newString("null"))
		list.list = append(list.list, null)
	}
	out.set("anyOf", list)
	c.discriminator(out, base.get("discriminator"))
	c.annotate(out, siblings)
	return out
}

// nullable reports 3.0's "nullable" and 2.0's "x-nullable".
func nullable(n *node) bool {
	return n.get("nullable").isTrue() || n.get("x-nullable").isTrue()
}

// keywords converts a schema without "$ref", keyword by keyword, in a fixed
// order.
func (c *converter) keywords(n *node, depth int) *node {
	out := newObject()
	types := c.types(n)
	within := c.parts
	c.parts = false
	c.typeAndValues(out, n, types)
	c.annotate(out, n)
	c.bounds(out, n)
	c.array(out, n, types, depth)
	c.object(out, n, types, depth)
	c.combinators(out, n, depth)
	c.parts = within
	return out
}

// typeNames maps the words that documents use for types to JSON Schema's, with
// the format that they imply.
var typeNames = map[string][2]string{
	"string": {"string"}, "number": {"number"}, "integer": {"integer"}, "boolean": {"boolean"},
	"array": {"array"}, "object": {"object"}, "null": {"null"},
	"int": {"integer"}, "long": {"integer", "int64"}, "int32": {"integer", "int32"}, "int64": {"integer", "int64"},
	"float": {"number"}, "double": {"number"}, "decimal": {"number"}, "bool": {"boolean"}, "str": {"string"},
	"date": {"string", "date"}, "datetime": {"string", "date-time"}, "date-time": {"string", "date-time"},
	"uuid": {"string", "uuid"}, "file": {"string", "binary"}, "list": {"array"}, "map": {"object"},
}

// types returns a schema's types; none means any.
func (c *converter) types(n *node) []string {
	var out []string
	t := n.get("type")
	list := t.strings()
	if t != nil && t.kind != kindArray {
		list = []string{t.str()}
		if t.kind == kindNull {
			list = []string{"null"}
		}
	}
	for _, item := range list {
		known, ok := typeNames[strings.ToLower(item)]
		switch {
		case ok && !containsString(out, known[0]):
			out = append(out, known[0])
		case !ok && item != "any" && item != "":
			c.report(SeverityWarning, "unknown-type", t, "type %q is not of JSON Schema: it is read as any value; use string, number, integer, boolean, array or object", item)
		}
	}
	if len(out) == 0 && t == nil {
		switch {
		case n.get("properties").is(kindObject) || n.get("additionalProperties").is(kindObject):
			out = append(out, "object")
		case n.has("items") || n.has("prefixItems"):
			out = append(out, "array")
		}
	}
	if len(out) > 0 && nullable(n) && !containsString(out, "null") {
		out = append(out, "null")
	}
	return out
}

func (c *converter) typeAndValues(out, n *node, types []string) {
	switch len(types) {
	case 0:
	case 1:
		out.set("type", newString(types[0]))
	default:
		out.set("type", newStrings(types))
	}
	format := n.get("format").str()
	if format == "" && n.get("type").is(kindString) {
		format = typeNames[strings.ToLower(n.get("type").text)][1]
	}
	if format != "" {
		out.set("format", newString(format))
	}
	if enum := n.get("enum"); enum.is(kindArray) && len(enum.list) > 0 && misplacedEnum(n, types) == nil {
		c.enum(out, enum, types)
	}
	if v := n.get("const"); v != nil && !holdsRef(v, 0) {
		out.set("const", v)
	}
}

// enum carries the allowed values, each once, with null where null is allowed.
func (c *converter) enum(out, enum *node, types []string) {
	list := enum.at(kindArray)
	seen := map[string]bool{}
	textOnly := containsString(types, "string") && !containsString(types, "number") && !containsString(types, "integer") && !containsString(types, "boolean")
	for _, v := range enum.list {
		if textOnly && (v.is(kindNumber) || v.is(kindBool)) {
			v = newString(v.text) // an unquoted 1.10, no, on
		}
		text := string(v.json())
		if !seen[text] && !holdsRef(v, 0) {
			seen[text] = true
			list.list = append(list.list, v)
		}
	}
	if containsString(types, "null") && !seen["null"] {
		list.list = append(list.list, newNull())
	}
	if len(list.list) > 0 {
		out.set("enum", list)
	}
}

// holdsRef reports whether a value has a "$ref" member, which could be taken for
// a reference of the schema's.
func holdsRef(n *node, depth int) bool {
	if n.has("$ref") || depth > 50 {
		return true
	}
	for _, item := range n.list {
		if holdsRef(item, depth+1) {
			return true
		}
	}
	for _, m := range n.members {
		if holdsRef(m.value, depth+1) {
			return true
		}
	}
	return false
}

// annotate carries texts, default and examples.
func (c *converter) annotate(out, n *node) {
	if v := n.get("title"); v.is(kindString) && v.text != "" {
		out.set("title", newString(cutText(v.text, 200)))
	}
	if v := n.get("description"); v.str() != "" {
		text := strings.TrimSpace(v.str())
		if len(text) > maxText {
			c.report(SeverityInfo, "description-cut", v, "the description has %d bytes and is cut to %d: say the most important things first", len(text), maxText)
		}
		out.set("description", newString(cutText(text, maxText)))
	}
	if v := n.get("default"); v != nil && sizeWithin(v, maxDefault) && !holdsRef(v, 0) {
		out.set("default", v)
	}
	if list := examplesOf(n); len(list) > 0 {
		out.set("examples", &node{kind: kindArray, list: list})
	}
	if n.get("deprecated").isTrue() {
		out.set("deprecated", newBool(true))
	}
}

// examplesOf returns a schema's short examples.
func examplesOf(n *node) []*node {
	var all, out []*node
	if v := n.get("example"); v != nil {
		all = append(all, v)
	}
	all = append(all, n.get("examples").items()...)
	for _, v := range all {
		if len(out) < maxExamples && !v.is(kindNull) && sizeWithin(v, maxExample) && !holdsRef(v, 0) {
			out = append(out, v)
		}
	}
	return out
}

// sizeWithin reports whether n takes no more than limit bytes as JSON, without
// writing out what is much larger.
func sizeWithin(n *node, limit int) bool {
	return sizeOf(n, limit) <= limit
}

func sizeOf(n *node, limit int) int {
	size := len(n.text) + 2
	for _, item := range n.list {
		if size > limit {
			return size
		}
		size += sizeOf(item, limit-size) + 1
	}
	for _, m := range n.members {
		if size > limit {
			return size
		}
		size += len(m.key) + 4 + sizeOf(m.value, limit-size)
	}
	return size
}

// cutText cuts a text at a word within limit bytes.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := s[:limit-len("…")]
	if i := strings.LastIndexAny(cut, " \n\t"); i > limit/2 {
		cut = cut[:i]
	}
	return strings.ToValidUTF8(strings.TrimRight(cut, " \n\t.,;"), "") + "…"
}

func (c *converter) bundle(schema *node) (json.RawMessage, error) {
	raw := schema.json()
	if size := c.bundleSize(raw); size > maxInputBytes {
		return nil, fmt.Errorf("its schemas take %d KB, which is over %d KB", size>>10, maxInputBytes>>10)
	}
	return tool.Bundle(raw, c.defs)
}

// bundleSize is the size of a schema with the definitions that it needs.
func (c *converter) bundleSize(raw json.RawMessage) int {
	size := len(raw)
	needed := map[string]bool{}
	queue := tool.Refs(raw)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if needed[name] {
			continue
		}
		needed[name] = true
		size += len(name) + 4 + len(c.defs[name])
		queue = append(queue, c.refs[name]...)
	}
	return size
}
