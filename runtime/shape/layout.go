package shape

import (
	"regexp"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/scan"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// # Tables in a text
//
// Under a [tool.Layout] other than JSON, an array of objects may stand in a text
// as a table, in the place of the array: the rest stays JSON without white
// space. Every line of a table ends with a line feed, and its head says how many
// rows it has, so that a reader knows where JSON goes on.
//
//	toon     [2]{id,name}:           the table of TOON, version 3, for uniform
//	           1,Anna                objects of scalars; or the whole document is
//	           2,"1"                 TOON, if that is the smallest
//	csv      csv[2]                  without this line if the array is the document
//	         id,name                 RFC 4180
//	         1,Anna
//	         2,"""1"""
//	columns  table[2] each {"kind":"person","geo":{"zone":1}}
//	         id,name,geo.city        "a.b" is a member of a member
//	         1,Anna,Bern
//	         2,"1",Basel
//
// In csv and columns a cell is nothing where the object lacks the member, JSON's
// spelling of a number, true, false, null, an array or an object, and a string as
// it is unless it could be taken for one of these, is empty, or (in columns) has a
// comma, a quote first or something that JSON escapes: then it is a JSON string.
// CSV quotes come on top of that. What "each" gives is a part of every row. Names
// of columns are JSON strings where they are more than letters, digits, "_", "-",
// "$" and "@". Only the order of an object's members is lost.

const (
	// minTable is the shortest array that is worth a try, in bytes.
	minTable = 48
	// maxColumns bounds a table's width.
	maxColumns = 256
	// maxTable bounds the cells of a table while it is made.
	maxTable = 4 << 20
	// maxPlanned bounds how much of a document is written as tables to see which
	// are smaller, in bytes; what is nested is written at each level.
	maxPlanned = 16 << 20
	// maxNested bounds how deep objects are opened up into columns.
	maxNested = 8
)

// table is how an array is written.
type table struct {
	kind   tool.Layout
	rows   []int32  // the elements
	leaves []column // that vary
	labels []byte   // the line of the columns' names
	each   []byte   // what all rows have, as a JSON object; empty for none
	// bare is what is the whole document: CSV then has no head, and TOON no line
	// feed at the end.
	bare bool
}

// column is a member of the elements, or a member of such a member.
type column struct {
	name  []byte // as a JSON string
	label []byte // as columns name it, with the names above
	cells []int32
	// below are an object's members, if it is opened up.
	below []column
	same  bool // all cells are equal
	full  bool // no cell is missing
}

// plan is how the arrays of a document are written in a text.
type plan struct {
	tables map[int32]*table
	above  map[int32]bool // what has a table somewhere in it
	toon   bool           // all of the document is TOON
}

// table returns how an array is written; nil for as JSON.
func (p *plan) table(id int32) *table {
	if p == nil {
		return nil
	}
	return p.tables[id]
}

// planner finds the smallest form of each array of a document.
type planner struct {
	s     *Shaper
	tree  *tree
	kinds []tool.Layout
	root  int32
	plan  plan
	done  int // bytes that were written to try tables
}

// lay returns how the arrays of a document are written, nil if all stay JSON.
func (s *Shaper) lay(t *tree, root int32, layout tool.Layout) *plan {
	kinds := []tool.Layout{layout}
	switch layout {
	case tool.LayoutTOON, tool.LayoutCSV, tool.LayoutColumns:
	case tool.LayoutAuto:
		kinds = []tool.Layout{tool.LayoutColumns, tool.LayoutTOON, tool.LayoutCSV}
	default:
		return nil
	}
	p := planner{s: s, tree: t, kinds: kinds, root: root, plan: plan{tables: map[int32]*table{}, above: map[int32]bool{}}}
	p.visit(root)
	best := &p.plan
	if len(p.plan.tables) == 0 {
		best = nil
	}
	if !slices.Contains(kinds, tool.LayoutTOON) {
		return best
	}
	if whole := p.wholly(); whole != nil && p.smaller(whole, best) {
		return whole
	}
	return best
}

// smaller reports whether a plan makes a smaller document than another, which
// may be none: then it must be smaller by a token at least.
func (p *planner) smaller(a, b *plan) bool {
	text, other := a.write(nil, p.tree, p.root), b.write(nil, p.tree, p.root)
	if len(text) > len(other)+len(other)/4 {
		return false
	}
	least := p.s.counter.Count(scan.View(other))
	if b == nil {
		least--
	}
	_, ok := p.s.counter.CountUpTo(scan.View(text), least)
	return ok
}

// visit plans what is below a node, then the node, and reports whether there is a
// table in it. Tables below are given up if the node itself is better one.
func (p *planner) visit(id int32) bool {
	n := &p.tree.nodes[id]
	if n.kind != kindArray && n.kind != kindObject || n.end-n.pos < minTable {
		return false
	}
	for c := n.first; c != none; c = p.tree.nodes[c].next {
		if p.visit(c) {
			p.plan.above[id] = true
		}
	}
	if tb := p.best(id); tb != nil {
		p.forget(id)
		p.plan.tables[id] = tb
	}
	return p.plan.above[id] || p.plan.tables[id] != nil
}

// forget gives up the tables below a node.
func (p *planner) forget(id int32) {
	if !p.plan.above[id] {
		return
	}
	delete(p.plan.above, id)
	for c := p.tree.nodes[id].first; c != none; c = p.tree.nodes[c].next {
		delete(p.plan.tables, c)
		p.forget(c)
	}
}

// best returns the table that an array is smallest as; nil if JSON is no larger.
// Bytes tell what is not worth counting: tables have no fewer bytes a token.
func (p *planner) best(id int32) *table {
	if p.tree.nodes[id].kind != kindArray {
		return nil
	}
	if p.done += len(p.tree.raw(id)); p.done > maxPlanned {
		return nil
	}
	rows := p.objects(id)
	if rows == nil {
		return nil
	}
	all, ok := p.tree.columns(rows, nil)
	if !ok {
		return nil
	}
	json := p.plan.write(nil, p.tree, id)
	size, least := len(json), -1
	var found *table
	for _, kind := range p.kinds {
		tb := p.tree.tabulate(rows, all, kind)
		if tb == nil {
			continue
		}
		tb.bare = kind != tool.LayoutColumns && id == p.root
		text := tb.write(nil, p.tree, len(rows))
		if len(text) >= len(json) || len(text) > size+size/4 {
			continue
		}
		if least < 0 {
			least = p.s.counter.Count(scan.View(json))
		}
		if n, ok := p.s.counter.CountUpTo(scan.View(text), least-1); ok {
			found, least, size = tb, n, len(text)
		}
	}
	return found
}

// objects returns an array's elements if they can be a table's rows: two or more
// objects, none of them empty, and no base64 in them, which is better left out.
func (p *planner) objects(id int32) []int32 {
	n := &p.tree.nodes[id]
	if n.kind != kindArray || n.count < 2 {
		return nil
	}
	rows := make([]int32, 0, n.count)
	for c := n.first; c != none; c = p.tree.nodes[c].next {
		if m := &p.tree.nodes[c]; m.kind != kindObject || m.count == 0 {
			return nil
		}
		rows = append(rows, c)
	}
	for i := int(id) + 1; i < len(p.tree.nodes) && p.tree.nodes[i].pos < n.end; i++ {
		if p.tree.nodes[i].binary {
			return nil
		}
	}
	return rows
}

// tabulate makes a table of objects, of which all are the members; nil if they
// can't be one of a kind.
func (t *tree) tabulate(rows []int32, all []column, kind tool.Layout) *table {
	tb, ok := &table{kind: kind, rows: rows}, true
	switch kind {
	case tool.LayoutTOON:
		ok = t.uniform(all)
		tb.leaves = all
	case tool.LayoutCSV:
		tb.leaves = all
	default:
		t.open(all, 1)
		tb.each = t.constant(all)
		tb.leaves = leaves(nil, all)
	}
	if !ok || len(tb.leaves) == 0 || len(tb.leaves) > maxColumns {
		return nil
	}
	for i, c := range tb.leaves {
		if i > 0 {
			tb.labels = append(tb.labels, ',')
		}
		tb.labels = c.appendName(tb.labels, kind)
	}
	return tb
}

// columns returns the members of objects, in the order in which they come; false
// if there are too many, or an object has one twice.
func (t *tree) columns(rows []int32, above []byte) ([]column, bool) {
	var all []column
	byName := map[string]int{}
	for r, row := range rows {
		next := 0
		for c := t.nodes[row].first; c != none; c = t.nodes[c].next {
			key := t.text[t.nodes[c].key:t.nodes[c].keyEnd]
			i := next
			if i >= len(all) || string(all[i].name) != string(key) {
				known := false
				if i, known = byName[string(key)]; !known {
					i = len(all)
					if i == maxColumns || (i+1)*len(rows) > maxTable {
						return nil, false
					}
					byName[string(key)] = i
					all = append(all, newColumn(key, above, len(rows)))
				}
			}
			if all[i].cells[r] != none {
				return nil, false
			}
			all[i].cells[r] = c
			next = i + 1
		}
	}
	for i := range all {
		t.compare(&all[i])
	}
	return all, len(all) > 0
}

func newColumn(key, above []byte, rows int) column {
	c := column{name: key, cells: make([]int32, rows)}
	for i := range c.cells {
		c.cells[i] = none
	}
	c.label = append(c.label, above...)
	if len(above) > 0 {
		c.label = append(c.label, '.')
	}
	if word.Match(key[1 : len(key)-1]) {
		key = key[1 : len(key)-1]
	}
	c.label = append(c.label, key...)
	return c
}

// word is a name that needs no quotes as a column's.
var word = regexp.MustCompile(`^[A-Za-z0-9_$@-]+$`)

// compare says whether a column's cells are all there, and all equal.
func (t *tree) compare(c *column) {
	c.full, c.same = true, true
	for _, id := range c.cells {
		if id == none {
			c.full, c.same = false, false
			return
		}
		c.same = c.same && string(t.raw(id)) == string(t.raw(c.cells[0]))
	}
}

// raw is a node's text.
func (t *tree) raw(id int32) []byte { return t.text[t.nodes[id].pos:t.nodes[id].end] }

// open opens columns of objects up, where that leaves few holes.
func (t *tree) open(all []column, depth int) {
	for i := range all {
		c := &all[i]
		if !c.full || c.same || depth == maxNested {
			continue
		}
		members := 0
		for _, id := range c.cells {
			n := &t.nodes[id]
			if n.kind != kindObject || n.count == 0 {
				members = -1
				break
			}
			members += int(n.count)
		}
		if members < 0 {
			continue
		}
		if below, ok := t.columns(c.cells, c.label); ok && len(below)*len(c.cells) <= 2*members {
			c.below = below
			t.open(below, depth+1)
		}
	}
}

// constant returns what all rows have as an object; empty if that is nothing.
func (t *tree) constant(all []column) []byte {
	var out []byte
	add := func(name, value []byte) {
		if len(out) > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	for _, c := range all {
		switch {
		case c.below != nil:
			if value := t.constant(c.below); len(value) > 0 {
				add(c.name, value)
			}
		case c.same:
			add(c.name, t.raw(c.cells[0]))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return append(append([]byte{'{'}, out...), '}')
}

// leaves appends the columns that vary.
func leaves(out, all []column) []column {
	for _, c := range all {
		switch {
		case c.below != nil:
			out = leaves(out, c.below)
		case !c.same:
			out = append(out, c)
		}
	}
	return out
}
