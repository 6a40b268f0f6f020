package scan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

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
		if len(data)-at >= blockReach && meanings[data[at+1]] != 0 {
			out, at = appendBlocks(out, data, at)
			n := plain(data[at:])
			out, at = append(out, data[at:at+n]...), at+n
			continue
		}
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

// Unquoted returns what a string says, given the whole of it, which was checked.
// Without escapes that is part of it.
func Unquoted(value []byte) string {
	raw := value[1 : len(value)-1]
	return Decoded(raw, bytes.IndexByte(raw, '\\') >= 0)
}

// appendMeaning appends what an escape says, and returns its size.
func appendMeaning(out, raw []byte) ([]byte, int) {
	if raw[1] != 'u' {
		return append(out, meanings[raw[1]]), 2
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

// meanings has the characters that a backslash and another stand for; 0 for those
// that are no such escape.
var meanings = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

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

// bytesOf undoes View.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }
