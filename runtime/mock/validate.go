package mock

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxErrors bounds how many wrong values one answer names.
const maxErrors = 50

// inputSchema is the schema of a tool's arguments, made ready for validation
// argument by argument, as the validator stops at the first failure.
type inputSchema struct {
	*schemas
	root  *jsonschema.Schema
	refs  map[string]*jsonschema.Schema // definitions, for the validator
	mu    sync.Mutex
	ready map[*jsonschema.Schema]*jsonschema.Resolved // nil for what can't be resolved
}

func newInput(d *schemas, raw []byte) (*inputSchema, error) {
	root, err := d.parse(raw)
	if err != nil {
		return &inputSchema{schemas: d, root: &jsonschema.Schema{}}, err
	}
	in := &inputSchema{schemas: d, root: root, refs: map[string]*jsonschema.Schema{}, ready: map[*jsonschema.Schema]*jsonschema.Resolved{}}
	queue := tool.Refs(raw)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if in.refs[name] == nil {
			in.refs[name] = d.def(name)
			queue = append(queue, tool.Refs(d.rawDef(name))...)
		}
	}
	return in, nil
}

func (d *schemas) rawDef(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.raw[name]
}

// property returns the schema of an argument; it is never nil.
func (in *inputSchema) property(arg string) *jsonschema.Schema {
	if s := in.root.Properties[arg]; s != nil {
		return s
	}
	return &jsonschema.Schema{}
}

// resolved returns the validator for one schema, nil if there can be none.
func (in *inputSchema) resolved(s *jsonschema.Schema) *jsonschema.Resolved {
	in.mu.Lock()
	defer in.mu.Unlock()
	if r, ok := in.ready[s]; ok {
		return r
	}
	top := *s
	top.Defs = in.refs
	top.Schema, top.ID = "", ""
	r, err := top.Resolve(nil)
	if err != nil {
		r = nil
	}
	in.ready[s] = r
	return r
}

// validate checks all arguments against the tool's schema.
func (c *decoder) validate() {
	for _, arg := range sortedKeys(c.args) {
		at := c.where[arg]
		before := len(c.errs)
		c.check(at.in, at.name, c.input.property(arg), c.args[arg], 0)
		if at.in != "body" && len(c.errs) > before {
			c.badReq = true
		}
	}
	for _, arg := range c.required() {
		if _, ok := c.args[arg]; ok {
			continue
		}
		in, name := c.op.wire(arg)
		if in == "body" && c.noBody {
			continue
		}
		if in == "body" {
			c.errs = append(c.errs, wrong{In: in, Field: name, Message: "is required"})
		} else {
			c.fail(in, name, "is required")
		}
	}
	slices.SortStableFunc(c.errs, func(a, b wrong) int { return strings.Compare(a.In+" "+a.Field, b.In+" "+b.Field) })
	c.errs = slices.Compact(c.errs)
	if len(c.errs) > maxErrors {
		c.errs = c.errs[:maxErrors]
	}
}

// required returns the arguments that must be there: those of an optional body
// only once there is a body.
func (c *decoder) required() []string {
	names := slices.Clone(c.input.root.Required)
	for _, p := range c.op.op.Parameters {
		if p.Required && !slices.Contains(names, p.Arg) {
			names = append(names, p.Arg)
		}
	}
	return names
}

// check walks down plain objects, so that each of their members is named, and
// hands all else to the validator.
func (c *decoder) check(in, field string, s *jsonschema.Schema, v any, depth int) {
	target := c.deref(s)
	members, isObject := v.(map[string]any)
	if isObject && depth < maxDepth && plainObject(target) {
		c.checkObject(in, field, target, members, depth)
		return
	}
	if message := c.verdict(s, v); message != "" {
		if field == "" {
			field = "body"
		}
		c.errs = append(c.errs, wrong{In: in, Field: field, Message: message})
	}
}

// plainObject reports whether an object's members can be checked one by one.
func plainObject(s *jsonschema.Schema) bool {
	return len(s.Properties) > 0 && s.Ref == "" && s.AllOf == nil && s.AnyOf == nil && s.OneOf == nil && s.Not == nil &&
		s.If == nil && s.PatternProperties == nil && s.MinProperties == nil && s.MaxProperties == nil &&
		s.PropertyNames == nil && s.UnevaluatedProperties == nil && s.DependentRequired == nil && s.DependentSchemas == nil
}

func (c *decoder) checkObject(in, field string, s *jsonschema.Schema, members map[string]any, depth int) {
	for _, name := range sortedKeys(members) {
		p, ok := s.Properties[name]
		switch {
		case ok:
			c.check(in, join(field, name), p, members[name], depth+1)
		case s.AdditionalProperties == nil:
		case isFalse(s.AdditionalProperties):
			c.errs = append(c.errs, wrong{In: in, Field: join(field, name), Message: "is not allowed" + near(name, sortedKeys(s.Properties))})
		default:
			c.check(in, join(field, name), s.AdditionalProperties, members[name], depth+1)
		}
	}
	for _, name := range s.Required {
		if _, ok := members[name]; !ok {
			c.errs = append(c.errs, wrong{In: in, Field: join(field, name), Message: "is required"})
		}
	}
}

// isFalse reports whether the schema is the boolean false, as the library
// reads it.
func isFalse(s *jsonschema.Schema) bool {
	return s != nil && s.Not != nil && s.Type == "" && len(s.Properties) == 0 && s.Not.Type == "" && len(s.Not.Properties) == 0
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

var validating = regexp.MustCompile(`validating [^:]*: `)

// verdict returns what is wrong with a value, "" if nothing is.
func (c *decoder) verdict(s *jsonschema.Schema, v any) string {
	if message := c.plainVerdict(s, v); message != "" {
		return message
	}
	r := c.input.resolved(s)
	if r == nil {
		return ""
	}
	err := r.Validate(v)
	if err == nil {
		return ""
	}
	text := err.Error()
	if i := strings.Index(text, "did not validate against any of"); i >= 0 {
		return "fits none of the forms that are allowed"
	}
	return fault.Clip(validating.ReplaceAllString(text, ""), 300)
}

// plainVerdict says in plain words what is wrong with a scalar: its type, its
// enum and its format, which the validator leaves alone.
func (c *decoder) plainVerdict(s *jsonschema.Schema, v any) string {
	types, got := c.types(s), typeOf(v)
	s = c.deref(s)
	if !takes(types, got) {
		return fmt.Sprintf("must be %s, is %s", strings.Join(unique(types), " or "), shown(v))
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e any) bool { return jsonschema.Equal(e, v) }) {
		return fmt.Sprintf("must be one of %s; is %s", list(s.Enum), shown(v))
	}
	text, ok := v.(string)
	if !ok {
		return ""
	}
	if check, ok := formats()[s.Format]; ok && !check(text) {
		return fmt.Sprintf("must be of the format %s, is %s", s.Format, shown(v))
	}
	return ""
}

// takes reports whether a value of the type got is of one of the types; none
// means any.
func takes(types []string, got string) bool {
	return len(types) == 0 || slices.Contains(types, got) || got == "integer" && slices.Contains(types, "number")
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func list(values []any) string {
	var out []string
	for i, v := range values {
		if i == 30 {
			return strings.Join(out, ", ") + ", …"
		}
		out = append(out, text(v))
	}
	return strings.Join(out, ", ")
}

// shown writes a value for a message, short.
func shown(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(fault.Clip(v, 60))
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	default:
		return text(v)
	}
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// formats returns the formats that are checked; all others pass.
func formats() map[string]func(string) bool {
	return map[string]func(string) bool{
		"date-time": func(s string) bool { _, err := time.Parse(time.RFC3339, s); return err == nil },
		"date":      func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil },
		"email": func(s string) bool {
			a, err := mail.ParseAddress(s)
			return err == nil && a.Address == s
		},
		"uuid": uuidForm.MatchString,
		"ipv4": func(s string) bool { ip := net.ParseIP(s); return ip != nil && ip.To4() != nil },
		"ipv6": func(s string) bool { ip := net.ParseIP(s); return ip != nil && strings.Contains(s, ":") },
		"uri":  func(s string) bool { u, err := url.Parse(s); return err == nil && u.IsAbs() },
	}
}

// near suggests the name that was meant: one that is equal but for case and
// separators, or that one edit away begins or holds the other.
func near(name string, known []string) string {
	for _, k := range known {
		if fold(k) == fold(name) {
			return "; did you mean " + k + "?"
		}
	}
	for _, k := range known {
		if a, b := fold(k), fold(name); len(b) > 2 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a) && len(a) > 2) {
			return "; did you mean " + k + "?"
		}
	}
	return ""
}

// fold brings a name to the form in which names are compared: lower-case
// letters and digits only.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == '_' || r == '-' || r == '.' || r == ' ' || r == '[' || r == ']' || r == '$':
			return -1
		}
		return r
	}, name)
}
