package openapi

import (
	"regexp"
	"strconv"
	"strings"
)

// bounds carries the keywords that bound numbers, texts and sizes.
func (c *converter) bounds(out, n *node) {
	c.limit(out, n, "minimum", "exclusiveMinimum")
	c.limit(out, n, "maximum", "exclusiveMaximum")
	if v := c.number(n, "multipleOf"); v != nil {
		if f, err := strconv.ParseFloat(v.text, 64); err == nil && f > 0 {
			out.set("multipleOf", v)
		}
	}
	for _, key := range [...]string{"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"} {
		if v := c.count(n, key); v != nil {
			out.set(key, v)
		}
	}
	if n.get("uniqueItems").isTrue() {
		out.set("uniqueItems", newBool(true))
	}
	if v := n.get("pattern"); v.is(kindString) && v.text != "" && c.pattern(v) {
		out.set("pattern", newString(v.text))
	}
	if v := n.get("contentMediaType"); v.is(kindString) {
		out.set("contentMediaType", v)
	}
	if v := n.get("contentEncoding"); v.is(kindString) {
		out.set("contentEncoding", v)
	}
}

// limit carries a bound and its exclusive form, which is a flag before 3.1 and
// a number since.
func (c *converter) limit(out, n *node, key, exclusive string) {
	v := c.number(n, key)
	ex := n.get(exclusive)
	switch {
	case ex.is(kindBool):
		if ex.isTrue() && v != nil {
			out.set(exclusive, v)
			return
		}
	case ex != nil:
		if x := c.number(n, exclusive); x != nil {
			out.set(exclusive, x)
		}
	}
	if v != nil {
		out.set(key, v)
	}
}

// number reads a number, also one that was quoted.
func (c *converter) number(n *node, key string) *node {
	v := n.get(key)
	if v == nil || v.is(kindNull) {
		return nil
	}
	if v.is(kindNumber) {
		return v
	}
	if v.is(kindString) {
		if _, err := strconv.ParseFloat(v.text, 64); err == nil && jsonNumber.MatchString(v.text) {
			return &node{kind: kindNumber, text: v.text}
		}
	}
	c.report(SeverityWarning, "bad-keyword", v, "%s must be a number, and is %s: it is left out", key, v.kind)
	return nil
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// count reads a whole number of at least 0.
func (c *converter) count(n *node, key string) *node {
	v := c.number(n, key)
	if v == nil {
		return nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil || f < 0 || f != float64(int64(f)) || f > 1<<53 {
		c.report(SeverityWarning, "bad-keyword", n.get(key), "%s must be a whole number of at least 0: it is left out", key)
		return nil
	}
	return &node{kind: kindNumber, text: strconv.FormatInt(int64(f), 10)}
}

// notECMA finds what Go's regular expressions have and ECMA-262's have not.
var notECMA = regexp.MustCompile(`\(\?[a-zA-Z-]+[:)]|\(\?P<|\\[AzQECa]|\[\[:`)

// pattern reports whether clients of both kinds take a regular expression.
func (c *converter) pattern(v *node) bool {
	if len(v.text) <= 2000 && !notECMA.MatchString(v.text) {
		if _, err := regexp.Compile(v.text); err == nil {
			return true
		}
	}
	c.report(SeverityInfo, "pattern-not-portable", v, "the pattern %q needs what not every client has, such as look-around: it is left out", cutText(v.text, 80))
	return false
}

// array carries the keywords of arrays; "items" always stands on one.
func (c *converter) array(out, n *node, types []string, depth int) {
	items, prefix := n.get("items"), n.get("prefixItems")
	if items.is(kindArray) {
		prefix, items = items, n.get("additionalItems")
	}
	if prefix.is(kindArray) && len(prefix.list) > 0 {
		list := prefix.at(kindArray)
		for _, item := range prefix.list {
			list.list = append(list.list, c.schema(item, depth+1))
		}
		out.set("prefixItems", list)
	}
	if items == nil && !n.has("contains") {
		items = n.get("unevaluatedItems")
		if allowed, ok := items.truth(); ok && !allowed && prefix == nil {
			items = nil // what its parts describe is not known here
		}
	}
	if allowed, ok := items.truth(); ok && !allowed && out.has("prefixItems") {
		out.set("maxItems", newInt(len(prefix.list)))
	}
	if items != nil || containsString(types, "array") {
		schema := c.schema(items, depth+1)
		if enum := misplacedEnum(n, types); enum != nil && !schema.has("enum") && !schema.has("$ref") {
			c.report(SeverityWarning, "enum-on-array", enum, "the allowed values stand on the array and are those of its items: they are read so; move the enum into items")
			c.enum(schema, enum, typeList(schema))
		}
		out.set("items", schema)
	}
	if v := n.get("contains"); v != nil {
		out.set("contains", c.schema(v, depth+1))
	}
}

// unevaluated carries what is allowed beside all that a schema and its parts
// describe. What allows anything says nothing.
func (c *converter) unevaluated(out, n *node, key string, depth int) {
	v := n.get(key)
	switch allowed, isFlag := v.truth(); {
	case isFlag && !allowed:
		out.set(key, newBool(false))
	case v.is(kindObject) && len(v.members) > 0:
		out.set(key, c.schema(v, depth+1))
	}
}

// misplacedEnum returns the "enum" of an array that has no array among its
// values, so that no value would ever do; nil where there is none.
func misplacedEnum(n *node, types []string) *node {
	enum := n.get("enum")
	if !enum.is(kindArray) || len(enum.list) == 0 || len(types) == 0 || types[0] != "array" {
		return nil
	}
	for _, v := range enum.list {
		if v.is(kindArray) {
			return nil
		}
	}
	return enum
}

// object carries the keywords of objects.
func (c *converter) object(out, n *node, types []string, depth int) {
	properties, dropped := c.properties(n, depth)
	if properties != nil {
		out.set("properties", properties)
	}
	if required := c.required(n, dropped); len(required) > 0 {
		out.set("required", newStrings(required))
	}
	if v := n.get("additionalProperties"); v != nil {
		if allowed, ok := v.truth(); ok && !allowed {
			out.set("additionalProperties", newBool(false))
		} else {
			out.set("additionalProperties", c.schema(v, depth+1))
		}
	}
	if v := c.patternProperties(n.get("patternProperties"), depth); v != nil {
		out.set("patternProperties", v)
	}
	if v := n.get("propertyNames"); v.is(kindObject) {
		out.set("propertyNames", c.schema(v, depth+1))
	}
	c.dependents(out, n, depth)
	c.unevaluated(out, n, "unevaluatedProperties", depth)
}

// dependents carries what a property's presence asks for: names in
// "dependentRequired" and schemas in "dependentSchemas", which were both
// "dependencies" up to draft 7.
func (c *converter) dependents(out, n *node, depth int) {
	required, schemas := newObject(), newObject()
	for _, key := range [...]string{"dependentRequired", "dependentSchemas", "dependencies"} {
		for _, m := range membersOf(n.get(key)) {
			switch {
			case m.value.is(kindArray) && len(m.value.strings()) == len(m.value.list) && key != "dependentSchemas":
				required.set(m.key, newStrings(m.value.strings()))
			case m.value.is(kindObject) && key != "dependentRequired":
				schemas.set(m.key, c.schema(m.value, depth+1))
			default:
				c.report(SeverityWarning, "bad-keyword", m.value, "%s of %q is %s: it is left out", key, m.key, m.value.kind)
			}
		}
	}
	if len(required.members) > 0 {
		out.set("dependentRequired", required)
	}
	if len(schemas.members) > 0 {
		out.set("dependentSchemas", schemas)
	}
}

// properties converts the properties that the direction keeps, and returns the
// names of those that it does not.
func (c *converter) properties(n *node, depth int) (*node, map[string]bool) {
	list := n.get("properties")
	if !list.is(kindObject) {
		if list != nil {
			c.report(SeverityWarning, "bad-keyword", list, "properties must be an object, and is %s: it is left out", list.kind)
		}
		return nil, nil
	}
	out := newObject()
	dropped := map[string]bool{}
	for _, m := range list.members {
		if allowed, ok := m.value.truth(); ok && m.value.is(kindBool) && !allowed || c.l.markedAs(m.value, c.dir.dropped()) {
			dropped[m.key] = true
			continue
		}
		out.members = append(out.members, member{key: m.key, value: c.schema(m.value, depth+1)})
	}
	return out.finish(), dropped
}

// required returns the names of the required properties that the direction
// keeps, with those that say so themselves, as in JSON Schema's draft 3.
func (c *converter) required(n *node, dropped map[string]bool) []string {
	var out []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] && !dropped[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	required := n.get("required")
	for _, name := range required.strings() {
		add(name)
	}
	for _, m := range membersOf(n.get("properties")) {
		if v, ok := m.value.get("required").truth(); ok {
			c.report(SeverityWarning, "required-on-property", m.value.get("required"), "\"required\" of a property is a list in its object's schema, not a flag: it is read as if it stood there")
			if v {
				add(m.key)
			}
		}
	}
	return out
}

func (c *converter) patternProperties(v *node, depth int) *node {
	if !v.is(kindObject) {
		return nil
	}
	out := newObject()
	for _, m := range v.members {
		if c.pattern(&node{kind: kindString, text: m.key, file: v.file, line: m.line, col: m.col}) {
			out.members = append(out.members, member{key: m.key, value: c.schema(m.value, depth+1)})
		}
	}
	if len(out.members) == 0 {
		return nil
	}
	return out.finish()
}

// maxSubtypes bounds the alternatives that a discriminator's mapping gives.
const maxSubtypes = 50

// subtypes lists what a base's discriminator maps to, where that extends the base
// by "allOf": the way of 3.0 to have a union without saying so. None means that
// n is no such base.
func (l *lowerer) subtypes(n *node) []subtype {
	mapping := n.get("discriminator").get("mapping")
	if !mapping.is(kindObject) || n.has("oneOf") || n.has("anyOf") || len(mapping.members) > maxSubtypes {
		return nil
	}
	var out []subtype
	seen := map[*node]bool{}
	extended, whole := false, false
	for _, m := range mapping.members {
		target, err := l.mappingTarget(mapping.file, m.value.str())
		switch {
		case err != nil || !target.is(kindObject) || target == n:
			whole = true // the base stands for what is not there
		case !seen[target]:
			out = append(out, subtype{m.value.str(), target})
			seen[target] = true
			extended = extended || l.extends(target, n)
		}
	}
	if !extended {
		return nil
	}
	if whole {
		out = append(out, subtype{"", n})
	}
	return out
}

// subtype is a schema that a discriminator's mapping names; ref is "" for the
// base itself.
type subtype struct {
	ref  string
	node *node
}

// extends reports whether a schema has base as a part of its "allOf", directly
// or through another that has.
func (l *lowerer) extends(n, base *node) bool {
	const furthest = 5
	level := []*node{n}
	for range furthest {
		var next []*node
		for _, n := range level {
			for _, part := range n.get("allOf").items() {
				target, err := l.resolveSchema(part)
				if err != nil {
					continue
				}
				if target == base {
					return true
				}
				next = append(next, target)
			}
		}
		level = next[:min(len(next), maxSubtypes)]
	}
	return false
}

// combinators carries oneOf, anyOf, what is left of allOf, not and if.
func (c *converter) combinators(out, n *node, depth int) {
	for _, key := range [...]string{"oneOf", "anyOf", "allOf"} {
		c.parts = key == "allOf"
		list := c.schemas(n.get(key), depth)
		c.parts = false
		if list != nil {
			if key != "allOf" && nullable(n) {
				null := newObject()
				null.set("type", newString("null"))
				list.list = append(list.list, null)
			}
			out.set(key, list)
		}
	}
	if v := n.get("not"); v.is(kindObject) && len(v.members) > 0 {
		if not := c.schema(v, depth+1); len(not.members) > 0 {
			out.set("not", not)
		}
	}
	if v := n.get("if"); v.is(kindObject) {
		for _, key := range [...]string{"if", "then", "else"} {
			if v := n.get(key); v.is(kindObject) {
				out.set(key, c.schema(v, depth+1))
			}
		}
	}
	if v := n.get("discriminator"); v != nil && (out.has("oneOf") || out.has("anyOf")) {
		c.discriminator(out, v)
	}
}

func (c *converter) schemas(v *node, depth int) *node {
	if !v.is(kindArray) || len(v.list) == 0 {
		return nil
	}
	out := newObject().at(kindArray)
	for _, item := range v.list {
		if allowed, ok := item.truth(); ok && item.is(kindBool) && !allowed {
			continue
		}
		out.list = append(out.list, c.schema(item, depth+1))
	}
	if len(out.list) == 0 {
		return nil
	}
	return out
}

// discriminator carries which property tells the alternatives apart, and the
// values that its mapping gives, as definitions of the tool.
func (c *converter) discriminator(out, v *node) {
	name := v.get("propertyName").str()
	if v.is(kindString) { // 2.0
		name = v.text
	}
	if name == "" {
		return
	}
	d := newObject()
	d.set("propertyName", newString(name))
	mapping := newObject()
	for _, m := range membersOf(v.get("mapping")) {
		target, err := c.l.mappingTarget(v.file, m.value.str())
		if err != nil {
			c.report(SeverityWarning, "unresolved-ref", m.value, "%v: the discriminator's value %q is left out", err, m.key)
			continue
		}
		mapping.members = append(mapping.members, member{key: m.key, value: c.refTo(target, v.at(kindObject), m.value.str()).get("$ref")})
	}
	if len(mapping.members) > 0 && refersToAll(out, mapping) {
		d.set("mapping", mapping)
	}
	out.set("discriminator", d)
}

// refersToAll reports whether every target of a mapping is among the
// alternatives, so that its definition will be at hand.
func refersToAll(out, mapping *node) bool {
	there := map[string]bool{}
	for _, key := range [...]string{"oneOf", "anyOf"} {
		for _, item := range out.get(key).items() {
			there[refOf(item)] = true
		}
	}
	for _, m := range mapping.members {
		if !there[m.value.str()] {
			return false
		}
	}
	return true
}

// mappingTarget resolves what a discriminator's mapping names: a reference, or
// just the name of a component.
func (l *lowerer) mappingTarget(from *file, ref string) (*node, error) {
	if from == nil {
		from = l.files.root
	}
	if from.overlays != nil {
		from = from.overlays
	}
	if !strings.ContainsAny(ref, "#/") {
		if n := l.bareName(from, ref); n != nil {
			ref = "#/components/schemas/" + ref
			if l.version == v20 {
				ref = "#/definitions/" + refBase(ref)
			}
		}
	}
	holder := &node{kind: kindObject, file: from, members: []member{{key: "$ref", value: newString(ref)}}}
	return l.resolveSchema(holder)
}
