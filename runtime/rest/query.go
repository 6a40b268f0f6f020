package rest

import (
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// expandQuery returns the whole query: the base's, the fixed one, then the
// parameters in the operation's order.
func (p *plan) expandQuery(args arguments) (string, error) {
	b := append(make([]byte, 0, 128), p.base.query...)
	if p.op.Query != "" {
		b = append(appendAmp(b), fixedQuery(p.op.Query)...)
	}
	for i := range p.op.Parameters {
		param, raw := &p.op.Parameters[i], args[i]
		if raw == nil {
			continue
		}
		switch param.In {
		case tool.InQuery:
			b = appendQueryValue(b, param, raw)
		case tool.InQueryString:
			b = append(appendAmp(b), wholeQuery(param, raw)...)
		}
	}
	return string(b), nil
}

// fixedQuery mends a query that a document wrote: blanks and the like are
// encoded, its own encoding and delimiters stay.
func fixedQuery(query string) []byte {
	set := *querySet
	set['&'], set['+'] = true, true
	return set.escape(nil, query, true)
}

func appendQueryValue(b []byte, param *tool.Parameter, raw []byte) []byte {
	esc := escaping{escapeStrict, escapeStrict}
	if param.AllowReserved {
		esc.value = escapeQuery
	}
	if param.ContentType != "" {
		b = append(escapeStrict(appendAmp(b), param.Name), '=')
		return esc.value(b, contentText(param.ContentType, raw))
	}
	if param.Style == tool.DeepObject && kindOf(raw) >= array {
		return appendDeep(b, escapeStrict(nil, param.Name), raw, esc.value)
	}
	v := newValue(raw)
	if v.undefined() {
		return b
	}
	return notationOf(tool.InQuery, param.Style).expand(appendAmp(b), param.Name, v, param.Explode, esc)
}

// wholeQuery writes a value that is the whole query string.
func wholeQuery(param *tool.Parameter, raw []byte) []byte {
	if kindOf(raw) == object && !tool.IsJSON(param.ContentType) {
		var b []byte
		for _, m := range readObject(raw) {
			b = appendFormField(b, m.key, m.value, nil)
		}
		return b
	}
	return escapeStrict(nil, contentText(param.ContentType, raw))
}

// contentText writes a value in a media type: JSON, or else text.
func contentText(mediaType string, raw []byte) string {
	if tool.IsJSON(mediaType) {
		return string(compactJSON(raw))
	}
	return plainText(raw)
}
