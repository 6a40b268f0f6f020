package mock

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// decodeJSON reads one JSON value; whole numbers that fit stay whole.
func decodeJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errTrailing
	}
	return plainNumbers(v), nil
}

type constError string

func (e constError) Error() string { return string(e) }

const errTrailing = constError("something follows the JSON value")

// plainNumbers turns json.Number into int64 or float64.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case map[string]any:
		for key, member := range v {
			v[key] = plainNumbers(member)
		}
	case []any:
		for i, item := range v {
			v[i] = plainNumbers(item)
		}
	}
	return v
}

// clone returns a deep copy of a decoded JSON value with plain numbers.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, member := range v {
			out[key] = clone(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = clone(item)
		}
		return out
	case float64:
		if v == float64(int64(v)) && v < 1e15 && v > -1e15 {
			return int64(v)
		}
	}
	return v
}

// coerce turns the strings in a value that came as text into what the schema
// asks for. What can't be turned stays as it is, for validation to name.
func (d *schemas) coerce(s *jsonschema.Schema, v any) any { return d.coerceAt(s, v, 0) }

func (d *schemas) coerceAt(s *jsonschema.Schema, v any, depth int) any {
	if depth > maxDepth {
		return v
	}
	switch v := v.(type) {
	case string:
		return d.coerceText(s, v)
	case []any:
		items := d.items(s)
		for i := range v {
			v[i] = d.coerceAt(items, v[i], depth+1)
		}
		return v
	case map[string]any:
		if d.allows(s, "array") && !d.allows(s, "object") {
			if list, ok := indexed(v); ok {
				return d.coerceAt(s, list, depth)
			}
		}
		props := d.properties(s)
		rest := d.deref(s).AdditionalProperties
		for name, member := range v {
			p, ok := props[name]
			if !ok {
				p = rest
			}
			if p != nil {
				v[name] = d.coerceAt(p, wrapScalar(d, p, member), depth+1)
			}
		}
		return v
	}
	return v
}

// wrapScalar makes a list of a single value where only a list will do, as one
// element of an exploded list looks like a scalar.
func wrapScalar(d *schemas, s *jsonschema.Schema, v any) any {
	types := d.types(s)
	text, ok := v.(string)
	if ok && slices.Contains(types, "array") && !slices.Contains(types, "string") && !isJSONOf(text, "array") {
		return []any{v}
	}
	return v
}

// indexed turns {"0": a, "1": b} and {"": [a, b]} into [a, b].
func indexed(m map[string]any) (any, bool) {
	if len(m) == 1 {
		if v, ok := m[""]; ok {
			if list, ok := v.([]any); ok {
				return list, true
			}
			return []any{v}, true
		}
	}
	out := make([]any, len(m))
	for key, v := range m {
		i, err := strconv.Atoi(key)
		if err != nil || i < 0 || i >= len(out) {
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

func (d *schemas) coerceText(s *jsonschema.Schema, text string) any {
	types := d.types(s)
	has := func(t string) bool { return slices.Contains(types, t) }
	if has("integer") || has("number") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && has("number") && jsonNumber(text) {
		return f
	}
	if has("boolean") && (text == "true" || text == "false") {
		return text == "true"
	}
	if has("string") || len(types) == 0 {
		return text
	}
	if has("null") && (text == "" || text == "null") {
		return nil
	}
	if has("object") || has("array") {
		if v, err := decodeJSON([]byte(text)); err == nil && slices.Contains(types, typeOf(v)) {
			return v
		}
	}
	return text
}

// jsonNumber rules out what strconv takes and JSON does not: "inf", "0x1p2".
func jsonNumber(text string) bool { return strings.Trim(text, "0123456789.eE+-") == "" }
