package openapi

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
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
	owners  map[*node]*node // of "$recursiveRef"
	unread  int             // path items and methods that are not even operations
	bytes   int             // of the tools' inputs, so far
	looking int             // references being looked up, one through another
	bundles map[*node]json.RawMessage
	// selected says which operations become tools.
	selected selection
	// shaped is what the document says of the results of all operations.
	shaped shaped
}

func newLowerer(ctx context.Context, f *files, root *node, v version, rep *reporter, opts Options) *lowerer {
	l := &lowerer{ctx: ctx, files: f, root: root, version: v, rep: rep, opts: opts, refs: map[refKey]refResult{}, bundles: map[*node]json.RawMessage{}}
	l.names = newDefNames(l)
	l.input = newConverter(l, forInput)
	l.output = newConverter(l, forOutput)
	if opts.inspect != nil {
		opts.inspect(l)
	}
	return l
}

// allSchemes adds the schemes that operations use and the document does not
// declare.
func (l *lowerer) allSchemes(declared []tool.Scheme) []tool.Scheme {
	all := slices.Clone(declared)
	for _, s := range l.schemes {
		if !slices.ContainsFunc(declared, func(d tool.Scheme) bool { return d.Name == s.Name }) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b tool.Scheme) int { return cmp.Compare(a.Name, b.Name) })
	return all
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
	l.readExtension()
	ops := l.operations()
	names := l.toolNames(ops)
	doc.Names = names
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
	doc.API.Schemes = l.allSchemes(doc.API.Schemes)
	doc.Operations = countOperations(l)
	if lost := doc.Operations - len(ops) - l.unread; lost > 0 {
		l.rep.report(SeverityWarning, "operations-lost", l.root, "", "%d operations were not read: please report this document", lost)
	}
	l.opinion(doc)
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
