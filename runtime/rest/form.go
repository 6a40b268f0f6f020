package rest

import (
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// encodeForm writes application/x-www-form-urlencoded. Blanks become "%20",
// which every reader of forms takes.
func encodeForm(fields []field) []byte {
	var b []byte
	for _, f := range fields {
		b = appendFormField(b, f.name, f.raw, f.encoding)
	}
	return b
}

// appendFormField appends one property as its encoding says. Without one, lists
// of plain values repeat the name, and objects, as well as what is nested in
// lists, take brackets.
func appendFormField(b []byte, name string, raw json.RawMessage, enc *tool.Encoding) []byte {
	if enc == nil {
		enc = &tool.Encoding{}
	}
	esc := escaping{escapeStrict, escapeStrict}
	if enc.AllowReserved {
		esc.value = escapeQuery
	}
	nested := kindOf(raw) >= array
	switch {
	case enc.Style == "" && tool.IsJSON(enc.ContentType) && kindOf(raw) != null:
		b = append(escapeStrict(appendAmp(b), name), '=')
		return esc.value(b, string(compactJSON(raw)))
	case nested && (enc.Style == tool.DeepObject || enc.Style == "" && !isFlatList(raw)):
		return appendDeep(b, escapeStrict(nil, name), raw, esc.value)
	}
	v := newValue(raw)
	if v.undefined() {
		return b
	}
	explode := enc.Style == "" || enc.Style == tool.Form
	if enc.Explode != nil {
		explode = *enc.Explode
	}
	return notationOf(tool.InQuery, enc.Style).expand(appendAmp(b), name, v, explode, esc)
}

// isFlatList reports whether raw is an array with nothing nested in it.
func isFlatList(raw json.RawMessage) bool {
	if kindOf(raw) != array {
		return false
	}
	for _, item := range readArray(raw) {
		if kindOf(item) >= array {
			return false
		}
	}
	return true
}
