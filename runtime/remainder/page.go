package remainder

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/shape"
)

// page is what one answer shows of a value.
type page struct {
	text     string
	media    string
	unit     string // of from, to and total; empty where they say nothing
	from, to int    // what is shown, without to
	total    int
	atLeast  bool      // there may be more than total
	left     []leftOut // what is too large for a page, between from and to
	next     *ReadRequest
}

// leftOut is a value that is to be read by itself.
type leftOut struct {
	index int
	path  string
	about string
}

func (l leftOut) String() string { return l.path + " (" + l.about + ")" }

// maxLeft bounds what one page names as left out.
const maxLeft = 20

// filler joins texts for as long as they fit a limit by exact count.
type filler struct {
	counter   shape.Counter
	limit     int
	sep, done string
	head      int // how long what opens is
	buf       []byte
	ends      []int // of the buffer after each text
	check     int   // the buffer's length at which to count anew
}

func newFiller(counter shape.Counter, limit int, open, sep, done string) *filler {
	f := &filler{counter: counter, limit: limit, sep: sep, done: done, head: len(open), buf: []byte(open)}
	f.check = limit - len(done) // a token has a byte at least
	return f
}

// add appends a text; false if it certainly does not fit any more.
func (f *filler) add(text string) bool {
	if len(f.ends) > 0 {
		f.buf = append(f.buf, f.sep...)
	}
	f.buf = append(f.buf, text...)
	f.ends = append(f.ends, len(f.buf))
	if len(f.buf) <= f.check {
		return true
	}
	n, ok := f.counter.CountUpTo(string(f.buf)+f.done, f.limit)
	f.check = len(f.buf) + max((f.limit-n)*len(f.buf)/max(n, 1), f.limit/16)
	return ok
}

// fits reports whether what was added fits a limit.
func (f *filler) fits(limit int) bool {
	_, ok := f.counter.CountUpTo(string(f.buf)+f.done, limit)
	return ok
}

// finish returns the most texts that fit, joined, and how many they are.
func (f *filler) finish() (string, int) {
	whole := string(f.buf)
	prefix := func(n int) string {
		if n == 0 {
			return whole[:f.head] + f.done
		}
		return whole[:f.ends[n-1]] + f.done
	}
	n := sort.Search(len(f.ends), func(i int) bool {
		_, ok := f.counter.CountUpTo(prefix(i+1), f.limit)
		return !ok
	})
	return prefix(n), n
}

// list shows children of a container from one on.
func (r *reading) list(children []child, limit int) page {
	array := len(children) == 0 || !children[0].member
	open, done := "{", "}"
	p := page{media: jsonType, unit: "keys", from: r.req.From, total: len(children)}
	if array {
		open, done, p.unit = "[", "]", "items"
	}
	if len(children) == 0 {
		p.text = string(compact(r.value))
		return p
	}
	f := newFiller(r.counter, limit, open, ",", done)
	var shown []int
	i, stop := p.from, r.stop(len(children))
	for ; i < stop; i++ {
		text := render(children[i])
		if r.fits(open+text+done, limit) {
			shown = append(shown, i)
			if !f.add(text) {
				i++
				break
			}
			continue
		}
		l := leftOut{i, below(r.at, children[i], i), describe(children[i].raw)}
		cost := r.counter.Count(l.String()) + 2
		if (len(shown) > 0 || len(p.left) > 0) && (array || len(p.left) == maxLeft || !f.fits(f.limit-cost)) {
			break
		}
		f.limit -= cost
		p.left = append(p.left, l)
		if array {
			i++
			break
		}
	}
	text, n := f.finish()
	if p.text, p.to = text, i; n < len(shown) {
		p.to = shown[n]
	}
	for len(p.left) > 0 && p.left[len(p.left)-1].index >= p.to {
		p.left = p.left[:len(p.left)-1]
	}
	p.next = r.after(p.to, p.total)
	return p
}

// fits reports whether a text has at most so many tokens, which it has if it has
// no more bytes.
func (r *reading) fits(text string, limit int) bool {
	if len(text) <= limit {
		return true
	}
	_, ok := r.counter.CountUpTo(text, limit)
	return ok
}

// render writes a child on one line.
func render(c child) string {
	text := string(compact(c.raw))
	if !c.member {
		return text
	}
	name, err := marshal(c.name)
	if err != nil {
		name = `""` // never: it is text
	}
	return name + ":" + text
}

// stop is where a request's range ends at the latest.
func (r *reading) stop(total int) int {
	if r.req.Count > 0 && r.req.Count < total-r.req.From {
		return r.req.From + r.req.Count
	}
	return total
}

// after is the request that goes on at a place; nil at the end.
func (r *reading) after(to, total int) *ReadRequest {
	if to >= total {
		return nil
	}
	next := r.req
	next.From, next.Lines = to, ""
	return &next
}

// characters shows a text by characters. A page that ends within the text ends
// with a line, where it has one.
func (r *reading) characters(text string, limit int) page {
	total := utf8.RuneCountInString(text)
	p := page{media: r.media, unit: "characters", from: r.req.From, total: total}
	rest := text[offset(text, p.from):]
	rest = rest[:offset(rest, r.stop(total)-p.from)]
	p.text = r.head(rest, limit)
	p.to = p.from + utf8.RuneCountInString(p.text)
	p.next = r.after(p.to, total)
	return p
}

// head is as much of the beginning of a text as fits, to the end of a line if it
// has one.
func (r *reading) head(text string, limit int) string {
	head := r.counter.Cut(text, limit)
	if len(head) == len(text) {
		return head
	}
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		return head[:i+1]
	}
	return head
}

// offset returns where the nth character of a text begins.
func offset(text string, n int) int {
	for at := range text {
		if n == 0 {
			return at
		}
		n--
	}
	return len(text)
}

// lines shows a range of a text's lines.
func (r *reading) lines(text string, limit int) page {
	first, last, _ := lineRange(r.req.Lines) // checked before
	total := countLines(text)
	from := lineOffset(text, first)
	to := len(text)
	if last > 0 {
		to = lineOffset(text, last+1)
	}
	p := page{media: r.media, unit: "lines", from: first, total: total}
	p.text = r.head(text[from:to], limit)
	end := from + len(p.text)
	p.to = first + countLines(p.text)
	switch {
	case end == len(text):
	case strings.HasSuffix(p.text, "\n"):
		next := r.req
		next.Lines = span(p.to, last)
		p.next = &next
	default: // within a line
		next := r.req
		next.Lines, next.From = "", utf8.RuneCountInString(text[:end])
		p.next = &next
	}
	return p
}

// span writes a range of lines.
func span(first, last int) string {
	if last == 0 {
		return fmt.Sprintf("%d-", first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

func countLines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}

// lineOffset returns where a line begins, from 1.
func lineOffset(text string, line int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	return at
}

// scalar is the text of a value that is no container.
func scalar(raw json.RawMessage) (text string, isString bool) {
	if text, ok := textOf(raw); ok {
		return text, true
	}
	return string(compact(raw)), false
}
