package shape

import (
	"cmp"
	"container/heap"
	"math/bits"
	"slices"
	"strings"
)

const (
	// chunk is about how many bytes of a long string are added at once.
	chunk = 64
	// short strings are never cut.
	short = 96
)

// growth is a document's values in the order in which they are worth having.
// Each step adds a value with all that it must have, so that the first k steps
// make a document for every k. The order does not depend on the budget.
type growth struct {
	tree  *tree
	plan  *plan            // how arrays are written in the text
	rules []*rules         // by node, for nodes that were added
	rank  []int32          // the step that adds a node, from 1; 0 for none yet
	whole []bool           // nodes that are added with all that is below them
	marks map[int32][]mark // how far strings that can be cut reach, by step
	queue queue
	steps int32
	bytes int // about how much the steps so far render to
	seq   int32
	// log has each step's entry and size, from step 2.
	log []logged
	// gone nodes were skipped; if such a node has a rank it is a string that
	// gets no longer. skipped is about how much of bytes they are.
	gone    map[int32]bool
	skipped int
}

// logged is what a step took.
type logged struct {
	node int32
	size int
}

// mark says that from a step on a string reaches up to an offset of the text.
type mark struct{ step, end int32 }

// entry is a value, or the next part of a string, that waits for its turn.
type entry struct {
	cost  int32 // lower comes first
	seq   int32 // among equals
	node  int32
	index int32 // of an array's element
}

type queue []entry

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].cost, q[j].cost), cmp.Compare(q[i].seq, q[j].seq)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(entry)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// newGrowth returns the growth of a document with its first step taken: the
// root and what its rules demand.
func newGrowth(t *tree, root *rules, p *plan) *growth {
	g := &growth{
		tree: t, plan: p, rules: make([]*rules, len(t.nodes)), rank: make([]int32, len(t.nodes)),
		whole: make([]bool, len(t.nodes)), marks: map[int32][]mark{}, steps: 1,
	}
	g.add(0, root, 0, false)
	return g
}

// grow takes steps until about size bytes are in, and reports whether any are
// left.
func (g *growth) grow(size int) bool {
	for len(g.queue) > 0 && g.bytes < size {
		e := heap.Pop(&g.queue).(entry)
		if g.lost(e.node) {
			continue
		}
		g.steps++
		before := g.bytes
		if g.rank[e.node] != 0 {
			g.lengthen(e)
		} else {
			g.take(e, true)
			g.follow(e)
		}
		g.log = append(g.log, logged{e.node, g.bytes - before})
	}
	return len(g.queue) > 0
}

// fewRows is how many rows a table that is cut should have at least.
const fewRows = 3

// few reports whether a table has fewer rows than are worth a table, so that it
// is better shown as JSON.
func (g *growth) few(k int32) bool {
	if g.plan == nil {
		return false
	}
	for id, tb := range g.plan.tables {
		if g.has(id, k) && g.rows(tb, k) < min(fewRows, len(tb.rows)) {
			return true
		}
	}
	return false
}

// rows returns how many rows of a table are in the first k steps.
func (g *growth) rows(tb *table, k int32) int {
	n := 0
	for n < len(tb.rows) && g.has(tb.rows[n], k) {
		n++
	}
	return n
}

// lost reports whether a node or one above it was skipped.
func (g *growth) lost(id int32) bool {
	if len(g.gone) == 0 {
		return false
	}
	for ; id != none; id = g.tree.nodes[id].parent {
		if g.gone[id] {
			return true
		}
	}
	return false
}

// skip leaves out what a step added, and so all that depends on it: it is too
// large for what is left of the budget, and others may not be.
func (g *growth) skip(step int32) {
	e := g.log[step-2]
	g.skipped += e.size
	if g.gone == nil {
		g.gone = map[int32]bool{}
	}
	g.gone[e.node] = true
	if g.rank[e.node] == step {
		g.rank[e.node] = 0
		return
	}
	marks := g.marks[e.node]
	i := slices.IndexFunc(marks, func(m mark) bool { return m.step >= step })
	if i > 0 {
		g.marks[e.node] = marks[:i]
	}
}

// take adds the node of an entry, whose parent was added.
func (g *growth) take(e entry, first bool) {
	n := &g.tree.nodes[e.node]
	var r *rules
	switch parent := g.rules[n.parent]; {
	case parent == nil:
	case g.tree.nodes[n.parent].kind == kindObject:
		r = parent.member(g.tree.name(e.node), n.kind)
	default:
		r = parent.element(int(e.index), n.kind)
	}
	g.add(e.node, r, e.cost, first)
}

// follow lets the element after that of an entry wait.
func (g *growth) follow(e entry) {
	n := &g.tree.nodes[e.node]
	if n.next != none && g.tree.nodes[n.parent].kind == kindArray {
		g.push(entry{
			cost: e.cost + elementCost(int(e.index)+1) - elementCost(int(e.index)),
			node: n.next, index: e.index + 1,
		})
	}
}

// add takes in a node at the present step. With first, a container that need
// not have anything comes with what is most worth having of it, so that it
// doesn't look empty.
func (g *growth) add(id int32, r *rules, cost int32, first bool) {
	n := &g.tree.nodes[id]
	g.rank[id], g.rules[id] = g.steps, r
	g.bytes += int(n.keyEnd-n.key) + 2
	switch {
	case r.whole(), g.plan != nil && n.parent != none && g.plan.tables[n.parent] != nil:
		g.whole[id] = true // rows of tables are not cut
		g.bytes += int(n.end - n.pos)
	case n.kind == kindString:
		g.addString(id, r, cost)
	case n.kind == kindObject:
		g.addObject(id, r, cost, first)
	case n.kind == kindArray:
		g.addArray(id, r, cost, first)
	default:
		g.bytes += int(n.end - n.pos)
	}
}

func (g *growth) addObject(id int32, r *rules, cost int32, first bool) {
	least := r.least()
	var rest []entry
	kept := 0
	for c := g.tree.nodes[id].first; c != none; c = g.tree.nodes[c].next {
		price := cost + g.keyCost(c)
		if r != nil && r.needs(g.tree.name(c)) {
			g.add(c, r.member(g.tree.name(c), g.tree.nodes[c].kind), price, false)
			kept++
			continue
		}
		g.seq++
		rest = append(rest, entry{cost: price, seq: g.seq, node: c})
	}
	if first && kept == 0 {
		least = max(least, 1)
	}
	if kept < least {
		slices.SortFunc(rest, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.seq, b.seq))
		})
	}
	for _, e := range rest {
		if kept < least {
			g.take(e, first)
			kept++
			continue
		}
		heap.Push(&g.queue, e)
	}
}

func (g *growth) addArray(id int32, r *rules, cost int32, first bool) {
	least := r.least()
	if first {
		least = max(least, 1)
	}
	e := entry{cost: cost + elementCost(0), node: g.tree.nodes[id].first}
	for ; e.node != none && int(e.index) < least; e.index++ {
		g.take(e, first)
		e.cost = cost + elementCost(int(e.index)+1)
		e.node = g.tree.nodes[e.node].next
	}
	if e.node != none {
		g.push(e)
	}
}

func (g *growth) push(e entry) {
	g.seq++
	e.seq = g.seq
	heap.Push(&g.queue, e)
}

// addString takes in the first part of a string, or all of it if it can't be cut.
func (g *growth) addString(id int32, r *rules, cost int32) {
	n := &g.tree.nodes[id]
	size := n.end - n.pos
	least, ok := r.shortest()
	if size <= short || n.binary || !ok {
		g.bytes += int(min(size, 1<<20))
		return
	}
	end := g.reach(id, n.pos+1, chunk, least)
	g.marks[id] = []mark{{g.steps, end}}
	g.bytes += int(end - n.pos)
	if end < n.end-1 {
		g.push(entry{cost: cost + 4, node: id})
	}
}

// lengthen adds the next part of a string.
func (g *growth) lengthen(e entry) {
	n := &g.tree.nodes[e.node]
	marks := g.marks[e.node]
	from := marks[len(marks)-1].end
	end := g.reach(e.node, from, chunk, 0)
	g.marks[e.node] = append(marks, mark{g.steps, end})
	g.bytes += int(end - from)
	if end < n.end-1 {
		done := int32(len(marks))
		g.push(entry{cost: e.cost + rise(3, done+1) - rise(3, done), node: e.node})
	}
}

// reach returns the end of a part of a string that begins at from, has about
// size bytes and at least so many characters.
func (g *growth) reach(id, from int32, size, least int) int32 {
	limit := g.tree.nodes[id].end - 1
	end := from
	for count := 0; end < limit && (int(end-from) < size || count < least); count++ {
		end += int32(charSize(g.tree.text[end:limit]))
	}
	if limit-end <= 8 {
		return limit
	}
	return end
}

// rise grows with n, ever more slowly: factor for each doubling, in between
// linearly.
func rise(factor, n int32) int32 {
	n++
	log := int32(bits.Len32(uint32(n))) - 1
	return factor*log + factor*(n-1<<log)>>log
}

// elementCost is what it takes to come to the element of an index: each further
// element is worth less.
func elementCost(i int) int32 { return rise(10, int32(i)) }

// step is what it costs to go one level deeper.
const step = 8

// keyCost is what it takes to come to a key from its object.
func (g *growth) keyCost(id int32) int32 {
	n := &g.tree.nodes[id]
	cost := step + nameCost(g.tree.text[n.key:n.keyEnd])
	switch n.kind {
	case kindNull:
		return cost + 24
	case kindString:
		if !n.binary {
			return cost + rise(1, min(n.end-n.pos, short)/8)
		}
		return cost + 12
	case kindArray, kindObject:
		if n.count == 0 {
			return cost + 8
		}
		return cost + 2 + rise(1, (n.end-n.pos)/32)
	}
	return cost
}

// nameCost tells the keys that say what a thing is from those that seldom help.
func nameCost(quoted []byte) int32 {
	name := strings.ToLower(strings.Trim(string(quoted), `"`))
	switch name {
	case "id", "name", "title", "status", "state", "type", "kind", "key", "number", "error", "message", "code", "result", "data", "items", "results":
		return -step + 1
	case "total", "count", "total_count", "next", "next_cursor", "cursor", "has_more", "nextpagetoken", "next_page_token", "summary", "subject", "label", "email":
		return -step/2 + 1
	case "etag", "_links", "links", "_etag", "node_id", "gravatar_id", "_embedded", "avatar", "self", "href", "permissions", "managedfields", "metadata":
		return 20
	}
	for _, suffix := range []string{"_url", "url", "_urls", "_uri", "_href", "_etag", "_link", "_links"} {
		if strings.HasSuffix(name, suffix) {
			return 20
		}
	}
	return 4
}
