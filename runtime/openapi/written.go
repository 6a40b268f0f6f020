package openapi

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
)

// Written is a document as it was written, overlays applied: for those who look
// at its text and its places, as a lint does, and not only at its tools. It is
// for one goroutine.
type Written struct {
	l *lowerer
	// Operations has one entry for each tool, in the tools' order.
	Operations []WrittenOperation
}

// WrittenOperation is one operation as it was written.
type WrittenOperation struct {
	// Key is as in [Diagnostic]: "GET /contacts", with the path as written.
	Key string
	// Target is the JSONPath (RFC 9535) of the operation in the document, by
	// which an overlay reaches it: "$.paths['/contacts'].get". It is "" where the
	// operation stands behind a "$ref", as an overlay sees the first file alone.
	Target string
	// Node is the Operation Object and Item the Path Item Object around it, each
	// with its references followed.
	Node, Item Node
	at         *node
}

// Place is where the operation's method stands.
func (o WrittenOperation) Place() Place { return placeOf(o.at) }

// Place is a place in a file of a document. Its zero value is nowhere.
type Place struct {
	File         string
	Line, Column int // as in [Diagnostic]
}

// Inspect is [Load] that also returns the document as it was written.
func Inspect(ctx context.Context, location string, opts Options) (*Document, *Written, error) {
	w := &Written{}
	opts.inspect = func(l *lowerer) { w.l = l }
	doc, err := Load(ctx, location, opts)
	if err != nil {
		return nil, nil, err
	}
	w.l.rep = newReporter() // all was said: what is looked up from here on is not said again
	w.match(doc)
	return doc, w, nil
}

// match finds the operation of each tool. Both are in document order, and some
// operations have no tool.
func (w *Written) match(doc *Document) {
	ops := w.l.operations()
	for _, t := range doc.Tools {
		for len(ops) > 0 {
			op := ops[0]
			ops = ops[1:]
			path, query, _ := cutPath(op.path)
			if path = "/" + strings.TrimPrefix(path, "/"); op.method != t.Operation.Method || path != t.Operation.Path || query != t.Operation.Query {
				continue
			}
			n, err := w.l.resolve(op.node)
			if err != nil {
				n = op.node
			}
			w.Operations = append(w.Operations, WrittenOperation{
				Key: op.key, Target: w.target(&op), Node: Node{w.l, n}, Item: Node{w.l, op.item}, at: op.at,
			})
			break
		}
	}
}

// target is the JSONPath of an operation that stands in the first file.
func (w *Written) target(op *operation) string {
	item := w.l.root.get("paths").get(op.path)
	if refOf(op.node) != "" {
		return ""
	}
	for _, m := range membersOf(item) {
		if m.value == op.node {
			return "$.paths[" + quotePath(op.path) + "]." + m.key
		}
	}
	return ""
}

// quotePath writes a name as a string literal of JSONPath.
func quotePath(name string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "'"
}

// Root is the document's root.
func (w *Written) Root() Node { return Node{w.l, w.l.root} }

// Files are the roots of all files that were read, the document's own first.
func (w *Written) Files() []Node {
	out := []Node{w.Root()}
	for _, f := range w.l.files.byBase {
		if f.root != nil && f.root != w.l.root {
			out = append(out, Node{w.l, f.root})
		}
	}
	slices.SortFunc(out[1:], func(a, b Node) int { return cmp.Compare(a.Place().File, b.Place().File) })
	return out
}

// Node is a value of a document. The zero Node is one that is not there: all its
// methods may be called, and tell so.
type Node struct {
	l *lowerer
	n *node
}

// Exists reports whether there is such a value.
func (n Node) Exists() bool { return n.n != nil }

// Is reports whether two nodes are the same value at the same place.
func (n Node) Is(other Node) bool { return n.n == other.n }

// Type is the value's type as JSON Schema names it, with no word for whole
// numbers: "null", "boolean", "number", "string", "array" or "object"; "" where
// there is no value.
func (n Node) Type() string {
	if n.n == nil {
		return ""
	}
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[n.n.kind]
}

// IsObject reports whether the value is an object.
func (n Node) IsObject() bool { return n.n.is(kindObject) }

// Text is the text of a scalar, and "" of all else.
func (n Node) Text() string { return n.n.str() }

// JSON is the value as compact JSON; nil where there is none.
func (n Node) JSON() json.RawMessage {
	if n.n == nil {
		return nil
	}
	return n.n.json()
}

// Get is the value of an object's member.
func (n Node) Get(key string) Node { return Node{n.l, n.n.get(key)} }

// Items are the items of an array.
func (n Node) Items() []Node {
	var out []Node
	for _, item := range n.n.items() {
		out = append(out, Node{n.l, item})
	}
	return out
}

// Members are the members of an object, in order.
func (n Node) Members() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		for _, m := range membersOf(n.n) {
			if !yield(m.key, Node{n.l, m.value}) {
				return
			}
		}
	}
}

// Follow follows "$ref" to what is no reference; the zero Node where it leads to
// nothing.
func (n Node) Follow() Node {
	if n.n == nil {
		return n
	}
	found, err := n.l.resolve(n.n)
	if err != nil {
		return Node{}
	}
	return Node{n.l, found}
}

// Place is where the value begins.
func (n Node) Place() Place { return placeOf(n.n) }

// KeyPlace is where an object's key stands, or the object where it has no such
// key.
func (n Node) KeyPlace(key string) Place { return placeOf(n.n.keyNode(key)) }

func placeOf(n *node) Place {
	if n == nil || n.file == nil {
		return Place{}
	}
	return Place{n.file.name, int(n.line), int(n.col)}
}
