package shape

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// form is how a text that is no JSON document is made up.
type form uint8

const (
	plainText form = iota // prose, logs and all else: a head and a tail
	markdown              // a head
	ndjson                // a JSON value a line: whole lines, each compacted
	csvTable              // a header and rows: whole rows
	page                  // HTML: as Markdown
)

// formOf tells a text's form by its beginning.
func formOf(text string) form {
	head := text[:min(len(text), 64<<10)]
	switch {
	case isHTML(head):
		return page
	case isNDJSON(head):
		return ndjson
	case isCSV(head):
		return csvTable
	case isMarkdown(head):
		return markdown
	}
	return plainText
}

// isNDJSON reports whether the first two lines are JSON objects or arrays. The
// second may be cut off by the end of what is looked at.
func isNDJSON(head string) bool {
	first, rest, ok := strings.Cut(strings.TrimLeft(head, " \r\n\t"), "\n")
	rest = strings.TrimLeft(rest, " \r\n\t")
	if !ok || rest == "" || !startsValue(first) || !startsValue(rest) {
		return false
	}
	_, err := parse(first)
	return err == nil
}

func startsValue(s string) bool { return s != "" && (s[0] == '{' || s[0] == '[') }

// isCSV reports whether the first five records have the same number of fields:
// three or more with commas or semicolons, two or more with tabs.
func isCSV(head string) bool {
	for _, d := range []struct {
		comma rune
		least int
	}{{',', 3}, {';', 3}, {'\t', 2}} {
		r := csv.NewReader(strings.NewReader(head))
		r.Comma, r.ReuseRecord = d.comma, true
		n := 0
		for ; n < 5; n++ {
			fields, err := r.Read()
			if err == io.EOF && n > 2 {
				n = 5
			}
			if err != nil || len(fields) < d.least {
				break
			}
		}
		if n >= 5 {
			return true
		}
	}
	return false
}

// isMarkdown tells texts whose end is worth no more than their middle.
func isMarkdown(head string) bool {
	head = head[:min(len(head), 4096)]
	for _, mark := range []string{"# ", "## ", "```"} {
		if strings.HasPrefix(head, mark) || strings.Contains(head, "\n"+mark) {
			return true
		}
	}
	return false
}

// fitForm returns as much of a text as costs at most limit.
func (s *Shaper) fitForm(text string, f form, limit int) (string, []Cut) {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	total := runes(text)
	text, gone := elideBase64(text)
	switch f {
	case ndjson, csvTable:
		if out, cuts, ok := s.fitRecords(text, f, limit); ok {
			if gone > 0 {
				cuts = append(cuts, Cut{Kept: total - gone, Total: total, Unit: "characters"})
			}
			return out, cuts
		}
	case page:
		if out, cuts, ok := s.fitHTML(text, total, limit); ok {
			return out, cuts
		}
	case plainText:
		if gone == 0 || !s.within(text, limit) {
			folded, more := fold(text)
			text, gone = folded, gone+more
		}
	}
	out, cuts := s.fitText(text, limit, f == plainText)
	if gone > 0 {
		cut := Cut{Kept: total - gone, Total: total, Unit: "characters"}
		if len(cuts) > 0 {
			cut.Kept = min(cut.Kept, cuts[0].Kept)
		}
		cuts = []Cut{cut}
	}
	return out, cuts
}

// fitRecords returns the first whole records that cost at most limit; false if
// not even one does.
func (s *Shaper) fitRecords(text string, f form, limit int) (string, []Cut, bool) {
	var out []byte
	var ends []int // of the records in out
	next, check := 0, 4*limit+256
	for next < len(text) {
		end := recordEnd(text, next, f)
		out = appendRecord(out, text[next:end], f)
		ends = append(ends, len(out))
		next = end
		if len(out) >= check {
			if !s.within(string(out), limit) {
				break
			}
			check *= 2
		}
	}
	low, high := 0, len(ends)+1 // records that fit, and that do not
	for low+1 < high {
		if mid := low + (high-low)/2; s.within(string(out[:ends[mid-1]]), limit) {
			low = mid
		} else {
			high = mid
		}
	}
	if low == 0 || (f == csvTable && low == 1) {
		return "", nil, false
	}
	total := len(ends)
	for ; next < len(text); total++ {
		next = recordEnd(text, next, f)
	}
	kept := string(out[:ends[low-1]])
	if low == total {
		return kept, nil, true
	}
	if f == csvTable { // the header is no row
		low, total = low-1, total-1
	}
	return kept, []Cut{{Kept: low, Total: total, Unit: "items"}}, true
}

// appendRecord appends a record, JSON without white space.
func appendRecord(out []byte, record string, f form) []byte {
	if f == ndjson {
		if t, err := parse(record); err == nil {
			return append(append(out, t.text...), '\n')
		}
	}
	return append(out, record...)
}

// recordEnd returns the offset after the record that begins at from. A row of
// CSV goes on over line ends in quotes (RFC 4180, section 2).
func recordEnd(text string, from int, f form) int {
	quoted := false
	for i := from; i < len(text); i++ {
		switch text[i] {
		case '"':
			quoted = !quoted && f == csvTable
		case '\n':
			if !quoted {
				return i + 1
			}
		}
	}
	return len(text)
}
