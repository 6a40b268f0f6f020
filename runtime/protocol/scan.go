package protocol

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// MaxDepth is how deep JSON may be nested. Deeper text is refused as malformed.
const MaxDepth = 1000

// malformed is the end of what is no JSON.
const malformed = -1

// skipSpace returns where the next token begins.
func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// scanValue returns where the value that begins at i ends, or malformed. It
// checks all of it (RFC 8259), but for the encoding of strings' bytes.
func scanValue(data []byte, i, depth int) int {
	if i >= len(data) {
		return malformed
	}
	switch c := data[i]; {
	case c == '"':
		return scanString(data, i)
	case c == '{':
		return scanObject(data, i, depth+1, nil)
	case c == '[':
		return scanArray(data, i, depth+1, nil)
	case c == 't':
		return scanWord(data, i, "true")
	case c == 'f':
		return scanWord(data, i, "false")
	case c == 'n':
		return scanWord(data, i, "null")
	default:
		return scanNumber(data, i)
	}
}

// scanObject returns where the object that begins at i ends. It hands each
// member, its key with the quotes on, to each, which may be nil; it stops if
// that returns false.
func scanObject(data []byte, i, depth int, each func(key, value []byte) bool) int {
	if depth > MaxDepth {
		return malformed
	}
	i = skipSpace(data, i+1)
	if i < len(data) && data[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(data) || data[i] != '"' {
			return malformed
		}
		end := scanString(data, i)
		if end < 0 {
			return malformed
		}
		key := data[i:end]
		i = skipSpace(data, end)
		if i >= len(data) || data[i] != ':' {
			return malformed
		}
		i = skipSpace(data, i+1)
		end = scanValue(data, i, depth)
		if end < 0 || each != nil && !each(key, data[i:end:end]) {
			return malformed
		}
		next, more := scanNext(data, end, '}')
		if !more {
			return next
		}
		i = next
	}
}

// scanArray returns where the array that begins at i ends, and hands each
// element to each as scanObject does.
func scanArray(data []byte, i, depth int, each func(value []byte) bool) int {
	if depth > MaxDepth {
		return malformed
	}
	i = skipSpace(data, i+1)
	if i < len(data) && data[i] == ']' {
		return i + 1
	}
	for {
		end := scanValue(data, i, depth)
		if end < 0 || each != nil && !each(data[i:end:end]) {
			return malformed
		}
		next, more := scanNext(data, end, ']')
		if !more {
			return next
		}
		i = next
	}
}

// scanNext reads what follows a member or an element: a comma, after which
// there is more, or the end of what it is in.
func scanNext(data []byte, i int, last byte) (next int, more bool) {
	i = skipSpace(data, i)
	switch {
	case i >= len(data):
		return malformed, false
	case data[i] == ',':
		return skipSpace(data, i+1), true
	case data[i] == last:
		return i + 1, false
	default:
		return malformed, false
	}
}

// scanString returns where the string that begins at i ends.
func scanString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		for i+8 <= len(data) {
			special := specials(binary.LittleEndian.Uint64(data[i:]))
			if special != 0 {
				i += bits.TrailingZeros64(special) / 8
				break
			}
			i += 8
		}
		if i == len(data) {
			return malformed
		}
		switch c := data[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return malformed
		case c == '\\':
			if i = scanEscape(data, i); i < 0 {
				return malformed
			}
		}
	}
	return malformed
}

// specials returns a word whose lowest set bit is in the first of eight bytes
// that is a control character, a quote or a backslash; 0 if none is. The bits
// above that one mean nothing (the borrow of a subtraction reaches them).
func specials(word uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, slash := word^(ones*'"'), word^(ones*'\\')
	return ((word-ones*' ')&^word | (quote-ones)&^quote | (slash-ones)&^slash) & highs
}

// scanEscape returns where the last byte of the escape that begins at i is.
func scanEscape(data []byte, i int) int {
	if i+1 >= len(data) {
		return malformed
	}
	switch data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		if _, ok := hex4(data, i+2); ok {
			return i + 5
		}
	}
	return malformed
}

// hex4 reads four hexadecimal digits.
func hex4(data []byte, i int) (r rune, ok bool) {
	if i+4 > len(data) {
		return 0, false
	}
	for _, c := range data[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func scanWord(data []byte, i int, word string) int {
	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return malformed
	}
	return i + len(word)
}

// scanNumber returns where the number that begins at i ends.
func scanNumber(data []byte, i int) int {
	if i < len(data) && data[i] == '-' {
		i++
	}
	switch {
	case i >= len(data):
		return malformed
	case data[i] == '0':
		i++
	default:
		if i = scanDigits(data, i); i < 0 {
			return malformed
		}
	}
	if i < len(data) && data[i] == '.' {
		if i = scanDigits(data, i+1); i < 0 {
			return malformed
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		return scanDigits(data, i)
	}
	return i
}

// scanDigits reads one digit or more.
func scanDigits(data []byte, i int) int {
	from := i
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	if i == from {
		return malformed
	}
	return i
}

// unquote returns what a checked string stands for; without escapes, that is
// part of quoted itself.
func unquote(quoted []byte) []byte {
	text := quoted[1 : len(quoted)-1]
	at := bytes.IndexByte(text, '\\')
	if at < 0 {
		return text[:len(text):len(text)]
	}
	out := append(make([]byte, 0, len(text)), text[:at]...)
	for i := at; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		i++
		if text[i] != 'u' {
			out = append(out, unescaped(text[i]))
			continue
		}
		r, last := unquoteRune(text, i+1)
		out = utf8.AppendRune(out, r)
		i = last
	}
	return out
}

func unescaped(c byte) byte {
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
	default:
		return c
	}
}

// unquoteRune reads the digits of a \u escape, and the second one of a pair of
// surrogates; half a pair is U+FFFD. last is the last byte that it read.
func unquoteRune(text []byte, i int) (r rune, last int) {
	const high, low, end = 0xD800, 0xDC00, 0xE000
	r, _ = hex4(text, i)
	last = i + 3
	if r < high || r >= end {
		return r, last
	}
	if r < low && last+2 < len(text) && text[last+1] == '\\' && text[last+2] == 'u' {
		if second, ok := hex4(text, last+3); ok && second >= low && second < end {
			return (r-high)<<10 + (second - low) + 0x10000, last + 6
		}
	}
	return utf8.RuneError, last
}
