package shape

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/fit"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const (
	// maxSchemas bounds the schemas that a Shaper remembers.
	maxSchemas = 4096
	// maxChain bounds how far references may lead without a step into the value.
	maxChain = 256
)

// schema is an output schema, ready to trim and validate by.
type schema struct {
	text     json.RawMessage
	root     *jsonschema.Schema
	resolved *jsonschema.Resolved // nil if the schema can't be validated by
	quick    *fit.Checker         // says yes to most of what resolved does; may be nil
}

// schemas remembers output schemas by their text.
type schemas struct {
	mu   sync.Mutex
	seen map[string]*schema
	// tolerant has the forms that clients are shown of REST tools' schemas.
	tolerant map[string]json.RawMessage
}

// served returns the output schema that clients are shown of a tool: of REST
// tools the tolerant form.
func (c *schemas) served(t *tool.Tool) json.RawMessage {
	if t == nil || t.Operation == nil || len(t.Output) == 0 {
		if t == nil {
			return nil
		}
		return t.Output
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if out, ok := c.tolerant[string(t.Output)]; ok {
		return out
	}
	out, err := tool.Tolerant(t.Output)
	if err != nil {
		return nil // it is served without a schema
	}
	if c.tolerant == nil || len(c.tolerant) >= maxSchemas {
		c.tolerant = map[string]json.RawMessage{}
	}
	c.tolerant[string(t.Output)] = out
	return out
}

// get returns the schema of a text; nil for none and for what is no schema.
func (c *schemas) get(text json.RawMessage) *schema {
	if len(text) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.seen[string(text)]; ok {
		return s
	}
	if c.seen == nil || len(c.seen) >= maxSchemas {
		c.seen = map[string]*schema{}
	}
	s := newSchema(text)
	c.seen[string(text)] = s
	return s
}

func newSchema(text json.RawMessage) *schema {
	s := &schema{text: text, root: new(jsonschema.Schema)}
	if err := json.Unmarshal(text, s.root); err != nil {
		return nil
	}
	if !followable(text) || (&view{root: s.root}).circular() {
		return s // a validator could run for ever
	}
	if resolved, err := s.root.CloneSchemas().Resolve(nil); err == nil {
		s.resolved, s.quick = resolved, fit.Compile(s.root)
	}
	return s
}

// rules returns the rules of a document's root.
func (s *schema) rules(strict bool, k kind) *rules {
	return (&view{root: s.root, strict: strict}).rulesFor(k)
}

// accepts reports whether a document satisfies the schema. What can't be
// checked counts as satisfying.
func (s *schema) accepts(document string) bool {
	if s.resolved == nil {
		return true
	}
	t, err := parse(document)
	return err == nil && s.check(t) == nil
}

// check returns why a document does not satisfy the schema.
func (s *schema) check(t *tree) error {
	if s.resolved == nil {
		return nil
	}
	return s.resolved.Validate(t.value(0))
}

// value returns a node as the validator takes it. Of repeated keys the last
// counts, as in encoding/json; numbers beyond float64 count as its largest.
func (t *tree) value(id int32) any {
	n := &t.nodes[id]
	raw := t.text[n.pos:n.end]
	switch n.kind {
	case kindNull:
		return nil
	case kindBool:
		return raw[0] == 't'
	case kindNumber:
		f, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
			f = math.Copysign(math.MaxFloat64, f)
		}
		return f
	case kindString:
		return decode(raw[1 : len(raw)-1])
	case kindArray:
		list := make([]any, 0, n.count)
		for c := n.first; c != none; c = t.nodes[c].next {
			list = append(list, t.value(c))
		}
		return list
	}
	object := make(map[string]any, n.count)
	for c := n.first; c != none; c = t.nodes[c].next {
		object[t.name(c)] = t.value(c)
	}
	return object
}

// followable reports whether all of a schema's references are of the forms that
// [view.resolve] follows.
func followable(text json.RawMessage) bool {
	var any any
	return json.Unmarshal(text, &any) == nil && knownRefs(any)
}

func knownRefs(value any) bool {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			if !knownRefs(v) {
				return false
			}
		}
	case map[string]any:
		for k, v := range value {
			if ref, ok := v.(string); ok && k == "$ref" && !knownRef(ref) {
				return false
			}
			if k == "$dynamicRef" || k == "$recursiveRef" || !knownRefs(v) {
				return false
			}
		}
	}
	return true
}

func knownRef(ref string) bool {
	for _, prefix := range []string{"#/$defs/", "#/definitions/"} {
		if name, ok := strings.CutPrefix(ref, prefix); ok {
			return !strings.Contains(name, "/")
		}
	}
	return ref == "#"
}

// circular reports whether a schema refers to itself without a step into the
// value: a validator would never end.
func (v *view) circular() bool {
	state := map[*jsonschema.Schema]int{}
	var visit func(s *jsonschema.Schema, depth int) bool
	visit = func(s *jsonschema.Schema, depth int) bool {
		if s == nil || state[s] == 2 {
			return false
		}
		if state[s] == 1 || depth > maxChain {
			return true
		}
		state[s] = 1
		defer func() { state[s] = 2 }()
		for _, next := range v.inPlace(s) {
			if visit(next, depth+1) {
				return true
			}
		}
		return false
	}
	for _, s := range v.all() {
		if visit(s, 0) {
			return true
		}
	}
	return false
}

// inPlace returns the schemas that apply to the same value as s.
func (v *view) inPlace(s *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.Not, s.If, s.Then, s.Else}
	list = append(append(append(list, s.AllOf...), s.AnyOf...), s.OneOf...)
	for _, sub := range s.DependentSchemas {
		list = append(list, sub)
	}
	for _, sub := range s.DependencySchemas {
		list = append(list, sub)
	}
	if s.Ref != "" {
		if target, ok := v.resolve(s.Ref); ok {
			list = append(list, target)
		}
	}
	return list
}

// all returns the root and all definitions.
func (v *view) all() []*jsonschema.Schema {
	list := []*jsonschema.Schema{v.root}
	for _, s := range v.root.Defs {
		list = append(list, s)
	}
	for _, s := range v.root.Definitions {
		list = append(list, s)
	}
	return list
}
