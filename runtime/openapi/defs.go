package openapi

import (
	"path"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// direction says which side of a call a schema is for: inputs have no readOnly
// properties, outputs no writeOnly ones.
type direction uint8

const (
	forInput direction = iota
	forOutput
)

// dropped is the keyword that keeps a property out.
func (d direction) dropped() string {
	if d == forInput {
		return "readOnly"
	}
	return "writeOnly"
}

// defNames names the definitions of a document: a name stands for one schema
// only. The root document's components keep theirs; what else asks for a name
// that is taken gets a hash of where it stands.
type defNames struct {
	l      *lowerer
	bases  map[*node]string
	taken  map[string]bool
	inputs map[*node]string
	facts  map[*node]*defFacts
}

// defFacts is what one definition says by itself, without what it refers to.
type defFacts struct {
	marked  bool // has a readOnly or writeOnly property
	targets []*node
	differs *bool
}

func newDefNames(l *lowerer) *defNames {
	d := &defNames{l: l, bases: map[*node]string{}, taken: map[string]bool{}, inputs: map[*node]string{}, facts: map[*node]*defFacts{}}
	for _, list := range []*node{l.root.get("components").get("schemas"), l.root.get("definitions")} {
		for _, m := range membersOf(list) {
			if m.value.is(kindObject) && d.bases[m.value] == "" && refOf(m.value) == "" {
				d.claim(m.value, defName(m.key), m.key)
			}
		}
	}
	return d
}

// claim gives target a free name.
func (d *defNames) claim(target *node, name, seed string) {
	if d.taken[name] {
		name = tool.FitName(name, seed, tool.MaxName-7) + "_" + tool.NameHash(seed)
	}
	for d.taken[name] {
		seed += "#"
		name = name[:len(name)-6] + tool.NameHash(seed)
	}
	d.taken[name] = true
	d.bases[target] = name
}

// defName makes a definition's name of a component's.
func defName(key string) string {
	var b strings.Builder
	gap := false
	for _, r := range key {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = true
	}
	if b.Len() == 0 {
		return "Schema_" + tool.NameHash(key)
	}
	return b.String()
}

// name returns the definition's name for a direction; ref is how it was
// referred to.
func (d *defNames) name(target *node, dir direction, ref string) string {
	base, ok := d.bases[target]
	if !ok {
		d.claim(target, defName(refBase(ref)), seedOf(target, ref))
		base = d.bases[target]
	}
	if dir == forOutput || !d.differ(target) {
		return base
	}
	if name, ok := d.inputs[target]; ok {
		return name
	}
	name := base + "Input"
	for n := 0; d.taken[name]; n++ {
		name = base + "Input_" + tool.NameHash(base+strings.Repeat("#", n))
	}
	d.taken[name] = true
	d.inputs[target] = name
	return name
}

// seedOf tells where a definition stands, in words that stay the same when
// something else is added to the document.
func seedOf(target *node, ref string) string {
	_, fragment, _ := strings.Cut(ref, "#")
	if target.file == nil {
		return "#" + fragment
	}
	return target.file.base + "#" + fragment
}

// refBase is the last readable part of a reference.
func refBase(ref string) string {
	place, fragment, _ := strings.Cut(ref, "#")
	if fragment == "" || fragment == "/" {
		name := path.Base(place)
		return strings.TrimSuffix(name, path.Ext(name))
	}
	steps := strings.Split(fragment, "/")
	for i := len(steps) - 1; i >= 0; i-- {
		step := unescapeStep.Replace(steps[i])
		number := strings.IndexFunc(step, func(r rune) bool { return r < '0' || r > '9' }) < 0
		if !number && !placeWords[step] && (!strings.Contains(step, "/") || step[0] == '/') {
			return step
		}
	}
	return "Schema"
}

// placeWords are steps of a reference that name a place and no thing.
var placeWords = map[string]bool{
	"schema": true, "items": true, "content": true, "properties": true, "allOf": true, "oneOf": true, "anyOf": true,
	"additionalProperties": true, "responses": true, "requestBody": true, "parameters": true, "components": true, "schemas": true,
	"get": true, "put": true, "post": true, "delete": true, "patch": true, "paths": true, "$defs": true, "definitions": true,
}

// differ reports whether a definition is not the same in both directions: it,
// or something that it refers to, has a readOnly or writeOnly property.
func (d *defNames) differ(target *node) bool {
	if f := d.fact(target); f.differs != nil {
		return *f.differs
	}
	seen := map[*node]bool{target: true}
	queue := []*node{target}
	found := false
	for len(queue) > 0 && !found {
		f := d.fact(queue[0])
		queue = queue[1:]
		found = f.marked || (f.differs != nil && *f.differs)
		for _, t := range f.targets {
			if !seen[t] {
				seen[t] = true
				queue = append(queue, t)
			}
		}
	}
	if found {
		d.fact(target).differs = &found
		return true
	}
	for n := range seen { // none of what was reached leads to a mark
		d.fact(n).differs = &found
	}
	return false
}

// fact looks at one definition, once.
func (d *defNames) fact(target *node) *defFacts {
	if f, ok := d.facts[target]; ok {
		return f
	}
	f := &defFacts{}
	d.facts[target] = f
	d.look(f, target, 0, map[*node]bool{})
	return f
}

func (d *defNames) look(f *defFacts, n *node, depth int, seen map[*node]bool) {
	if n == nil || depth > maxDepth || (n.kind != kindObject && n.kind != kindArray) || seen[n] {
		return
	}
	seen[n] = true
	if ref := refOf(n); ref != "" {
		if t, err := d.l.resolveSchema(n); err == nil && t != nil {
			f.targets = append(f.targets, t)
		}
	}
	for _, item := range n.list {
		d.look(f, item, depth+1, seen)
	}
	for _, m := range n.members {
		switch {
		case m.key == "properties" && m.value.is(kindObject):
			for _, p := range m.value.members {
				if d.l.markedAs(p.value, "readOnly") || d.l.markedAs(p.value, "writeOnly") {
					f.marked = true
				}
				d.look(f, p.value, depth+1, seen)
			}
		case !notSchemas[m.key]:
			d.look(f, m.value, depth+1, seen)
		}
	}
}

// notSchemas are keywords whose values hold no schemas.
var notSchemas = map[string]bool{"example": true, "examples": true, "default": true, "enum": true, "const": true, "x-examples": true}

// markedAs reports whether a property's schema, or what it refers to, has the
// flag readOnly or writeOnly, and not both.
func (l *lowerer) markedAs(n *node, flag string) bool {
	both := [2]bool{}
	for range maxChain {
		both[0] = both[0] || n.get("readOnly").isTrue()
		both[1] = both[1] || n.get("writeOnly").isTrue()
		ref := refOf(n)
		if ref == "" {
			break
		}
		next, err := l.lookup(n.file, ref)
		if err != nil {
			break
		}
		n = next
	}
	if all := n.get("allOf").items(); len(all) == 1 && n.is(kindObject) && !both[0] && !both[1] {
		return l.markedAs(all[0], flag)
	}
	return both[0] != both[1] && both[0] == (flag == "readOnly")
}
