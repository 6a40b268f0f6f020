package openapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// lowerer lowers one document. It is used once, by one goroutine.
type lowerer struct {
	ctx     context.Context
	files   *files
	root    *node
	version version
	rep     *reporter
	opts    Options
	refs    map[refKey]refResult
	names   *defNames
	input   *converter
	output  *converter
	schemes map[string]tool.Scheme
}

func newLowerer(ctx context.Context, f *files, root *node, v version, rep *reporter, opts Options) *lowerer {
	l := &lowerer{ctx: ctx, files: f, root: root, version: v, rep: rep, opts: opts, refs: map[refKey]refResult{}}
	l.names = newDefNames(l)
	l.input = newConverter(l, forInput)
	l.output = newConverter(l, forOutput)
	return l
}

// operation is one operation on its way to a tool.
type operation struct {
	key    string // "GET /contacts", with the path as written
	method string
	path   string // as written
	item   *node  // the path item
	node   *node  // the Operation Object, resolved
	at     *node  // where its key stands
}

// document lowers the whole document.
func (l *lowerer) document() (*Document, error) {
	doc := &Document{API: l.api()}
	l.notTools()
	ops := l.operations()
	names := l.toolNames(ops)
	for i := range ops {
		if err := l.ctx.Err(); err != nil {
			return nil, fault.Wrap(opLoad, fault.KindOf(err), "reading the document was stopped", err)
		}
		t, responses, ok := l.tool(&ops[i], names[ops[i].key])
		if !ok {
			continue
		}
		doc.Tools = append(doc.Tools, t)
		if l.opts.Responses {
			if doc.Responses == nil {
				doc.Responses = map[string][]Response{}
			}
			doc.Responses[t.Name] = responses
		}
	}
	doc.Operations = l.count()
	return doc, nil
}

// api lowers what the document's tools share.
func (l *lowerer) api() tool.API {
	info := l.root.get("info")
	location := l.files.location
	if l.files.isURL {
		location = redact(location)
	}
	api := tool.API{
		Title:       info.get("title").str(),
		Version:     info.get("version").str(),
		Description: strings.TrimSpace(info.get("description").str()),
		Document:    location,
		Servers:     l.rootServers(),
		Schemes:     l.securitySchemes(),
	}
	l.schemes = map[string]tool.Scheme{}
	for _, s := range api.Schemes {
		l.schemes[s.Name] = s
	}
	return api
}

// methods are the fixed method keys of a path item, in no order that matters.
var methods = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS",
	"head": "HEAD", "patch": "PATCH", "trace": "TRACE", "query": "QUERY",
}

// operations lists the document's operations in its order.
func (l *lowerer) operations() []operation {
	var ops []operation
	paths := l.root.get("paths")
	if resolved, err := l.resolve(paths); paths != nil && err == nil {
		paths = resolved
	}
	if paths == nil || len(paths.members) == 0 {
		l.rep.report(SeverityWarning, "no-paths", l.root, "", "the document describes no paths, so it gives no tools")
		return nil
	}
	for _, m := range paths.members {
		if strings.HasPrefix(m.key, "x-") || m.key == "$ref" {
			continue
		}
		item, err := l.pathItem(m.value)
		if err != nil {
			l.rep.report(SeverityError, "path-item-unresolved", paths.keyNode(m.key), m.key, "the path item can't be read: %v", err)
			continue
		}
		ops = append(ops, l.itemOperations(m.key, item)...)
	}
	return ops
}

// pathItem resolves a path item; members beside its "$ref" win.
func (l *lowerer) pathItem(n *node) (*node, error) {
	if refOf(n) == "" {
		if !n.is(kindObject) {
			return nil, fmt.Errorf("it is %s, not an object", n.kind)
		}
		return n, nil
	}
	target, err := l.resolve(n)
	if err != nil {
		return nil, err
	}
	if !target.is(kindObject) {
		return nil, fmt.Errorf("it is %s, not an object", target.kind)
	}
	if len(n.members) == 1 {
		return target, nil
	}
	out := target.without()
	for _, m := range n.members {
		if m.key != "$ref" {
			out.members = append(out.without(m.key).members, m)
		}
	}
	out.index = nil
	return out, nil
}

func (l *lowerer) itemOperations(path string, item *node) []operation {
	var ops []operation
	for _, m := range item.members {
		method, ok := methods[strings.ToLower(m.key)]
		if ok {
			if method == "QUERY" && !m.value.is(kindObject) {
				continue
			}
			ops = append(ops, l.operation(method, path, item, m))
			continue
		}
		if m.key == "additionalOperations" {
			for _, extra := range m.value.members {
				ops = append(ops, l.operation(strings.ToUpper(extra.key), path, item, extra))
			}
		}
	}
	return ops
}

func (l *lowerer) operation(method, path string, item *node, m member) operation {
	return operation{
		key: method + " " + path, method: method, path: path, item: item, node: m.value,
		at: &node{kind: kindString, file: m.value.file, line: m.line, col: m.col},
	}
}

// fail reports that an operation can't be a tool.
func (l *lowerer) fail(op *operation, code string, at *node, format string, args ...any) {
	if at == nil {
		at = op.at
	}
	l.rep.report(SeverityError, code, at, op.key, format, args...)
}

func (l *lowerer) warn(op *operation, code string, at *node, format string, args ...any) {
	if at == nil {
		at = op.at
	}
	l.rep.report(SeverityWarning, code, at, op.key, format, args...)
}

func (l *lowerer) info(op *operation, code string, at *node, format string, args ...any) {
	if at == nil {
		at = op.at
	}
	l.rep.report(SeverityInfo, code, at, op.key, format, args...)
}

// notTools says of webhooks and callbacks that they are no tools.
func (l *lowerer) notTools() {
	for _, key := range []string{"webhooks", "x-webhooks"} {
		if hooks := l.root.get(key); hooks.is(kindObject) && len(hooks.members) > 0 {
			l.rep.report(SeverityInfo, "webhooks-skipped", l.root.keyNode(key), "",
				"%d webhooks are requests that the API makes, so they are no tools", len(hooks.members))
		}
	}
}

// count counts the operations of the document by itself: the methods of every
// path item.
func (l *lowerer) count() int {
	n := 0
	paths, err := l.resolve(l.root.get("paths"))
	if err != nil {
		return 0
	}
	for _, m := range membersOf(paths) {
		if strings.HasPrefix(m.key, "x-") {
			continue
		}
		for item, hops := m.value, 0; item != nil && hops < maxChain; hops++ {
			n += countMethods(item)
			if refOf(item) == "" {
				break
			}
			if item, err = l.lookup(item.file, refOf(item)); err != nil {
				break
			}
		}
	}
	return n
}

func countMethods(item *node) int {
	n := 0
	for _, m := range membersOf(item) {
		switch strings.ToLower(m.key) {
		case "get", "put", "post", "delete", "options", "head", "patch", "trace":
			n++
		case "query":
			if m.value.is(kindObject) {
				n++
			}
		case "additionaloperations":
			n += len(m.value.members)
		}
	}
	return n
}

func membersOf(n *node) []member {
	if n == nil {
		return nil
	}
	return n.members
}
