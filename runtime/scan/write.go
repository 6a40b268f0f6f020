package scan

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// AppendText appends text as a JSON string, as encoding/json does with
// SetEscapeHTML(false): on one line, and in valid UTF-8. It undoes [Scanner.String].
func AppendText(dst []byte, text string) []byte {
	dst = append(slices.Grow(dst, len(text)+len(text)/8+2*word), '"')
	if len(text) >= blockReach && isPlain(text) {
		var n int
		dst, n = appendEscaped(dst, bytesOf(text))
		text = text[n:]
	}
	for len(text) > 0 {
		var n int
		dst, n = appendPlain(dst, text)
		if text = text[n:]; text == "" {
			break
		}
		if c := text[0]; c < utf8.RuneSelf {
			dst = appendEscape(dst, c)
			text = text[1:]
			continue
		}
		dst, n = appendRune(dst, text)
		text = text[n:]
	}
	return append(dst, '"')
}

// isPlain reports whether all of text that is beyond ASCII stands for itself.
func isPlain(text string) bool {
	return utf8.ValidString(text) && !strings.Contains(text, "\u2028") && !strings.Contains(text, "\u2029")
}

// appendPlain appends the bytes of text that stand for themselves, before the
// first that may not, and returns how many: before a quote, a backslash, a
// control character, or what is no ASCII.
func appendPlain(dst []byte, text string) ([]byte, int) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	at := 0
	for ; len(text)-at >= word; at += word {
		eight := text[at : at+word]
		w := uint64(eight[0]) | uint64(eight[1])<<8 | uint64(eight[2])<<16 | uint64(eight[3])<<24 |
			uint64(eight[4])<<32 | uint64(eight[5])<<40 | uint64(eight[6])<<48 | uint64(eight[7])<<56
		dst = binary.LittleEndian.AppendUint64(dst, w)
		quote, slash := w^('"'*ones), w^('\\'*ones)
		if hit := (w | (quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & highs; hit != 0 {
			n := bits.TrailingZeros64(hit) / 8
			return dst[:len(dst)-word+n], at + n
		}
	}
	from := at
	for at < len(text) && text[at] >= ' ' && text[at] < utf8.RuneSelf && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return append(dst, text[from:at]...), at
}

// appendRune appends the first character of text, which is no ASCII, and returns
// its size.
func appendRune(dst []byte, text string) ([]byte, int) {
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError && size == 1:
		return append(dst, `\ufffd`...), 1
	case r == '\u2028':
		return append(dst, `\u2028`...), size
	case r == '\u2029':
		return append(dst, `\u2029`...), size
	}
	return append(dst, text[:size]...), size
}

func appendEscape(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}
