package fit

import (
	"strconv"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

const (
	// maxDepth is how deep values and references are followed.
	maxDepth = 250
	// visitsPerByte bounds the work: alternatives read a value again. What is gone
	// over in one go counts as a visit for each so many bytes, too.
	visitsPerByte, someVisits = 2, 64
	bytesPerVisit             = 64
	// longestNumber is the longest number that is sure to be within float64.
	longestNumber = 300
)

// Fits reports that data is valid JSON and satisfies the schema. If not, it may
// do so all the same: see the package's documentation.
func (c *Checker) Fits(data []byte) bool {
	if c == nil {
		return false
	}
	r := run{Scanner: scan.Of(data), data: data, visits: visitsPerByte*len(data) + someVisits}
	return r.value(c.root, 0) && r.End()
}

// run is one check.
type run struct {
	scan.Scanner
	data   []byte
	visits int // that are left
}

// value goes past one value and reports whether it satisfies n.
func (r *run) value(n *node, depth int) bool {
	for n != nil && n.alias && depth <= maxDepth {
		n, depth = n.also[0], depth+1
	}
	if r.visits--; r.visits < 0 || depth > maxDepth {
		return false
	}
	if n == nil {
		from := r.At()
		return r.Skip() && r.spent(from)
	}
	for _, other := range n.also {
		if !r.ahead(other, depth) {
			return false
		}
	}
	if n.anyOf != nil && !r.any(n.anyOf, depth) {
		return false
	}
	return r.own(n, depth)
}

// spent counts what was gone over since a place, and reports whether work is left.
func (r *run) spent(from int) bool {
	r.visits -= (r.At() - from) / bytesPerVisit
	return r.visits >= 0
}

// ahead reports whether the value here satisfies n, and stays where it is.
func (r *run) ahead(n *node, depth int) bool {
	before := r.Scanner
	ok := r.value(n, depth+1)
	r.Scanner = before
	return ok
}

func (r *run) any(list []*node, depth int) bool {
	for _, n := range list {
		if r.ahead(n, depth) {
			return true
		}
	}
	return false
}

// own checks by what n itself says, and goes past the value.
func (r *run) own(n *node, depth int) bool {
	switch c := r.Peek(); c {
	case '{':
		return n.kinds&object != 0 && n.enum == nil && r.object(n, depth)
	case '[':
		return n.kinds&array != 0 && n.enum == nil && r.array(n, depth)
	case '"':
		return n.kinds&text != 0 && r.text(n)
	case 't':
		return n.kinds&boolean != 0 && r.Word("true") && n.permits(true)
	case 'f':
		return n.kinds&boolean != 0 && r.Word("false") && n.permits(false)
	case 'n':
		return n.kinds&null != 0 && r.Word("null") && n.permits(nil)
	default:
		return r.number(n)
	}
}

func (r *run) object(n *node, depth int) bool {
	var seen uint64
	last := n.start
	more, ok := r.Open('}')
	for more && ok {
		m, valid := r.name(n, last)
		if !valid || r.Peek() != ':' {
			return false
		}
		r.Step()
		inner := n.further
		if m != nil {
			inner, seen, last = m.node, seen|m.bit, m
		}
		if !r.value(inner, depth+1) {
			return false
		}
		more, ok = r.Next('}')
	}
	return ok && seen&n.required == n.required
}

// name goes past a member's name and returns what is said of the member; nil for
// nothing. last is the member before it that something is said of.
func (r *run) name(n *node, last *member) (m *member, ok bool) {
	if r.Peek() != '"' {
		return nil, false
	}
	from := r.At()
	var guess *member
	if last != nil {
		if guess = last.next.Load(); guess != nil && guess.quoted != "" && r.Word(guess.quoted) {
			return guess, r.spent(from)
		}
	}
	name, escaped, ok := r.Text()
	if !ok || escaped || !r.spent(from) {
		return nil, false
	}
	if m = n.member(name); m != nil && last != nil && guess == nil {
		last.next.Store(m)
	}
	return m, m != nil || n.further == nil || utf8.Valid(name)
}

func (r *run) array(n *node, depth int) bool {
	count := 0
	more, ok := r.Open(']')
	for more && ok {
		if !r.value(n.items, depth+1) {
			return false
		}
		count++
		more, ok = r.Next(']')
	}
	return ok && within(count, n.minItems, n.maxItems)
}

func within(n int, least, most *int) bool {
	return (least == nil || n >= *least) && (most == nil || n <= *most)
}

func (r *run) text(n *node) bool {
	from := r.At()
	raw, escaped, ok := r.Text()
	if !ok || !r.spent(from) || n.simple {
		return ok && r.visits >= 0
	}
	if n.enum != nil && (escaped || !n.permitsText(raw)) {
		return false
	}
	if n.minLength == nil && n.maxLength == nil && n.pattern == nil {
		return true
	}
	if escaped || n.pattern != nil && !utf8.Valid(raw) {
		return false
	}
	return within(utf8.RuneCount(raw), n.minLength, n.maxLength) && (n.pattern == nil || n.pattern.Match(raw))
}

func (n *node) permitsText(raw []byte) bool {
	for _, e := range n.enum {
		if s, ok := e.(string); ok && s == string(raw) {
			return true
		}
	}
	return false
}

// permits reports whether a value is one of those listed.
func (n *node) permits(value any) bool {
	if n.enum == nil {
		return true
	}
	for _, e := range n.enum {
		if e == value {
			return true
		}
	}
	return false
}

func (r *run) number(n *node) bool {
	from := r.At()
	if !r.Skip() {
		return false
	}
	raw := r.data[from:r.At()]
	whole := true
	for _, c := range raw {
		switch c {
		case 'e', 'E':
			return false
		case '.':
			whole = false
		}
	}
	if len(raw) > longestNumber || n.kinds&number == 0 && (n.kinds&integer == 0 || !whole) {
		return false
	}
	return n.simple || n.inBounds(raw)
}

func (n *node) inBounds(raw []byte) bool {
	if n.enum == nil && n.least == nil && n.most == nil && n.above == nil && n.below == nil {
		return true
	}
	f, err := strconv.ParseFloat(scan.View(raw), 64)
	return err == nil && n.permits(f) && (n.least == nil || f >= *n.least) && (n.most == nil || f <= *n.most) &&
		(n.above == nil || f > *n.above) && (n.below == nil || f < *n.below)
}
