package openapi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Bounds on overlays.
const (
	maxOverlays = 100
	maxActions  = 10_000     // of one document
	maxMerges   = 10_000_000 // values that all actions merge
)

// overlay applies overlays (OpenAPI Overlay 1.0 and 1.1) to a document's tree.
type overlay struct {
	root    *node // the document so far
	rep     *reporter
	actions int
	visits  int
	merges  int
}

// overlaid returns the root document with the options' overlays applied, in
// their order. What an action can't do is told by a diagnostic at its place;
// the error means that an overlay can't be read at all.
func (f *files) overlaid(ctx context.Context, root *node, rep *reporter) (*node, error) {
	if len(f.opts.Overlays) == 0 {
		return root, nil
	}
	if len(f.opts.Overlays) > maxOverlays {
		return nil, fault.New(opLoad, fault.TooLarge, fmt.Sprintf("a document takes at most %d overlays", maxOverlays))
	}
	o := &overlay{root: root, rep: rep}
	for _, location := range f.opts.Overlays {
		tree, err := f.readOverlay(ctx, location, rep)
		if err != nil {
			return nil, err
		}
		o.apply(tree)
	}
	tooLarge := o.merges > maxMerges
	if !tooLarge {
		_, tooLarge = expanded(o.root, map[*node]extent{})
	}
	if tooLarge {
		return nil, fault.New(opLoad, fault.TooLarge, fmt.Sprintf("with its overlays the document has more than %d values, or nests deeper than %d: see what they copy", maxExpanded, maxDepth))
	}
	f.root.root = o.root
	return o.root, nil
}

// readOverlay reads an overlay's file or URL. References in what it adds are
// those of the document, so they are resolved from there.
func (f *files) readOverlay(ctx context.Context, location string, rep *reporter) (*node, error) {
	name := location
	var data []byte
	var err error
	if IsURL(location) {
		name = redact(location)
		data, _, err = f.fetch(ctx, f.client, location)
	} else {
		data, err = readFile(location, "overlay")
	}
	if err != nil {
		return nil, err
	}
	of := &file{name: name, base: f.root.base, overlays: f.root}
	if err := of.parse(data, rep); err != nil {
		var syntax *syntaxError
		if errors.As(err, &syntax) {
			return nil, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s:%d:%d: %s", name, syntax.line, syntax.col, syntax.message))
		}
		return nil, fault.Wrap(opLoad, fault.Invalid, fmt.Sprintf("%s can't be parsed as JSON or YAML", name), err)
	}
	version := of.root.get("overlay").str()
	switch {
	case version == "":
		return nil, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s is no Overlay document: it has no \"overlay\" at its top", name))
	case !strings.HasPrefix(version, "1."):
		return nil, fault.New(opLoad, fault.Unsupported, fmt.Sprintf("%s is Overlay %s: 1.0 and 1.1 are read", name, cutText(version, 20)))
	case !of.root.get("actions").is(kindArray):
		return nil, fault.New(opLoad, fault.Invalid, fmt.Sprintf("%s has no \"actions\", which must be a list", name))
	}
	return of.root, nil
}

// warn tells that an action, or a part of it, was not done.
func (o *overlay) warn(at *node, code, format string, args ...any) {
	o.rep.report(SeverityWarning, code, at, "", format, args...)
}

// apply does an overlay's actions, each on the result of the one before.
func (o *overlay) apply(tree *node) {
	old := strings.HasPrefix(tree.get("overlay").str(), "1.0")
	for _, action := range tree.get("actions").items() {
		if o.actions++; o.actions > maxActions {
			o.warn(action, "bad-overlay-action", "a document takes at most %d actions: the rest are left out", maxActions)
			return
		}
		o.act(action, old)
	}
}

// actionKeys are an Action Object's members.
var actionKeys = map[string]bool{"target": true, "description": true, "update": true, "copy": true, "remove": true}

// act does one action. Overlay 1.0 has no copy, and updates no primitives.
func (o *overlay) act(action *node, old bool) {
	for _, m := range action.members {
		if !actionKeys[m.key] && !strings.HasPrefix(m.key, "x-") {
			o.warn(action.keyNode(m.key), "bad-overlay-action", "an action has no %q: it is ignored; use target, update, copy or remove", m.key)
		}
	}
	target := action.get("target")
	found := o.find(action, "target")
	switch {
	case found == nil:
		return
	case len(found) == 0:
		o.warn(target, "overlay-no-match", "the target %s is nowhere in the document: the action does nothing; mend the target, or remove the action", cutText(target.text, 200))
	case action.get("remove").isTrue():
		o.remove(found, target)
	case action.has("update") && action.has("copy"):
		o.warn(action, "bad-overlay-action", "an action has either update or copy: this one does nothing")
	case action.has("update"):
		o.update(found, action.get("update"), target, old)
	case action.has("copy") && old:
		o.warn(action.keyNode("copy"), "bad-overlay-action", "copy is of Overlay 1.1: write overlay: 1.1.0 at the file's top; the action does nothing")
	case action.has("copy"):
		o.copy(found, action, target)
	default:
		o.warn(action, "bad-overlay-action", "an action needs update, copy, or remove: true; this one does nothing")
	}
}

// find runs the query under a key of an action; nil means that it can't, of
// which a diagnostic has told.
func (o *overlay) find(action *node, key string) []*located {
	text := action.get(key)
	if !text.is(kindString) {
		o.warn(action, "bad-overlay-action", "an action needs %q, a JSONPath such as $.paths['/contacts'].get: it does nothing", key)
		return nil
	}
	q, err := parseQuery(text.text)
	if err != nil {
		o.warn(text, "bad-overlay-target", "%s is no JSONPath of RFC 9535: %v; the action does nothing", cutText(text.text, 200), err)
		return nil
	}
	e := &evaluator{root: o.root, limit: min(maxVisits, maxAllVisits-o.visits)}
	found := e.run(q, nil)
	o.visits += e.visits
	if e.exhausted() {
		o.warn(text, "bad-overlay-target", "%s looks at more than %d values: the action does nothing; name the place more closely", cutText(text.text, 200), e.limit)
		return nil
	}
	if found == nil {
		found = []*located{}
	}
	return found
}

// remove takes nodes out of the objects and arrays that they are in.
func (o *overlay) remove(found []*located, target *node) {
	marks := marked(found)
	if marks.chosen {
		o.warn(target, "bad-overlay-action", "the document itself can't be removed")
		return
	}
	o.root = rewrite(o.root, marks, func(*node) *node { return nil })
}

// update merges a value into nodes, which must be of one sort.
func (o *overlay) update(found []*located, value, target *node, old bool) {
	sort := sortOf(found[0].node)
	for _, f := range found {
		if sortOf(f.node) != sort {
			o.warn(target, "overlay-incompatible", "the target selects %s and %s: name nodes of one sort; the action does nothing", sort, sortOf(f.node))
			return
		}
	}
	switch {
	case sort == "values" && old:
		o.warn(target, "overlay-incompatible", "the target selects %s, which Overlay 1.0 does not update: name the object around it, or write overlay: 1.1.0; the action does nothing", found[0].node.kind)
		return
	case sort != "arrays" && sortOf(value) != sort:
		o.warn(value, "overlay-incompatible", "the target selects %s, and this is %s: the action does nothing", sort, value.kind)
		return
	}
	m := &overlayMerger{o}
	o.root = rewrite(o.root, marked(found), func(n *node) *node {
		if n.is(kindArray) && !value.is(kindArray) {
			out := *n
			out.list = append(out.list[:len(out.list):len(out.list)], value)
			return &out
		}
		return m.merge(n, value)
	})
}

// copy merges the one node that a query selects into others.
func (o *overlay) copy(found []*located, action, target *node) {
	source := o.find(action, "copy")
	if source == nil {
		return
	}
	if len(source) != 1 {
		o.warn(action.get("copy"), "overlay-no-match", "copy must select one node, and selects %d: the action does nothing", len(source))
		return
	}
	o.update(found, source[0].node, target, false)
}

// sortOf is what an update must be to be merged into a node.
func sortOf(n *node) string {
	switch n.kind {
	case kindObject:
		return "objects"
	case kindArray:
		return "arrays"
	}
	return "values"
}
