package shape

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// face is where a document is rendered to.
type face uint8

const (
	// inText may say in place what is missing.
	inText face = iota
	// inStructured must satisfy the schema, and has no marks.
	inStructured
)

// render appends the document of the first k steps.
func (g *growth) render(out []byte, id, k int32, f face) []byte {
	n := &g.tree.nodes[id]
	text := g.tree.text
	switch {
	case g.whole[id]:
		return append(out, text[n.pos:n.end]...)
	case f == inText && g.plan.table(id) != nil:
		tb := g.plan.tables[id]
		if rows := g.rows(tb, k); rows > 0 {
			return tb.write(out, g.tree, rows)
		}
		return append(out, "[]"...)
	case n.kind == kindString:
		return g.renderString(out, id, k, f)
	case n.kind == kindArray || n.kind == kindObject:
		return g.renderContainer(out, id, k, f)
	}
	return append(out, text[n.pos:n.end]...)
}

func (g *growth) renderContainer(out []byte, id, k int32, f face) []byte {
	n := &g.tree.nodes[id]
	out = append(out, g.tree.text[n.pos])
	some := false
	for c := n.first; c != none; c = g.tree.nodes[c].next {
		if !g.has(c, k) {
			if n.kind == kindArray {
				break
			}
			continue
		}
		if some {
			out = append(out, ',')
		}
		some = true
		if m := &g.tree.nodes[c]; m.keyEnd > m.key {
			out = append(append(out, g.tree.text[m.key:m.keyEnd]...), ':')
		}
		out = g.render(out, c, k, f)
	}
	return append(out, g.tree.text[n.end-1])
}

// has reports whether a node is in the first k steps.
func (g *growth) has(id, k int32) bool { return g.rank[id] != 0 && g.rank[id] <= k }

func (g *growth) renderString(out []byte, id, k int32, f face) []byte {
	n := &g.tree.nodes[id]
	if g.elided(id, f) {
		return append(append(append(out, '"'), elision(int(n.end-n.pos)-2)...), '"')
	}
	end := g.stringEnd(id, k)
	out = append(out, g.tree.text[n.pos:end]...)
	if end == n.end {
		return out
	}
	if f == inText {
		out = append(out, "…"...)
	}
	return append(out, '"')
}

// elided reports whether a string of base64 is replaced by a word about it.
func (g *growth) elided(id int32, f face) bool {
	n := &g.tree.nodes[id]
	if !n.binary {
		return false
	}
	if f == inText {
		return true
	}
	least, ok := g.rules[id].shortest()
	return ok && least <= len(elision(int(n.end-n.pos)-2))
}

// elision is what stands for a string of base64 of so many characters.
func elision(length int) string { return "[" + size(length) + " of base64 elided]" }

// size writes a number of bytes for people.
func size(n int) string {
	switch {
	case n < 1000:
		return strconv.Itoa(n) + " bytes"
	case n < 1000*1000:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// stringEnd returns where a string ends in the first k steps: past its closing
// quote if it is there in full.
func (g *growth) stringEnd(id, k int32) int32 {
	n := &g.tree.nodes[id]
	marks := g.marks[id]
	if len(marks) == 0 {
		return n.end
	}
	i := sort.Search(len(marks), func(i int) bool { return marks[i].step > k })
	end := marks[max(i-1, 0)].end
	if end >= n.end-1 {
		return n.end
	}
	return end
}

// cuts appends what the first k steps leave out, as the text shows it.
func (g *growth) cuts(out []Cut, id, k int32, path string) []Cut {
	n := &g.tree.nodes[id]
	switch {
	case g.whole[id]:
		return out
	case n.kind == kindString:
		return g.stringCut(out, id, k, path)
	case n.kind != kindArray && n.kind != kindObject:
		return out
	}
	kept := 0
	at := len(out)
	out = append(out, Cut{})
	for c := n.first; c != none; c = g.tree.nodes[c].next {
		if !g.has(c, k) {
			if n.kind == kindArray {
				break
			}
			continue
		}
		out = g.cuts(out, c, k, g.below(path, c, kept))
		kept++
	}
	unit := "keys"
	if n.kind == kindArray {
		unit = "items"
	}
	if kept == int(n.count) {
		return append(out[:at], out[at+1:]...)
	}
	out[at] = Cut{Path: path, Kept: kept, Total: int(n.count), Unit: unit}
	return out
}

// maxCutPath bounds the pointer to a cut, in bytes.
const maxCutPath = 1 << 10

// below returns the pointer to a child. Where that would be very long, what is cut
// below counts as cut in the parent.
func (g *growth) below(path string, child int32, index int) string {
	if n := &g.tree.nodes[child]; len(path)+int(n.keyEnd-n.key) > maxCutPath {
		return path
	}
	return path + "/" + g.segment(child, index)
}

// segment returns a node's part of a JSON pointer (RFC 6901, section 4).
func (g *growth) segment(id int32, index int) string {
	n := &g.tree.nodes[id]
	if n.key == n.keyEnd {
		return strconv.Itoa(index)
	}
	return pointed(g.tree.name(id))
}

// pointed returns a key as a segment of a JSON pointer.
func pointed(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func (g *growth) stringCut(out []Cut, id, k int32, path string) []Cut {
	n := &g.tree.nodes[id]
	content := g.tree.text[n.pos+1 : n.end-1]
	if g.elided(id, inText) {
		return append(out, Cut{Path: path, Total: len(content), Unit: "characters"})
	}
	end := g.stringEnd(id, k)
	if end == n.end {
		return out
	}
	kept := characters(g.tree.text[n.pos+1 : end])
	return append(out, Cut{Path: path, Kept: kept, Total: kept + characters(g.tree.text[end:n.end-1]), Unit: "characters"})
}
