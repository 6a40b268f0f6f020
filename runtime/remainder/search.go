package remainder

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// maxMatches bounds how many places a search finds.
const maxMatches = 10_000

// around is how many bytes of what stands around a match are shown.
const around = 80

// found collects the places where a text occurs, one line each.
type found struct {
	what  string // in lower case
	lines []string
	path  []byte // the pointer to where the scanner is
}

func (f *found) full() bool { return len(f.lines) >= maxMatches }

// place is the pointer as a line begins with it. All of it may be very long.
func (f *found) place() string {
	return clip(string(f.path[:min(len(f.path), maxPath)]))
}

// json goes over a document once: a match names the value that it is in, or the
// member whose name it is in.
func (f *found) json(s *scan.Scanner) bool {
	open := s.Peek()
	switch open {
	case '{', '[':
		return f.container(s, open)
	case '"':
		raw, escaped, ok := s.Text()
		if text := scan.Decoded(raw, escaped); ok && f.in(text) {
			f.lines = append(f.lines, f.place()+": "+f.snippet(text))
		}
		return ok
	default:
		raw, ok := s.Value()
		if ok && f.in(string(raw)) {
			f.lines = append(f.lines, f.place()+": "+start(string(raw)))
		}
		return ok
	}
}

func (f *found) container(s *scan.Scanner, open byte) bool {
	above := len(f.path)
	more, ok := s.Open(open + 2)
	for i := 0; more && ok && !f.full(); i++ {
		f.path = append(f.path[:above], '/')
		if open == '{' {
			var name string
			if name, ok = s.Key(); !ok {
				return false
			}
			f.path = append(f.path, escape(name)...)
			if f.in(name) {
				f.lines = append(f.lines, f.place()+" ("+kindOf(s.Peek())+")")
			}
		} else {
			f.path = strconv.AppendInt(f.path, int64(i), 10)
		}
		if !f.json(s) {
			return false
		}
		more, ok = s.Next(open + 2)
	}
	f.path = f.path[:above]
	return ok
}

// kindOf tells a value's kind by its first byte.
func kindOf(first byte) string {
	switch first {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
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
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(piece, ""), "\n", " "), "\r", " ")
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
