package rest

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// mend returns raw as what its schema plainly asks for: "5" for a number,
// "true" for a boolean, a string of JSON for an array or object, a lone value
// for an array; false where there is nothing to mend. Digits stay as written.
func (v *validator) mend(s *jsonschema.Schema, raw json.RawMessage, depth int) (json.RawMessage, bool) {
	s, want := v.plain(s)
	if want == "" || depth > maxDepth {
		return raw, false
	}
	got, changed := mendKind(want, raw)
	inside := false
	switch {
	case want == "array" && kindOf(got) == array && s.Items != nil:
		items := readArray(got)
		for i := range items {
			item, ok := v.mend(s.Items, items[i], depth+1)
			items[i], inside = item, inside || ok
		}
		if inside {
			got = joinArray(items)
		}
	case want == "object" && kindOf(got) == object && len(s.Properties) > 0:
		members := readObject(got)
		for i := range members {
			value, ok := v.mend(s.Properties[members[i].key], members[i].value, depth+1)
			members[i].value, inside = value, inside || ok
		}
		if inside {
			got = joinObject(members)
		}
	}
	return got, changed || inside
}

// mendKind mends the outermost value.
func mendKind(want string, raw json.RawMessage) (json.RawMessage, bool) {
	have := kindOf(raw)
	var inner json.RawMessage
	if have == text {
		inner = json.RawMessage(strings.TrimSpace(unquote(raw)))
	}
	isJSON := func(k kind) bool {
		return len(inner) > 0 && kindOf(inner) == k && checkArguments(wrapped(inner)) == nil
	}
	switch {
	case (want == "integer" || want == "number") && isJSON(number),
		want == "boolean" && isJSON(boolean),
		want == "object" && isJSON(object),
		want == "array" && isJSON(array):
		return inner, true
	case want == "array" && have != array && have != object && have != null:
		return joinArray([]json.RawMessage{raw}), true
	}
	return raw, false
}

// wrapped makes raw a member, for a check of its syntax and depth.
func wrapped(raw []byte) []byte { return append(append([]byte(`{"":`), raw...), '}') }

func joinArray(items []json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, item := range items {
		b.WriteString(separator(i, ","))
		b.Write(item)
	}
	b.WriteByte(']')
	return b.Bytes()
}

func joinObject(members []member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		b.WriteString(separator(i, ","))
		b.Write(quote(m.key))
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// quote returns s as a JSON string, with no more escapes than JSON asks for.
func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be written
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
