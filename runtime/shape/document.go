package shape

import "strings"

// document is a JSON document that stands in a result once or twice: as the
// text of a block, as the structured content, or as both.
type document struct {
	tree *tree
	// text is the node that the text shows, none if no text does. Structured
	// content always shows the root, except that {"result": …} may wrap it.
	text       int32
	structured bool
	schema     *schema // nil without one
}

// fitted is a document within its share.
type fitted struct {
	text       string
	structured string
	hasText    bool
	cost       int
	cuts       []Cut
}

// fit renders as much of the document as costs at most limit. It returns false
// if not even the least that the schema allows does.
func (s *Shaper) fit(d *document, limit int) (fitted, bool) {
	if !d.structured || d.schema == nil {
		return s.fitBy(d, nil, limit)
	}
	for _, strict := range []bool{false, true} {
		out, ok := s.fitBy(d, d.schema.rules(strict, d.tree.nodes[0].kind), limit)
		if !ok {
			continue
		}
		if d.schema.accepts(out.structured) {
			return out, true
		}
	}
	return fitted{}, false
}

// fitBy fits by given rules.
func (s *Shaper) fitBy(d *document, r *rules, limit int) (fitted, bool) {
	g := newGrowth(d.tree, r)
	p := printer{s: s, d: d, g: g}
	if !p.fits(1, limit) {
		return fitted{}, false
	}
	for size := 4*limit + 256; g.grow(size) && p.fits(g.steps, limit); {
		size *= 2
	}
	low, high := int32(1), g.steps+1
	for low+1 < high {
		if mid := low + (high-low)/2; p.fits(mid, limit) {
			low = mid
		} else {
			high = mid
		}
	}
	return p.print(low), true
}

// printer renders and counts what steps of a growth make.
type printer struct {
	s   *Shaper
	d   *document
	g   *growth
	buf []byte
}

// root returns the node that the text shows.
func (p *printer) textRoot() int32 { return max(p.d.text, 0) }

func (p *printer) fits(k int32, limit int) bool {
	left := limit
	if p.d.text != none {
		p.buf = p.text(p.buf[:0], k)
		n, ok := p.s.counter.CountUpTo(string(p.buf), left)
		if !ok {
			return false
		}
		left -= n
	}
	if p.d.structured {
		p.buf = p.g.render(p.buf[:0], 0, k, inStructured)
		_, ok := p.s.counter.CountUpTo(string(p.buf), left)
		return ok
	}
	return true
}

// text renders the text, which is null as long as its part is not there.
func (p *printer) text(out []byte, k int32) []byte {
	if !p.g.has(p.textRoot(), k) {
		return append(out, "{}"...)
	}
	return p.g.render(out, p.textRoot(), k, inText)
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
			f.cuts[i].Path = strings.TrimPrefix(f.cuts[i].Path, "/result")
		}
	}
	return f
}

// min is what the document costs without loss.
func (d *document) lossless() (text, structured string) {
	if d.text != none {
		n := d.tree.nodes[d.text]
		text = string(d.tree.text[n.pos:n.end])
	}
	if d.structured {
		structured = string(d.tree.text)
	}
	return text, structured
}
