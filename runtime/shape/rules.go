package shape

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// maxBranches bounds how many schemas apply to one value before it is kept whole.
const maxBranches = 64

// rules say what may be taken from a value so that it still satisfies the
// schemas that it satisfied before. Nil rules allow everything.
type rules struct {
	view *view
	kind kind
	// rigid values are kept whole or dropped with their parent.
	rigid bool
	// forbidden values satisfy no schema; united ones stand under a union of
	// several branches that could hold.
	forbidden, united bool
	schemas           []*jsonschema.Schema // all that apply, references and allOf resolved
	// required keys are kept when they are there.
	required map[string]bool
	children map[childKey]*rules
}

type childKey struct {
	name string
	kind kind
}

// view resolves references within one schema document.
type view struct {
	root *jsonschema.Schema
	// strict keeps a value whole as soon as more than one branch of a union
	// could apply to it. Otherwise what every branch needs is kept, which is
	// right for nearly all documents, and is checked afterwards.
	strict bool
	// patterns remembers compiled "patternProperties"; nil for what is none.
	patterns map[string]*regexp.Regexp
}

// pattern returns a compiled pattern; nil if it can't be compiled.
func (v *view) pattern(text string) *regexp.Regexp {
	re, ok := v.patterns[text]
	if ok {
		return re
	}
	re, err := regexp.Compile(text)
	if err != nil {
		re = nil
	}
	if v.patterns == nil {
		v.patterns = map[string]*regexp.Regexp{}
	}
	v.patterns[text] = re
	return re
}

// rulesFor returns the rules of a document's root.
func (v *view) rulesFor(k kind) *rules {
	return v.compile([]*jsonschema.Schema{v.root}, k)
}

func (v *view) compile(list []*jsonschema.Schema, k kind) *rules {
	r := &rules{view: v, kind: k, required: map[string]bool{}, children: map[childKey]*rules{}}
	seen := map[*jsonschema.Schema]bool{}
	for _, s := range list {
		r.add(s, seen)
	}
	if len(r.schemas) == 0 && !r.rigid {
		return nil
	}
	for _, s := range r.schemas {
		for _, name := range s.Required {
			r.required[name] = true
		}
		for _, names := range s.DependentRequired {
			for _, name := range names {
				r.required[name] = true
			}
		}
		for _, names := range s.DependencyStrings {
			for _, name := range names {
				r.required[name] = true
			}
		}
	}
	return r
}

// add takes in a schema and all that apply with it at the same place.
func (r *rules) add(s *jsonschema.Schema, seen map[*jsonschema.Schema]bool) {
	if s == nil || seen[s] || r.rigid {
		return
	}
	seen[s] = true
	r.forbidden = r.forbidden || isFalse(s)
	if len(seen) > maxBranches || stiff(s, r.kind) {
		r.rigid = true
		return
	}
	r.schemas = append(r.schemas, s)
	if s.Ref != "" {
		target, ok := r.view.resolve(s.Ref)
		if !ok {
			r.rigid = true
			return
		}
		r.add(target, seen)
	}
	for _, sub := range s.AllOf {
		r.add(sub, seen)
	}
	r.union(s.AnyOf, seen)
	r.union(s.OneOf, seen)
}

// isFalse reports the schema that nothing satisfies, as the validator's package
// reads "false".
func isFalse(s *jsonschema.Schema) bool {
	return s.Not != nil && reflect.DeepEqual(s.Not, &jsonschema.Schema{})
}

// stiff reports keywords under which taking anything away may break a value.
func stiff(s *jsonschema.Schema, k kind) bool {
	if k != kindArray && k != kindObject {
		return s.Not != nil || s.If != nil || s.DynamicRef != ""
	}
	return s.Not != nil || s.If != nil || s.DynamicRef != "" || s.Enum != nil || s.Const != nil ||
		s.Contains != nil || len(s.DependentSchemas) > 0 || len(s.DependencySchemas) > 0
}

// union takes in the branches that could hold for a value of this kind. What
// tells the branches apart (a constant) is kept.
func (r *rules) union(branches []*jsonschema.Schema, seen map[*jsonschema.Schema]bool) {
	fits := make([]*jsonschema.Schema, 0, len(branches))
	for _, s := range branches {
		if r.view.allows(s, r.kind, 0) {
			fits = append(fits, s)
		}
	}
	r.forbidden = r.forbidden || (len(branches) > 0 && len(fits) == 0)
	r.united = r.united || len(fits) > 1
	if len(fits) > 1 && r.view.strict && (r.kind == kindArray || r.kind == kindObject || r.kind == kindString) {
		r.rigid = true
		return
	}
	from := len(r.schemas)
	for _, s := range fits {
		r.add(s, seen)
	}
	if len(fits) < 2 {
		return
	}
	for _, s := range r.schemas[min(from, len(r.schemas)):] {
		for name, p := range s.Properties {
			if p != nil && (p.Const != nil || p.Enum != nil) {
				r.required[name] = true
			}
		}
	}
}

// allows reports whether a schema's type lets a value of kind k through.
func (v *view) allows(s *jsonschema.Schema, k kind, depth int) bool {
	if s == nil || depth > 16 {
		return true
	}
	if s.Type != "" && !isType(s.Type, k) {
		return false
	}
	if len(s.Types) > 0 && !slices.ContainsFunc(s.Types, func(t string) bool { return isType(t, k) }) {
		return false
	}
	if s.Ref != "" {
		if target, ok := v.resolve(s.Ref); ok && !v.allows(target, k, depth+1) {
			return false
		}
	}
	for _, sub := range s.AllOf {
		if !v.allows(sub, k, depth+1) {
			return false
		}
	}
	return true
}

func isType(name string, k kind) bool {
	switch k {
	case kindNull:
		return name == "null"
	case kindBool:
		return name == "boolean"
	case kindNumber:
		return name == "number" || name == "integer"
	case kindString:
		return name == "string"
	case kindArray:
		return name == "array"
	default:
		return name == "object"
	}
}

// resolve finds what "#", "#/$defs/NAME" and "#/definitions/NAME" refer to.
func (v *view) resolve(ref string) (*jsonschema.Schema, bool) {
	if ref == "#" {
		return v.root, true
	}
	for prefix, defs := range map[string]map[string]*jsonschema.Schema{
		"#/$defs/": v.root.Defs, "#/definitions/": v.root.Definitions,
	} {
		if name, ok := strings.CutPrefix(ref, prefix); ok {
			s := defs[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
			return s, s != nil
		}
	}
	return nil, false
}

// wholeRules keep a value whole.
func wholeRules() *rules { return &rules{rigid: true} }

// member returns the rules of the value of a key.
func (r *rules) member(name string, k kind) *rules {
	if r == nil {
		return nil
	}
	key := childKey{"\x00" + name, k}
	known := false
	for _, s := range r.schemas {
		if _, ok := s.Properties[name]; ok || len(s.PatternProperties) > 0 {
			known = true
		}
	}
	if !known {
		key.name = ""
	}
	if child, ok := r.children[key]; ok {
		return child
	}
	list, ok := r.memberSchemas(name)
	child := wholeRules()
	if ok {
		child = r.view.compile(list, k)
	}
	if len(r.children) < maxRules {
		r.children[key] = child
	}
	return child
}

// maxRules bounds the rules remembered for the keys of one object.
const maxRules = 4096

// memberSchemas returns the schemas of a key's value; false if they can't be told.
func (r *rules) memberSchemas(name string) ([]*jsonschema.Schema, bool) {
	var list []*jsonschema.Schema
	for _, s := range r.schemas {
		matched := false
		if p, ok := s.Properties[name]; ok {
			list, matched = append(list, p), true
		}
		for pattern, p := range s.PatternProperties {
			re := r.view.pattern(pattern)
			if re == nil {
				return nil, false
			}
			if re.MatchString(name) {
				list, matched = append(list, p), true
			}
		}
		if !matched && s.AdditionalProperties != nil {
			list = append(list, s.AdditionalProperties)
		}
	}
	return list, true
}

// element returns the rules of an array's element.
func (r *rules) element(i int, k kind) *rules {
	if r == nil {
		return nil
	}
	fixed := 0
	var list []*jsonschema.Schema
	for _, s := range r.schemas {
		if s.UniqueItems {
			return wholeRules()
		}
		prefix, rest := s.PrefixItems, s.Items
		if s.ItemsArray != nil {
			prefix, rest = s.ItemsArray, s.AdditionalItems
		}
		fixed = max(fixed, len(prefix))
		switch {
		case i < len(prefix):
			list = append(list, prefix[i])
		case rest != nil:
			list = append(list, rest)
		}
	}
	if i < fixed {
		return r.view.compile(list, k)
	}
	key := childKey{"", k}
	if child, ok := r.children[key]; ok {
		return child
	}
	child := r.view.compile(list, k)
	r.children[key] = child
	return child
}

// least returns how many elements or keys a value must keep.
func (r *rules) least() int {
	n := 0
	if r == nil {
		return n
	}
	for _, s := range r.schemas {
		if r.kind == kindArray && s.MinItems != nil {
			n = max(n, *s.MinItems)
		}
		if r.kind == kindObject && s.MinProperties != nil {
			n = max(n, *s.MinProperties)
		}
	}
	return n
}

// needs reports whether a key must be kept.
func (r *rules) needs(name string) bool { return r != nil && r.required[name] }

// whole reports whether a value is kept as it is.
func (r *rules) whole() bool { return r != nil && r.rigid }

// shortest returns the fewest characters that a string may be cut to; false if
// it may not be cut at all.
func (r *rules) shortest() (int, bool) {
	if r == nil {
		return 0, true
	}
	if r.rigid {
		return 0, false
	}
	least := 0
	for _, s := range r.schemas {
		if s.Enum != nil || s.Const != nil || s.Format != "" || s.Pattern != "" || s.ContentEncoding != "" || s.ContentMediaType != "" {
			return 0, false
		}
		if s.MinLength != nil {
			least = max(least, *s.MinLength)
		}
	}
	return least, true
}
