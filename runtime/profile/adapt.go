package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxNesting bounds how deep schemas nest, what references lead to included.
const maxNesting = 512

// adapt returns a schema with "$defs" as clients of these rules take it.
func (r rules) adapt(schema json.RawMessage, output bool) (json.RawMessage, error) {
	if len(schema) == 0 || r.asIs {
		return schema, nil
	}
	var compact bytes.Buffer
	compact.Grow(len(schema))
	if err := json.Compact(&compact, schema); err != nil {
		return nil, err
	}
	root, err := readObject(compact.Bytes())
	if err != nil {
		return nil, err
	}
	d := &document{rules: r, output: output, several: r.inputTypes, defs: map[string]json.RawMessage{}}
	if output {
		d.several = r.outputTypes
	}
	for _, m := range root {
		if m.key != "$defs" {
			d.root = append(d.root, m)
			continue
		}
		defs, err := readObject(m.value)
		if err != nil {
			return nil, fmt.Errorf("$defs: %w", err)
		}
		for _, def := range defs {
			d.defs[def.key] = def.value
		}
	}
	return d.adapted()
}

// document is one tool's schema, taken apart.
type document struct {
	rules
	output  bool
	several types
	root    object
	defs    map[string]json.RawMessage
}

// writer writes a document in one of the ways that references can be dealt
// with. It is used once.
type writer struct {
	*document
	// kept reports whether references to a definition stay references.
	kept func(name string) bool
	// cyclic are definitions that lead to themselves; where they are written out,
	// it is but a few times.
	cyclic map[string]bool
	limit  int // bytes; 0 is no limit
	over   bool
	used   map[string]bool // the definitions that are referred to
	done   map[written]json.RawMessage
}

// written names a definition that is written out, with this many levels of
// references left to follow.
type written struct {
	name   string
	levels int
}

// write returns the whole schema, with the definitions that it refers to. It
// returns nil if that is over the limit.
func (w *writer) write(levels int) (json.RawMessage, error) {
	w.used, w.done = map[string]bool{}, map[written]json.RawMessage{}
	body, err := w.object(w.root, place{levels: levels, root: true})
	if err != nil {
		return nil, err
	}
	defs := map[string]json.RawMessage{}
	for len(defs) < len(w.used) && !w.over {
		for _, name := range slices.Sorted(maps.Keys(w.used)) {
			if _, ok := defs[name]; ok {
				continue
			}
			if defs[name], err = w.schema(w.defs[name], place{levels: levels}); err != nil {
				return nil, err
			}
		}
	}
	if len(defs) > 0 {
		var list object
		for _, name := range slices.Sorted(maps.Keys(defs)) {
			list = append(list, member{name, defs[name]})
		}
		body.set("$defs", list.json())
	}
	text := body.json()
	if w.over || w.limit > 0 && len(text) > w.limit {
		return nil, nil
	}
	return text, nil
}

// place says where in a document a schema stands.
type place struct {
	nesting int
	levels  int // of references that may still be written out
	root    bool
}

func (p place) within() place { return place{nesting: p.nesting + 1, levels: p.levels} }

// schema adapts one schema.
func (w *writer) schema(raw json.RawMessage, at place) (json.RawMessage, error) {
	switch {
	case w.over:
		return json.RawMessage("{}"), nil
	case at.nesting > maxNesting:
		return nil, fmt.Errorf("it nests deeper than %d levels", maxNesting)
	case len(raw) == 0 || raw[0] != '{': // a boolean schema
		return w.anything(nil).json(), nil
	}
	s, err := readObject(raw)
	if err != nil {
		return nil, err
	}
	out, err := w.object(s, at)
	if err != nil {
		return nil, err
	}
	text := out.json()
	w.over = w.over || w.limit > 0 && len(text) > w.limit
	return text, nil
}

// object adapts one schema that is taken apart.
func (w *writer) object(s object, at place) (object, error) {
	if ref := s.get("$ref"); ref != nil {
		return w.reference(s, textOf(ref), at)
	}
	if s.get("allOf") != nil {
		s = w.fold(s, 0)
	}
	k := &keywords{writer: w, from: s, at: at}
	for _, m := range s {
		if err := k.add(m); err != nil {
			return nil, err
		}
	}
	return k.finish(), nil
}

// anything is a schema that allows all, as near as these clients come to it, with
// these annotations.
func (w *writer) anything(annotations object) object {
	out := slices.Clone(annotations)
	if w.typed && !w.output {
		out.set("anyOf", json.RawMessage(`[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"object"},{"type":"array","items":{"type":"string"}}]`))
	}
	return out
}

// defName returns the name of the definition that a reference is to.
func (d *document) defName(ref string) (string, bool) {
	names := tool.Refs(object{{"$ref", quote(ref)}}.json())
	if len(names) != 1 || d.defs[names[0]] == nil {
		return "", false
	}
	return names[0], true
}
