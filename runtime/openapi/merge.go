package openapi

import (
	"slices"
	"strconv"
)

// maxParts bounds the parts of one merged schema.
const maxParts = 500

// merged returns a schema with its "$ref" and "allOf" merged into one object,
// in the document's own terms. What can't be merged stays in its "allOf".
//
// A part that stands in it twice, as a base of two bases, counts once, so that
// nested allOf takes time in proportion to the document.
func (l *lowerer) merged(n *node) *node {
	out, _ := l.mergeParts(n)
	return out
}

// mergeParts is merged, and returns the schemas that went into it too.
func (l *lowerer) mergeParts(n *node) (*node, map[*node]bool) {
	m := &merger{l: l, seen: map[*node]bool{}, out: n.at(kindObject)}
	m.add(n, 0)
	m.out.resolved = true
	m.out.index = nil
	if len(m.rest) > 0 {
		m.out.set("allOf", &node{kind: kindArray, list: m.rest, file: n.file, line: n.line, col: n.col})
	}
	return m.out.finish(), m.seen
}

type merger struct {
	l    *lowerer
	seen map[*node]bool
	out  *node
	rest []*node // parts, or keywords of them, that can't be merged
	open bool    // a part has properties and leaves room for others
}

// add merges n into the result: first what it is made of, then its own keywords,
// whose texts win.
func (m *merger) add(n *node, depth int) {
	if !n.is(kindObject) || m.seen[n] {
		return
	}
	m.seen[n] = true
	if len(m.seen) > maxParts || depth > maxSchemaDepth {
		m.l.rep.report(SeverityWarning, "schema-too-large", n, "", "allOf nests too deep or has too many parts: the rest are left out")
		return
	}
	if refOf(n) != "" {
		target, err := m.l.resolveSchema(n)
		if err != nil {
			m.l.rep.report(SeverityWarning, "unresolved-ref", n, "", "%v: it is left out", err)
		} else {
			m.add(target, depth+1)
		}
	}
	if n.resolved {
		m.rest = append(m.rest, n.get("allOf").items()...)
	} else {
		for _, part := range n.get("allOf").items() {
			m.add(part, depth+1)
		}
	}
	own := n.without("$ref", "allOf")
	if !m.compatible(own) {
		m.rest = append(m.rest, own)
		return
	}
	if own.has("properties") && !own.has("additionalProperties") {
		m.open = true
		if v := m.out.get("additionalProperties"); v.is(kindBool) && !v.isTrue() {
			m.out = m.out.without("additionalProperties")
		}
	}
	for _, mm := range own.members {
		if mm.key == "additionalProperties" && m.open && mm.value.is(kindBool) && !mm.value.isTrue() {
			continue
		}
		m.keyword(mm)
	}
}

// compatible reports whether the parts have a type in common.
func (m *merger) compatible(part *node) bool {
	a, b := typeList(m.out), typeList(part)
	return len(a) == 0 || len(b) == 0 || len(intersect(a, b)) > 0
}

func typeList(n *node) []string {
	t := n.get("type")
	if t.is(kindArray) {
		return t.strings()
	}
	if t.str() == "" {
		return nil
	}
	return []string{t.str()}
}

func intersect(a, b []string) []string {
	var out []string
	for _, s := range a {
		if slices.Contains(b, s) || s == "integer" && slices.Contains(b, "number") {
			out = append(out, s)
		} else if s == "number" && slices.Contains(b, "integer") {
			out = append(out, "integer")
		}
	}
	return out
}

// keyword merges one keyword.
func (m *merger) keyword(mm member) {
	was := m.out.get(mm.key)
	if was == nil {
		m.put(mm, mm.value)
		return
	}
	budget := 2000
	if equal(was, mm.value, &budget) {
		return
	}
	switch mm.key {
	case "properties", "patternProperties":
		m.put(mm, m.both(was, mm.value))
	case "required":
		m.put(mm, union(was, mm.value))
	case "type":
		m.put(mm, newTypes(intersect(typeList(m.out), typeList(&node{kind: kindObject, members: []member{mm}}))))
	case "enum":
		m.enum(mm, was)
	case "minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum":
		m.put(mm, tighter(was, mm.value, 1))
	case "maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum":
		m.put(mm, tighter(was, mm.value, -1))
	case "nullable":
		m.put(mm, newBool(was.isTrue() && mm.value.isTrue()))
	case "additionalProperties":
		m.additional(mm, was)
	case "items", "propertyNames", "contains":
		m.put(mm, bothOf(was, mm.value))
	case "oneOf", "anyOf", "not", "if", "then", "else", "pattern", "multipleOf", "const", "prefixItems":
		m.rest = append(m.rest, &node{kind: kindObject, file: mm.value.file, line: mm.line, col: mm.col, members: []member{mm}})
	default: // texts and what else binds nothing: the outer, later one
		m.put(mm, mm.value)
	}
}

func (m *merger) put(mm member, value *node) {
	mm.value = value
	for i := range m.out.members {
		if m.out.members[i].key == mm.key {
			m.out.members[i] = mm
			return
		}
	}
	m.out.members = append(m.out.members, mm)
}

// both merges two maps of schemas: what stands in both must hold in both.
func (m *merger) both(a, b *node) *node {
	out := b.at(kindObject)
	out.members = slices.Clone(a.members)
	at := make(map[string]int, len(out.members))
	for i, mm := range out.members {
		at[mm.key] = i
	}
	for _, mm := range b.members {
		i, ok := at[mm.key]
		if !ok {
			at[mm.key] = len(out.members)
			out.members = append(out.members, mm)
			continue
		}
		mm.value = bothOf(out.members[i].value, mm.value)
		out.members[i] = mm
	}
	return out.finish()
}

// bothOf is a schema that holds where both do.
func bothOf(a, b *node) *node {
	budget := 2000
	switch {
	case equal(a, b, &budget) || !b.is(kindObject) || len(b.members) == 0:
		return a
	case !a.is(kindObject) || len(a.members) == 0:
		return b
	}
	out := b.at(kindObject)
	out.set("allOf", &node{kind: kindArray, list: []*node{a, b}})
	return out
}

func union(a, b *node) *node {
	list := a.strings()
	for _, s := range b.strings() {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return newStrings(list)
}

func newTypes(types []string) *node {
	if len(types) == 1 {
		return newString(types[0])
	}
	return newStrings(types)
}

// enum keeps the values that both allow; with none in common both stay.
func (m *merger) enum(mm member, was *node) {
	out := was.at(kindArray)
	for _, v := range was.items() {
		for _, w := range mm.value.items() {
			budget := 200
			if equal(v, w, &budget) {
				out.list = append(out.list, v)
				break
			}
		}
	}
	if len(out.list) == 0 {
		m.rest = append(m.rest, &node{kind: kindObject, members: []member{mm}})
		return
	}
	m.put(mm, out)
}

// tighter returns the larger of two bounds (sign 1) or the smaller (sign -1).
func tighter(a, b *node, sign float64) *node {
	x, errA := strconv.ParseFloat(a.str(), 64)
	y, errB := strconv.ParseFloat(b.str(), 64)
	if errA != nil || (errB == nil && sign*y > sign*x) {
		return b
	}
	return a
}

// additional merges "additionalProperties". A part that allows no others means
// its own properties, and the author means to add to them: only where every
// part with properties closes the object it stays closed.
func (m *merger) additional(mm member, was *node) {
	switch {
	case was.is(kindObject) && mm.value.is(kindObject):
		m.put(mm, bothOf(was, mm.value))
	case was.is(kindObject):
	case mm.value.is(kindObject):
		m.put(mm, mm.value)
	default:
		m.put(mm, newBool(was.isTrue() || mm.value.isTrue()))
	}
}
