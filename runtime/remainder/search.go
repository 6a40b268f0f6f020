package remainder

import (
	"encoding/json"
	"fmt"
	"strings"
)

// maxMatches bounds how many places a search finds.
const maxMatches = 10_000

// around is how many bytes of what stands around a match are shown.
const around = 80

// found collects the places where a text occurs, one line each.
type found struct {
	what  string // in lower case
	lines []string
}

func (f *found) full() bool { return len(f.lines) >= maxMatches }

// json goes over a value: a match names the value it is in, or the member whose
// name it is in.
func (f *found) json(raw json.RawMessage, at string) {
	children, ok := childrenOf(raw)
	if !ok {
		if text, _ := scalar(raw); f.in(text) {
			f.lines = append(f.lines, clip(at)+": "+f.snippet(text))
		}
		return
	}
	for i, c := range children {
		if f.full() {
			return
		}
		path := below(at, c, i)
		if c.member && f.in(c.name) {
			f.lines = append(f.lines, clip(path)+" is "+describe(c.raw))
		}
		f.json(c.raw, path)
	}
}

// text goes over the lines of a text. Each match comes with the lines before and
// after it.
func (f *found) text(text string) {
	before, number := "", 0
	for line := range strings.Lines(text) {
		number++
		text = text[len(line):]
		line = strings.TrimRight(line, "\r\n")
		if f.in(line) {
			out := fmt.Sprintf("%d: %s", number, f.snippet(line))
			if before != "" {
				out = fmt.Sprintf("%d- %s\n", number-1, start(before)) + out
			}
			after, _, _ := strings.Cut(text, "\n")
			if after = strings.TrimRight(after, "\r"); after != "" {
				out += fmt.Sprintf("\n%d- %s", number+1, start(after))
			}
			f.lines = append(f.lines, out)
		}
		if before = line; f.full() {
			return
		}
	}
}

func (f *found) in(text string) bool { return strings.Contains(strings.ToLower(text), f.what) }

// snippet is what stands around the first match in a text.
func (f *found) snippet(text string) string {
	lower := strings.ToLower(text)
	i := strings.Index(lower, f.what)
	if i < 0 || len(lower) != len(text) { // places in the two differ
		return start(text)
	}
	from, to := max(0, i-around), min(len(text), i+len(f.what)+around)
	out := oneLine(text[from:to])
	if from > 0 {
		out = "…" + out
	}
	if to < len(text) {
		out += "…"
	}
	return out
}

// start is the beginning of a text.
func start(text string) string {
	if len(text) <= 2*around {
		return oneLine(text)
	}
	return oneLine(text[:2*around]) + "…"
}

// oneLine mends a piece of a text so that it is valid, and on one line.
func oneLine(piece string) string {
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(strings.ToValidUTF8(piece, ""))
}

// matches shows what a search found.
func (r *reading) matches(lines []string, limit int) page {
	p := page{media: textType, unit: "matches", from: r.req.From, total: len(lines), atLeast: len(lines) >= maxMatches}
	f := newFiller(r.counter, limit, "", "\n", "")
	for _, line := range lines[p.from:r.stop(len(lines))] {
		if !f.add(r.counter.Cut(line, limit)) {
			break
		}
	}
	text, n := f.finish()
	p.text, p.to = text, p.from+n
	p.next = r.after(p.to, p.total)
	return p
}
