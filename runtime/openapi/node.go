package openapi

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// kind is the JSON type of a node.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// node is one value of a raw tree: a document as it was written, in order, with
// positions. Trees are also what schemas are converted to. A node does not
// change after it was made; with YAML aliases one may stand in several places.
type node struct {
	kind      kind
	resolved  bool     // an object whose "allOf" is what could not be merged
	text      string   // scalars: "true", a JSON number, or the string
	list      []*node  // arrays
	members   []member // objects, in order
	index     map[string]int
	file      *file
	line, col int32
}

// member is one key of an object with its value.
type member struct {
	key       string
	value     *node
	line, col int32 // the key's
}

// indexFrom is the size from which an object is looked up by map.
const indexFrom = 12

// finish makes the index of a large object.
func (n *node) finish() *node {
	if len(n.members) >= indexFrom {
		n.index = make(map[string]int, len(n.members))
		for i, m := range n.members {
			n.index[m.key] = i
		}
	}
	return n
}

// get returns the value under key, or nil; n may be nil or of any kind.
func (n *node) get(key string) *node {
	if i := n.placeOf(key); i >= 0 {
		return n.members[i].value
	}
	return nil
}

// placeOf returns which member has the key; -1 if none has.
func (n *node) placeOf(key string) int {
	if n == nil {
		return -1
	}
	if n.index != nil && len(n.index) == len(n.members) {
		if i, ok := n.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range n.members {
		if n.members[i].key == key {
			return i
		}
	}
	return -1
}

// has reports whether n is an object with the key.
func (n *node) has(key string) bool { return n.get(key) != nil }

// keyNode returns a node at the place of n's key, for diagnostics, or n.
func (n *node) keyNode(key string) *node {
	if n == nil {
		return nil
	}
	i := n.placeOf(key)
	if i < 0 || n.members[i].line == 0 {
		return n
	}
	m := n.members[i]
	at := &node{kind: kindString, text: key, file: n.file, line: m.line, col: m.col}
	if m.value.file != nil { // an overlay's, or of another path item
		at.file = m.value.file
	}
	return at
}

func (n *node) is(k kind) bool { return n != nil && n.kind == k }

// str returns the text of a scalar; "" for all else. A number or boolean that
// was not quoted is read as the text it was meant to be.
func (n *node) str() string {
	if n == nil || n.kind == kindArray || n.kind == kindObject || n.kind == kindNull {
		return ""
	}
	return n.text
}

// truth reads a boolean; ok is false where n is none.
func (n *node) truth() (value, ok bool) {
	if n == nil || (n.kind != kindBool && n.kind != kindString) {
		return false, false
	}
	return n.text == "true", n.text == "true" || n.text == "false"
}

// isTrue reports whether n is true.
func (n *node) isTrue() bool {
	v, _ := n.truth()
	return v
}

// items returns an array's items; nil for all else.
func (n *node) items() []*node {
	if n == nil {
		return nil
	}
	return n.list
}

// strings returns the texts of an array's scalars.
func (n *node) strings() []string {
	var out []string
	for _, item := range n.items() {
		if item.kind != kindArray && item.kind != kindObject {
			out = append(out, item.str())
		}
	}
	return out
}

// at returns an empty node of the kind at n's place.
func (n *node) at(k kind) *node {
	if n == nil {
		return &node{kind: k}
	}
	return &node{kind: k, file: n.file, line: n.line, col: n.col}
}

// set adds or replaces a member of a node under construction.
func (n *node) set(key string, value *node) {
	for i := range n.members {
		if n.members[i].key == key {
			n.members[i].value = value
			return
		}
	}
	n.index = nil
	n.members = append(n.members, member{key: key, value: value})
}

// without returns a copy of n that lacks the keys.
func (n *node) without(keys ...string) *node {
	out := n.at(n.kind)
	out.resolved = n.resolved
	for _, m := range n.members {
		if !containsString(keys, m.key) {
			out.members = append(out.members, m)
		}
	}
	return out.finish()
}

func containsString(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func newString(s string) *node { return &node{kind: kindString, text: s} }
func newNull() *node           { return &node{kind: kindNull} }
func newObject() *node         { return &node{kind: kindObject} }

func newBool(v bool) *node { return &node{kind: kindBool, text: strconv.FormatBool(v)} }

func newInt(v int) *node { return &node{kind: kindNumber, text: strconv.Itoa(v)} }

func newStrings(list []string) *node {
	n := &node{kind: kindArray}
	for _, s := range list {
		n.list = append(n.list, newString(s))
	}
	return n
}

// json returns n as compact JSON.
func (n *node) json() json.RawMessage { return n.appendJSON(nil) }

func (n *node) appendJSON(b []byte) []byte {
	switch n.kind {
	case kindNull:
		return append(b, "null"...)
	case kindBool, kindNumber:
		return append(b, n.text...)
	case kindString:
		return appendString(b, n.text)
	case kindArray:
		b = append(b, '[')
		for i, item := range n.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	default:
		b = append(b, '{')
		for i, m := range n.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, m.key)
			b = append(b, ':')
			b = m.value.appendJSON(b)
		}
		return append(b, '}')
	}
}

// appendString appends s as a JSON string, with no escapes but the needed ones
// and, as encoding/json has it, those of U+2028 and U+2029.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
			if r != '\u2028' && r != '\u2029' && (r != utf8.RuneError || size > 1) {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		switch r {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		case '\r':
			b = append(b, `\r`...)
		default:
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
		i += size
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// equal reports whether two trees are equal, up to the order of keys, looking
// at no more than budget nodes.
func equal(a, b *node, budget *int) bool {
	if a == b {
		return true
	}
	*budget--
	if *budget < 0 || a == nil || b == nil || a.kind != b.kind || a.kind != kindNull && a.text != b.text ||
		len(a.list) != len(b.list) || len(a.members) != len(b.members) {
		return false
	}
	for i := range a.list {
		if !equal(a.list[i], b.list[i], budget) {
			return false
		}
	}
	for _, m := range a.members {
		if !equal(m.value, b.get(m.key), budget) {
			return false
		}
	}
	return true
}
