package openapi

import "slices"

// marks is a tree of the places of nodes that are to be changed.
type marks struct {
	chosen bool
	below  map[int]*marks
}

// marked makes the tree of places of what a query found.
func marked(found []*located) *marks {
	root := &marks{}
	var at func(l *located) *marks
	at = func(l *located) *marks {
		if l.parent == nil {
			return root
		}
		up := at(l.parent)
		if up.below == nil {
			up.below = map[int]*marks{}
		}
		if up.below[l.place] == nil {
			up.below[l.place] = &marks{}
		}
		return up.below[l.place]
	}
	for _, l := range found {
		at(l).chosen = true
	}
	return root
}

// rewrite returns a tree in which change was applied to the marked nodes, those
// below first; nil takes a node out. What is not on the way to one is shared
// with the old tree, which stays as it is: with YAML aliases, a node that was
// not chosen may be the same as one that was.
func rewrite(n *node, at *marks, change func(*node) *node) *node {
	out := *n
	if len(at.below) > 0 {
		out.members = slices.Clone(n.members)
		out.list = slices.Clone(n.list)
		for i := range out.members {
			if below := at.below[i]; below != nil {
				out.members[i].become(rewrite(out.members[i].value, below, change))
			}
		}
		for i := range out.list {
			if below := at.below[i]; below != nil {
				out.list[i] = rewrite(out.list[i], below, change)
			}
		}
		out.members = slices.DeleteFunc(out.members, func(m member) bool { return m.value == nil })
		out.list = slices.DeleteFunc(out.list, func(item *node) bool { return item == nil })
		out.index = nil
		out.finish()
	}
	if at.chosen {
		return change(&out)
	}
	return &out
}

// become gives a member another value. One from another file brings its place
// with it, so that the key's place is in the value's file.
func (m *member) become(value *node) {
	if value != nil && m.value.file != value.file {
		m.line, m.col = value.line, value.col
	}
	m.value = value
}

// overlayMerger merges an overlay's values into a document's, as the Overlay
// Specification's Action Object says.
type overlayMerger struct{ o *overlay }

// merge returns the document's value with the overlay's merged in: objects key
// by key, arrays one after the other, and other values replaced.
func (m *overlayMerger) merge(n, value *node) *node {
	m.o.merges += 1 + len(value.list) + len(n.list) + len(n.members)
	switch {
	case m.o.merges > maxMerges:
		return n
	case sortOf(n) != sortOf(value):
		m.o.warn(value, "overlay-incompatible", "this is %s, and what is in the document is %s: it stays as it was; remove it first", value.kind, n.kind)
		return n
	case n.is(kindArray):
		out := *n
		out.list = slices.Concat(n.list, value.list)
		return &out
	case !n.is(kindObject):
		return value
	}
	out := *n
	out.members = slices.Clone(n.members) // and not in place: n may stand elsewhere too
	for _, mm := range value.members {
		if i := n.placeOf(mm.key); i >= 0 {
			out.members[i].become(m.merge(n.members[i].value, mm.value))
			continue
		}
		out.members = append(out.members, mm)
	}
	out.index = nil
	return out.finish()
}

// extent is how many values a tree has when written out, and how deep it nests.
type extent struct{ size, depth int }

// expanded measures a tree in which nodes may stand in several places, in time
// linear in the nodes; it stops once the tree is too large.
func expanded(n *node, done map[*node]extent) (e extent, tooLarge bool) {
	if n.kind != kindObject && n.kind != kindArray {
		return extent{1, 0}, false
	}
	if got, ok := done[n]; ok {
		return got, false
	}
	e.size = 1
	add := func(child *node) bool {
		c, over := expanded(child, done)
		e.size += c.size
		e.depth = max(e.depth, c.depth+1)
		return over || e.size > maxExpanded || e.depth > maxDepth
	}
	for _, item := range n.list {
		if add(item) {
			return e, true
		}
	}
	for i := range n.members {
		if add(n.members[i].value) {
			return e, true
		}
	}
	done[n] = e
	return e, false
}
