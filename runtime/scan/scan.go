package scan

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strings"
)

// maxDepth is how deep JSON may nest, the same as encoding/json allows.
const maxDepth = 10_000

// Valid reports whether data is one JSON value.
func Valid(data []byte) bool { return ValidTo(data, maxDepth) }

// ValidTo reports whether data is one JSON value, nested no deeper than depth.
func ValidTo(data []byte, depth int) bool {
	s := To(data, depth)
	return s.Skip() && s.End()
}

// Scanner goes over JSON (RFC 8259) once and checks it on the way. What it finds
// are parts of data.
type Scanner struct {
	data []byte
	at   int
	left int // levels that may still be entered
}

// Of returns a scanner at the start of data.
func Of(data []byte) Scanner { return To(data, maxDepth) }

// To returns a scanner at the start of data, which may be nested no deeper than
// depth.
func To(data []byte, depth int) Scanner { return Scanner{data: data, left: depth} }

// At returns where the scanner is.
func (s *Scanner) At() int { return s.at }

// Since returns what stands between a place and where the scanner is.
func (s *Scanner) Since(from int) json.RawMessage { return s.data[from:s.at:s.at] }

// Peek skips white space and returns the byte after it; 0 at the end.
func (s *Scanner) Peek() byte {
	if s.at < len(s.data) && s.data[s.at] > ' ' {
		return s.data[s.at]
	}
	return s.space()
}

func (s *Scanner) space() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// Left returns how much is left to be gone over, in bytes.
func (s *Scanner) Left() int { return len(s.data) - s.at }

// End reports whether nothing but white space is left.
func (s *Scanner) End() bool { s.Peek(); return s.at == len(s.data) }

// Open enters an object or array and reports whether it has a first element.
func (s *Scanner) Open(closing byte) (more, ok bool) {
	s.at++
	if s.left--; s.left < 0 {
		return false, false
	}
	if s.Peek() == closing {
		s.at++
		s.left++
		return false, true
	}
	return true, true
}

// Next goes past a comma, or past the closing byte.
func (s *Scanner) Next(closing byte) (more, ok bool) {
	switch s.Peek() {
	case ',':
		s.at++
		return true, true
	case closing:
		s.at++
		s.left++
		return false, true
	}
	return false, false
}

// Key reads a member's name and the colon after it.
func (s *Scanner) Key() (string, bool) {
	if s.Peek() != '"' {
		return "", false
	}
	raw, escaped, ok := s.Text()
	if !ok || s.Peek() != ':' {
		return "", false
	}
	s.at++
	return Decoded(raw, escaped), true
}

// Step goes past one byte that Peek returned.
func (s *Scanner) Step() { s.at++ }

// Value returns the next value as it is written.
func (s *Scanner) Value() (json.RawMessage, bool) {
	s.Peek()
	from := s.at
	if !s.Skip() {
		return nil, false
	}
	return s.data[from:s.at:s.at], true
}

// Member reads a member of an object that was entered.
func (s *Scanner) Member() (key string, value json.RawMessage, ok bool) {
	if key, ok = s.Key(); ok {
		value, ok = s.Value()
	}
	return key, value, ok
}

// Skip goes past one value.
func (s *Scanner) Skip() bool {
	switch c := s.Peek(); {
	case c == '"':
		_, _, ok := s.Text()
		return ok
	case c == '{':
		return s.skipAll('}')
	case c == '[':
		return s.skipAll(']')
	case c == 't':
		return s.Word("true")
	case c == 'f':
		return s.Word("false")
	case c == 'n':
		return s.Word("null")
	default:
		return s.number()
	}
}

func (s *Scanner) skipAll(closing byte) bool {
	more, ok := s.Open(closing)
	for more && ok {
		if closing == '}' && !s.skipKey() || !s.Skip() {
			return false
		}
		more, ok = s.Next(closing)
	}
	return ok
}

func (s *Scanner) skipKey() bool {
	if s.Peek() != '"' {
		return false
	}
	if _, _, ok := s.Text(); !ok || s.Peek() != ':' {
		return false
	}
	s.at++
	return true
}

// Word goes past a literal name: true, false or null.
func (s *Scanner) Word(w string) bool {
	if !strings.HasPrefix(View(s.data[s.at:]), w) {
		return false
	}
	s.at += len(w)
	return true
}

func (s *Scanner) number() bool {
	if s.take('-'); !s.take('0') && !s.digits() {
		return false
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		return s.digits()
	}
	return true
}

func (s *Scanner) take(c byte) bool {
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *Scanner) digits() bool {
	from := s.at
	for s.at < len(s.data) && s.data[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at > from
}

// Text goes past a string and returns what stands between its quotes.
func (s *Scanner) Text() (raw []byte, escaped, ok bool) {
	data, from := s.data, s.at+1
	for at := from; ; {
		if len(data)-at >= word {
			hit := special(binary.LittleEndian.Uint64(data[at:]))
			if hit == 0 {
				at += word
				continue
			}
			at += bits.TrailingZeros64(hit) / 8
		} else if at += plain(data[at:]); at == len(data) {
			return nil, false, false
		}
		switch data[at] {
		case '"':
			s.at = at + 1
			return data[from:at], escaped, true
		case '\\':
			size := escapeSize(data[at:])
			if size == 0 {
				return nil, false, false
			}
			at += size
			if escaped {
				at = skipEscaped(data, at)
			}
			escaped = true
		default:
			return nil, false, false // a control character
		}
	}
}

// word is how many bytes are looked at at once.
const word = 8

// special has the high bit set in the first of eight bytes that is a quote, a
// backslash or a control character, and perhaps in later ones; 0 for none.
func special(w uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^('"'*ones), w^('\\'*ones)
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & highs
}

// plain returns how many bytes stand before the first quote, backslash or
// control character.
func plain(data []byte) int {
	at := 0
	for ; len(data)-at >= word; at += word {
		if hit := special(binary.LittleEndian.Uint64(data[at:])); hit != 0 {
			return at + bits.TrailingZeros64(hit)/8
		}
	}
	for at < len(data) && data[at] >= ' ' && data[at] != '"' && data[at] != '\\' {
		at++
	}
	return at
}
