package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

var errNoObject = errors.New("a schema is no JSON object")

// object is a JSON object with its members in order.
type object []member

type member struct {
	key   string
	value json.RawMessage
}

// readObject returns the members of a JSON object.
func readObject(raw json.RawMessage) (object, error) {
	if s := scan.Of(raw); s.Peek() != '{' {
		return nil, errNoObject
	}
	var o object
	for key, value := range scan.Members(raw) {
		o = append(o, member{string(key), value})
	}
	return o, nil
}

// readList returns the elements of a JSON array, and none of anything else.
func readList(raw json.RawMessage) []json.RawMessage { return slices.Collect(scan.Elements(raw)) }

func (o object) get(key string) json.RawMessage {
	for i := range o {
		if o[i].key == key {
			return o[i].value
		}
	}
	return nil
}

// text returns a member that is a string; "" if there is none.
func (o object) text(key string) string { return textOf(o.get(key)) }

func textOf(raw json.RawMessage) string {
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// set puts a member in the place of the one of that key, or last.
func (o *object) set(key string, value json.RawMessage) {
	for i := range *o {
		if (*o)[i].key == key {
			(*o)[i].value = value
			return
		}
	}
	*o = append(*o, member{key, value})
}

// json writes the object.
func (o object) json() json.RawMessage {
	size := 2
	for _, m := range o {
		size += len(m.key) + len(m.value) + 4
	}
	out := append(make([]byte, 0, size), '{')
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, quote(m.key)...), ':'), m.value...)
	}
	return append(out, '}')
}

// listOf writes an array.
func listOf(items []json.RawMessage) json.RawMessage {
	out := []byte{'['}
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return append(out, ']')
}

// quote writes a string as JSON, with <, > and & as they are.
func quote(s string) json.RawMessage {
	if plain(s) {
		return append(append(append(make([]byte, 0, len(s)+2), '"'), s...), '"')
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes, to a buffer
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// plain reports whether a string stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
