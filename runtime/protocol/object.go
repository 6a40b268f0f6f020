package protocol

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// MaxDepth is how deep JSON may be nested. Deeper text is refused as malformed.
const MaxDepth = 1000

// Valid reports whether data is one JSON value, no deeper than [MaxDepth].
func Valid(data []byte) bool { return scan.ValidTo(data, MaxDepth) }

// Mended returns data with U+FFFD for each byte that is not valid UTF-8; data
// itself if all is valid.
func Mended(data []byte) []byte { return scan.Mended(data) }

// Members yields the members of a JSON object in their order; keys have their
// escapes decoded, values are parts of object. It yields nothing for what is no
// object, and ends early where it is malformed.
func Members(object []byte) iter.Seq2[[]byte, json.RawMessage] { return scan.Members(object) }

// Elements yields the elements of a JSON array, as Members does members.
func Elements(array []byte) iter.Seq[json.RawMessage] { return scan.Elements(array) }

// IsObject reports whether JSON is an object, by its first byte.
func IsObject(data []byte) bool {
	s := scan.Of(data)
	return s.Peek() == '{'
}

// Member returns a member's value, part of object: the first of that name.
func Member(object []byte, name string) (json.RawMessage, bool) {
	for key, value := range Members(object) {
		if string(key) == name {
			return value, true
		}
	}
	return nil, false
}

// Sole returns the value of a member as [Member] does, and whether there is only
// one of that name. Of several, readers differ in which they take, so that what is
// checked may not be what is done.
func Sole(object []byte, name string) (value json.RawMessage, sole bool) {
	sole = true
	for key, v := range Members(object) {
		if string(key) != name {
			continue
		}
		if value != nil {
			return value, false
		}
		value = v
	}
	return value, sole
}

// MemberString returns a member's text; "" if it is no string, or not there.
func MemberString(object []byte, name string) string {
	value, _ := Member(object, name)
	text, _ := String(value)
	return text
}

// String returns what a JSON string stands for, and false for what is none.
func String(value []byte) (string, bool) {
	s := scan.Of(value)
	if s.Peek() != '"' {
		return "", false
	}
	raw, escaped, ok := s.Text()
	if !ok || !s.End() {
		return "", false
	}
	return strings.Clone(scan.Decoded(raw, escaped)), true
}

// Without appends object to dst without the members of these names. All other
// bytes of members are kept as they are; space between them is not.
func Without(dst, object []byte, names ...string) []byte {
	dst = append(dst, '{')
	first := true
	for key, value := range Members(object) {
		if slices.Contains(names, scan.View(key)) {
			continue
		}
		dst = appendMember(dst, key, value, first)
		first = false
	}
	return append(dst, '}')
}

// With appends object to dst with one member set: in place of the first of its
// name, else at the end. An object that is empty or nil is {}.
func With(dst, object []byte, name string, value json.RawMessage) []byte {
	dst = append(dst, '{')
	first, done := true, false
	for key, old := range Members(object) {
		if string(key) == name {
			if done {
				continue
			}
			old, done = value, true
		}
		dst = appendMember(dst, key, old, first)
		first = false
	}
	if !done {
		dst = appendMember(dst, []byte(name), value, first)
	}
	return append(dst, '}')
}

func appendMember(dst, key, value []byte, first bool) []byte {
	if !first {
		dst = append(dst, ',')
	}
	dst = AppendString(dst, key)
	dst = append(dst, ':')
	return append(dst, value...)
}

// AppendString appends text as a JSON string. Bytes that are no UTF-8 become
// U+FFFD.
func AppendString[T ~string | ~[]byte](dst []byte, text T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, size := utf8.DecodeRuneInString(string(text[i:min(i+utf8.UTFMax, len(text))]))
			dst = utf8.AppendRune(dst, r)
			i += size
			continue
		}
		i++
	}
	return append(dst, '"')
}

// OneLine makes JSON one line, in place: where a line ends in JSON, a space
// does as well.
func OneLine(data []byte) []byte {
	for i, c := range data {
		if c == '\n' || c == '\r' {
			data[i] = ' '
		}
	}
	return data
}
