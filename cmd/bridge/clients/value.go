package clients

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// member is one key of an object.
type member struct {
	key   string
	value any
}

// object is a mapping in the order of its file. Values are string, bool, nil,
// json.Number, []any, object, and whatever else a format has.
type object []member

// get returns the value at a key.
func (o object) get(key string) (any, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// text returns the string at the first of these keys that has one.
func (o object) text(keys ...string) string {
	for _, k := range keys {
		if v, _ := o.get(k); v != nil {
			if s, ok := v.(string); ok {
				return s
			}
		}
	}
	return ""
}

// lookup returns the value at a path.
func lookup(v any, path []string) (any, bool) {
	for _, key := range path {
		o, ok := v.(object)
		if !ok {
			return nil, false
		}
		if v, ok = o.get(key); !ok {
			return nil, false
		}
	}
	return v, true
}

// plain returns a value as Go's maps and slices, which compare without regard
// to the order of keys.
func plain(v any) any {
	switch v := v.(type) {
	case object:
		m := make(map[string]any, len(v))
		for _, x := range v {
			m[x.key] = plain(x.value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = plain(x)
		}
		return list
	case []string:
		return plain(anyList(v))
	default:
		return v
	}
}

// ordered returns Go's maps as objects, by key.
func ordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := make(object, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			o = append(o, member{k, ordered(v[k])})
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = ordered(x)
		}
		return list
	default:
		return v
	}
}

// textObject returns the object of a map of strings, by key.
func textObject(m map[string]string) object {
	o := make(object, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		o = append(o, member{k, m[k]})
	}
	return o
}

func anyList(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}

// quote writes a string as JSON, which TOML and YAML read as well.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""` // strings always encode
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

// newline is how lines end in a text.
func newline(data []byte) string {
	if i := bytes.IndexByte(data, '\n'); i > 0 && data[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// splice replaces data[from:to].
func splice(data []byte, from, to int, text string) []byte {
	out := make([]byte, 0, len(data)-(to-from)+len(text))
	out = append(out, data[:from]...)
	out = append(out, text...)
	return append(out, data[to:]...)
}

// lineColumn returns where an offset is, both from 1.
func lineColumn(data []byte, offset int) (line, column int) {
	before := data[:min(offset, len(data))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}
