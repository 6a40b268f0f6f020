package openapi

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// wrapKey holds a response that is no object.
const wrapKey = "result"

// answer is one response of an operation, resolved, in the form of 3.x.
type answer struct {
	status string
	node   *node
}

// answers lists an operation's responses in document order.
func (l *lowerer) answers(op *operation) []answer {
	var out []answer
	declared, err := l.resolve(op.node.get("responses"))
	if err != nil {
		return nil
	}
	for _, m := range membersOf(declared) {
		if strings.HasPrefix(m.key, "x-") {
			continue
		}
		r, err := l.resolve(m.value)
		if err != nil || !r.is(kindObject) {
			l.warn(op, "response-unresolved", m.value, "the response %s can't be read: %v", m.key, orNotObject(err))
			continue
		}
		if l.version == v20 {
			r = l.swaggerResponse(op, r)
		}
		status := m.key
		if strings.EqualFold(status, "2xx") {
			status = "2XX"
		}
		out = append(out, answer{status, r})
	}
	return out
}

// successes are the 2xx responses, in document order, a range last.
func (l *lowerer) successes(op *operation) []answer {
	var exact, ranges []answer
	for _, a := range l.answers(op) {
		switch {
		case a.status == "2XX":
			ranges = append(ranges, a)
		case len(a.status) == 3 && a.status[0] == '2':
			exact = append(exact, a)
		}
	}
	return append(exact, ranges...)
}

// accept lists the media types of the described success responses, JSON first.
func (l *lowerer) accept(op *operation) []string {
	var list []string
	for _, a := range l.successes(op) {
		for _, m := range membersOf(a.node.get("content")) {
			media := strings.TrimSpace(m.key)
			if strings.HasPrefix(media, "x-") || !strings.Contains(media, "/") || slices.Contains(list, media) {
				continue
			}
			list = append(list, media)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int {
		return boolInt(classOf(tool.BaseType(a)) != mediaJSON) - boolInt(classOf(tool.BaseType(b)) != mediaJSON)
	})
	return list
}

// result returns the schema of the tool's structured results and the key that
// they are wrapped in; nil where none is described.
func (l *lowerer) result(op *operation) (json.RawMessage, string) {
	schema := l.successSchema(op)
	if schema == nil {
		return nil, ""
	}
	root, wrap := l.outputRoot(schema)
	l.output.drain()
	raw := root.json()
	if size := l.output.bundleSize(raw); size > maxOutputBytes {
		l.info(op, "output-too-large", schema, "the response's schema takes %d KB, which is over %d KB: the tool has none", size>>10, maxOutputBytes>>10)
		return nil, wrap
	}
	bundled, err := tool.Bundle(raw, l.output.defs)
	if err != nil {
		l.warn(op, "output-unusable", schema, "the response's schema can't be used: %v", err)
		return nil, wrap
	}
	return bundled, wrap
}

// successSchema is the schema of the first JSON success response.
func (l *lowerer) successSchema(op *operation) *node {
	for _, a := range l.successes(op) {
		for _, m := range membersOf(a.node.get("content")) {
			base := tool.BaseType(m.key)
			if classOf(base) != mediaJSON && base != "*/*" {
				continue
			}
			media, err := l.resolve(m.value)
			if err != nil {
				continue
			}
			if schema := media.get("schema"); schema.is(kindObject) && len(schema.members) > 0 {
				return schema
			}
		}
	}
	return nil
}

// outputRoot makes an object of a response's schema: itself, or wrapped.
func (l *lowerer) outputRoot(schema *node) (*node, string) {
	m := schema
	if refOf(schema) != "" || schema.has("allOf") {
		m = l.merged(schema)
	}
	root := l.output.schema(m, 0)
	if typeOf(root) == "object" && root.get("type").is(kindString) && !hasCombinator(root) {
		return l.titled(root, schema), ""
	}
	wrapped := newObject()
	wrapped.set("type", newString("object"))
	properties := newObject()
	properties.set(wrapKey, l.output.schema(schema, 0))
	wrapped.set("properties", properties)
	wrapped.set("required", newStrings([]string{wrapKey}))
	return wrapped, wrapKey
}

// titled gives a root that was a reference to a component, and has no title of
// its own, the component's name: nothing else would tell what the result is.
func (l *lowerer) titled(root, schema *node) *node {
	if refOf(schema) == "" || root.has("title") {
		return root
	}
	target, err := l.resolve(schema)
	if err != nil || l.names.bases[target] == "" {
		return root
	}
	out := newObject()
	out.members = append(out.members, member{key: "title", value: newString(l.names.bases[target])})
	out.members = append(out.members, root.members...)
	return out.finish()
}

func hasCombinator(n *node) bool {
	for _, key := range [...]string{"oneOf", "anyOf", "allOf", "not", "if", "enum", "const", "$ref"} {
		if n.has(key) {
			return true
		}
	}
	return false
}
