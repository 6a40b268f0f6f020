package shape

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// fitText returns as much of a plain text as costs at most limit: its head, and
// with tail a smaller part of its end, with a line between that says how much
// is missing.
func (s *Shaper) fitText(text string, limit int, tail bool) (string, []Cut) {
	if _, ok := s.counter.CountUpTo(text, limit); ok {
		return text, nil
	}
	total := utf8.RuneCountInString(text)
	for room := limit - marker; room > 0; {
		out, kept := s.headAndTail(text, room, tail)
		n, ok := s.counter.CountUpTo(out, limit)
		if ok {
			return out, []Cut{{Kept: kept, Total: total, Unit: "characters"}}
		}
		room -= max(1, n-limit, room/64)
	}
	out := s.counter.Cut(text, limit)
	return out, []Cut{{Kept: utf8.RuneCountInString(out), Total: total, Unit: "characters"}}
}

// marker is about what the line costs that says how much is missing.
const marker = 12

// headAndTail joins a head and a tail that cost about room, and returns how many
// characters of the text they have.
func (s *Shaper) headAndTail(text string, room int, tail bool) (string, int) {
	end := ""
	if tail && room >= 64 {
		end = s.suffix(text, room/4)
		room -= s.counter.Count(end)
	}
	head := atLine(s.counter.Cut(text[:len(text)-len(end)], room))
	missing := text[len(head) : len(text)-len(end)]
	kept := utf8.RuneCountInString(head) + utf8.RuneCountInString(end)
	if lines := strings.Count(missing, "\n"); lines > 0 && strings.HasSuffix(head, "\n") {
		return head + fmt.Sprintf("[… %s lines cut …]\n", thousands(lines)) + end, kept
	}
	between := fmt.Sprintf(" [… %s characters cut …]", thousands(utf8.RuneCountInString(missing)))
	if end != "" {
		between += "\n"
	}
	return head + between + end, kept
}

// suffix returns the longest run of whole lines at the end of a text that costs
// at most limit.
func (s *Shaper) suffix(text string, limit int) string {
	low := max(0, len(text)-limit*longToken)
	end := text[low:]
	if low > 0 {
		end = afterLine(end, 0)
	}
	for end != "" && !s.within(end, limit) {
		end = afterLine(end, max(1, len(end)/32))
	}
	return end
}

// longToken is how many bytes a token of prose or a log seldom has.
const longToken = 8

// afterLine returns what follows the first line that ends at or after an offset.
func afterLine(text string, from int) string {
	i := strings.IndexByte(text[from:], '\n')
	if i < 0 {
		return ""
	}
	return text[from+i+1:]
}

// atLine shortens a head to its last whole line, or to its last whole word
// where that costs little.
func atLine(head string) string {
	if i := strings.LastIndexByte(head, '\n') + 1; i > 0 && len(head)-i <= max(80, len(head)/64) {
		return head[:i]
	}
	if i := strings.LastIndexAny(head, " \n\t"); i > 0 && len(head)-i <= 40 {
		return head[:i]
	}
	return head
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
