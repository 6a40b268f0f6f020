package shape

import (
	"strconv"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// toonable reports whether a document can be one of TOON: TOON has no escapes but
// five, can't say a key twice, and lists of lists only of scalars. Base64, which
// is elided, is left to JSON.
func (t *tree) toonable(id int32) bool {
	n := &t.nodes[id]
	switch n.kind {
	case kindString:
		return !n.binary && plainEscapes(t.raw(id))
	case kindArray:
		for c := n.first; c != none; c = t.nodes[c].next {
			if t.nodes[c].kind == kindArray && !t.scalars(c) || !t.toonable(c) {
				return false
			}
		}
	case kindObject:
		keys := make(map[string]bool, n.count)
		for c := n.first; c != none; c = t.nodes[c].next {
			key := string(t.text[t.nodes[c].key:t.nodes[c].keyEnd])
			if keys[key] || !plainEscapes([]byte(key)) || !t.toonable(c) {
				return false
			}
			keys[key] = true
		}
	}
	return true
}

// scalars reports whether an array has no arrays and objects.
func (t *tree) scalars(id int32) bool {
	for c := t.nodes[id].first; c != none; c = t.nodes[c].next {
		if k := t.nodes[c].kind; k == kindArray || k == kindObject {
			return false
		}
	}
	return true
}

// wholly returns the plan by which all of a document is TOON; nil if it can't be.
func (p *planner) wholly() *plan {
	if len(p.tree.raw(p.root)) > maxPlanned {
		return nil
	}
	if k := p.tree.nodes[p.root].kind; k != kindObject && k != kindArray || !p.tree.toonable(p.root) {
		return nil
	}
	whole := &plan{tables: map[int32]*table{}, above: map[int32]bool{}, toon: true}
	p.uniform(p.root, whole.tables)
	return whole
}

// uniform finds the arrays that are tables of TOON.
func (p *planner) uniform(id int32, tables map[int32]*table) {
	if rows := p.objects(id); rows != nil {
		if all, ok := p.tree.columns(rows, nil); ok {
			if tb := p.tree.tabulate(rows, all, tool.LayoutTOON); tb != nil {
				tables[id] = tb
				return
			}
		}
	}
	for c := p.tree.nodes[id].first; c != none; c = p.tree.nodes[c].next {
		p.uniform(c, tables)
	}
}

// toonWriter writes a document as TOON (version 3 of its specification), without
// a line feed at the end.
type toonWriter struct {
	tree *tree
	plan *plan
	g    *growth // nil for all of the document
	k    int32   // steps of g
	out  []byte
}

// document writes a document, whose root is an object or an array.
func (w *toonWriter) document(root int32) []byte {
	from := len(w.out)
	if w.tree.nodes[root].kind == kindObject {
		w.members(root, 0, false, w.g == nil)
	} else {
		w.array(root, 0, w.g == nil)
	}
	if n := len(w.out); n > from && w.out[n-1] == '\n' {
		w.out = w.out[:n-1]
	}
	return w.out
}

// has reports whether a node is shown; all says that everything here is.
func (w *toonWriter) has(id int32, all bool) bool { return all || w.g.has(id, w.k) }

// below reports whether everything below a node is shown.
func (w *toonWriter) below(id int32, all bool) bool { return all || w.g.whole[id] }

// shown returns how many elements of an array are.
func (w *toonWriter) shown(id int32, all bool) int {
	n := 0
	for c := w.tree.nodes[id].first; c != none && w.has(c, all); c = w.tree.nodes[c].next {
		n++
	}
	return n
}

func (w *toonWriter) indent(depth int) {
	for range depth {
		w.out = append(w.out, "  "...)
	}
}

// members writes the members of an object, a line or more each. The first stands
// on the line of a list's item if there is one.
func (w *toonWriter) members(id int32, depth int, item, all bool) {
	all = w.below(id, all)
	for c := w.tree.nodes[id].first; c != none; c = w.tree.nodes[c].next {
		if !w.has(c, all) {
			continue
		}
		if !item {
			w.indent(depth)
		}
		item = false
		n := &w.tree.nodes[c]
		key := w.tree.text[n.key:n.keyEnd]
		if content := key[1 : len(key)-1]; toonKey.Match(content) {
			key = content
		}
		w.out = append(w.out, key...)
		switch n.kind {
		case kindArray:
			w.array(c, depth, all)
		case kindObject:
			w.out = append(w.out, ":\n"...)
			w.members(c, depth+1, false, all)
		default:
			w.out = append(w.out, ": "...)
			w.scalar(c, all)
			w.out = append(w.out, '\n')
		}
	}
}

// array writes an array after its key.
func (w *toonWriter) array(id int32, depth int, all bool) {
	all = w.below(id, all)
	rows := w.shown(id, all)
	w.out = append(strconv.AppendInt(append(w.out, '['), int64(rows), 10), ']')
	if tb := w.plan.tables[id]; tb != nil && rows > 0 {
		w.out = append(append(append(w.out, '{'), tb.labels...), "}:\n"...)
		for r := range rows {
			w.indent(depth)
			w.out = tb.row(w.out, w.tree, r)
		}
		return
	}
	w.out = append(w.out, ':')
	if w.tree.scalars(id) {
		w.inline(id, rows, all)
		return
	}
	w.out = append(w.out, '\n')
	for c := w.tree.nodes[id].first; rows > 0; c = w.tree.nodes[c].next {
		w.indent(depth + 1)
		w.item(c, depth+1, all)
		rows--
	}
}

// inline writes scalars on the line of their array.
func (w *toonWriter) inline(id int32, rows int, all bool) {
	sep := byte(' ')
	for c := w.tree.nodes[id].first; rows > 0; c = w.tree.nodes[c].next {
		w.out = append(w.out, sep)
		w.scalar(c, all)
		sep = ','
		rows--
	}
	w.out = append(w.out, '\n')
}

// item writes an element of a list.
func (w *toonWriter) item(id int32, depth int, all bool) {
	w.out = append(w.out, '-')
	switch w.tree.nodes[id].kind {
	case kindArray:
		w.out = append(w.out, ' ')
		w.array(id, depth, all)
	case kindObject:
		w.out = append(w.out, ' ')
		from := len(w.out)
		if w.members(id, depth+1, true, all); len(w.out) == from {
			w.out[from-1] = '\n' // an empty object
		}
	default:
		w.out = append(w.out, ' ')
		w.scalar(id, all)
		w.out = append(w.out, '\n')
	}
}

func (w *toonWriter) scalar(id int32, all bool) {
	if all || w.tree.nodes[id].kind != kindString {
		w.out = w.tree.toonCell(w.out, id)
		return
	}
	w.out = appendTOON(w.out, w.g.renderString(nil, id, w.k, inText))
}
