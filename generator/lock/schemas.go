package lock

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxDepth is how deep schemas are compared; documents of people end far above.
const maxDepth = 128

// side says whose schema is compared, and so which way a change may go: what
// callers send may become wider, and what they read narrower.
type side string

const (
	forInput  side = "input"
	forOutput side = "output"
)

// object is a JSON Schema that is an object.
type object = map[string]any

// schemas are one lock's definitions, decoded when they are first needed, and
// once, so that a definition is known again by its address.
type schemas struct {
	raw     map[string]json.RawMessage
	decoded map[string]object
}

func newSchemas(raw map[string]json.RawMessage) *schemas {
	return &schemas{raw: raw, decoded: map[string]object{}}
}

func (s *schemas) def(name string) object {
	if o, ok := s.decoded[name]; ok {
		return o
	}
	o := decode(s.raw[name])
	s.decoded[name] = o
	return o
}

// decode reads a schema; one that is no object, or not there, allows anything.
func decode(raw json.RawMessage) object {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		v = nil
	}
	return asObject(v)
}

// asObject returns a schema as an object. A schema that is true or left out
// allows anything.
func asObject(v any) object {
	switch v := v.(type) {
	case object:
		return v
	case bool:
		if !v {
			return object{"not": object{}}
		}
	}
	return object{}
}

// refOf returns the name of the definition that a schema refers to.
func refOf(o object) string {
	ref, _ := o["$ref"].(string)
	if ref == "" {
		return ""
	}
	raw, err := json.Marshal(object{"$ref": ref})
	if err != nil {
		return ""
	}
	if names := tool.Refs(raw); len(names) == 1 {
		return names[0]
	}
	return ""
}

// pairKey is a definition of the old lock with its counterpart in the new one.
type pairKey struct {
	side     side
	old, new string
}

// pair is what came of comparing two definitions: places in comparison.changes,
// and the pairs within.
type pair struct {
	changes []int
	within  []pairKey
}

// visit is a pair of schemas that were met on the way.
type visit struct{ old, new uintptr }

// walk compares one schema with another, without going into shared definitions
// that are compared on their own.
type walk struct {
	c       *comparison
	side    side
	met     map[visit]bool
	held    []object // what was met, so that no address is used twice
	found   []Change
	reached []pairKey
}

// schema compares the schemas of a tool, and names the tool in every change that
// shows in it.
func (c *comparison) schema(name string, s side, before, after json.RawMessage) {
	w := &walk{c: c, side: s, met: map[visit]bool{}}
	w.compare(decode(before), decode(after), string(s), 0)
	for _, change := range w.found {
		change.Tools = []string{name}
		c.changes = append(c.changes, change)
	}
	c.follow(name, w.reached)
}

// follow names a tool in the changes of the definitions that it reaches.
func (c *comparison) follow(name string, reached []pairKey) {
	seen := map[pairKey]bool{}
	for len(reached) > 0 {
		key := reached[0]
		reached = reached[1:]
		if seen[key] {
			continue
		}
		seen[key] = true
		p := c.pair(key)
		for _, i := range p.changes {
			if tools := c.changes[i].Tools; !slices.Contains(tools, name) {
				c.changes[i].Tools = append(tools, name)
			}
		}
		reached = append(reached, p.within...)
	}
}

// pair compares two definitions, once.
func (c *comparison) pair(key pairKey) *pair {
	if p, ok := c.pairs[key]; ok {
		return p
	}
	w := &walk{c: c, side: key.side, met: map[visit]bool{}}
	w.compare(c.old.def(key.old), c.new.def(key.new), string(key.side)+" "+key.new, 0)
	p := &pair{within: w.reached}
	for _, change := range w.found {
		p.changes = append(p.changes, len(c.changes))
		c.changes = append(c.changes, change)
	}
	c.pairs[key] = p
	return p
}

func (w *walk) add(level Level, kind Kind, where, format string, args ...any) {
	w.found = append(w.found, Change{Level: level, Kind: kind, Where: where, Message: fmt.Sprintf(format, args...)})
}

// compare compares two schemas.
func (w *walk) compare(before, after object, where string, depth int) {
	v := visit{reflect.ValueOf(before).Pointer(), reflect.ValueOf(after).Pointer()}
	if w.met[v] {
		return
	}
	w.met[v] = true
	w.held = append(w.held, before, after)
	if depth > maxDepth {
		w.add(Warning, ConditionChanged, where, "is nested too deep to be compared")
		return
	}
	oldRef, newRef := refOf(before), refOf(after)
	switch {
	case oldRef != "" && newRef != "":
		w.reached = append(w.reached, pairKey{w.side, oldRef, newRef})
		w.texts(before, after, where)
		return
	case oldRef != "":
		before = w.c.old.def(oldRef)
	case newRef != "":
		after = w.c.new.def(newRef)
	}
	if refOf(before) != "" || refOf(after) != "" {
		w.compare(before, after, where, depth+1) // a definition that is itself a reference
		return
	}
	w.texts(before, after, where)
	if w.unions(before, after, where, depth) || !w.types(before, after, where) {
		return
	}
	w.enum(before, after, where)
	w.bounds(before, after, where)
	w.formats(before, after, where)
	w.conditions(before, after, where)
	w.properties(before, after, where, depth)
	w.elements(before, after, where, depth)
	w.openness(before, after, where, depth)
	w.all(before, after, where, depth)
}

// texts compares what is only read.
func (w *walk) texts(before, after object, where string) {
	for _, key := range []string{"title", "description"} {
		if !equal(before[key], after[key]) {
			w.add(Text, TextChanged, where, "its %s changed", key)
		}
	}
	if before["deprecated"] != true && after["deprecated"] == true {
		w.add(Compatible, Deprecated, where, "is now deprecated")
	}
	was, had := before["default"]
	is, has := after["default"]
	switch {
	case w.side == forOutput || equal(was, is):
	case had && has:
		w.add(Warning, DefaultChanged, where, "the default was %s and is now %s: calls that leave it out mean something else", show(was), show(is))
	default:
		w.add(Text, DefaultChanged, where, "the default was %s and is now %s", show(was), show(is))
	}
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// show writes a value for a message, a long one cut short.
func show(v any) string {
	if v == nil {
		return "none"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	const most = 60
	if text := []rune(string(raw)); len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(raw)
}
