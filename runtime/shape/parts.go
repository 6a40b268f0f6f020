package shape

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/scan"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// part is one piece of a result that is fitted by itself: a block, the
// structured content, or a document that stands in both.
type part struct {
	block int // index in the content, or noBlock
	doc   *document
	text  string // of a text that is no document
	form  form
	raw   json.RawMessage // structured content
	// schema is what structured content must satisfy; nil without one.
	schema *schema
	fixed  bool // a block that is kept or replaced as a whole
	cost   int  // without loss; over the budget it may be told too low
}

// shrinks reports whether the part's text has a smaller equal form: with tables,
// or without white space.
func (p part) shrinks(res *call.Result) bool {
	if p.doc == nil || p.doc.text == none {
		return false
	}
	text, ok := textOf(res.Content[p.block])
	n := p.doc.tree.nodes[p.doc.text]
	return ok && (p.doc.plan != nil || int(n.end-n.pos) < len(text))
}

// textOf returns the text of a text block or of an embedded text resource.
func textOf(b call.Block) (string, bool) {
	if b.Raw == nil {
		return b.Text, true
	}
	return inspect(b).text()
}

// noBlock stands for the structured content.
const noBlock = -1

// split takes a result apart. The structured content comes first.
func (s *Shaper) split(res *call.Result, sch *schema, budget int, layout tool.Layout) []part {
	parts := make([]part, 0, len(res.Content)+1)
	var structured *document
	if len(res.Structured) > 0 {
		p := part{block: noBlock, raw: res.Structured, schema: sch}
		if t, err := parse(scan.View(res.Structured)); err == nil {
			structured = &document{tree: t, text: none, structured: true}
			p.doc = structured
		}
		parts = append(parts, p)
	}
	for i, b := range res.Content {
		p := splitBlock(i, b, res.Structured, structured)
		if p == nil {
			parts[0].block = i // the structured content's own text
			continue
		}
		parts = append(parts, *p)
	}
	for i := range parts {
		if d := parts[i].doc; d != nil && d.text != none {
			d.plan = s.lay(d.tree, d.text, layout)
		}
		s.price(&parts[i], res, budget)
	}
	return parts
}

// splitBlock returns the part that a block is; nil if its text shows the same
// document as the structured content, which then takes it in.
func splitBlock(i int, b call.Block, raw json.RawMessage, structured *document) *part {
	text, ok := textOf(b)
	if !ok {
		return &part{block: i, fixed: true}
	}
	free := structured != nil && structured.text == none
	if free && text == string(raw) {
		structured.text = 0
		return nil
	}
	if free {
		if id := structured.tree.inner(); id != none && string(structured.tree.raw(id)) == text {
			structured.text = id
			return nil
		}
	}
	t, err := parse(text)
	if err != nil {
		form := formOf(text)
		if b.Raw != nil && form == plainText && strings.HasPrefix(inspect(b).Resource.MIMEType, "text/html") {
			form = page
		}
		return &part{block: i, text: text, form: form}
	}
	if free {
		if id := shows(structured.tree, t); id != none {
			structured.text = id
			return nil
		}
	}
	return &part{block: i, doc: &document{tree: t, text: 0}}
}

// shows returns the node of a structured document that a text's document is
// equal to: the root, or what {"result": …} wraps; else none.
func shows(structured, text *tree) int32 {
	if len(structured.text) == len(text.text) && structured.same(0, text, 0) {
		return 0
	}
	id := structured.inner()
	if id != none && len(structured.raw(id)) == len(text.text) && structured.same(id, text, 0) {
		return id
	}
	return none
}

// inner returns the node that {"result": …} wraps; none if a document is no such.
func (t *tree) inner() int32 {
	root := t.nodes[0]
	if root.kind != kindObject || root.count != 1 || t.name(root.first) != wrapper {
		return none
	}
	return root.first
}

// wrapper is the key under which structured content holds what is no object.
const wrapper = "result"

// price sets what a part costs without loss.
func (s *Shaper) price(p *part, res *call.Result, budget int) {
	switch {
	case p.doc != nil:
		text, structured := p.doc.lossless()
		p.cost = s.count(scan.View(text), budget)
		if bytes.Equal(structured, text) {
			p.cost *= 2
		} else {
			p.cost += s.count(scan.View(structured), budget)
		}
	case p.block == noBlock:
		p.cost = s.count(scan.View(p.raw), budget)
	default:
		p.cost = s.blockCost(res.Content[p.block], budget)
	}
}
