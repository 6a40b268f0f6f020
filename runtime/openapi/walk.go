package openapi

import (
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// fixedMethods are the fixed method keys of a path item.
var fixedMethods = map[string]bool{
	"get": true, "put": true, "post": true, "delete": true, "options": true,
	"head": true, "patch": true, "trace": true, "query": true,
}

// operations lists the document's operations in its order.
func (l *lowerer) operations() []operation {
	paths, err := l.resolve(l.root.get("paths"))
	if err != nil || len(membersOf(paths)) == 0 {
		l.rep.report(SeverityWarning, "no-paths", l.root, "", "the document describes no paths, so it gives no tools")
		return nil
	}
	var ops []operation
	for _, m := range paths.members {
		if strings.HasPrefix(m.key, "x-") || m.key == "$ref" {
			continue
		}
		item, err := l.pathItem(m.value)
		if err != nil {
			l.unread++
			l.rep.report(SeverityError, "path-item-unresolved", paths.keyNode(m.key), m.key, "the path item can't be read: %v", err)
		}
		ops = append(ops, l.itemOperations(m.key, item)...)
	}
	return ops
}

// pathItem resolves a path item; members beside its "$ref" win, and are all
// there is where the reference leads to nothing.
func (l *lowerer) pathItem(n *node) (*node, error) {
	own := n.without("$ref")
	var base *node
	var err error
	switch target, failed := l.resolve(n); {
	case failed != nil:
		base, err = n.at(kindObject), failed
	case !target.is(kindObject):
		base, err = n.at(kindObject), fmt.Errorf("it is %s, not an object", target.kind)
	case target == n || len(own.members) == 0:
		return target, nil
	default:
		base = target
	}
	out := own.at(kindObject)
	for _, m := range base.members {
		if !own.has(m.key) && m.key != "$ref" {
			out.members = append(out.members, m)
		}
	}
	out.members = append(out.members, own.members...)
	return out.finish(), err
}

// itemOperations lists a path item's operations, each method once.
func (l *lowerer) itemOperations(path string, item *node) []operation {
	var ops []operation
	seen := map[string]bool{}
	add := func(m member, method string) {
		op := operation{key: method + " " + path, method: method, path: path, item: item, node: m.value,
			at: &node{kind: kindString, file: m.value.file, line: m.line, col: m.col}}
		switch {
		case !tool.IsToken(method):
			l.fail(&op, "bad-method", nil, "%q is no HTTP method", m.key)
			l.unread++
			return
		case seen[method]:
			l.fail(&op, "duplicate-method", nil, "the path has the method %s twice: the first one counts", method)
			l.unread++
			return
		}
		seen[method] = true
		ops = append(ops, op)
	}
	for _, m := range item.members {
		lower := strings.ToLower(m.key)
		switch {
		case lower == "query" && !m.value.is(kindObject):
		case fixedMethods[lower]:
			add(m, strings.ToUpper(m.key))
			if m.key != lower {
				l.rep.report(SeverityWarning, "method-case", item.keyNode(m.key), "", "the method %q should be written %q", m.key, lower)
			}
		case m.key == "additionalOperations":
			for _, extra := range m.value.members {
				add(extra, strings.ToUpper(extra.key))
			}
		case m.value.has("responses") && !strings.HasPrefix(lower, "x-"):
			l.rep.report(SeverityWarning, "unknown-method", item.keyNode(m.key), "", "a path item has no method %q: give it under additionalOperations (3.2), or remove it", m.key)
		}
	}
	return ops
}

// countOperations counts the operations of the document by itself: the methods
// of every path item, wherever its references lead. A path item that can't be
// read counts as one.
func countOperations(l *lowerer) int {
	n := 0
	paths, err := l.resolve(l.root.get("paths"))
	if err != nil {
		return 0
	}
	for _, m := range membersOf(paths) {
		if strings.HasPrefix(m.key, "x-") || m.key == "$ref" {
			continue
		}
		keys := map[string]bool{}
		item, hops := m.value, 0
		for ; hops < maxChain && item.is(kindObject); hops++ {
			n += countMethods(item, keys)
			ref := refOf(item)
			if ref == "" {
				break
			}
			if item, err = l.lookup(item.file, ref); err != nil {
				item = nil
			}
		}
		if !item.is(kindObject) || hops == maxChain {
			n++
		}
	}
	return n
}

// countMethods counts a path item's methods that are not counted yet.
func countMethods(item *node, counted map[string]bool) int {
	n := 0
	for _, m := range item.members {
		switch m.key {
		case "additionalOperations":
			if !counted[m.key] {
				n += len(m.value.members)
			}
			counted[m.key] = true
			continue
		}
		switch strings.ToLower(m.key) {
		case "query":
			if !m.value.is(kindObject) {
				continue
			}
		case "get", "put", "post", "delete", "options", "head", "patch", "trace":
		default:
			continue
		}
		if !counted[m.key] {
			n++
		}
		counted[m.key] = true
	}
	return n
}

func membersOf(n *node) []member {
	if n == nil {
		return nil
	}
	return n.members
}
