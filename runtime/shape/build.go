package shape

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// leastShare is the smallest share of a budget that a part is worth showing in.
const leastShare = 16

// piece is what became of a part.
type piece struct {
	index      int         // of its block, or noBlock
	block      *call.Block // nil if nothing of its block is shown
	structured json.RawMessage
	cost       int
	cuts       []Cut
	invalid    string // see Report.Invalid
}

// trim fits a result that is over its budget.
func (s *Shaper) trim(res *call.Result, parts []part, budget int, k *rest, r *Report) *call.Result {
	total := 0
	for _, p := range parts {
		total += p.cost
	}
	if total <= budget {
		pieces := make([]piece, len(parts))
		for i := range parts {
			pieces[i] = lossless(res, &parts[i])
			pieces[i].index = parts[i].block
		}
		return s.finish(res, pieces, budget, k, r)
	}
	k.ask(res)
	room := budget - reserve(budget) - k.reserve(budget)
	if n := max(1, room/leastShare); len(parts) > n {
		r.Cut = append(r.Cut, Cut{Kept: n, Total: len(parts), Unit: "blocks"})
		parts = parts[:n]
	}
	pieces, ok := s.fitAll(res, parts, room)
	if !ok {
		return s.refuse(res, budget, k, r)
	}
	return s.finish(res, pieces, budget, k, r)
}

// fitAll fits parts into a room that they share.
func (s *Shaper) fitAll(res *call.Result, parts []part, room int) ([]piece, bool) {
	pieces := make([]piece, len(parts))
	for i := range parts {
		p, ok := s.fitPart(res, &parts[i], share(parts[i:], room))
		if !ok {
			return nil, false
		}
		p.index = parts[i].block
		pieces[i] = p
		room -= p.cost
	}
	if len(parts) == 1 {
		return pieces, true
	}
	for i := range parts { // what the later ones left goes to the earlier ones
		if room < leastShare || len(pieces[i].cuts) == 0 {
			continue
		}
		if p, ok := s.fitPart(res, &parts[i], pieces[i].cost+room); ok && p.cost > pieces[i].cost {
			room += pieces[i].cost - p.cost
			p.index = parts[i].block
			pieces[i] = p
		}
	}
	return pieces, true
}

// share returns what the first of the parts may cost, so that each of them gets
// as much as any other, and what some do not need goes to the rest.
func share(parts []part, room int) int {
	low, high := 0, room
	for low < high && len(parts) > 1 {
		level := (low + high + 1) / 2
		sum := 0
		for _, p := range parts {
			sum += min(p.cost, level)
		}
		if sum <= room {
			low = level
		} else {
			high = level - 1
		}
	}
	return high
}

// lossless returns a part as it is, documents in their smallest equal form.
func lossless(res *call.Result, p *part) piece {
	out := piece{cost: p.cost}
	switch {
	case p.doc != nil:
		text, structured := p.doc.lossless()
		if p.doc.structured {
			out.structured = json.RawMessage(structured)
		}
		if p.doc.text != none {
			out.block = withText(res.Content[p.block], string(text))
		}
	case p.block == noBlock:
		out.structured = p.raw
	default:
		out.block = &res.Content[p.block]
	}
	return out
}

// withText returns a text block or an embedded text resource with another text.
func withText(b call.Block, text string) *call.Block {
	if b.Raw == nil {
		b.Text = text
		return &b
	}
	var block, resource map[string]json.RawMessage
	if json.Unmarshal(b.Raw, &block) != nil || json.Unmarshal(block["resource"], &resource) != nil {
		return &b // never: the block was read the same way before
	}
	resource["text"], _ = json.Marshal(text)
	block["resource"], _ = json.Marshal(resource)
	b.Raw, _ = json.Marshal(block)
	return &b
}

// fitPart returns as much of a part as costs at most limit; false if the result
// can't be made to fit.
func (s *Shaper) fitPart(res *call.Result, p *part, limit int) (piece, bool) {
	switch {
	case p.cost <= limit:
		return lossless(res, p), true
	case p.fixed:
		return s.note(p.block, res.Content[p.block], limit), true
	case p.doc != nil && p.doc.structured:
		return s.fitStructured(res, p, limit)
	case p.block == noBlock:
		return piece{cuts: dropped}, p.schema == nil || res.IsError
	case p.doc != nil:
		out, ok := s.fit(p.doc, nil, limit)
		if !ok {
			return piece{block: withText(res.Content[p.block], ""), cuts: at(p.block, dropped)}, true
		}
		return piece{block: withText(res.Content[p.block], out.text), cost: out.cost, cuts: at(p.block, out.cuts)}, true
	}
	text, cuts := s.fitForm(p.text, p.form, limit)
	return piece{block: withText(res.Content[p.block], text), cost: s.counter.Count(text), cuts: at(p.block, cuts)}, true
}

// dropped says that nothing is left of a document.
var dropped = []Cut{{Total: 1, Unit: "blocks"}}

// at returns cuts as those of a block.
func at(block int, cuts []Cut) []Cut {
	out := make([]Cut, len(cuts))
	for i, c := range cuts {
		c.Block = max(block, 0)
		out[i] = c
	}
	return out
}

// fitStructured fits structured content, and the text that shows the same. Where
// they can't both be had, the text goes; where not even the structured content
// can, the result fails, unless nothing demands structured content.
func (s *Shaper) fitStructured(res *call.Result, p *part, limit int) (piece, bool) {
	sch := p.schema
	out, invalid, ok := s.fitValid(p.doc, sch, limit)
	if !ok && p.doc.text != none {
		alone := *p.doc
		alone.text = none
		out, invalid, ok = s.fitValid(&alone, sch, limit)
	}
	if !ok {
		return piece{cuts: at(p.block, dropped), invalid: invalid}, sch == nil || res.IsError
	}
	done := piece{structured: json.RawMessage(out.structured), cost: out.cost, cuts: at(p.block, out.cuts), invalid: invalid}
	if out.hasText {
		done.block = withText(res.Content[p.block], out.text)
	}
	return done, true
}

// note returns a word in the place of a block that does not fit.
func (s *Shaper) note(i int, b call.Block, limit int) piece {
	m := inspect(b)
	what := b.Type
	if m.Resource != nil && m.Resource.URI != "" {
		what += " " + shorten(m.Resource.URI)
	}
	if data, mediaType, ok := m.binary(); ok {
		what += " (" + shorten(mediaType) + ", " + size(len(data)/4*3) + ")"
	} else {
		what += " (" + size(len(b.Raw)) + ")"
	}
	text := s.counter.Cut("["+what+" left out: it does not fit the budget]", limit)
	out := piece{cuts: at(i, dropped)}
	if text != "" {
		block := call.Text(text)
		out.block, out.cost = &block, s.counter.Count(text)
	}
	return out
}

// refuse returns an error result: not even the least that the schema allows fits.
func (s *Shaper) refuse(res *call.Result, budget int, k *rest, r *Report) *call.Result {
	text := fmt.Sprintf("The result has about %s tokens, and not even the smallest part of it that the tool's output schema allows fits the budget of %s tokens. Ask for less (a narrower filter, a smaller limit, fewer fields), or have the tool's budget raised.",
		thousands(r.Before), thousands(budget))
	if advice := k.advice(); advice != "" {
		if whole := text + " " + advice + "."; s.within(whole, budget) {
			text = whole
		} else if s.within(advice, budget) {
			text = advice
		}
	}
	failed := *res
	failed.IsError, failed.Structured = true, nil
	r.Cut = []Cut{{Total: max(1, len(res.Content)), Unit: "blocks"}}
	block := call.Text(s.counter.Cut(text, budget))
	return s.publish(&failed, []call.Block{block}, nil, budget, k, r)
}

// finish puts the pieces together, and says what was cut.
func (s *Shaper) finish(res *call.Result, pieces []piece, budget int, k *rest, r *Report) *call.Result {
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(a.index, b.index) })
	var blocks []call.Block
	var structured json.RawMessage
	cost := 0
	for _, p := range pieces {
		cost += p.cost
		r.Cut = append(r.Cut, p.cuts...)
		r.Invalid = cmp.Or(r.Invalid, p.invalid)
		if p.block != nil {
			blocks = append(blocks, *p.block)
		}
		if p.structured != nil {
			structured = p.structured
		}
	}
	if len(r.Cut) > 0 {
		blocks = append(blocks, s.tell(*r, budget, budget-cost, k)...)
	}
	return s.publish(res, blocks, structured, budget, k, r)
}

// publish returns the result with its new content, and the report in its "_meta".
func (s *Shaper) publish(res *call.Result, blocks []call.Block, structured json.RawMessage, budget int, k *rest, r *Report) *call.Result {
	out := *res
	out.Content, out.Structured = blocks, structured
	r.After = s.cost(&out, budget)
	if len(r.Cut) > 0 {
		out.Meta = maps.Clone(res.Meta)
		if out.Meta == nil {
			out.Meta = map[string]json.RawMessage{}
		}
		out.Meta[MetaKey] = r.meta(k)
	}
	return &out
}
