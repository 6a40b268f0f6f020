package tool

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// maxSchemaDepth bounds the nesting that Tolerant follows.
const maxSchemaDepth = 256

// Tolerant returns the form of an output schema that clients are shown. APIs
// break their own schemas all the time (a required member left out, null where
// a string was promised, a new enum value), and MCP clients refuse a result
// that does not fit the published schema. The tolerant form keeps what a
// reader learns from (types, properties, items, descriptions) and gives up what
// upstreams break and what trimming must be free to cut: required, enum, const,
// format, pattern, bounds and closed objects; every type but the root's may be
// null, and oneOf becomes anyOf.
func Tolerant(output json.RawMessage) (json.RawMessage, error) {
	if len(output) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	b.Grow(len(output))
	if err := writeTolerant(&b, output, 0); err != nil {
		return nil, fmt.Errorf("output schema: %w", err)
	}
	return b.Bytes(), nil
}

// tolerantWriter returns what writes a keyword's value; nil leaves it out.
func tolerantWriter(keyword string, value json.RawMessage) func(*bytes.Buffer, json.RawMessage, int) error {
	switch keyword {
	case "type":
		return writeNullableType
	case "title", "description", "deprecated", "$ref":
		return writeAsIs
	case "properties", "patternProperties", "$defs":
		return writeSchemaMap
	case "prefixItems", "anyOf", "oneOf", "allOf":
		return writeSchemaList
	case "items":
		return writeTolerant
	case "additionalProperties":
		if string(value) != "false" {
			return writeTolerant
		}
	}
	return nil
}

func writeTolerant(b *bytes.Buffer, schema json.RawMessage, depth int) error {
	if depth > maxSchemaDepth {
		return fmt.Errorf("is nested deeper than %d levels", maxSchemaDepth)
	}
	if trimmed := bytes.TrimSpace(schema); len(trimmed) > 0 && trimmed[0] != '{' {
		b.WriteString("{}") // a boolean schema: anything goes
		return nil
	}
	members, err := Members(schema)
	if err != nil {
		return err
	}
	b.WriteByte('{')
	first := true
	for _, m := range members {
		write := tolerantWriter(m.Key, m.Value)
		if write == nil {
			continue
		}
		if m.Key == "oneOf" {
			m.Key = "anyOf"
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		writeKey(b, m.Key)
		if err := write(b, m.Value, depth+1); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeKey(b *bytes.Buffer, key string) {
	quoted, _ := json.Marshal(key) // a string always marshals
	b.Write(quoted)
	b.WriteByte(':')
}

func writeAsIs(b *bytes.Buffer, value json.RawMessage, _ int) error {
	return json.Compact(b, value)
}

// writeNullableType adds "null" to a type below the root, which itself must
// stay "object".
func writeNullableType(b *bytes.Buffer, value json.RawMessage, depth int) error {
	var names []string
	if value[0] == '"' {
		names = []string{""}
		if err := json.Unmarshal(value, &names[0]); err != nil {
			return err
		}
	} else if err := json.Unmarshal(value, &names); err != nil {
		return fmt.Errorf("type %s is neither a name nor a list of names", value)
	}
	const rootMembers = 1 // depth of what stands directly at the root
	if depth == rootMembers {
		return json.Compact(b, value)
	}
	out := []string{}
	for _, name := range names {
		switch name {
		case "null":
			continue
		case "integer":
			name = "number" // 1.0 and 1e3 come where 1 was promised
		}
		out = append(out, name)
	}
	list, err := json.Marshal(append(out, "null"))
	b.Write(list)
	return err
}

func writeSchemaMap(b *bytes.Buffer, value json.RawMessage, depth int) error {
	members, err := Members(value)
	if err != nil {
		return err
	}
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		writeKey(b, m.Key)
		if err := writeTolerant(b, m.Value, depth+1); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeSchemaList(b *bytes.Buffer, value json.RawMessage, depth int) error {
	var schemas []json.RawMessage
	if err := json.Unmarshal(value, &schemas); err != nil {
		return err
	}
	b.WriteByte('[')
	for i, s := range schemas {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeTolerant(b, s, depth+1); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

// Member is one member of a JSON object.
type Member struct {
	Key   string
	Value json.RawMessage
}

// Members returns the members of a JSON object in their order.
func Members(object json.RawMessage) ([]Member, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	start, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if start != json.Delim('{') {
		return nil, fmt.Errorf("is no JSON object")
	}
	var members []Member
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := Member{Key: key.(string)} // a key of a JSON object is always a string
		if err := dec.Decode(&m.Value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	_, err = dec.Token()
	return members, err
}
