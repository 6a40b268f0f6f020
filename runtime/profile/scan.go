package profile

import (
	"bytes"
	"encoding/json"
	"errors"
)

var errNoObject = errors.New("a schema is no JSON object")

// object is a JSON object with its members in order.
type object []member

type member struct {
	key   string
	value json.RawMessage
}

// readObject returns the members of a JSON object. raw must be valid JSON.
func readObject(raw json.RawMessage) (object, error) {
	i := blanks(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return nil, errNoObject
	}
	var o object
	for i = blanks(raw, i+1); i < len(raw) && raw[i] == '"'; {
		end := endOfText(raw, i)
		key := string(raw[i+1 : end-1])
		if bytes.IndexByte(raw[i:end], '\\') >= 0 {
			if err := json.Unmarshal(raw[i:end], &key); err != nil {
				return nil, err
			}
		}
		start := blanks(raw, blanks(raw, end)+1) // behind the colon
		i = endOfValue(raw, start)
		o = append(o, member{key, raw[start:i:i]})
		if i = blanks(raw, i); i < len(raw) && raw[i] == ',' {
			i = blanks(raw, i+1)
		}
	}
	return o, nil
}

// readList returns the elements of a JSON array, and none of anything else. raw
// must be valid JSON.
func readList(raw json.RawMessage) []json.RawMessage {
	i := blanks(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		return nil
	}
	var list []json.RawMessage
	for i = blanks(raw, i+1); i < len(raw) && raw[i] != ']'; {
		end := endOfValue(raw, i)
		list = append(list, raw[i:end:end])
		if i = blanks(raw, end); i < len(raw) && raw[i] == ',' {
			i = blanks(raw, i+1)
		}
	}
	return list
}

func blanks(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// endOfValue returns where the value that begins at i ends.
func endOfValue(raw []byte, i int) int {
	for depth := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = endOfText(raw, i) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ' ', '\n', '\t', '\r', ':':
			if depth == 0 {
				return i
			}
			continue
		default: // a number or word, which ends before one of the above
			if depth == 0 && i+1 < len(raw) && bytes.IndexByte([]byte(",]} \n\t\r"), raw[i+1]) < 0 {
				continue
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(raw)
}

// endOfText returns where the string that begins at i ends.
func endOfText(raw []byte, i int) int {
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
