package shape

import (
	"encoding/json"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// leastShare is the smallest share of a budget that a part is worth showing in.
const leastShare = 16

// noBlock stands for the structured content.
const noBlock = -1

// part is one piece of a result that is fitted by itself: a block, or a
// document that stands in a block and in the structured content.
type part struct {
	block int // index in the content, or noBlock
	doc   *document
	text  string // of a text that is no document
	fixed bool   // a block that is kept or replaced as a whole
	cost  int    // in full, as small as it gets without loss
}

// trim fits a result that is over its budget.
func (s *Shaper) trim(res *call.Result, budget int, sch *schema, r *Report) *call.Result {
	parts := s.split(res, sch)
	total := 0
	for _, p := range parts {
		total += p.cost
	}
	out := build{s: s, res: res, content: make([]*call.Block, len(res.Content))}
	if total <= budget {
		for i := range parts {
			out.lossless(&parts[i])
		}
		return s.finish(res, out.blocks(), out.structured, r)
	}
	room := budget - reserve(budget)
	if len(parts) > max(1, room/leastShare) {
		n := max(1, room/leastShare)
		r.Cut = append(r.Cut, Cut{Kept: n, Total: len(parts), Unit: "blocks"})
		parts = parts[:n]
	}
	for i := range parts {
		share := share(parts[i:], room)
		cost, ok := out.fit(&parts[i], share, r)
		if !ok {
			return s.refuse(res, budget, r)
		}
		room -= cost
	}
	left := budget - s.cost(&call.Result{Content: out.blocks(), Structured: out.structured})
	if text := s.notice(*r, budget, left); text != "" {
		return s.finish(res, append(out.blocks(), call.Text(text)), out.structured, r)
	}
	return s.finish(res, out.blocks(), out.structured, r)
}

// share returns what the first of the parts may cost, so that each of them gets
// as much as any other, and what some do not need goes to the rest.
func share(parts []part, room int) int {
	low, high := 0, room
	for low < high {
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
	if len(parts) == 1 {
		return room
	}
	return min(low, max(parts[0].cost, leastShare))
}

// split takes a result apart.
func (s *Shaper) split(res *call.Result, sch *schema) []part {
	var parts []part
	var structured *document
	if len(res.Structured) > 0 {
		if t, err := parse(string(res.Structured)); err == nil {
			structured = &document{tree: t, text: none, structured: true, schema: sch}
			parts = append(parts, part{block: noBlock, doc: structured})
		}
	}
	for i, b := range res.Content {
		parts = s.splitBlock(parts, i, b, structured)
	}
	for i := range parts {
		s.price(&parts[i], res)
	}
	return parts
}

func (s *Shaper) splitBlock(parts []part, i int, b call.Block, structured *document) []part {
	text, ok := b.Text, b.Raw == nil
	if !ok {
		text, ok = inspect(b).text()
	}
	if !ok {
		return append(parts, part{block: i, fixed: true})
	}
	t, err := parse(text)
	if err != nil {
		return append(parts, part{block: i, text: text})
	}
	if structured != nil && structured.text == none {
		if id := shows(structured.tree, t); id != none {
			structured.text = id
			parts[0].block = i
			return parts
		}
	}
	return append(parts, part{block: i, doc: &document{tree: t, text: 0}})
}

// shows returns the node of a structured document that a text's document is
// equal to: the root, or what {"result": …} wraps; else none.
func shows(structured, text *tree) int32 {
	if string(structured.text) == string(text.text) {
		return 0
	}
	root := structured.nodes[0]
	if root.kind != kindObject || root.count != 1 || structured.name(root.first) != "result" {
		return none
	}
	n := structured.nodes[root.first]
	if string(structured.text[n.pos:n.end]) == string(text.text) {
		return root.first
	}
	return none
}

func (s *Shaper) price(p *part, res *call.Result) {
	switch {
	case p.fixed:
		p.cost = s.blockCost(res.Content[p.block])
	case p.doc != nil:
		text, structured := p.doc.lossless()
		p.cost = s.count(text)
		if p.doc.structured {
			if structured != text {
				p.cost += s.count(structured)
			} else {
				p.cost *= 2
			}
		}
	default:
		p.cost = s.count(p.text)
	}
}

// build is a result that is being put together.
type build struct {
	s          *Shaper
	res        *call.Result
	content    []*call.Block // nil for blocks that are left out
	structured json.RawMessage
}

func (b *build) blocks() []call.Block {
	out := make([]call.Block, 0, len(b.content)+1)
	for _, block := range b.content {
		if block != nil {
			out = append(out, *block)
		}
	}
	return out
}

// lossless puts a part in as it is, without white space and needless escapes.
func (b *build) lossless(p *part) {
	if p.doc == nil {
		b.content[p.block] = &b.res.Content[p.block]
		return
	}
	text, structured := p.doc.lossless()
	if p.doc.structured {
		b.structured = json.RawMessage(structured)
	}
	if p.doc.text != none {
		b.text(p.block, text)
	}
}

// text puts a text in the place of a block's.
func (b *build) text(i int, text string) {
	block := b.res.Content[i]
	if block.Raw == nil {
		block.Text = text
	} else {
		block.Raw = withText(block.Raw, text)
	}
	b.content[i] = &block
}

// withText returns an embedded resource with another text.
func withText(raw json.RawMessage, text string) json.RawMessage {
	var block, resource map[string]json.RawMessage
	if json.Unmarshal(raw, &block) != nil || json.Unmarshal(block["resource"], &resource) != nil {
		return raw
	}
	encoded, err := json.Marshal(text)
	if err != nil {
		return raw
	}
	resource["text"] = encoded
	if block["resource"], err = json.Marshal(resource); err != nil {
		return raw
	}
	out, err := json.Marshal(block)
	if err != nil {
		return raw
	}
	return out
}

// fit puts in as much of a part as costs at most limit, and returns its cost;
// false if the result can't be made to fit.
func (b *build) fit(p *part, limit int, r *Report) (int, bool) {
	switch {
	case p.cost <= limit:
		b.lossless(p)
		return p.cost, true
	case p.fixed:
		return b.note(p.block, limit, r), true
	case p.doc == nil:
		text, cuts := b.s.fitText(p.text, limit, !isMarkdown(p.text))
		b.text(p.block, text)
		r.cut(p.block, cuts)
		return b.s.counter.Count(text), true
	}
	return b.fitDocument(p, limit, r)
}

func (b *build) fitDocument(p *part, limit int, r *Report) (int, bool) {
	out, ok := b.s.fit(p.doc, limit)
	if !ok && p.doc.structured && p.doc.text != none {
		alone := *p.doc
		alone.text = none
		out, ok = b.s.fit(&alone, limit)
	}
	if !ok && p.doc.structured {
		if p.doc.schema != nil && !b.res.IsError {
			return 0, false
		}
		r.cut(max(p.block, 0), []Cut{{Total: 1, Unit: "blocks"}})
		return 0, true
	}
	if !ok {
		r.cut(p.block, []Cut{{Total: int(p.doc.tree.nodes[0].count), Unit: "items"}})
		b.text(p.block, "")
		return 0, true
	}
	if p.doc.structured {
		b.structured = json.RawMessage(out.structured)
	}
	if out.hasText {
		b.text(p.block, out.text)
	}
	r.cut(max(p.block, 0), out.cuts)
	return out.cost, true
}

// cut reports cuts in a block.
func (r *Report) cut(block int, cuts []Cut) {
	for _, c := range cuts {
		c.Block = block
		r.Cut = append(r.Cut, c)
	}
}

// note puts a word in the place of a block that does not fit.
func (b *build) note(i, limit int, r *Report) int {
	block := b.res.Content[i]
	m := inspect(block)
	data, mediaType, ok := m.binary()
	what := block.Type
	if ok {
		what = fmt.Sprintf("%s %s, %s", block.Type, mediaType, size(len(data)/4*3))
	}
	text := b.s.counter.Cut("["+what+": left out to fit the budget]", limit)
	r.Cut = append(r.Cut, Cut{Block: i, Total: 1, Unit: "blocks"})
	if text == "" {
		return 0
	}
	note := call.Text(text)
	b.content[i] = &note
	return b.s.counter.Count(text)
}

// refuse returns an error result: not even the least that the schema allows fits.
func (s *Shaper) refuse(res *call.Result, budget int, r *Report) *call.Result {
	text := fmt.Sprintf("The result has about %s tokens, and not even the smallest part of it that the tool's output schema allows fits the budget of %s tokens. Ask for less (a narrower filter, a smaller limit, fewer fields), or raise the tool's budget.", thousands(r.Before), thousands(budget))
	r.Cut = []Cut{{Total: len(res.Content), Unit: "blocks"}}
	failed := *res
	failed.IsError = true
	return s.finish(&failed, []call.Block{call.Text(s.counter.Cut(text, budget))}, nil, r)
}
