package shape

import (
	"bytes"
	"regexp"
	"strconv"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// write appends a node as a plan has it.
func (p *plan) write(out []byte, t *tree, id int32) []byte {
	n := &t.nodes[id]
	switch {
	case p != nil && p.toon:
		w := toonWriter{tree: t, plan: p, out: out}
		return w.document(id)
	case p.table(id) != nil:
		tb := p.tables[id]
		return tb.write(out, t, len(tb.rows))
	case p == nil || !p.above[id]:
		return append(out, t.raw(id)...)
	}
	out = append(out, t.text[n.pos])
	for c := n.first; c != none; c = t.nodes[c].next {
		if c != n.first {
			out = append(out, ',')
		}
		if m := &t.nodes[c]; m.keyEnd > m.key {
			out = append(append(out, t.text[m.key:m.keyEnd]...), ':')
		}
		out = p.write(out, t, c)
	}
	return append(out, t.text[n.end-1])
}

// write appends a table's head and its first rows.
func (tb *table) write(out []byte, t *tree, rows int) []byte {
	count := strconv.Itoa(rows)
	switch {
	case tb.kind == tool.LayoutTOON:
		out = append(append(append(out, '['), count...), "]{"...)
		out = append(append(out, tb.labels...), "}:\n"...)
	case tb.bare: // CSV
		out = append(append(out, tb.labels...), '\n')
	case tb.kind == tool.LayoutCSV:
		out = append(append(append(out, "csv["...), count...), "]\n"...)
		out = append(append(out, tb.labels...), '\n')
	default:
		out = append(append(append(out, "table["...), count...), ']')
		if len(tb.each) > 0 {
			out = append(append(out, " each "...), tb.each...)
		}
		out = append(out, '\n')
		out = append(append(out, tb.labels...), '\n')
	}
	for r := range rows {
		out = tb.row(out, t, r)
	}
	if tb.bare && tb.kind == tool.LayoutTOON {
		out = out[:len(out)-1]
	}
	return out
}

func (tb *table) row(out []byte, t *tree, r int) []byte {
	if tb.kind == tool.LayoutTOON {
		out = append(out, "  "...)
	}
	for i := range tb.leaves {
		if i > 0 {
			out = append(out, ',')
		}
		id := tb.leaves[i].cells[r]
		if id == none {
			continue
		}
		switch tb.kind {
		case tool.LayoutTOON:
			out = t.toonCell(out, id)
		case tool.LayoutCSV:
			out = t.csvCell(out, id)
		default:
			out = t.cell(out, id)
		}
	}
	return append(out, '\n')
}

// appendName appends a column's name as a kind of table has it.
func (c *column) appendName(out []byte, kind tool.Layout) []byte {
	content := c.name[1 : len(c.name)-1]
	switch kind {
	case tool.LayoutTOON:
		if toonKey.Match(content) {
			return append(out, content...)
		}
		return append(out, c.name...)
	case tool.LayoutCSV:
		if word.Match(content) {
			return append(out, content...)
		}
		return quoteCSV(out, c.name)
	}
	return append(out, c.label...)
}

// cell appends a value as a table of columns has it.
func (t *tree) cell(out []byte, id int32) []byte {
	raw := t.raw(id)
	if t.nodes[id].kind != kindString {
		return append(out, raw...)
	}
	content := raw[1 : len(raw)-1]
	if ambiguous(content) || bytes.IndexByte(content, ',') >= 0 || bytes.IndexByte(content, '\\') >= 0 {
		return append(out, raw...)
	}
	return append(out, content...)
}

// ambiguous reports whether a string's content could be taken for another value.
func ambiguous(content []byte) bool {
	if len(content) == 0 {
		return true
	}
	switch content[0] {
	case '"', '[', '{', ' ':
		return true
	case 't', 'f', 'n':
		return string(content) == "true" || string(content) == "false" || string(content) == "null"
	}
	return isNumber(content)
}

// isNumber reports whether a text is a number by JSON's grammar.
func isNumber(text []byte) bool {
	if c := text[0]; c != '-' && (c < '0' || c > '9') {
		return false
	}
	p := parser{src: string(text)}
	return p.number() == nil && p.i == len(text)
}

// csvCell appends a value as CSV has it.
func (t *tree) csvCell(out []byte, id int32) []byte {
	raw := t.raw(id)
	switch t.nodes[id].kind {
	case kindArray, kindObject:
		return quoteCSV(out, raw)
	case kindString:
	default:
		return append(out, raw...)
	}
	content := raw[1 : len(raw)-1]
	if ambiguous(content) || bytes.Contains(content, []byte(`\r`)) || bytes.Contains(content, []byte(`\u`)) {
		return quoteCSV(out, raw)
	}
	if bytes.IndexByte(content, '\\') >= 0 {
		content = []byte(decode(content))
	}
	if bytes.ContainsAny(content, "\",\n") {
		return quoteCSV(out, content)
	}
	return append(out, content...)
}

// quoteCSV appends a field in quotes (RFC 4180, section 2).
func quoteCSV(out, field []byte) []byte {
	out = append(out, '"')
	for _, c := range field {
		if c == '"' {
			out = append(out, '"')
		}
		out = append(out, c)
	}
	return append(out, '"')
}

// The rules of TOON's specification, version 3: section 7.2 for what strings are
// quoted, 7.3 for keys, 9.3 for what arrays are tables.
var (
	toonKey    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)
	toonNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
)

// plainEscapes reports whether a string has no escapes but those that TOON has.
func plainEscapes(quoted []byte) bool {
	for {
		i := bytes.IndexByte(quoted, '\\')
		if i < 0 {
			return true
		}
		switch quoted[i+1] {
		case '"', '\\', 'n', 'r', 't':
			quoted = quoted[i+2:]
		default:
			return false
		}
	}
}

// uniform reports whether columns can be a table of TOON: all objects have the
// same members, all of them scalars that TOON can say.
func (t *tree) uniform(all []column) bool {
	for _, c := range all {
		if !c.full || !plainEscapes(c.name) {
			return false
		}
		for _, id := range c.cells {
			switch t.nodes[id].kind {
			case kindArray, kindObject:
				return false
			case kindString:
				if !plainEscapes(t.raw(id)) {
					return false
				}
			}
		}
	}
	return true
}

// toonCell appends a scalar as TOON has it. Numbers keep their spelling.
func (t *tree) toonCell(out []byte, id int32) []byte {
	raw := t.raw(id)
	if t.nodes[id].kind != kindString {
		return append(out, raw...)
	}
	return appendTOON(out, raw)
}

// appendTOON appends a JSON string as TOON has it.
func appendTOON(out, quoted []byte) []byte {
	content := quoted[1 : len(quoted)-1]
	if toonQuoted(content) {
		return append(out, quoted...)
	}
	return append(out, content...)
}

func toonQuoted(content []byte) bool {
	if len(content) == 0 {
		return true
	}
	if len(bytes.TrimSpace(content)) != len(content) {
		return true
	}
	switch first := content[0]; {
	case first == '-':
		return true
	case bytes.ContainsAny(content, `:"\[]{},`):
		return true
	case first >= '0' && first <= '9':
		return toonNumber.Match(content)
	}
	return string(content) == "true" || string(content) == "false" || string(content) == "null"
}
