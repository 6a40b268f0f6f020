package call

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// maxDepth is how deep JSON may nest, the same as encoding/json allows.
const maxDepth = 10_000

// errSyntax is all that is said of what is no JSON; whoever reads it knows the
// source.
var errSyntax = errors.New("this is not valid JSON")

// scanner goes over JSON (RFC 8259) once and checks it on the way. What it finds
// are parts of data.
type scanner struct {
	data  []byte
	at    int
	depth int
}

// peek skips white space and returns the byte after it; 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// end reports whether nothing but white space is left.
func (s *scanner) end() bool { s.peek(); return s.at == len(s.data) }

// open enters an object or array and reports whether it has a first element.
func (s *scanner) open(closing byte) (more, ok bool) {
	s.at++
	if s.depth++; s.depth > maxDepth {
		return false, false
	}
	if s.peek() == closing {
		s.at++
		s.depth--
		return false, true
	}
	return true, true
}

// next goes past a comma, or past the closing byte.
func (s *scanner) next(closing byte) (more, ok bool) {
	switch s.peek() {
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

// key reads a member's name and the colon after it.
func (s *scanner) key() (string, bool) {
	if s.peek() != '"' {
		return "", false
	}
	raw, escaped, ok := s.text()
	if !ok || s.peek() != ':' {
		return "", false
	}
	s.at++
	return decoded(raw, escaped), true
}

// value returns the next value as it is written.
func (s *scanner) value() (json.RawMessage, bool) {
	s.peek()
	from := s.at
	if !s.skip() {
		return nil, false
	}
	return s.data[from:s.at:s.at], true
}

// skip goes past one value.
func (s *scanner) skip() bool {
	switch c := s.peek(); {
	case c == '"':
		_, _, ok := s.text()
		return ok
	case c == '{':
		return s.skipAll('}')
	case c == '[':
		return s.skipAll(']')
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

func (s *scanner) skipAll(closing byte) bool {
	more, ok := s.open(closing)
	for more && ok {
		if closing == '}' && !s.skipKey() || !s.skip() {
			return false
		}
		more, ok = s.next(closing)
	}
	return ok
}

func (s *scanner) skipKey() bool {
	if s.peek() != '"' {
		return false
	}
	if _, _, ok := s.text(); !ok || s.peek() != ':' {
		return false
	}
	s.at++
	return true
}

func (s *scanner) word(w string) bool {
	if !strings.HasPrefix(view(s.data[s.at:]), w) {
		return false
	}
	s.at += len(w)
	return true
}

func (s *scanner) number() bool {
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

func (s *scanner) take(c byte) bool {
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	from := s.at
	for s.at < len(s.data) && s.data[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at > from
}

// text goes past a string and returns what stands between its quotes.
func (s *scanner) text() (raw []byte, escaped, ok bool) {
	s.at++
	from := s.at
	for {
		s.at += plain(s.data[s.at:])
		if s.at >= len(s.data) {
			return nil, false, false
		}
		switch s.data[s.at] {
		case '"':
			s.at++
			return s.data[from : s.at-1], escaped, true
		case '\\':
			escaped = true
			if !s.escape() {
				return nil, false, false
			}
		default:
			return nil, false, false // a control character
		}
	}
}

func (s *scanner) escape() bool {
	rest := s.data[s.at+1:]
	if len(rest) == 0 {
		return false
	}
	switch rest[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += 2
		return true
	case 'u':
		if hex4(rest[1:]) < 0 {
			return false
		}
		s.at += 6
		return true
	}
	return false
}

// plain returns how many bytes stand before the first quote, backslash or
// control character. It looks at eight bytes at a time.
func plain(data []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	at := 0
	for ; len(data)-at >= 8; at += 8 {
		w := binary.LittleEndian.Uint64(data[at:])
		quote, slash := w^('"'*ones), w^('\\'*ones)
		if hit := ((quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & highs; hit != 0 {
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

// decoded returns what a string says, given what stands between its quotes,
// which was checked. Without escapes that is the very same bytes.
func decoded(raw []byte, escaped bool) string {
	if !escaped {
		return view(raw)
	}
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		n := plain(raw)
		out = append(out, raw[:n]...)
		if raw = raw[n:]; len(raw) == 0 {
			break
		}
		if raw[1] != 'u' {
			out = append(out, meaning(raw[1]))
			raw = raw[2:]
			continue
		}
		r := hex4(raw[2:])
		raw = raw[6:]
		if utf16.IsSurrogate(r) {
			pair := rune(utf8.RuneError)
			if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
				pair = utf16.DecodeRune(r, hex4(raw[2:]))
			}
			if r = pair; r != utf8.RuneError {
				raw = raw[6:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return view(out)
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

// mended returns data with U+FFFD for each byte that is not valid UTF-8, as
// encoding/json reads it; data itself if all is valid.
func mended(data []byte) []byte {
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

// view returns bytes that nobody will change as a string.
func view(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }
