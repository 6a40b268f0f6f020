package profile

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/scan"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Bounds on writing out definitions in place of references.
const (
	// shortDef is the length of a definition, in bytes, that costs no more than
	// a reference to it.
	shortDef = 48
	// flatPercent is what writing everything out may cost, in percent of what
	// sharing does, to be preferred.
	flatPercent = 125
	// maxLevels is how many references are followed, one within another, where
	// none may stay.
	maxLevels = 8
	// cycleLevels is how many are followed from a definition that leads to itself.
	cycleLevels = 2
	// Where none may stay, a schema is written to such a depth that it takes no
	// more bytes than this.
	maxFlatInput  = 32 << 10
	maxFlatOutput = 8 << 10
	// anyLevels is enough for every definition of a document to be followed.
	anyLevels = 1 << 20
)

// adapted writes the document as its rules for references say.
func (d *document) adapted() (json.RawMessage, error) {
	all := func(string) bool { return true }
	none := func(string) bool { return false }
	if len(d.defs) == 0 || d.refs == keepRefs {
		return (&writer{document: d, kept: all}).write(anyLevels)
	}
	uses, cyclic := d.graph()
	if d.refs == inlineRefs {
		return d.inlined(none, cyclic)
	}
	kept := func(name string) bool {
		return cyclic[name] || uses[name] > 1 && len(d.defs[name]) > shortDef
	}
	shared, err := (&writer{document: d, kept: kept}).write(anyLevels)
	if err != nil || len(cyclic) > 0 {
		return shared, err
	}
	flat, err := (&writer{document: d, kept: none, limit: len(shared) * flatPercent / 100}).write(anyLevels)
	if err != nil || flat != nil {
		return flat, err
	}
	return shared, nil
}

// inlined writes everything out, as deep as it fits.
func (d *document) inlined(none func(string) bool, cyclic map[string]bool) (json.RawMessage, error) {
	limit := maxFlatInput
	if d.output {
		limit = maxFlatOutput
	}
	for levels := maxLevels; levels > 0; levels-- {
		text, err := (&writer{document: d, kept: none, cyclic: cyclic, limit: limit}).write(levels)
		if err != nil || text != nil {
			return text, err
		}
	}
	return (&writer{document: d, kept: none}).write(0) // its own properties are as many as they are
}

// graph counts the references to each definition, and returns definitions
// without which no cycle of references would be left.
func (d *document) graph() (uses map[string]int, cyclic map[string]bool) {
	uses, cyclic = map[string]int{}, map[string]bool{}
	const open, closed = 1, 2
	state := map[string]int{}
	var visit func(names []string)
	visit = func(names []string) {
		for _, name := range names {
			uses[name]++
			switch state[name] {
			case open:
				cyclic[name] = true
			case closed:
			default:
				state[name] = open
				visit(d.refsIn(d.defs[name]))
				state[name] = closed
			}
		}
	}
	visit(d.refsIn(d.root.json()))
	return uses, cyclic
}

// refsIn returns the names of definitions that a schema refers to, each as often
// as it does.
func (d *document) refsIn(schema json.RawMessage) []string {
	var names []string
	const mark = `"$ref":"` + tool.RefPrefix
	for i := 0; ; {
		next := indexFrom(schema, mark, i)
		if next < 0 {
			return names
		}
		start := next + len(`"$ref":`)
		text := scan.Of(schema[start:])
		ref, _ := text.Value()
		i = start + text.At()
		if name, ok := d.defName(textOf(ref)); ok {
			names = append(names, name)
		}
	}
}

// reference adapts a schema with a "$ref".
func (w *writer) reference(s object, ref string, at place) (object, error) {
	beside := slices.DeleteFunc(slices.Clone(s), func(m member) bool { return m.key == "$ref" })
	name, ok := w.defName(ref)
	if !ok {
		return w.anything(annotationsOf(beside)), nil
	}
	if w.kept(name) {
		w.used[name] = true
		if len(beside) == 0 {
			return s, nil
		}
		rest, err := w.object(beside, at)
		return append(object{{"$ref", quote(ref)}}, rest...), err
	}
	if at.levels <= 0 {
		return w.cut(name, beside), nil
	}
	levels := at.levels - 1
	if w.cyclic[name] {
		levels = min(levels, cycleLevels)
	}
	inner := place{nesting: at.nesting + 1, levels: levels}
	if len(beside) > 0 {
		target, err := readObject(w.defs[name])
		if err != nil {
			return nil, err
		}
		if inner.nesting > maxNesting {
			return nil, fmt.Errorf("it nests deeper than %d levels", maxNesting)
		}
		return w.object(overlaid(target, beside), inner)
	}
	return w.writtenOut(name, inner)
}

// writtenOut returns a definition in place of a reference to it.
func (w *writer) writtenOut(name string, at place) (object, error) {
	key := written{name, at.levels}
	text, ok := w.done[key]
	if !ok {
		var err error
		if text, err = w.schema(w.defs[name], at); err != nil {
			return nil, err
		}
		w.done[key] = text
	}
	return readObject(text)
}

// overlaid returns a definition with what stands beside a reference to it, which
// says more of this one place.
func overlaid(target, beside object) object {
	out := slices.Clone(target)
	for _, m := range beside {
		if annotations[m.key] || out.get(m.key) == nil {
			out.set(m.key, m.value)
		}
	}
	return out
}

// cut stands for a definition that is too deep to be written out: its type, and
// in words what it is.
func (w *writer) cut(name string, beside object) object {
	if w.output {
		return annotationsOf(beside)
	}
	target, err := readObject(w.defs[name])
	if err != nil {
		target = nil
	}
	var out object
	switch kind := target.text("type"); {
	case kind == "array":
		out = object{{"type", quote(kind)}, {"items", w.anything(nil).json()}}
	case kind != "":
		out = object{{"type", quote(kind)}}
	case target.get("properties") != nil && target.get("type") == nil:
		out = object{{"type", quote("object")}}
	default:
		out = w.anything(nil)
	}
	text := beside.text("description")
	if text == "" {
		text = target.text("description")
	}
	text = sentence(text, fmt.Sprintf("Nested too deep to be written out: %s.", name))
	if union := out.get("anyOf"); union != nil {
		return describedUnion(union, text)
	}
	out.set("description", quote(text))
	return out
}
