package openapi

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Bounds on tools.
const (
	maxDescription = 4000      // of a description, in bytes
	maxAllInputs   = 256 << 20 // of all inputs together, in bytes
)

// arguments collects a tool's arguments.
type arguments struct {
	space    argSpace
	schemas  []member
	required []string
	// least and most bound how many are given; 0 for no bound.
	least, most int
}

func (a *arguments) add(arg string, schema *node, required bool) {
	a.schemas = append(a.schemas, member{key: arg, value: schema})
	if required {
		a.required = append(a.required, arg)
	}
}

// object returns the schema of all arguments.
func (a *arguments) object() *node {
	out := newObject()
	out.set("type", newString("object"))
	out.set("properties", (&node{kind: kindObject, members: a.schemas}).finish())
	if len(a.required) > 0 {
		out.set("required", newStrings(a.required))
	}
	if a.least > 0 {
		out.set("minProperties", newInt(a.least))
	}
	if a.most > 0 {
		out.set("maxProperties", newInt(a.most))
	}
	out.set("additionalProperties", newBool(false))
	return out
}

// tool lowers one operation; ok is false where it is no tool, of which a
// diagnostic has told.
func (l *lowerer) tool(op *operation, name string) (t tool.Tool, responses []Response, ok bool) {
	if !l.readOperation(op) {
		return t, nil, false
	}
	hints := l.extension(op)
	if hints.hidden || !hints.shown && l.selected.leavesOut(op) {
		l.info(op, "hidden", nil, "the operation is hidden by x-mcp")
		return t, nil, false
	}
	t.Name = name
	t.Title, t.Description = l.texts(op, hints)
	t.Annotations = hints.annotations(op.method)
	l.shape(op, &t, hints.shaped)
	model, ok := l.skeleton(op)
	if !ok {
		return t, nil, false
	}
	args := &arguments{space: argSpace{taken: map[string]bool{}}}
	l.request(op, model, args)
	var err error
	if t.Input, err = l.input.bundle(args.object()); err != nil {
		l.fail(op, "input-too-large", nil, "the operation can't be a tool: %v", err)
		return t, nil, false
	}
	if l.bytes += len(t.Input); l.bytes > maxAllInputs {
		l.fail(op, "document-too-large", nil, "the inputs of the document's tools take more than %d MB: split the document", maxAllInputs>>20)
		return t, nil, false
	}
	t.Output, model.Wrap = l.result(op)
	t.Operation = model
	if err := t.Validate(); err != nil {
		l.fail(op, "invalid-tool", nil, "the operation can't be a tool: %v", err)
		return t, nil, false
	}
	if l.opts.Responses {
		responses = l.responses(op)
	}
	return t, responses, true
}

// readOperation resolves the operation's node, which may itself be a reference,
// and brings 2.0 to 3.x.
func (l *lowerer) readOperation(op *operation) bool {
	n, err := l.resolve(op.node)
	if err != nil {
		l.fail(op, "operation-unresolved", op.node, "the operation can't be read: %v", err)
		return false
	}
	if !n.is(kindObject) {
		l.fail(op, "operation-not-object", op.node, "an operation is due here, and this is %s", n.kind)
		return false
	}
	op.node = n
	if callbacks := n.get("callbacks"); callbacks.is(kindObject) && len(callbacks.members) > 0 {
		l.info(op, "callbacks-skipped", n.keyNode("callbacks"), "callbacks are requests that the API makes, so they are no tools")
	}
	return true
}

// skeleton makes the operation's model but for parameters and body.
func (l *lowerer) skeleton(op *operation) (*tool.Operation, bool) {
	path, _, _ := cutPath(op.path)
	if path == "" || path[0] != '/' {
		l.warn(op, "path-without-slash", nil, "the path should begin with \"/\": it is read as if it did")
		path = "/" + path
	}
	if strings.Count(path, "{") != strings.Count(path, "}") {
		l.fail(op, "bad-path", nil, "the braces of the path do not match: write {name}")
		return nil, false
	}
	return &tool.Operation{
		ID:         op.node.get("operationId").str(),
		Method:     op.method,
		Path:       path,
		Tags:       op.node.get("tags").strings(),
		Deprecated: op.node.get("deprecated").isTrue(),
		Servers:    l.operationServers(op),
		Security:   l.security(op),
		Accept:     l.accept(op),
	}, true
}

// texts returns the tool's title and description.
func (l *lowerer) texts(op *operation, hints extension) (title, description string) {
	summary := strings.TrimSpace(op.node.get("summary").str())
	text := strings.TrimSpace(op.node.get("description").str())
	if text == "" && summary == "" {
		summary = strings.TrimSpace(op.item.get("summary").str())
		text = strings.TrimSpace(op.item.get("description").str())
	}
	title = cutText(strings.Join(strings.Fields(summary), " "), 200)
	switch {
	case hints.description != "":
		text = hints.description
	case text == "":
		text = summary
	case summary != "" && !saysSame(summary, text):
		text = summary + "\n\n" + text
	}
	if text == "" {
		text = op.key
	}
	if len(text) > maxDescription {
		l.info(op, "description-cut", op.node.get("description"), "the description has %d bytes and is cut to %d: say the most important things first", len(text), maxDescription)
		text = cutText(text, maxDescription)
	}
	if op.node.get("deprecated").isTrue() {
		text = "Deprecated: do not use where there is another way. " + text
	}
	if hints.title != "" {
		title = hints.title
	}
	return title, text
}

// extension is an operation's "x-mcp".
type extension struct {
	title, description string
	hidden, shown      bool // neither, where nothing is said
	shaped             shaped
	hints              map[string]bool
}

// extension reads an operation's "x-mcp".
func (l *lowerer) extension(op *operation) extension {
	x := op.node.get("x-mcp")
	out := extension{hints: map[string]bool{}}
	if x == nil {
		return out
	}
	if !x.is(kindObject) {
		l.warn(op, "bad-extension", x, "x-mcp must be an object with name, title, description, hidden, hints, %s", strings.Join(shapingKeys, ", "))
		return out
	}
	results := shaper{warn: func(at *node, format string, args ...any) { l.warn(op, "bad-extension", at, format, args...) }}
	for _, m := range x.members {
		at := x.keyNode(m.key)
		flag, isFlag := m.value.truth()
		switch {
		case m.key == "name" && m.value.is(kindString):
			if !tool.ValidName(m.value.text) {
				l.warn(op, "bad-extension", m.value, "x-mcp name %q is not 1 to 64 letters, digits, '_' or '-': it is changed", m.value.text)
			}
		case m.key == "title" && m.value.is(kindString):
			out.title = m.value.text
		case m.key == "description" && m.value.is(kindString):
			out.description = strings.TrimSpace(m.value.text)
		case m.key == "hidden" && isFlag:
			out.hidden, out.shown = flag, !flag
		case strings.HasSuffix(m.key, "Hint") && isFlag && knownHints[m.key]:
			out.hints[m.key] = flag
		case results.member(m.key, m.value, at):
		default:
			l.warn(op, "bad-extension", at, "x-mcp has no member %q of that type: it is ignored", m.key)
		}
	}
	out.shaped = results.shaped
	return out
}

var knownHints = map[string]bool{"readOnlyHint": true, "destructiveHint": true, "idempotentHint": true, "openWorldHint": true}

// annotations are the hints of a method, with the extension's over them.
func (x extension) annotations(method string) tool.Annotations {
	safe := method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "QUERY"
	a := tool.Annotations{
		ReadOnly:    safe,
		Destructive: method == "DELETE" || method == "PUT",
		Idempotent:  safe || method == "PUT" || method == "DELETE",
		OpenWorld:   true,
	}
	for key, target := range map[string]*bool{"readOnlyHint": &a.ReadOnly, "destructiveHint": &a.Destructive, "idempotentHint": &a.Idempotent, "openWorldHint": &a.OpenWorld} {
		if v, ok := x.hints[key]; ok {
			*target = v
		}
	}
	return a
}
