package shape

import "slices"

// repair returns the document without what breaks its schema, where that is
// easy: optional keys and elements of a wrong type, unknown keys of a closed
// object, unknown values of an enum. If nothing that is easy satisfies the
// schema it returns false. A nil tree is content that is no JSON.
func (s *schema) repair(t *tree) (string, bool) {
	if t != nil {
		r := s.rules(false, t.nodes[0].kind)
		if out, ok := t.clean(nil, 0, r); ok && s.accepts(string(out)) {
			return string(out), true
		}
	}
	return "{}", s.accepts("{}")
}

// clean appends a node without what its rules do not permit; false if what is
// wrong can't be left out of it.
func (t *tree) clean(out []byte, id int32, r *rules) ([]byte, bool) {
	n := &t.nodes[id]
	if !r.permits(t, id) {
		return out, false
	}
	if r == nil || r.rigid || (n.kind != kindArray && n.kind != kindObject) {
		return append(out, t.text[n.pos:n.end]...), true
	}
	out = append(out, t.text[n.pos])
	start, index := len(out), 0
	for c := n.first; c != none; c = t.nodes[c].next {
		at := len(out)
		if at > start {
			out = append(out, ',')
		}
		var ok bool
		if out, ok = t.cleanChild(out, n, c, index, r); !ok {
			if n.kind == kindObject && r.needs(t.name(c)) {
				return out, false
			}
			out = out[:at]
		}
		index++
	}
	return append(out, t.text[n.end-1]), true
}

func (t *tree) cleanChild(out []byte, parent *node, c int32, index int, r *rules) ([]byte, bool) {
	m := &t.nodes[c]
	if parent.kind == kindArray {
		return t.clean(out, c, r.element(index, m.kind))
	}
	out = append(append(out, t.text[m.key:m.keyEnd]...), ':')
	return t.clean(out, c, r.member(t.name(c), m.kind))
}

// permits reports whether a value's type, and a string's enum, can be right.
func (r *rules) permits(t *tree, id int32) bool {
	if r == nil || r.view == nil {
		return true
	}
	n := &t.nodes[id]
	if r.forbidden {
		return false
	}
	for _, s := range r.schemas {
		if !r.view.allows(s, n.kind, 0) {
			return false
		}
		if s.Enum != nil && n.kind == kindString && !r.united {
			value := decode(t.text[n.pos+1 : n.end-1])
			if !slices.ContainsFunc(s.Enum, func(e any) bool { return e == value }) {
				return false
			}
		}
	}
	return true
}
