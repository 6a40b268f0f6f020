package rest

import (
	"bytes"
	"encoding/json"
	"iter"
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
// of the first, as encoding/json has it.
func readObject(raw []byte) []member {
	var members []member
	for key, value := range scan.Members(raw) {
		members = put(members, string(scan.Mended(key)), value)
	}
	return members
}

// eachMember yields the members of the JSON object raw in the order written, one
// by one; what is no object has none.
func eachMember(raw []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for key, value := range scan.Members(raw) {
			if !yield(string(scan.Mended(key)), value) {
				return
			}
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

// readArray returns the elements of the JSON array raw; what is none has none.
func readArray(raw []byte) (items []json.RawMessage) {
	for item := range scan.Elements(raw) {
		items = append(items, item)
	}
	return items
}

// checkArguments reports why raw can't be the arguments of a call.
func checkArguments(raw []byte) error {
	switch {
	case kindOf(raw) == object && scan.ValidTo(raw, maxDepth):
		return nil
	case kindOf(raw) == object && scan.Valid(raw):
		return fault.New("rest.arguments", fault.Invalid, "the arguments nest too deep; send less at a time")
	}
	return fault.New("rest.arguments", fault.Invalid, "the arguments must be one JSON object")
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
	return scan.Unquoted(scan.Mended(raw)) // which is no part of raw
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
