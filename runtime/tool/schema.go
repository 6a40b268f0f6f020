package tool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// RefPrefix begins every "$ref" in a tool's schemas.
const RefPrefix = "#/$defs/"

// Bundle returns schema, a JSON object without "$defs", with a last member
// "$defs" that holds, sorted by name, every definition that it refers to,
// directly or through others. defs has the definitions to choose from. With no
// reference the schema is returned as it is.
//
// Lowering and adapters both make their schemas with it, which is what keeps
// them equal to the byte.
func Bundle(schema json.RawMessage, defs map[string]json.RawMessage) (json.RawMessage, error) {
	needed := map[string]json.RawMessage{}
	queue := Refs(schema)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if _, ok := needed[name]; ok {
			continue
		}
		def, ok := defs[name]
		if !ok {
			return nil, fmt.Errorf("schema refers to %s%s, which is not defined", RefPrefix, name)
		}
		needed[name] = def
		queue = append(queue, Refs(def)...)
	}
	if len(needed) == 0 {
		return schema, nil
	}
	return WithDefs(schema, needed)
}

// WithDefs returns a schema, which has none, with these definitions in "$defs",
// sorted. What the schema and they refer to is not looked at; see [Bundle].
func WithDefs(schema json.RawMessage, defs map[string]json.RawMessage) (json.RawMessage, error) {
	body, ok := bytes.CutSuffix(bytes.TrimSpace(schema), []byte("}"))
	if !ok {
		return nil, fmt.Errorf("schema is not a JSON object")
	}
	out := bytes.NewBuffer(make([]byte, 0, len(schema)+64))
	out.Write(body)
	if len(bytes.TrimSpace(body)) > 1 {
		out.WriteByte(',')
	}
	out.WriteString(`"$defs":{`)
	for i, name := range slices.Sorted(maps.Keys(defs)) {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(defs[name])
	}
	out.WriteString("}}")
	return out.Bytes(), nil
}

// Refs returns the names of the definitions that a schema refers to by
// "$ref": "#/$defs/NAME", in order, without repeats. Names are as in the
// reference with JSON Pointer's escapes undone.
func Refs(schema json.RawMessage) []string {
	var names []string
	rest := []byte(schema)
	for {
		i := bytes.Index(rest, []byte(`"$ref"`))
		if i < 0 {
			return names
		}
		rest = rest[i+len(`"$ref"`):]
		value := bytes.TrimLeft(rest, " \t\r\n")
		value, ok := bytes.CutPrefix(value, []byte(":"))
		if !ok {
			continue
		}
		name, ok := refName(bytes.TrimLeft(value, " \t\r\n"))
		if ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
}

// refName reads the JSON string at the start of value as a local reference.
func refName(value []byte) (string, bool) {
	if len(value) == 0 || value[0] != '"' {
		return "", false
	}
	var ref string
	if err := json.NewDecoder(bytes.NewReader(value)).Decode(&ref); err != nil {
		return "", false
	}
	name, ok := strings.CutPrefix(ref, RefPrefix)
	if !ok || name == "" || strings.Contains(name, "/") {
		return "", false
	}
	return unescapePointer.Replace(name), true
}

// unescapePointer unescapes a step of a JSON Pointer (RFC 6901).
var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
