package openapi

import (
	"encoding/json"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxResponseBytes bounds one response's schema: beyond it, the definitions that
// are farthest from the root stand for any value.
const maxResponseBytes = 128 << 10

// responseSchema converts a response's schema, with its definitions, once.
func (l *lowerer) responseSchema(n *node) json.RawMessage {
	if raw, ok := l.bundles[n]; ok {
		return raw
	}
	raw := l.output.convert(n).json()
	size := len(raw)
	defs := map[string]json.RawMessage{}
	queue := tool.Refs(raw)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if defs[name] != nil {
			continue
		}
		if size += len(name) + len(l.output.defs[name]) + 4; size > maxResponseBytes {
			defs[name] = json.RawMessage("{}")
			continue
		}
		defs[name] = l.output.defs[name]
		queue = append(queue, l.output.refs[name]...)
	}
	if size > maxResponseBytes && l.rep.perCode["response-trimmed"] == 0 { // once says it
		l.rep.report(SeverityInfo, "response-trimmed", n, "", "schemas of responses take more than %d KB: what is deep in them stands for any value in mock answers", maxResponseBytes>>10)
	}
	bundled := raw
	if len(defs) > 0 {
		if whole, err := tool.WithDefs(raw, defs); err == nil { // raw is an object
			bundled = whole
		}
	}
	l.bundles[n] = bundled
	return bundled
}

// responses lists all responses with all their media types.
func (l *lowerer) responses(op *operation) []Response {
	var out []Response
	for _, a := range l.answers(op) {
		headers := l.headers(a.node)
		content := membersOf(a.node.get("content"))
		if len(content) == 0 {
			out = append(out, Response{Status: a.status, Headers: headers})
		}
		for _, m := range content {
			media, err := l.resolve(m.value)
			if err != nil {
				media = m.value
			}
			r := Response{Status: a.status, MediaType: strings.TrimSpace(m.key), Headers: headers, Examples: l.examples(media)}
			schema := media.get("schema")
			if schema == nil {
				schema = media.get("itemSchema")
			}
			if schema != nil {
				r.Schema = l.responseSchema(schema)
			}
			out = append(out, r)
		}
	}
	return out
}

func (l *lowerer) headers(r *node) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	for _, m := range membersOf(r.get("headers")) {
		h, err := l.resolve(m.value)
		if err != nil || !h.is(kindObject) {
			continue
		}
		if out == nil {
			out = map[string]json.RawMessage{}
		}
		out[m.key] = l.responseSchema(h.get("schema"))
	}
	return out
}

// examples are a media type's examples, the named ones first, then the schema's.
func (l *lowerer) examples(media *node) []json.RawMessage {
	var out []json.RawMessage
	for _, m := range membersOf(media.get("examples")) {
		ex, err := l.resolve(m.value)
		if err != nil {
			continue
		}
		v := ex.get("value")
		if v == nil {
			v = ex.get("dataValue")
		}
		if v != nil {
			out = append(out, v.json())
		}
	}
	if v := media.get("example"); v != nil {
		out = append(out, v.json())
	}
	schema, err := l.resolve(media.get("schema"))
	if err != nil {
		return out
	}
	if v := schema.get("example"); v != nil {
		out = append(out, v.json())
	}
	for _, v := range schema.get("examples").items() {
		out = append(out, v.json())
	}
	return out
}
