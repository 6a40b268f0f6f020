package openapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// body is a request body on its way to arguments.
type body struct {
	media    string
	class    mediaClass
	required bool
	node     *node // the Request Body Object
	content  *node // the Media Type Object that was chosen
	schema   *node // the document's
	object   *node // the merged schema of a body that is flattened
	whole    bool  // it stands under one argument
	arg      string
	fields   []tool.Field
}

// body chooses how an operation's body is written; nil where there is none.
func (l *lowerer) body(op *operation, params []*node) *body {
	declared := op.node.get("requestBody")
	if l.version == v20 {
		declared = l.swaggerBody(op, params)
	}
	if declared == nil || declared.is(kindNull) {
		return nil
	}
	n, err := l.resolve(declared)
	if err != nil || !n.is(kindObject) {
		l.warn(op, "body-unresolved", declared, "the request body can't be read, and is left out: %v", orNotObject(err))
		return nil
	}
	b := &body{node: n, required: n.get("required").isTrue()}
	if !l.chooseMedia(op, b) {
		return nil
	}
	l.namePart(op, b)
	l.layOut(op, b)
	if !b.whole && len(b.fields) == 0 && !b.required {
		return nil
	}
	return b
}

// chooseMedia picks one of the body's media types and tells of the others.
func (l *lowerer) chooseMedia(op *operation, b *body) bool {
	content := b.node.get("content")
	var offers []offer
	for i, m := range membersOf(content) {
		if strings.HasPrefix(m.key, "x-") {
			continue
		}
		media, class, note := readMedia(m.key)
		if media == "" {
			l.warn(op, "bad-media-type", content.keyNode(m.key), "%q is no media type: it is left out", m.key)
			continue
		}
		value, err := l.resolve(m.value)
		if err != nil {
			l.warn(op, "body-unresolved", m.value, "the body's %s can't be read: %v", media, err)
			value = m.value.at(kindObject)
		}
		if note {
			l.warn(op, "bad-media-type", content.keyNode(m.key), "%q is read as %s", m.key, media)
		}
		offers = append(offers, offer{media, class, value, i})
	}
	if len(offers) == 0 {
		l.warn(op, "body-without-content", b.node, "the request body has no media type: it is sent as application/json of any form")
		b.media, b.class, b.content = "application/json", mediaJSON, b.node.at(kindObject)
		return true
	}
	slices.SortStableFunc(offers, func(x, y offer) int { return x.rank() - y.rank() })
	best := offers[0]
	b.media, b.class, b.content, b.schema = best.media, best.class, best.content, best.content.get("schema")
	if b.schema == nil {
		b.schema = best.content.get("itemSchema")
	}
	for _, key := range [...]string{"prefixEncoding", "itemEncoding"} {
		if b.content.has(key) {
			l.info(op, "encoding-skipped", b.content.keyNode(key), "%s is for parts without names, and the body's parts have them: the default is used", key)
		}
	}
	l.otherMedia(op, b, offers[1:], content)
	return true
}

// otherMedia tells which media types were not chosen, and whether one of them
// takes a field that the chosen one does not.
func (l *lowerer) otherMedia(op *operation, b *body, others []offer, content *node) {
	if len(others) == 0 {
		return
	}
	names := make([]string, len(others))
	for i, o := range others {
		names[i] = o.media
	}
	mine := l.fieldNames(b.schema)
	for _, o := range others {
		var lacking []string
		for _, name := range l.fieldNames(o.content.get("schema")) {
			if !slices.Contains(mine, name) {
				lacking = append(lacking, name)
			}
		}
		if len(lacking) > 0 {
			l.warn(op, "media-type-fields", content, "the body is sent as %s; %s also takes %s, which are no arguments", b.media, o.media, strings.Join(lacking, ", "))
		}
	}
	l.info(op, "several-media-types", content, "the body is sent as %s; also described: %s", b.media, strings.Join(names, ", "))
}

func (l *lowerer) fieldNames(schema *node) []string {
	if schema == nil {
		return nil
	}
	var names []string
	for _, m := range membersOf(l.merged(schema).get("properties")) {
		names = append(names, m.key)
	}
	return names
}

// namePart makes an object of a multipart body that is described as one file or
// one list: it could not be sent, as parts have names. The name is what nearly
// all APIs that are described so take.
func (l *lowerer) namePart(op *operation, b *body) {
	const usual = "file"
	if b.class != mediaMultipart || b.schema == nil {
		return
	}
	types := typeList(l.merged(b.schema))
	if len(types) != 1 || types[0] == "object" {
		return
	}
	l.warn(op, "part-without-name", b.schema, "the parts of a %s body have names, and the schema is one %s: it is sent as the part %q; describe an object with a property for each part", b.media, types[0], usual)
	properties := newObject()
	properties.set(usual, b.schema)
	object := newObject()
	object.set("type", newString("object"))
	object.set("properties", properties)
	if b.required {
		object.set("required", newStrings([]string{usual}))
	}
	b.schema = object
}

// layOut decides whether the body's properties are arguments each.
func (l *lowerer) layOut(op *operation, b *body) {
	if b.class == mediaText || b.class == mediaBinary {
		b.whole = true
		return
	}
	object, plain := l.plainObject(b.schema)
	if !plain {
		b.whole = true
		return
	}
	var fields []tool.Field
	for _, m := range membersOf(object.get("properties")) {
		if v, ok := m.value.truth(); ok && m.value.is(kindBool) && !v {
			continue
		}
		if l.markedAs(m.value, "readOnly") {
			continue
		}
		fields = append(fields, tool.Field{Name: m.key})
	}
	if !b.required && len(l.input.required(object, l.readOnly(object))) > 0 {
		b.whole = true // leaving it out must stay possible
		return
	}
	b.object, b.fields = object, fields
}

// readOnly lists the names of an object's properties that no input has.
func (l *lowerer) readOnly(object *node) map[string]bool {
	out := map[string]bool{}
	for _, m := range membersOf(object.get("properties")) {
		if l.markedAs(m.value, "readOnly") {
			out[m.key] = true
		}
	}
	return out
}

// plainObject merges a schema and reports whether it is an object whose named
// properties are all there is to it.
func (l *lowerer) plainObject(schema *node) (*node, bool) {
	if !schema.is(kindObject) {
		return nil, false
	}
	m := schema
	if refOf(schema) != "" || schema.has("allOf") {
		m = l.merged(schema)
	}
	types := typeList(m)
	isObject := len(types) == 0 || len(types) == 1 && types[0] == "object"
	if !isObject || !m.get("properties").is(kindObject) || nullable(m) {
		return nil, false
	}
	for _, key := range [...]string{"oneOf", "anyOf", "allOf", "not", "if", "patternProperties", "enum", "const", "unevaluatedProperties", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies"} {
		if v := m.get(key); v != nil && !(v.is(kindArray) && len(v.list) == 0) && !v.is(kindBool) {
			return nil, false
		}
	}
	if v := m.get("additionalProperties"); v != nil && !(v.is(kindBool) && !v.isTrue()) {
		return nil, false
	}
	if mapping := m.get("discriminator").get("mapping"); mapping.is(kindObject) && len(mapping.members) > 1 {
		return nil, false // a base: what extends it has more properties
	}
	return m, true
}

// bodyArguments converts the body's schemas into arguments and the model.
func (l *lowerer) bodyArguments(op *operation, model *tool.Operation, b *body, args *arguments) {
	model.Body = &tool.Body{MediaType: b.media, Required: b.required}
	if b.whole {
		model.Body.Arg = b.arg
		schema, binary := l.wholeSchema(op, b)
		model.Body.Binary = binary
		args.add(b.arg, schema, b.required)
		model.Body.Encodings = l.encodings(op, b)
		return
	}
	required := l.input.required(b.object, l.readOnly(b.object))
	l.bodyBounds(b, len(required), args)
	properties := b.object.get("properties")
	example := l.bodyExample(b)
	for _, f := range b.fields {
		declared := properties.get(f.Name)
		f.Encoding = l.encoding(op, b, f.Name, declared)
		schema := l.input.convert(declared)
		if f.Encoding != nil && f.Encoding.Binary {
			schema = binarySchema(schema)
		}
		addExample(schema, example.get(f.Name))
		args.add(f.Arg, schema, slices.Contains(required, f.Name))
		model.Body.Fields = append(model.Body.Fields, f)
	}
}

// bodyBounds carries how many properties a body has, at least and at most, to the
// arguments among which they stand: with them come all others that are required,
// and may come all others.
func (l *lowerer) bodyBounds(b *body, required int, args *arguments) {
	count := func(key string) int {
		v := l.input.count(b.object, key)
		if v == nil {
			return -1
		}
		n, err := strconv.Atoi(v.text)
		if err != nil {
			return -1
		}
		return n
	}
	if least := count("minProperties"); b.required && least > required && least <= len(b.fields) {
		args.least = least + len(args.required)
	}
	if most := count("maxProperties"); most >= 0 && most >= required && most < len(b.fields) {
		args.most = most + len(args.schemas)
	}
}

// bodyExample is the first example that the document gives of the body whole.
func (l *lowerer) bodyExample(b *body) *node {
	if v := b.content.get("example"); v != nil {
		return v
	}
	for _, m := range membersOf(b.content.get("examples")) {
		if ex, err := l.resolve(m.value); err == nil && ex.has("value") {
			return ex.get("value")
		}
	}
	if b.object != nil {
		return b.object.get("example")
	}
	return nil
}

// addExample gives a schema an example where it has none and may use one: of a
// plain text, number or list, and short.
func addExample(schema, example *node) {
	if example == nil || example.is(kindNull) || schema.has("examples") || schema.has("enum") || schema.has("const") || schema.has("default") ||
		!sizeWithin(example, maxExample) || holdsRef(example, 0) {
		return
	}
	schema.set("examples", &node{kind: kindArray, list: []*node{example}})
}

const saysBinary = "The content as base64 text or a \"data:\" URI."

// binarySchema turns the schema of bytes into one of text.
func binarySchema(schema *node) *node {
	text := newObject()
	text.set("type", newString("string"))
	description := saysBinary
	if d := schema.get("description").str(); d != "" {
		description = strings.TrimRight(d, ". ") + ". " + saysBinary
	}
	if typeOf(schema) != "array" {
		text.set("description", newString(description))
		return text
	}
	list := newObject()
	list.set("type", newString("array"))
	list.set("description", newString(description))
	list.set("items", text)
	return list
}

func typeOf(n *node) string {
	if list := typeList(n); len(list) > 0 {
		return list[0]
	}
	return ""
}

// wholeSchema is the schema of a body that stands under one argument.
func (l *lowerer) wholeSchema(op *operation, b *body) (schema *node, binary bool) {
	described := b.node.without("examples", "example")
	if b.class == mediaBinary || b.class == mediaText {
		text := newObject()
		text.set("type", newString("string"))
		text.set("description", newString("The body as "+b.media+"."))
		l.input.describe(text, described)
		l.partsLost(op, b)
		if b.class == mediaBinary {
			return binarySchema(text), true
		}
		return text, false
	}
	if b.schema == nil {
		l.info(op, "body-without-schema", b.content, "the body has no schema: it is read as any value")
		schema := newObject()
		if b.class != mediaJSON {
			schema.set("type", newString("object"))
		}
		return l.input.describe(schema, described), false
	}
	schema = l.input.describe(l.input.convert(b.schema), described)
	addExample(schema, l.bodyExample(b))
	return schema, false
}

// partsLost tells of a schema that a body sent as text or as bytes can't use.
func (l *lowerer) partsLost(op *operation, b *body) {
	what := "text"
	if b.class == mediaBinary {
		what = "file"
	}
	names := l.fieldNames(b.schema)
	if b.schema != nil {
		names = append(names, l.fieldNames(l.merged(b.schema).get("items"))...)
	}
	if len(names) > 0 {
		l.warn(op, "body-as-text", b.content, "a body of %s is one %s, so its fields are no arguments: %s", b.media, what, strings.Join(names, ", "))
	}
}

// encodings lists the encodings of a form's properties that are not by default.
func (l *lowerer) encodings(op *operation, b *body) []tool.FieldEncoding {
	if b.class != mediaForm && b.class != mediaMultipart || b.schema == nil {
		return nil
	}
	var out []tool.FieldEncoding
	for _, m := range membersOf(l.merged(b.schema).get("properties")) {
		if e := l.encoding(op, b, m.key, m.value); e != nil {
			out = append(out, tool.FieldEncoding{Name: m.key, Encoding: *e})
		}
	}
	return out
}

// encoding reads how one property of a form is written; nil is the default.
func (l *lowerer) encoding(op *operation, b *body, name string, schema *node) *tool.Encoding {
	if b.class != mediaForm && b.class != mediaMultipart {
		return nil
	}
	declared := b.content.get("encoding").get(name)
	e := tool.Encoding{
		ContentType:   declared.get("contentType").str(),
		AllowReserved: declared.get("allowReserved").isTrue(),
		Binary:        b.class == mediaMultipart && l.isBinary(schema),
	}
	if s := tool.Style(declared.get("style").str()); s != "" {
		if styleFits(s, tool.InQuery) {
			e.Style = s
		} else {
			l.warn(op, "bad-style", declared.get("style"), "the style %q is not for a form: the default is used", s)
		}
	}
	if v, ok := declared.get("explode").truth(); ok {
		e.Explode = &v
	}
	if headers := declared.get("headers"); headers.is(kindObject) && len(headers.members) > 0 {
		l.info(op, "part-headers-skipped", headers, "the headers of the part %q are not sent", name)
	}
	if e == (tool.Encoding{}) {
		return nil
	}
	return &e
}

// isBinary reports whether a schema, or an array's items, are bytes.
func (l *lowerer) isBinary(n *node) bool {
	for range 3 {
		r, err := l.resolve(n)
		if err != nil || r == nil {
			return false
		}
		n = r
		if all := n.get("allOf").items(); len(all) == 1 {
			n = all[0]
			continue
		}
		if containsString(typeList(n), "array") {
			n = n.get("items")
			continue
		}
		break
	}
	if n.get("format").str() == "binary" || n.get("type").str() == "file" {
		return true
	}
	media := n.get("contentMediaType").str()
	return media != "" && !n.has("contentEncoding") && !strings.HasPrefix(media, "text/") && !strings.Contains(media, "json")
}
