package rest

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/scan"
)

// maxDepth bounds how deep arguments may nest.
const maxDepth = 100

// member is one member of a JSON object, its value as it was written.
type member struct {
	key   string
	value json.RawMessage
}

// readObject returns the members of the JSON object raw in the order written,
// which a map would lose. Of members with one key the last counts, in the place
// of the first, as encoding/json has it. raw must be valid JSON.
func readObject(raw []byte) []member {
	var members []member
	for key, value := range eachMember(raw) {
		members = put(members, key, value)
	}
	return members
}

// eachMember yields the members of the JSON object raw in the order written, one
// by one. raw must be valid JSON; what is no object has none.
func eachMember(raw []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		if len(raw) == 0 || raw[0] != '{' {
			return
		}
		for i := skipSpace(raw, 1); i < len(raw) && raw[i] != '}'; {
			end := skipValue(raw, i)
			key := unquote(raw[i:end])
			start := skipSpace(raw, skipSpace(raw, end)+1)
			end = skipValue(raw, start)
			if !yield(key, raw[start:end:end]) {
				return
			}
			i = nextItem(raw, end)
		}
	}
}

func put(members []member, key string, value []byte) []member {
	for i := range members {
		if members[i].key == key {
			members[i].value = value
			return members
		}
	}
	return append(members, member{key, value})
}

// readArray returns the elements of the JSON array raw, which must be valid.
func readArray(raw []byte) []json.RawMessage {
	var items []json.RawMessage
	for i := skipSpace(raw, 1); i < len(raw) && raw[i] != ']'; {
		end := skipValue(raw, i)
		items = append(items, raw[i:end])
		i = nextItem(raw, end)
	}
	return items
}

// nextItem returns where the next item or the closing bracket stands.
func nextItem(raw []byte, i int) int {
	i = skipSpace(raw, i)
	if i < len(raw) && raw[i] == ',' {
		i = skipSpace(raw, i+1)
	}
	return i
}

func skipSpace(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index behind the value that starts at i.
func skipValue(raw []byte, i int) int {
	switch raw[i] {
	case '"':
		return skipString(raw, i)
	case '{', '[':
		return skipNested(raw, i)
	}
	for i < len(raw) && strings.IndexByte(",:]} \t\r\n", raw[i]) < 0 {
		i++
	}
	return i
}

func skipString(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

func skipNested(raw []byte, i int) int {
	depth := 0
	for i < len(raw) {
		switch raw[i] {
		case '"':
			i = skipString(raw, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return i
}

// checkArguments reports why raw can't be the arguments of a call.
func checkArguments(raw []byte) error {
	if !scan.Valid(raw) || kindOf(raw) != object {
		return fault.New("rest.arguments", fault.Invalid, "the arguments must be one JSON object")
	}
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = skipString(raw, i) - 1
		case '{', '[':
			if depth++; depth > maxDepth {
				return fault.New("rest.arguments", fault.Invalid, "the arguments nest too deep; send less at a time")
			}
		case '}', ']':
			depth--
		}
	}
	return nil
}

// kind is the type of a JSON value, told by its first byte.
type kind byte

const (
	null kind = iota
	boolean
	number
	text
	array
	object
)

// kindOf returns the kind of a value; an absent one is null.
func kindOf(raw []byte) kind {
	if len(raw) == 0 {
		return null
	}
	switch raw[0] {
	case '"':
		return text
	case '{':
		return object
	case '[':
		return array
	case 't', 'f':
		return boolean
	case 'n':
		return null
	default:
		return number
	}
}

// unquote returns the text of a JSON string.
func unquote(raw []byte) string {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(raw, &s) // raw is valid
	return s
}

// plainText returns a value as it is written where no JSON is meant: a string
// without quotes, a number in the caller's own digits, nested values as JSON.
func plainText(raw []byte) string {
	switch kindOf(raw) {
	case text:
		return unquote(raw)
	case array, object:
		return string(compactJSON(raw))
	default:
		return string(raw)
	}
}

// compactJSON returns raw without insignificant space.
func compactJSON(raw []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}
