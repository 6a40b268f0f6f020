package openapi

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxChain bounds references that lead to references.
const maxChain = 64

// refOf returns the reference of a Reference Object, or "".
func refOf(n *node) string {
	if ref := n.get("$ref"); ref.is(kindString) {
		return ref.text
	}
	return ""
}

// resolve follows the reference of n, and of what it leads to, to a node that
// is no reference. A node that is none is returned as it is.
func (l *lowerer) resolve(n *node) (*node, error) {
	for range maxChain {
		ref := refOf(n)
		if ref == "" {
			return n, nil
		}
		next, err := l.lookup(n.file, ref)
		if err != nil {
			return nil, err
		}
		n = next
	}
	return nil, fmt.Errorf("the reference %q leads to itself", refOf(n))
}

// resolveSchema follows a schema's reference to what binds: the end of the chain,
// or before it a schema that has keywords of its own beside its "$ref".
func (l *lowerer) resolveSchema(n *node) (*node, error) {
	end, err := l.resolve(n)
	if err != nil {
		return nil, err
	}
	for n != end {
		if n, err = l.lookup(n.file, refOf(n)); err != nil {
			return nil, err
		}
		if n != end && bindsBeside(n) {
			return n, nil
		}
	}
	return end, nil
}

// bindsBeside reports whether a schema binds by keywords beside its "$ref".
func bindsBeside(n *node) bool {
	return slices.ContainsFunc(n.members, func(m member) bool {
		return m.key != "$ref" && m.key != "type" && bindingKeywords[m.key]
	})
}

// lookup returns the node that a reference from a file names.
func (l *lowerer) lookup(from *file, ref string) (*node, error) {
	if from == nil {
		from = l.files.root
	}
	if from.overlays != nil {
		from = from.overlays
	}
	key := refKey{from, ref}
	if got, ok := l.refs[key]; ok {
		return got.node, got.err
	}
	loops := fmt.Errorf("the reference %q leads to itself", ref)
	if l.looking >= maxChain {
		return nil, loops
	}
	l.refs[key] = refResult{err: loops} // until it is found
	l.looking++
	n, err := l.find(from, ref)
	l.looking--
	l.refs[key] = refResult{n, err}
	return n, err
}

type refKey struct {
	from *file
	ref  string
}

type refResult struct {
	node *node
	err  error
}

func (l *lowerer) find(from *file, ref string) (*node, error) {
	place, fragment, _ := strings.Cut(ref, "#")
	if place != "" {
		if n := l.byID(from, ref, place, fragment); n != nil {
			return n, nil
		}
		opened, err := l.files.open(l.ctx, from, place, l.rep)
		if err != nil {
			if n := l.bareName(from, ref); n != nil {
				return n, nil
			}
			return nil, err
		}
		from = opened
	}
	return l.inFile(from, ref, fragment)
}

// inFile finds a fragment in a file: a JSON Pointer (RFC 6901) or an anchor.
func (l *lowerer) inFile(f *file, ref, fragment string) (*node, error) {
	if unescaped, err := url.PathUnescape(fragment); err == nil {
		fragment = unescaped
	}
	if fragment == "" || fragment == "/" {
		return f.root, nil
	}
	if !strings.HasPrefix(fragment, "/") {
		if n := l.idsOf(f)["#"+fragment]; n != nil {
			return n, nil
		}
		return nil, fmt.Errorf("the reference %q leads to nothing: there is no such anchor", ref)
	}
	n := f.root
	for _, step := range strings.Split(fragment[1:], "/") {
		next := child(n, unescapeStep.Replace(step))
		if next == nil && refOf(n) != "" {
			through, err := l.lookup(n.file, refOf(n))
			if err != nil {
				return nil, err
			}
			next = child(through, unescapeStep.Replace(step))
		}
		if next == nil {
			return nil, fmt.Errorf("the reference %q leads to nothing: %q is not there", ref, step)
		}
		n = next
	}
	return n, nil
}

var unescapeStep = strings.NewReplacer("~1", "/", "~0", "~")

func child(n *node, key string) *node {
	if n.is(kindArray) {
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.list) {
			return n.list[i]
		}
		return nil
	}
	return n.get(key)
}

// byID finds a schema by its "$id", or a document by its "$self", as a
// reference names it.
func (l *lowerer) byID(from *file, ref, place, fragment string) *node {
	ids := l.idsOf(from)
	for _, id := range []string{place, joinURL(ids, place)} {
		n := ids[id]
		if n == nil {
			continue
		}
		if fragment == "" {
			return n
		}
		if !strings.HasPrefix(fragment, "/") {
			return ids["#"+fragment]
		}
		got, err := l.inFile(&file{root: n}, ref, fragment)
		if err == nil {
			return got
		}
	}
	return nil
}

// selfKey is where idsOf keeps a document's own address.
const selfKey = "\x00self"

// joinURL resolves a relative reference against the document's "$self".
func joinURL(ids map[string]*node, ref string) string {
	base, err := url.Parse(ids[selfKey].str())
	if err != nil {
		return ref
	}
	u, err := base.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// bareName finds a component for a reference that is just its name, as in the
// mappings of discriminators.
func (l *lowerer) bareName(from *file, ref string) *node {
	if strings.ContainsAny(ref, "/#:") {
		return nil
	}
	if n := from.root.get("components").get("schemas").get(ref); n != nil {
		return n
	}
	return from.root.get("definitions").get(ref)
}

// idsOf indexes a file's "$id", "$anchor", "$dynamicAnchor" and "$self".
func (l *lowerer) idsOf(f *file) map[string]*node {
	if f.ids != nil {
		return f.ids
	}
	f.ids = map[string]*node{}
	if self := f.root.get("$self"); self.is(kindString) {
		f.ids[selfKey] = self
		f.ids[self.text] = f.root
	}
	seen := map[*node]bool{}
	var walk func(n *node, depth int)
	walk = func(n *node, depth int) {
		if n == nil || depth > maxDepth || (n.kind != kindObject && n.kind != kindArray) || seen[n] {
			return
		}
		seen[n] = true
		for _, key := range [...]string{"$id", "$anchor", "$dynamicAnchor"} {
			if v := n.get(key); v.is(kindString) && v.text != "" {
				id := v.text
				if key != "$id" {
					id = "#" + id
				}
				if f.ids[id] == nil {
					f.ids[id] = n
				}
			}
		}
		for _, item := range n.list {
			walk(item, depth+1)
		}
		for _, m := range n.members {
			walk(m.value, depth+1)
		}
	}
	walk(f.root, 0)
	return f.ids
}

// recursiveOwner returns the schema that a "$recursiveRef" (of JSON Schema
// 2019-09) stands for: the component with "$recursiveAnchor" that it is in.
func (l *lowerer) recursiveOwner(n *node) *node {
	if !n.has("$recursiveRef") {
		return nil
	}
	if l.owners == nil {
		l.owners = map[*node]*node{}
		seen := map[*node]bool{}
		for _, m := range membersOf(l.root.get("components").get("schemas")) {
			if m.value.get("$recursiveAnchor").isTrue() {
				l.own(m.value, m.value, seen, 0)
			}
		}
	}
	if owner := l.owners[n]; owner != nil {
		return owner
	}
	l.rep.report(SeverityWarning, "unresolved-ref", n, "", "\"$recursiveRef\" is in no schema with \"$recursiveAnchor\": it is read as any value; use $ref")
	return nil
}

func (l *lowerer) own(owner, n *node, seen map[*node]bool, depth int) {
	if n == nil || depth > maxDepth || seen[n] {
		return
	}
	seen[n] = true
	if n.has("$recursiveRef") {
		l.owners[n] = owner
	}
	for _, item := range n.list {
		l.own(owner, item, seen, depth+1)
	}
	for _, m := range n.members {
		l.own(owner, m.value, seen, depth+1)
	}
}
