package profile

import (
	"bytes"
	"encoding/json"
	"slices"
)

// annotations are the keywords that say something of a value and allow or refuse
// nothing.
var annotations = map[string]bool{"title": true, "description": true, "default": true, "examples": true, "deprecated": true}

func annotationsOf(s object) object {
	var out object
	for _, m := range s {
		if annotations[m.key] && m.key != "default" && m.key != "examples" {
			out = append(out, m)
		}
	}
	return out
}

// maxFold bounds how deep "allOf" is looked for in what "allOf" lists.
const maxFold = 8

// fold makes one schema of a schema with "allOf". It allows what all parts
// allow, and more where they overlap: the first to say something of a property
// is believed.
func (w *writer) fold(s object, depth int) object {
	var out object
	var parts []json.RawMessage
	for _, m := range s {
		if m.key == "allOf" {
			parts = readList(m.value)
		} else {
			out = append(out, m)
		}
	}
	if depth > maxFold {
		return out
	}
	for _, raw := range parts {
		part, ok := w.part(raw)
		if !ok {
			continue
		}
		if part.get("allOf") != nil {
			part = w.fold(part, depth+1)
		}
		for _, m := range part {
			out = combined(out, m)
		}
	}
	// What one part closes another may open.
	return slices.DeleteFunc(out, func(m member) bool { return m.key == "additionalProperties" || m.key == "patternProperties" })
}

// part returns a part of "allOf", behind its references.
func (w *writer) part(raw json.RawMessage) (object, bool) {
	for range maxFold {
		if len(raw) == 0 || raw[0] != '{' {
			return nil, false
		}
		s, err := readObject(raw)
		if err != nil {
			return nil, false
		}
		ref := s.get("$ref")
		if ref == nil {
			return s, true
		}
		name, ok := w.defName(textOf(ref))
		if !ok {
			return nil, false
		}
		raw = w.defs[name]
	}
	return nil, false
}

// combined adds a member of a part to what is there.
func combined(out object, m member) object {
	have := out.get(m.key)
	switch {
	case have == nil:
		out = append(out, m)
	case m.key == "properties":
		ours, err := readObject(have)
		theirs, err2 := readObject(m.value)
		if err != nil || err2 != nil {
			return out
		}
		for _, p := range theirs {
			if ours.get(p.key) == nil {
				ours = append(ours, p)
			}
		}
		out.set(m.key, ours.json())
	case m.key == "required":
		names := readList(have)
		for _, name := range readList(m.value) {
			if !slices.ContainsFunc(names, func(n json.RawMessage) bool { return bytes.Equal(n, name) }) {
				names = append(names, name)
			}
		}
		out.set(m.key, listOf(names))
	}
	return out
}

// indexFrom is bytes.Index from a place on.
func indexFrom(b []byte, mark string, from int) int {
	if i := bytes.Index(b[from:], []byte(mark)); i >= 0 {
		return from + i
	}
	return -1
}
