package scan

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Valid reports whether data is one JSON value.
func Valid(data []byte) bool {
	s := Of(data)
	return s.Skip() && s.End()
}

// maxDepth is how deep JSON may nest, the same as encoding/json allows.
const maxDepth = 10_000

// Scanner goes over JSON (RFC 8259) once and checks it on the way. What it finds
// are parts of data.
type Scanner struct {
	data  []byte
	at    int
	depth int
}

// Of returns a scanner at the start of data.
func Of(data []byte) Scanner { return Scanner{data: data} }

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

// End reports whether nothing but white space is left.
func (s *Scanner) End() bool { s.Peek(); return s.at == len(s.data) }

// Open enters an object or array and reports whether it has a first element.
func (s *Scanner) Open(closing byte) (more, ok bool) {
	s.at++
	if s.depth++; s.depth > maxDepth {
		return false, false
	}
	if s.Peek() == closing {
		s.at++
		s.depth--
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
		s.depth--
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
			escaped = true
			at += size
		default:
			return nil, false, false // a control character
		}
	}
}

// String goes past a string and returns what it says, in one go. It may use
// scratch for that, and returns what can be used for the next.
func (s *Scanner) String(scratch []byte) (text string, rest []byte, ok bool) {
	data, from := s.data, s.at+1
	at := from + plain(data[from:])
	if at < len(data) && data[at] == '"' {
		s.at = at + 1
		return View(data[from:at]), scratch, true
	}
	out := append(scratch[:0], data[from:at]...)
	for at < len(data) && data[at] == '\\' {
		size := escapeSize(data[at:])
		if size == 0 {
			return "", scratch, false
		}
		out, size = appendMeaning(out, data[at:])
		at += size
		for len(data)-at >= word { // eight bytes at once, of which as many count as are plain
			w := binary.LittleEndian.Uint64(data[at:])
			out = binary.LittleEndian.AppendUint64(out, w)
			if hit := special(w); hit != 0 {
				n := bits.TrailingZeros64(hit) / 8
				out, at = out[:len(out)-word+n], at+n
				break
			}
			at += word
		}
		if len(data)-at < word {
			n := plain(data[at:])
			out, at = append(out, data[at:at+n]...), at+n
		}
	}
	if at == len(data) || data[at] != '"' {
		return "", scratch, false
	}
	s.at = at + 1
	if len(out) > cap(out)/2 {
		return View(out), nil, true // it is worth giving away
	}
	return string(out), out, true
}

// Left returns how much is left to be gone over, in bytes.
func (s *Scanner) Left() int { return len(s.data) - s.at }

// escapeSize returns the size of the escape that data begins with; 0 if it is
// none.
func escapeSize(data []byte) int {
	if len(data) < 2 {
		return 0
	}
	switch data[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if hex4(data[2:]) >= 0 {
			return 6
		}
	}
	return 0
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

// hex4 reads four hexadecimal digits; -1 where there are none.
func hex4(data []byte) rune {
	if len(data) < 4 {
		return -1
	}
	var r rune
	for _, c := range data[:4] {
		switch lower := c | 0x20; {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case lower >= 'a' && lower <= 'f':
			r = r<<4 | rune(lower-'a'+10)
		default:
			return -1
		}
	}
	return r
}

// Decoded returns what a string says, given what stands between its quotes,
// which was checked. Without escapes that is the very same bytes.
func Decoded(raw []byte, escaped bool) string {
	if !escaped {
		return View(raw)
	}
	s := Scanner{data: append(append(append(make([]byte, 0, len(raw)+2), '"'), raw...), '"')}
	text, _, _ := s.String(nil)
	return text
}

// appendMeaning appends what an escape says, and returns its size.
func appendMeaning(out, raw []byte) ([]byte, int) {
	if raw[1] != 'u' {
		return append(out, meaning(raw[1])), 2
	}
	r, size := hex4(raw[2:]), 6
	if utf16.IsSurrogate(r) {
		pair := rune(utf8.RuneError)
		if len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
			pair = utf16.DecodeRune(r, hex4(raw[8:]))
		}
		if r = pair; r != utf8.RuneError {
			size = 12
		}
	}
	return utf8.AppendRune(out, r), size
}

// meaning returns the character that a backslash and c stand for.
func meaning(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// Mended returns data with U+FFFD for each byte that is not valid UTF-8, as
// encoding/json reads it; data itself if all is valid.
func Mended(data []byte) []byte {
	if utf8.Valid(data) {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		out = utf8.AppendRune(out, r)
		data = data[size:]
	}
	return out
}

// View returns bytes that nobody will change as a string.
func View(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }
