package openapi

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// swaggerKeywords are the members of a 2.0 parameter that are its schema.
var swaggerKeywords = map[string]bool{
	"type": true, "format": true, "items": true, "default": true, "maximum": true, "exclusiveMaximum": true,
	"minimum": true, "exclusiveMinimum": true, "maxLength": true, "minLength": true, "pattern": true, "maxItems": true,
	"minItems": true, "uniqueItems": true, "enum": true, "multipleOf": true, "x-nullable": true, "x-example": true, "title": true,
}

// swaggerSchema makes a schema of a 2.0 parameter that is none of a body.
func swaggerSchema(n *node) *node {
	if schema := n.get("schema"); schema.is(kindObject) {
		return schema // not allowed by 2.0, and done
	}
	out := n.at(kindObject)
	for _, m := range n.members {
		if swaggerKeywords[m.key] {
			out.members = append(out.members, m)
		}
	}
	if len(out.members) == 0 {
		return nil
	}
	return out.finish()
}

// collectionFormat brings 2.0's way to write arrays to style and explode. Its
// default, csv, is a list with commas everywhere.
func (l *lowerer) collectionFormat(op *operation, p *parameter) {
	p.schema = swaggerSchema(p.node)
	p.Style = defaultStyle(p.In)
	switch format := p.node.get("collectionFormat"); format.str() {
	case "", "csv":
	case "multi":
		p.Explode = true
	case "ssv":
		p.Style = tool.SpaceDelimited
	case "pipes":
		p.Style = tool.PipeDelimited
	default:
		l.warn(op, "bad-style", format, "collectionFormat %q of %q is not supported: commas are used", format.str(), p.Name)
	}
	if !styleFits(p.Style, p.In) {
		p.Style = defaultStyle(p.In)
		l.warn(op, "bad-style", p.node.get("collectionFormat"), "collectionFormat %q is not for a parameter in %s: commas are used", p.node.get("collectionFormat").str(), p.In)
	}
}

// swaggerBody makes a Request Body Object of 2.0's body and formData
// parameters; nil where there are none.
func (l *lowerer) swaggerBody(op *operation, params []*node) *node {
	if len(params) == 0 {
		return nil
	}
	var forms, bodies []*node
	for _, p := range params {
		if p.get("in").str() == "body" {
			bodies = append(bodies, p)
		} else {
			forms = append(forms, p)
		}
	}
	if len(bodies) > 1 || len(bodies) > 0 && len(forms) > 0 {
		for _, p := range params[1:] {
			l.warn(op, "several-bodies", p, "an operation has one body, so the parameter %q is left out: make it a property of the body", p.get("name").str())
		}
	}
	out := params[0].at(kindObject)
	content := out.at(kindObject)
	if len(bodies) > 0 {
		b := bodies[0]
		out.set("required", newBool(b.get("required").isTrue()))
		if d := b.get("description"); d != nil {
			out.set("description", d)
		}
		swaggerContent(content, b.get("schema"), l.consumes(op, "application/json"))
	} else {
		l.swaggerForm(op, out, content, forms)
	}
	out.set("content", content)
	return out
}

func swaggerContent(content, schema *node, types []string) {
	for _, t := range types {
		media := content.at(kindObject)
		if schema != nil {
			media.set("schema", schema)
		}
		content.set(t, media)
	}
}

// consumes lists the media types that the operation takes.
func (l *lowerer) consumes(op *operation, def string) []string {
	return l.mediaTypes(op, "consumes", def)
}

func (l *lowerer) mediaTypes(op *operation, key, def string) []string {
	list := op.node.get(key)
	if list == nil {
		list = l.root.get(key)
	}
	types := list.strings()
	if len(types) == 0 {
		return []string{def}
	}
	return types
}

// swaggerForm makes the schema of a form from its parameters.
func (l *lowerer) swaggerForm(op *operation, out, content *node, forms []*node) {
	schema := out.at(kindObject)
	schema.set("type", newString("object"))
	properties := schema.at(kindObject)
	encoding := schema.at(kindObject)
	var required []string
	multipart := false
	for _, p := range forms {
		name := p.get("name").str()
		field := p.at(kindObject)
		if s := swaggerSchema(p); s != nil {
			field.members = append(field.members, s.members...)
		}
		if d := p.get("description"); d != nil {
			field.set("description", d)
		}
		properties.set(name, field)
		if p.get("required").isTrue() {
			required = append(required, name)
		}
		multipart = multipart || p.get("type").str() == "file"
		if p.get("type").str() == "array" {
			encoding.set(name, l.swaggerEncoding(op, p))
		}
	}
	schema.set("properties", properties.finish())
	if len(required) > 0 {
		schema.set("required", newStrings(required))
		out.set("required", newBool(true))
	}
	media := out.at(kindObject)
	media.set("schema", schema)
	media.set("encoding", encoding)
	content.set(l.formType(op, multipart), media)
}

// formType is the media type of a form: as consumed, or what files need.
func (l *lowerer) formType(op *operation, multipart bool) string {
	const form, parts = "application/x-www-form-urlencoded", "multipart/form-data"
	if multipart {
		return parts
	}
	types := l.consumes(op, form)
	for _, t := range types {
		if strings.HasPrefix(strings.ToLower(t), form) {
			return form
		}
	}
	for _, t := range types {
		if strings.HasPrefix(strings.ToLower(t), "multipart/") {
			return t
		}
	}
	return form
}

func (l *lowerer) swaggerEncoding(op *operation, p *node) *node {
	out := p.at(kindObject)
	q := parameter{node: p, Parameter: tool.Parameter{Name: p.get("name").str(), In: tool.InQuery}}
	l.collectionFormat(op, &q)
	out.set("style", newString(string(q.Style)))
	out.set("explode", newBool(q.Explode))
	return out
}

// swaggerResponse makes a Response Object of 3.x of one of 2.0.
func (l *lowerer) swaggerResponse(op *operation, r *node) *node {
	out := r.at(kindObject)
	schema := r.get("schema")
	examples := r.get("examples")
	content := r.at(kindObject)
	if schema != nil || examples.is(kindObject) {
		for _, t := range l.mediaTypes(op, "produces", "application/json") {
			media := content.at(kindObject)
			if schema != nil {
				media.set("schema", schema)
			}
			if ex := examples.get(t); ex != nil {
				media.set("example", ex)
			}
			content.set(t, media)
		}
		out.set("content", content)
	}
	headers := r.at(kindObject)
	for _, m := range membersOf(r.get("headers")) {
		h := m.value.at(kindObject)
		if s := swaggerSchema(m.value); s != nil {
			h.set("schema", s)
		}
		headers.set(m.key, h)
	}
	if len(headers.members) > 0 {
		out.set("headers", headers)
	}
	return out
}
