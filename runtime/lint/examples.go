package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// maxExamples bounds how many findings of wrong examples are kept; more say
// nothing new.
const maxExamples = 500

// exampleWalk looks for examples in all files of a document, each node once.
type exampleWalk struct {
	c     *checker
	seen  map[openapi.Node]bool // as a schema
	been  map[openapi.Node]bool // as anything else
	found int
}

// examples holds every example and default against its schema: models copy them.
func (c *checker) examples() {
	w := &exampleWalk{c: c, seen: map[openapi.Node]bool{}, been: map[openapi.Node]bool{}}
	for _, root := range c.written.Files() {
		w.walk(root, 0)
	}
}

// walk looks for schemas in what is none.
func (w *exampleWalk) walk(n openapi.Node, depth int) {
	if depth > 60 || w.found >= maxExamples || w.been[n] {
		return
	}
	if t := n.Type(); t != "object" && t != "array" {
		return
	}
	w.been[n] = true
	for _, item := range n.Items() {
		w.walk(item, depth+1)
	}
	for key, value := range n.Members() {
		switch {
		case strings.HasPrefix(key, "x-"), key == "example", key == "examples", key == "default", key == "enum", key == "value":
		case key == "schema" || key == "itemSchema":
			w.schema(value, depth+1)
			if key == "schema" {
				w.beside(n, value)
			}
		case key == "schemas" || key == "definitions":
			for _, s := range value.Members() {
				w.schema(s, depth+1)
			}
		default:
			w.walk(value, depth+1)
		}
	}
}

// beside checks the examples that stand beside a schema, in a parameter, header
// or media type.
func (w *exampleWalk) beside(n, schema openapi.Node) {
	w.check(schema, n.Get("example"), "example")
	for _, ex := range n.Get("examples").Members() {
		w.check(schema, ex.Follow().Get("value"), "example")
	}
}

// schema checks a schema's own examples and those of the schemas in it. What is
// referred to stands elsewhere and is met there.
func (w *exampleWalk) schema(s openapi.Node, depth int) {
	if !s.IsObject() || w.seen[s] || depth > 60 || w.found >= maxExamples {
		return
	}
	w.seen[s] = true
	if s.Get("$ref").Exists() {
		return
	}
	w.check(s, s.Get("example"), "example")
	w.check(s, s.Get("default"), "default")
	for _, ex := range s.Get("examples").Items() {
		w.check(s, ex, "example")
	}
	for _, key := range [...]string{"items", "additionalProperties", "not"} {
		w.schema(s.Get(key), depth+1)
	}
	for _, key := range [...]string{"allOf", "anyOf", "oneOf", "prefixItems"} {
		for _, part := range s.Get(key).Items() {
			w.schema(part, depth+1)
		}
	}
	for _, property := range s.Get("properties").Members() {
		w.schema(property, depth+1)
	}
}

// check reports a value that breaks its schema. Null is let through, as many
// write it for "none".
func (w *exampleWalk) check(schema, value openapi.Node, what string) {
	if !value.Exists() || value.Type() == "null" {
		return
	}
	fit := &fitting{budget: 2000}
	b := fit.breaks(schema, value, 0)
	if b == nil {
		return
	}
	w.found++
	path := ""
	if len(b.path) > 0 {
		slices.Reverse(b.path)
		path = strings.Join(b.path, ".") + ": "
	}
	w.c.reportDocument(warning, what+"-breaks-schema", b.at.Place(), "the %s breaks its schema, and models copy it: %s%s", what, path, b.why)
}

// fitting compares values with schemas, for what is plain. Whatever it does not
// know is taken to fit.
type fitting struct{ budget int }

// breach is where and why a value breaks its schema.
type breach struct {
	at   openapi.Node
	path []string // from the inside
	why  string
}

// below adds a step to the path of a breach within a value.
func (b *breach) below(step string) *breach {
	if b != nil {
		b.path = append(b.path, step)
	}
	return b
}

// breaks says why a value breaks a schema; nil if it does not.
func (f *fitting) breaks(schema, value openapi.Node, depth int) *breach {
	schema = schema.Follow()
	if f.budget--; f.budget < 0 || depth > 30 || !schema.IsObject() || value.Type() == "null" {
		return nil
	}
	if why := cmp.Or(breaksType(schema, value), breaksEnum(schema, value)); why != "" {
		return &breach{at: value, why: why}
	}
	for _, part := range schema.Get("allOf").Items() {
		if b := f.breaks(part, value, depth+1); b != nil {
			return b
		}
	}
	for _, key := range [...]string{"anyOf", "oneOf"} {
		if b := f.breaksAll(schema.Get(key).Items(), value, depth); b != nil {
			return b
		}
	}
	return f.breaksInside(schema, value, depth)
}

// breaksAll says why a value breaks all alternatives. Of one it says how.
func (f *fitting) breaksAll(alternatives []openapi.Node, value openapi.Node, depth int) *breach {
	var first *breach
	for _, alternative := range alternatives {
		b := f.breaks(alternative, value, depth+1)
		if b == nil {
			return nil
		}
		first = cmp.Or(first, b)
	}
	if len(alternatives) > 1 {
		return &breach{at: value, why: fmt.Sprintf("%s fits none of %d alternatives", show(value), len(alternatives))}
	}
	return first
}

// breaksInside looks at the members of objects and the items of arrays.
func (f *fitting) breaksInside(schema, value openapi.Node, depth int) *breach {
	properties := schema.Get("properties")
	for key, member := range value.Members() {
		if b := f.breaks(properties.Get(key), member, depth+1); b != nil {
			return b.below(key)
		}
	}
	for i, item := range value.Items() {
		if b := f.breaks(schema.Get("items"), item, depth+1); b != nil {
			return b.below(strconv.Itoa(i))
		}
	}
	return nil
}

func breaksType(schema, value openapi.Node) string {
	declared := schema.Get("type")
	types := []string{declared.Text()}
	if list := declared.Items(); len(list) > 0 {
		types = nil
		for _, t := range list {
			types = append(types, t.Text())
		}
	}
	got := value.Type()
	for _, t := range types {
		if t == "" || t == "any" || t == "file" || t == got || t == "integer" && got == "number" && isWhole(value.Text()) {
			return ""
		}
	}
	return fmt.Sprintf("%s is %s, and %s is due", show(value), withArticle(got), withArticle(strings.Join(types, " or ")))
}

// show writes a value for a message: as JSON where it is short and plain.
func show(value openapi.Node) string {
	switch value.Type() {
	case "array", "object":
		return "it"
	case "string":
		text := value.Text()
		return strconv.Quote(short(text[:min(len(text), 200)]))
	}
	return short(value.Text())
}

// isWhole reports whether a JSON number is a whole one.
func isWhole(number string) bool {
	whole, fraction, _ := strings.Cut(number, ".")
	return strings.Trim(fraction, "0") == "" && !strings.ContainsAny(whole, "eE") || strings.ContainsAny(number, "eE")
}

func withArticle(typ string) string {
	if typ == "null" {
		return typ
	}
	return article(typ)
}

func breaksEnum(schema, value openapi.Node) string {
	list := schema.Get("enum").Items()
	if len(list) == 0 || value.Type() == "object" || value.Type() == "array" {
		return ""
	}
	for _, allowed := range list {
		if allowed.Text() == value.Text() {
			return ""
		}
	}
	var allowed []string
	for _, v := range list {
		allowed = append(allowed, v.Text())
	}
	return fmt.Sprintf("%s is not one of %s", show(value), enumerate(allowed))
}
