package shape

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// document is a JSON document that stands in a result once or twice: as the
// text of a block, as the structured content, or as both.
type document struct {
	tree *tree
	// text is the node that the text shows, none if no text does. Structured
	// content always shows the root.
	text       int32
	structured bool
	// plan is how the text's arrays are written; nil for all as JSON.
	plan *plan
	laid []byte // the text by the plan, once it was asked for
}

// fitted is a document within its share.
type fitted struct {
	text       string
	structured string
	hasText    bool
	cost       int
	cuts       []Cut
}

// fitValid fits a document whose structured content must satisfy a schema. It
// also says how the document did not satisfy it to begin with, if that was seen.
func (s *Shaper) fitValid(d *document, sch *schema, limit int) (fitted, string, bool) {
	if sch == nil {
		out, ok := s.fit(d, nil, limit)
		return out, "", ok
	}
	loose, ok := s.fit(d, sch.rules(false, d.tree.nodes[0].kind), limit)
	if !ok || sch.accepts(loose.structured) {
		return loose, "", ok
	}
	if err := sch.check(d.tree); err != nil {
		out, ok := s.fitRepaired(d, sch, limit)
		if !ok {
			out = loose // no worse than it came
		}
		return out, reason(err), true
	}
	strict, ok := s.fit(d, sch.rules(true, d.tree.nodes[0].kind), limit)
	if ok && sch.accepts(strict.structured) {
		return strict, "", true
	}
	if !sch.accepts("{}") {
		return fitted{}, "", false
	}
	out, ok := s.fitApart(d, "{}", nil, limit)
	return out, "", ok
}

// fitRepaired fits a document that never satisfied the schema: the structured
// content without what breaks it, the text with everything.
func (s *Shaper) fitRepaired(d *document, sch *schema, limit int) (fitted, bool) {
	text, ok := sch.repair(d.tree)
	if !ok {
		return fitted{}, false
	}
	t, err := parse(text)
	if err != nil {
		return fitted{}, false
	}
	share := limit
	if d.text != none {
		share = limit / 2
	}
	alone := document{tree: t, text: none, structured: true}
	half, ok := s.fit(&alone, sch.rules(true, t.nodes[0].kind), share)
	if !ok || !sch.accepts(half.structured) {
		return fitted{}, false
	}
	return s.fitApart(d, half.structured, half.cuts, limit)
}

// fitApart returns given structured content, and as much of the text as fits
// beside it.
func (s *Shaper) fitApart(d *document, structured string, cuts []Cut, limit int) (fitted, bool) {
	n, ok := s.counter.CountUpTo(structured, limit)
	if !ok {
		return fitted{}, false
	}
	out := fitted{structured: structured, cost: n, cuts: cuts}
	if d.text == none {
		return out, true
	}
	text, ok := s.fit(&document{tree: d.tree, text: d.text, plan: d.plan}, nil, limit-n)
	if ok {
		out.text, out.hasText, out.cost, out.cuts = text.text, true, n+text.cost, text.cuts
	}
	return out, true
}

// maxSkips bounds how often what is too large for a budget is passed over.
const maxSkips = 16

// fit renders as much of the document as costs at most limit. It returns false
// if not even what the rules demand does. Tables of which too few rows would be
// left are written as JSON, which can show a part of each.
func (s *Shaper) fit(d *document, r *rules, limit int) (fitted, bool) {
	if d.plan != nil {
		if out, few, ok := s.fitPlanned(d, r, limit); ok && !few {
			return out, true
		}
	}
	plain := *d
	plain.plan, plain.laid = nil, nil
	out, _, ok := s.fitPlanned(&plain, r, limit)
	return out, ok
}

// fitPlanned is fit by a document's plan; few says that a table has but few of
// its rows.
func (s *Shaper) fitPlanned(d *document, r *rules, limit int) (out fitted, few, ok bool) {
	p := printer{s: s, d: d, g: newGrowth(d.tree, r, d.plan)}
	if !p.fits(1, limit) {
		return fitted{}, false, false
	}
	low := int32(1)
	for range maxSkips {
		low = p.most(low, limit)
		if low == p.g.steps || p.left(low, limit) <= limit/24 {
			break
		}
		p.g.skip(low + 1)
		low++
	}
	return p.print(low), p.g.few(low), true
}

// most returns the most steps that fit, of which low are known to.
func (p *printer) most(low int32, limit int) int32 {
	for size := 4*limit + 256; p.g.grow(p.g.skipped+size) && p.fits(p.g.steps, limit); {
		size *= 2
	}
	high := p.g.steps + 1
	for low+1 < high {
		if mid := low + (high-low)/2; p.fits(mid, limit) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// printer renders and counts what steps of a growth make.
type printer struct {
	s   *Shaper
	d   *document
	g   *growth
	buf []byte
}

// textRoot returns the node that the text shows.
func (p *printer) textRoot() int32 { return max(p.d.text, 0) }

func (p *printer) fits(k int32, limit int) bool { return p.left(k, limit) >= 0 }

// left returns what k steps leave of a limit; negative if they don't fit.
func (p *printer) left(k int32, limit int) int {
	if p.d.text != none {
		p.buf = p.text(p.buf[:0], k)
		n, ok := p.s.counter.CountUpTo(scan.View(p.buf), limit)
		if !ok {
			return -1
		}
		limit -= n
	}
	if p.d.structured {
		p.buf = p.g.render(p.buf[:0], 0, k, inStructured)
		n, ok := p.s.counter.CountUpTo(scan.View(p.buf), limit)
		if !ok {
			return -1
		}
		limit -= n
	}
	return limit
}

// text renders the text; as long as the node that it shows is not there, its
// emptiest form.
func (p *printer) text(out []byte, k int32) []byte {
	root := p.textRoot()
	if p.d.plan != nil && p.d.plan.toon && p.g.has(root, k) {
		w := toonWriter{tree: p.d.tree, plan: p.d.plan, g: p.g, k: k, out: out}
		return w.document(root)
	}
	if p.g.has(root, k) {
		return p.g.render(out, root, k, inText)
	}
	switch p.d.tree.nodes[root].kind {
	case kindArray:
		return append(out, "[]"...)
	case kindObject:
		return append(out, "{}"...)
	}
	return append(out, "null"...)
}

func (p *printer) print(k int32) fitted {
	var f fitted
	if p.d.text != none {
		f.hasText = true
		f.text = string(p.text(nil, k))
		f.cost += p.s.counter.Count(f.text)
	}
	if p.d.structured {
		f.structured = string(p.g.render(nil, 0, k, inStructured))
		f.cost += p.s.counter.Count(f.structured)
	}
	f.cuts = p.g.cuts(nil, 0, k, "")
	if p.textRoot() > 0 {
		for i := range f.cuts {
			f.cuts[i].Path = strings.TrimPrefix(f.cuts[i].Path, "/"+wrapper)
		}
	}
	return f
}

// lossless returns the document's two renderings in their smallest equal form.
// They may be parts of the tree.
func (d *document) lossless() (text, structured []byte) {
	if d.text != none {
		if d.laid == nil && d.plan != nil {
			d.laid = d.plan.write(nil, d.tree, d.text)
		}
		if text = d.laid; text == nil {
			text = d.tree.raw(d.text)
		}
	}
	if d.structured {
		structured = d.tree.text
	}
	return text, structured
}
