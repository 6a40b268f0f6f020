package rest

import (
	"encoding/json"
	"strconv"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// property is one member of an object, its value as text.
type property struct{ name, text string }

// value is an argument taken apart for the styles, which know one level:
// a text, a list of texts or a list of properties. What is nested deeper is
// JSON text; null members are undefined and left out (RFC 6570, 2.3).
type value struct {
	kind  kind
	text  string
	items []string
	props []property
}

func newValue(raw json.RawMessage) value {
	v := value{kind: kindOf(raw)}
	switch v.kind {
	case array:
		for _, item := range readArray(raw) {
			if kindOf(item) != null {
				v.items = append(v.items, plainText(item))
			}
		}
	case object:
		for _, m := range readObject(raw) {
			if kindOf(m.value) != null {
				v.props = append(v.props, property{m.key, plainText(m.value)})
			}
		}
	case null:
	default:
		v.text = plainText(raw)
	}
	return v
}

// undefined reports whether nothing is to be written: null, an empty array and
// an empty object (RFC 6570, 2.3).
func (v value) undefined() bool {
	switch v.kind {
	case null:
		return true
	case array:
		return len(v.items) == 0
	case object:
		return len(v.props) == 0
	default:
		return false
	}
}

// texts returns all that v is made of.
func (v value) texts() []string {
	texts := append([]string{v.text}, v.items...)
	for _, p := range v.props {
		texts = append(texts, p.name, p.text)
	}
	return texts
}

// notation is how a style writes, in the terms of RFC 6570, appendix A.
type notation struct {
	first   string // before all
	sep     string // between exploded parts
	join    string // between the parts of a value that is not exploded
	named   bool   // parts are name=value
	ifEmpty string // between a name and an empty value
}

// The notations of the styles (OpenAPI 3.2, 4.12.6). Cookies part by "; ", as a
// Cookie header does (RFC 6265, 4.2.1), in either style.
var (
	simpleNotation = notation{sep: ",", join: ","}
	labelNotation  = notation{first: ".", sep: ".", join: ","}
	matrixNotation = notation{first: ";", sep: ";", join: ",", named: true}
	formNotation   = notation{sep: "&", join: ",", named: true, ifEmpty: "="}
	spaceNotation  = notation{sep: "&", join: "%20", named: true, ifEmpty: "="}
	pipeNotation   = notation{sep: "&", join: "%7C", named: true, ifEmpty: "="}
	cookieNotation = notation{sep: "; ", join: ",", named: true, ifEmpty: "="}
)

// notationOf returns how a style writes in a place; an unknown style writes as
// the place's default.
func notationOf(in tool.Location, style tool.Style) notation {
	switch {
	case in == tool.InCookie:
		return cookieNotation
	case style == tool.Label && in == tool.InPath:
		return labelNotation
	case style == tool.Matrix && in == tool.InPath:
		return matrixNotation
	case in == tool.InPath || in == tool.InHeader:
		return simpleNotation
	case style == tool.SpaceDelimited:
		return spaceNotation
	case style == tool.PipeDelimited:
		return pipeNotation
	default:
		return formNotation
	}
}

// expand appends v as the notation writes it (RFC 6570, 3.2.1). v must be
// defined.
func (n notation) expand(b []byte, name string, v value, explode bool, esc escaping) []byte {
	b = append(b, n.first...)
	switch {
	case v.kind == array && explode:
		for i, item := range v.items {
			b = append(b, separator(i, n.sep)...)
			b = n.pair(b, name, item, esc)
		}
	case v.kind == object && explode:
		for i, p := range v.props {
			b = append(b, separator(i, n.sep)...)
			b = esc.name(b, p.name)
			if p.text == "" && n.named {
				b = append(b, n.ifEmpty...)
				continue
			}
			b = esc.value(append(b, '='), p.text)
		}
	case v.kind == array || v.kind == object:
		b = n.joined(b, name, v, esc)
	default:
		b = n.pair(b, name, v.text, esc)
	}
	return b
}

func separator(i int, sep string) string {
	if i == 0 {
		return ""
	}
	return sep
}

func (n notation) pair(b []byte, name, text string, esc escaping) []byte {
	if n.named {
		b = esc.name(b, name)
		if text == "" {
			return append(b, n.ifEmpty...)
		}
		b = append(b, '=')
	}
	return esc.value(b, text)
}

// joined appends a list or an object that is not exploded.
func (n notation) joined(b []byte, name string, v value, esc escaping) []byte {
	if n.named {
		b = append(esc.name(b, name), '=')
	}
	for i, item := range v.items {
		b = append(b, separator(i, n.join)...)
		b = esc.value(b, item)
	}
	for i, p := range v.props {
		b = append(b, separator(i, n.join)...)
		b = append(esc.value(b, p.name), n.join...)
		b = esc.value(b, p.text)
	}
	return b
}

// appendDeep appends raw in brackets: name[key]=value, and, where OpenAPI says
// nothing, as Stripe's own clients do: name[key][inner]=value for objects in
// objects, name[0]=value for arrays. Every pair is preceded by "&" unless b is
// empty. The brackets are percent-encoded, as OpenAPI 3.2's table has them.
func appendDeep(b []byte, name []byte, raw json.RawMessage, esc escaper) []byte {
	switch kindOf(raw) {
	case null:
		return b
	case object:
		for _, m := range readObject(raw) {
			b = appendDeep(b, bracket(name, m.key), m.value, esc)
		}
		return b
	case array:
		for i, item := range readArray(raw) {
			b = appendDeep(b, bracket(name, strconv.Itoa(i)), item, esc)
		}
		return b
	}
	b = appendAmp(b)
	b = append(append(b, name...), '=')
	return esc(b, plainText(raw))
}

func bracket(name []byte, key string) []byte {
	out := make([]byte, 0, len(name)+len(key)+6)
	out = append(append(out, name...), "%5B"...)
	return append(escapeStrict(out, key), "%5D"...)
}

// appendAmp parts pairs.
func appendAmp(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	return append(b, '&')
}
