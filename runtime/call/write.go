package call

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// appendText appends text as a JSON string, as encoding/json does with
// SetEscapeHTML(false): on one line, and in valid UTF-8.
func appendText(dst []byte, text string) []byte {
	dst = append(slices.Grow(dst, len(text)+len(text)/8+2*word), '"')
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

// word is how many bytes are looked at, and copied, at once.
const word = 8

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

// appendRaw appends JSON on one line: in valid JSON a line break is white space,
// as one in a string is escaped. Transports frame messages by lines.
func appendRaw(dst []byte, raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return append(dst, "null"...)
	}
	from := len(dst)
	dst = append(dst, raw...)
	for _, c := range [...]byte{'\n', '\r'} {
		for rest := dst[from:]; ; {
			i := bytes.IndexByte(rest, c)
			if i < 0 {
				break
			}
			rest[i] = ' '
			rest = rest[i+1:]
		}
	}
	return dst
}

// appendMembers appends the members of an object, by their names' order, each
// after a comma. Those that skip names are left out; skip may be nil.
func appendMembers(dst []byte, members map[string]json.RawMessage, skip func(string) bool) []byte {
	var few [8]string
	names := few[:0]
	for name := range members {
		if skip == nil || !skip(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		dst = appendRaw(append(appendText(append(dst, ','), name), ':'), members[name])
	}
	return dst
}

// appendObject appends an object of members.
func appendObject(dst []byte, members map[string]json.RawMessage) []byte {
	from := len(dst)
	dst = appendMembers(dst, members, nil)
	if len(dst) == from {
		return append(dst, "{}"...)
	}
	dst[from] = '{' // it was a comma
	return append(dst, '}')
}

// AppendJSON appends the block as MCP has it, on one line.
func (b Block) AppendJSON(dst []byte) ([]byte, error) {
	if b.Raw != nil {
		return appendRaw(dst, b.Raw), nil
	}
	dst = appendText(append(dst, `{"type":"text","text":`...), b.Text)
	extra := bytes.TrimSpace(b.Extra)
	if len(extra) == 0 {
		return append(dst, '}'), nil
	}
	if plainMembers(extra) {
		return appendRaw(append(dst, ','), extra[1:]), nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(extra, &members); err != nil {
		return nil, err
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return name == "type" || name == "text" })
	return append(appendMembers(dst, members, nil), '}'), nil
}

// plainMembers reports whether an object has members and none of a text block's
// own, as far as can be told without reading it.
func plainMembers(object []byte) bool {
	text := scan.View(object)
	return len(object) > 2 && object[0] == '{' && strings.HasPrefix(strings.TrimLeft(text[1:], " \t\r\n"), `"`) &&
		!strings.Contains(text, `\`) && !strings.Contains(text, `"type"`) && !strings.Contains(text, `"text"`)
}
