package openapi

import "slices"

// Bounds on the queries of overlays.
const (
	maxQuery      = 10_000     // of one query, in bytes
	maxQueryDepth = 50         // of parentheses and queries within queries
	maxVisits     = 5_000_000  // nodes looked at by one query
	maxAllVisits  = 50_000_000 // and by all queries of one document
)

// query is a JSONPath query (RFC 9535), from the root or from the current node.
type query struct {
	relative bool
	segments []segment
}

// singular reports whether the query selects one node at most, by its form.
func (q *query) singular() bool {
	return !slices.ContainsFunc(q.segments, func(s segment) bool {
		return s.descend || len(s.selectors) != 1 || s.selectors[0].kind > selectIndex
	})
}

// segment applies its selectors to each node, or to all nodes below too.
type segment struct {
	descend   bool
	selectors []selector
}

type selectorKind uint8

const (
	selectName selectorKind = iota
	selectIndex
	selectAll
	selectSlice
	selectIf
)

// selector picks children of a node.
type selector struct {
	kind   selectorKind
	name   string
	index  int
	slice  slice
	filter condition
}

// slice is start:end:step; what is not given is nil.
type slice struct{ start, end, step *int }

// located is a node with its way from the root: the place among the members or
// items of each parent.
type located struct {
	node   *node
	parent *located
	place  int
}

// evaluator runs a query over a tree and counts what it looks at.
type evaluator struct {
	root   *node
	visits int
	limit  int
}

// exhausted reports whether the query has looked at more than it may.
func (e *evaluator) exhausted() bool { return e.visits > e.limit }

// run returns the nodes that a query selects, in document order. It returns
// fewer when the evaluator is exhausted.
func (e *evaluator) run(q *query, current *located) []*located {
	nodes := []*located{{node: e.root}}
	if q.relative {
		nodes = []*located{current}
	}
	for i := range q.segments {
		var next []*located
		for _, at := range nodes {
			next = e.segment(next, &q.segments[i], at)
		}
		nodes = next
	}
	return nodes
}

func (e *evaluator) segment(out []*located, s *segment, at *located) []*located {
	for i := range s.selectors {
		out = e.selected(out, &s.selectors[i], at)
	}
	if !s.descend {
		return out
	}
	for _, child := range e.children(at) {
		out = e.segment(out, s, child)
	}
	return out
}

// children lists a node's members or items.
func (e *evaluator) children(at *located) []*located {
	n := max(len(at.node.members), len(at.node.list))
	if e.visits += n + 1; n == 0 || e.exhausted() {
		return nil
	}
	out := make([]*located, 0, n)
	for i := range at.node.members {
		out = append(out, &located{at.node.members[i].value, at, i})
	}
	for i := range at.node.list {
		out = append(out, &located{at.node.list[i], at, i})
	}
	return out
}

func (e *evaluator) selected(out []*located, s *selector, at *located) []*located {
	if e.visits++; e.exhausted() {
		return out
	}
	switch s.kind {
	case selectName:
		if i := at.node.placeOf(s.name); i >= 0 {
			out = append(out, &located{at.node.members[i].value, at, i})
		}
	case selectIndex:
		i := s.index
		if i < 0 {
			i += len(at.node.list)
		}
		if i >= 0 && i < len(at.node.list) {
			out = append(out, &located{at.node.list[i], at, i})
		}
	case selectAll:
		out = append(out, e.children(at)...)
	case selectSlice:
		indexes := s.slice.indexes(len(at.node.list))
		e.visits += len(indexes)
		for _, i := range indexes {
			out = append(out, &located{at.node.list[i], at, i})
		}
	case selectIf:
		for _, child := range e.children(at) {
			if s.filter.holds(e, child) {
				out = append(out, child)
			}
		}
	}
	return out
}

// indexes lists what a slice selects of an array (RFC 9535, section 2.3.4.2.2).
func (s slice) indexes(length int) []int {
	step := 1
	if s.step != nil {
		step = *s.step
	}
	bound := func(v *int, def, low, high int) int {
		if v == nil {
			return def
		}
		i := *v
		if i < 0 {
			i += length
		}
		return min(max(i, low), high)
	}
	var out []int
	switch {
	case step > 0:
		for i, end := bound(s.start, 0, 0, length), bound(s.end, length, 0, length); i < end; i += step {
			out = append(out, i)
		}
	case step < 0:
		for i, end := bound(s.start, length-1, -1, length-1), bound(s.end, -1, -1, length-1); i > end; i += step {
			out = append(out, i)
		}
	}
	return out
}
