package shape

import (
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

const (
	// maxPointers and maxSegments bound what a caller may ask for.
	maxPointers = 256
	maxSegments = 64
)

// fields are the parts of a document that are kept: a tree of JSON pointers'
// segments. Nil fields keep everything.
type fields struct {
	members map[string]*fields // by name, or by index; nil values keep all below
	each    *fields            // what "*" leads to
	every   bool               // there is a "*"
	// merged has what a name and "*" lead to together, once it was asked for.
	merged map[string]*fields
}

// nothing keeps only what a schema demands.
var nothing = &fields{}

// parseFields reads JSON pointers (RFC 6901, section 3), in which a segment "*"
// stands for every element or key. What is no pointer is passed over; nil keeps
// everything.
func parseFields(pointers []string) *fields {
	if len(pointers) == 0 {
		return nil
	}
	root := &fields{}
	for _, p := range pointers[:min(len(pointers), maxPointers)] {
		if p == "" {
			return nil // the whole document
		}
		rest, ok := strings.CutPrefix(p, "/")
		if segments := strings.Split(rest, "/"); ok && len(segments) <= maxSegments {
			root.add(segments)
		}
	}
	return root
}

func (f *fields) add(segments []string) {
	for i, s := range segments {
		last := i == len(segments)-1
		next, known := f.child(s)
		switch {
		case known && next == nil:
			return // a shorter pointer keeps it already
		case last || next == nil:
			if next = nil; !last {
				next = &fields{}
			}
			f.set(s, next)
		}
		f = next
	}
}

// child returns what a segment of a pointer, as written, leads to.
func (f *fields) child(segment string) (*fields, bool) {
	if segment == "*" {
		return f.each, f.every
	}
	next, ok := f.members[unpointed(segment)]
	return next, ok
}

func (f *fields) set(segment string, next *fields) {
	if segment == "*" {
		f.each, f.every = next, true
		return
	}
	if f.members == nil {
		f.members = map[string]*fields{}
	}
	f.members[unpointed(segment)] = next
}

// unpointed undoes a segment's escapes.
func unpointed(segment string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)
}

// of returns what is kept of a member; false if the member is not.
func (f *fields) of(name string) (*fields, bool) {
	if f == nil {
		return nil, true
	}
	next, ok := f.members[name]
	switch {
	case !ok:
		return f.each, f.every
	case !f.every || next == nil:
		return next, true
	case f.each == nil:
		return nil, true
	}
	both, known := f.merged[name]
	if !known {
		if f.merged == nil {
			f.merged = map[string]*fields{}
		}
		both = next.with(f.each)
		f.merged[name] = both
	}
	return both, true
}

// with returns what is kept by either of two.
func (f *fields) with(o *fields) *fields {
	if f == nil || o == nil {
		return nil
	}
	out := &fields{members: map[string]*fields{}, every: f.every || o.every}
	switch {
	case f.every && o.every:
		out.each = f.each.with(o.each)
	case f.every:
		out.each = f.each
	default:
		out.each = o.each
	}
	for name, next := range f.members {
		out.members[name] = next
	}
	for name, next := range o.members {
		if have, ok := out.members[name]; ok {
			next = have.with(next)
		}
		out.members[name] = next
	}
	return out
}

// ofElement is as of for an array's element.
func (f *fields) ofElement(i int) (*fields, bool) {
	switch {
	case f == nil:
		return nil, true
	case len(f.members) == 0:
		return f.each, f.every
	}
	return f.of(strconv.Itoa(i))
}

// picker writes what is kept of a document.
type picker struct {
	tree *tree
	drop tool.Drop
	keys map[string]bool
}

func newPicker(t *tree, d tool.Drop) *picker {
	p := &picker{tree: t, drop: d}
	if len(d.Keys) > 0 {
		p.keys = make(map[string]bool, len(d.Keys))
		for _, k := range d.Keys {
			p.keys[k] = true
		}
	}
	return p
}

// write appends what is kept of a node. What the rules of a schema demand is
// kept in any case. It returns false if the node holds nothing of the fields.
func (p *picker) write(out []byte, id int32, f *fields, r *rules) ([]byte, bool) {
	n := &p.tree.nodes[id]
	start := len(out)
	var kept int
	switch {
	case r.whole():
		return append(out, p.tree.text[n.pos:n.end]...), f != nothing
	case n.kind == kindObject:
		out, kept = p.object(out, id, f, r)
	case n.kind == kindArray:
		out, kept = p.array(out, id, f, r)
	default:
		return append(out, p.tree.text[n.pos:n.end]...), f == nil
	}
	if kept < min(r.least(), int(n.count)) {
		return append(out[:start], p.tree.text[n.pos:n.end]...), f != nothing
	}
	return out, f == nil || kept > 0
}

func (p *picker) object(out []byte, id int32, f *fields, r *rules) ([]byte, int) {
	out = append(out, '{')
	kept := 0
	for c := p.tree.nodes[id].first; c != none; c = p.tree.nodes[c].next {
		n := &p.tree.nodes[c]
		name := p.tree.name(c)
		below, ok := f.of(name)
		must := r.needs(name)
		if !must && (!ok || p.drops(name, n)) {
			continue
		}
		if !ok {
			below = nothing
		}
		from := len(out)
		if kept > 0 {
			out = append(out, ',')
		}
		out = append(append(out, p.tree.text[n.key:n.keyEnd]...), ':')
		at := len(out)
		var held bool
		out, held = p.write(out, c, below, r.member(name, n.kind))
		if !must && (!held || p.drop.Empty && empty(out[at:])) {
			out = out[:from]
			continue
		}
		kept++
	}
	return append(out, '}'), kept
}

// drops reports whether a member is left out though it is asked for.
func (p *picker) drops(name string, n *node) bool {
	return p.keys[name] || p.drop.Nulls && n.kind == kindNull
}

func empty(value []byte) bool {
	return len(value) == 2 && value[0] != '-' && (value[0] < '0' || value[0] > '9')
}

// array keeps every object and array among the elements that are asked for,
// though nothing of it may be, so that the others keep their places.
func (p *picker) array(out []byte, id int32, f *fields, r *rules) ([]byte, int) {
	out = append(out, '[')
	kept, index := 0, 0
	for c := p.tree.nodes[id].first; c != none; c = p.tree.nodes[c].next {
		n := &p.tree.nodes[c]
		below, ok := f.ofElement(index)
		rules := r.element(index, n.kind)
		index++
		if !ok {
			continue
		}
		from := len(out)
		if kept > 0 {
			out = append(out, ',')
		}
		var held bool
		if out, held = p.write(out, c, below, rules); !held && n.kind != kindObject && n.kind != kindArray {
			out = out[:from]
			continue
		}
		kept++
	}
	return append(out, ']'), kept
}
