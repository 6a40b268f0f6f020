package fit

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// Checker checks by one schema. It is safe for parallel use, and a nil one says
// no to everything.
type Checker struct{ root *node }

// kinds is a set of JSON Schema's types.
type kinds uint8

const (
	null kinds = 1 << iota
	boolean
	integer
	number
	text
	array
	object
	every = 1<<iota - 1
)

var kindOf = map[string]kinds{"null": null, "boolean": boolean, "integer": integer, "number": number | integer,
	"string": text, "array": array, "object": object}

// node is one schema, made ready.
type node struct {
	kinds kinds
	also  []*node // schemas that hold for the same value, all of them
	anyOf []*node
	// simple says that the kinds are all there is to it.
	simple bool
	// alias says that it is what the one schema of also is.
	alias bool
	enum  []any // nil for none

	least, most  *float64 // inclusive
	above, below *float64 // exclusive

	minLength, maxLength *int
	pattern              *regexp.Regexp

	items              *node // nil for anything
	minItems, maxItems *int

	members  map[string]*member
	few      []named // the members, where they are few; nil otherwise
	start    *member // its next is the first; nil without members
	required uint64  // by the members' bits
	further  *node   // other members; nil for anything
}

type named struct {
	name string
	*member
}

// maxFew is how many members are sooner found by looking at each.
const maxFew = 12

type member struct {
	node *node // nil for anything
	bit  uint64

	// quoted is the name as it is written; "" where that has escapes.
	quoted string
	// next came behind this one when it first came: a guess that mostly holds,
	// and then saves finding where a name ends and whose it is.
	next atomic.Pointer[member]
}

// Compile returns a checker by a schema, as jsonschema reads it; nil where it can
// tell nothing by it.
func Compile(root *jsonschema.Schema) *Checker {
	if root == nil || root.Schema != "" && root.Schema != "https://json-schema.org/draft/2020-12/schema" {
		return nil
	}
	c := compiler{root: root, done: map[*jsonschema.Schema]*node{}, ok: true}
	n := c.node(root)
	if !c.ok {
		return nil
	}
	return &Checker{n}
}

// Read compiles a schema from its text; nil where it can tell nothing by it.
func Read(schema []byte) *Checker {
	var root jsonschema.Schema
	if json.Unmarshal(schema, &root) != nil {
		return nil
	}
	return Compile(&root)
}

// Member returns a checker by what the schema says of one member alone; nil where
// it says nothing.
func (c *Checker) Member(name string) *Checker {
	if c == nil || c.root.members[name] == nil || c.root.members[name].node == nil {
		return nil
	}
	return &Checker{c.root.members[name].node}
}

type compiler struct {
	root *jsonschema.Schema
	done map[*jsonschema.Schema]*node
	ok   bool // everything so far is known
}

// node compiles a schema; nil stands for one that everything satisfies.
func (c *compiler) node(s *jsonschema.Schema) *node {
	if s == nil || !c.ok {
		return nil
	}
	if n, ok := c.done[s]; ok {
		return n
	}
	n := &node{kinds: every}
	c.done[s] = n
	if isNever(s) {
		n.kinds, n.simple = 0, true
		return n
	}
	if !known(s) {
		c.ok = false
		return nil
	}
	c.kinds(n, s)
	c.values(n, s)
	c.inside(n, s)
	c.sameValue(n, s)
	rest := *n
	rest.kinds, rest.also = 0, nil
	bare := reflect.ValueOf(rest).IsZero()
	n.simple, n.alias = bare && n.also == nil, bare && n.kinds == every && len(n.also) == 1
	return n
}

// isNever reports whether a schema is false.
func isNever(s *jsonschema.Schema) bool {
	return s.Not != nil && reflect.DeepEqual(s.Not, &jsonschema.Schema{}) && reflect.DeepEqual(s, &jsonschema.Schema{Not: s.Not})
}

// known reports whether all of a schema's keywords are known here, or say nothing
// about what is valid. Whatever jsonschema may learn later is not known.
func known(s *jsonschema.Schema) bool {
	rest := *s
	rest.Schema, rest.Title, rest.Description, rest.Comment, rest.Format, rest.Anchor = "", "", "", "", "", ""
	rest.Default, rest.Examples, rest.Extra, rest.PropertyOrder = nil, nil, nil, nil
	rest.Deprecated, rest.ReadOnly, rest.WriteOnly = false, false, false
	rest.ContentEncoding, rest.ContentMediaType, rest.ContentSchema = "", "", nil
	rest.Defs, rest.Definitions = nil, nil
	rest.Ref, rest.Type, rest.Types, rest.Enum = "", "", nil, nil
	rest.Minimum, rest.Maximum, rest.ExclusiveMinimum, rest.ExclusiveMaximum = nil, nil, nil, nil
	rest.MinLength, rest.MaxLength, rest.Pattern = nil, nil, ""
	rest.Items, rest.MinItems, rest.MaxItems = nil, nil, nil
	rest.Properties, rest.AdditionalProperties, rest.Required = nil, nil, nil
	rest.AnyOf, rest.AllOf = nil, nil
	return reflect.ValueOf(rest).IsZero()
}

func (c *compiler) kinds(n *node, s *jsonschema.Schema) {
	names := s.Types
	if s.Type != "" {
		names = []string{s.Type}
	}
	if names == nil {
		return
	}
	n.kinds = 0
	for _, name := range names {
		n.kinds |= kindOf[name]
	}
}

func (c *compiler) values(n *node, s *jsonschema.Schema) {
	n.enum = s.Enum
	for _, e := range s.Enum {
		switch e.(type) {
		case nil, bool, string, float64:
		default:
			c.ok = false
		}
	}
	n.least, n.most, n.above, n.below = s.Minimum, s.Maximum, s.ExclusiveMinimum, s.ExclusiveMaximum
	n.minLength, n.maxLength = s.MinLength, s.MaxLength
	if s.Pattern != "" {
		pattern, err := regexp.Compile(s.Pattern)
		c.ok = c.ok && err == nil
		n.pattern = pattern
	}
}

func (c *compiler) inside(n *node, s *jsonschema.Schema) {
	n.items, n.minItems, n.maxItems = c.node(s.Items), s.MinItems, s.MaxItems
	n.further = c.node(s.AdditionalProperties)
	if len(s.Properties) == 0 && len(s.Required) == 0 {
		return
	}
	n.members = make(map[string]*member, len(s.Properties))
	for name, sub := range s.Properties {
		n.members[name] = &member{node: c.node(sub)}
	}
	for _, name := range s.Required {
		m := n.members[name]
		if m == nil {
			m = &member{node: n.further} // it is described nowhere
			n.members[name] = m
		}
		if m.bit == 0 {
			m.bit = n.required + 1 // the lowest bit that is free
			n.required |= m.bit
			c.ok = c.ok && m.bit != 0 // 64 can be watched
		}
	}
	n.start = &member{}
	for name, m := range n.members {
		if scan.Valid([]byte(`"`+name+`"`)) && !strings.Contains(name, `\`) {
			m.quoted = `"` + name + `"`
		}
	}
	if len(n.members) <= maxFew {
		for name, m := range n.members {
			n.few = append(n.few, named{name, m})
		}
	}
}

// member returns what is said of a member; nil for nothing.
func (n *node) member(name []byte) *member {
	if n.few == nil {
		return n.members[string(name)]
	}
	for i := range n.few {
		if n.few[i].name == string(name) {
			return n.few[i].member
		}
	}
	return nil
}

// sameValue compiles what else holds for the value itself.
func (c *compiler) sameValue(n *node, s *jsonschema.Schema) {
	if s.Ref != "" {
		target := c.target(s.Ref)
		c.ok = c.ok && target != nil
		n.also = append(n.also, c.node(target))
	}
	for _, sub := range s.AllOf {
		n.also = append(n.also, c.node(sub))
	}
	for _, sub := range s.AnyOf {
		n.anyOf = append(n.anyOf, c.node(sub))
	}
	c.ok = c.ok && (s.AnyOf == nil || len(s.AnyOf) > 0)
}

// target returns the schema that a local reference names; nil for other ones.
func (c *compiler) target(ref string) *jsonschema.Schema {
	if ref == "#" {
		return c.root
	}
	if name, ok := strings.CutPrefix(ref, "#/$defs/"); ok && plainName(name) {
		return c.root.Defs[name]
	}
	if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok && plainName(name) {
		return c.root.Definitions[name]
	}
	return nil
}

// plainName reports whether a name is written the same in a JSON pointer and in
// a URI's fragment.
func plainName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}
