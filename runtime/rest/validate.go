package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fit"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// validator checks arguments against a tool's input schema. A nil one checks
// nothing. It is read-only once made.
type validator struct {
	root *jsonschema.Schema
	// loose is the schema without what concerns the object as a whole, so that
	// arguments can be checked one by one.
	loose *jsonschema.Resolved
	// quick says yes to most arguments that loose would; nil where one argument
	// can't be checked by itself.
	quick *fit.Checker
}

// validatorOf returns the plan's validator, made at the first call.
func (s *Source) validatorOf(p *plan, c *call.Call) *validator {
	p.readOnce.Do(func() {
		if len(p.input) == 0 {
			return
		}
		v, err := newValidator(p.input)
		if err != nil {
			s.log.Warn("the input schema can't be used; arguments go unchecked", "tool", c.Tool.Name, "error", err)
			return
		}
		p.validator = v
	})
	return p.validator
}

func newValidator(input []byte) (*validator, error) {
	root, err := readSchema(input)
	if err != nil {
		return nil, err
	}
	loose, err := readSchema(input) // a copy of its own: a schema can be resolved but once
	if err != nil {
		return nil, err
	}
	loose.Required, loose.AdditionalProperties = nil, nil
	loose.MinProperties, loose.MaxProperties = nil, nil
	resolved, err := loose.Resolve(nil)
	if err != nil {
		return nil, err
	}
	v := &validator{root: root, loose: resolved}
	if loose.Ref == "" && loose.Enum == nil && len(loose.AllOf)+len(loose.AnyOf) == 0 && (loose.Type == "" || loose.Type == "object") && loose.Types == nil {
		v.quick = fit.Compile(loose)
	}
	if v.circular() {
		return nil, errors.New("a schema refers to itself and nothing else")
	}
	return v, nil
}

// readSchema reads a schema as arguments are checked by it: without the patterns
// that Go's regexp refuses, and with each "oneOf" as an "anyOf". Documents write
// alternatives that overlap, and a value that fits two of them is none the worse
// for it: the upstream has to choose.
func readSchema(input []byte) (*jsonschema.Schema, error) {
	var tree any
	if err := json.Unmarshal(input, &tree); err != nil {
		return nil, err
	}
	mended, err := json.Marshal(dropPatterns(tree))
	if err != nil {
		return nil, err
	}
	var schema jsonschema.Schema
	return &schema, json.Unmarshal(mended, &schema)
}

// dropPatterns takes from a schema what would keep it from being resolved
// though it matters little: look-around patterns, identifiers, dialects.
func dropPatterns(node any) any {
	switch node := node.(type) {
	case []any:
		for i := range node {
			node[i] = dropPatterns(node[i])
		}
	case map[string]any:
		for key, child := range node {
			text, isText := child.(string)
			if isText && (key == "$id" || key == "$schema" || key == "pattern" && !compiles(text)) {
				delete(node, key)
				continue
			}
			if patterns, ok := child.(map[string]any); ok && key == "patternProperties" {
				for pattern := range patterns {
					if !compiles(pattern) {
						delete(patterns, pattern)
					}
				}
			}
			node[key] = dropPatterns(child)
		}
		loosenOneOf(node)
	}
	return node
}

// loosenOneOf turns "oneOf" into "anyOf", beside one that is there already.
func loosenOneOf(node map[string]any) {
	alternatives, ok := node["oneOf"].([]any)
	if !ok {
		return
	}
	delete(node, "oneOf")
	if node["anyOf"] == nil {
		node["anyOf"] = alternatives
		return
	}
	all, _ := node["allOf"].([]any)
	node["allOf"] = append(all, map[string]any{"anyOf": alternatives})
}

func compiles(pattern string) bool {
	_, err := regexp.Compile(pattern)
	return err == nil
}

// circular reports whether checking could go on for ever: a schema that leads
// back to itself without a step into the value.
func (v *validator) circular() bool {
	const walking, done = 1, 2
	state := map[*jsonschema.Schema]int{}
	var walk func(s *jsonschema.Schema) bool
	walk = func(s *jsonschema.Schema) bool {
		if s == nil || state[s] == done {
			return false
		}
		if state[s] == walking {
			return true
		}
		state[s] = walking
		same := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*jsonschema.Schema{v.target(s.Ref), s.Not, s.If, s.Then, s.Else})
		found := slices.ContainsFunc(same, walk)
		state[s] = done
		return found
	}
	start := []*jsonschema.Schema{v.root}
	for len(start) > 0 && len(state) < 1<<20 {
		s := start[0]
		start = start[1:]
		if s == nil || state[s] == done {
			continue
		}
		if walk(s) {
			return true
		}
		start = append(start, children(s)...)
	}
	return false
}

func children(s *jsonschema.Schema) []*jsonschema.Schema {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems, []*jsonschema.Schema{
		s.Items, s.AdditionalProperties, s.Not, s.If, s.Then, s.Else, s.Contains, s.PropertyNames})
	for _, m := range []map[string]*jsonschema.Schema{s.Properties, s.Defs, s.PatternProperties, s.DependentSchemas} {
		for _, child := range m {
			all = append(all, child)
		}
	}
	return all
}

// target returns what a local reference refers to, or nil.
func (v *validator) target(ref string) *jsonschema.Schema {
	name, ok := strings.CutPrefix(ref, tool.RefPrefix)
	if !ok {
		return nil
	}
	return v.root.Defs[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
}

// plain returns the schema behind references, and its one type besides null;
// "" where there is more to it, so that what was meant can't be told.
func (v *validator) plain(s *jsonschema.Schema) (*jsonschema.Schema, string) {
	for range 16 {
		if s == nil || s.Ref == "" {
			break
		}
		s = v.target(s.Ref)
	}
	if s == nil || s.Ref != "" || len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil || s.If != nil {
		return s, ""
	}
	if s.Type != "" {
		return s, s.Type
	}
	types := slices.DeleteFunc(slices.Clone(s.Types), func(t string) bool { return t == "null" })
	if len(types) != 1 {
		return s, ""
	}
	return s, types[0]
}

// property returns the schema of an argument, or nil.
func (v *validator) property(arg string) *jsonschema.Schema {
	if v == nil {
		return nil
	}
	return v.root.Properties[arg]
}

func (v *validator) requires(arg string) bool {
	return v != nil && slices.Contains(v.root.Required, arg)
}

// describe says what an argument is, for the message that it is missing.
func (v *validator) describe(arg string) string {
	if s := v.property(arg); s != nil {
		return ": " + v.allowed(s)
	}
	return ""
}

// dropNulls takes a null for an argument that takes none as not given, which is
// what clients that must send every key mean by it.
func (v *validator) dropNulls(p *plan, args arguments) {
	for i, raw := range args {
		if raw == nil || kindOf(raw) != null {
			continue
		}
		if v != nil && v.property(p.args[i]) != nil && v.valid(p.args[i], raw) == nil {
			continue
		}
		args[i] = nil
	}
}

// valid checks one argument.
func (v *validator) valid(arg string, raw json.RawMessage) error {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return err
	}
	return v.loose.Validate(map[string]any{arg: value})
}

// check checks all arguments and mends, in place, those that are weak. What is
// right goes through with one pass and stays as it is.
func (v *validator) check(p *plan, args arguments) error {
	if v == nil || v.plainlyRight(p, args) {
		return nil
	}
	values := make(map[string]any, len(args))
	readable := true
	for i, raw := range args {
		if raw == nil {
			continue
		}
		var value any
		readable = json.Unmarshal(raw, &value) == nil && readable
		values[p.args[i]] = value
	}
	if readable && v.loose.Validate(values) == nil {
		return nil
	}
	return v.checkEach(p, args)
}

// plainlyRight reports that all arguments are right where that can be told at a
// glance.
func (v *validator) plainlyRight(p *plan, args arguments) bool {
	if v.quick == nil {
		return false
	}
	for i, raw := range args {
		if raw != nil && !v.quick.Member(p.args[i]).Fits(raw) {
			return false
		}
	}
	return true
}

// checkEach mends what it can and reports every argument that is still wrong.
func (v *validator) checkEach(p *plan, args arguments) error {
	var problems []string
	for i, arg := range p.args {
		if args[i] == nil || v.valid(arg, args[i]) == nil {
			continue
		}
		if mended, ok := v.mend(v.property(arg), args[i], 0); ok && v.valid(arg, mended) == nil {
			args[i] = mended
			continue
		}
		var value any
		if json.Unmarshal(args[i], &value) != nil {
			problems = append(problems, fmt.Sprintf("argument %q: got %s, which has a number out of range", arg, shorten(string(args[i]))))
			continue
		}
		problems = append(problems, v.explain(v.property(arg), value, arg, 0))
	}
	if len(problems) > 0 {
		return invalid("%s", strings.Join(problems, "\n"))
	}
	return nil
}
