package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// explain says, for one argument that its schema refused, where it is wrong,
// what came and what is allowed.
func (v *validator) explain(s *jsonschema.Schema, value any, path string, depth int) string {
	plain, want := v.plain(s)
	if want != "" && depth < maxDepth && typeFits(want, value) {
		if inner := v.explainInner(plain, value, path, depth); inner != "" {
			return inner
		}
	}
	if depth < maxDepth {
		if inner := v.explainUnion(s, value, path, depth); inner != "" {
			return inner
		}
	}
	return fmt.Sprintf("argument %q: got %s; allowed: %s", path, show(value), v.allowed(s))
}

// explainInner looks for the part of an array or object that is wrong.
func (v *validator) explainInner(s *jsonschema.Schema, value any, path string, depth int) string {
	switch value := value.(type) {
	case []any:
		if s.Items == nil {
			return ""
		}
		refuses := v.checker(s.Items)
		for i, item := range value {
			if refuses(item) {
				return v.explain(s.Items, item, fmt.Sprintf("%s[%d]", path, i), depth+1)
			}
		}
	case map[string]any:
		return v.explainObject(s, value, path, depth)
	}
	return ""
}

func (v *validator) explainObject(s *jsonschema.Schema, value map[string]any, path string, depth int) string {
	var missing []string
	for _, name := range s.Required {
		if _, ok := value[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Sprintf("argument %q: missing %s", path, strings.Join(missing, ", "))
	}
	names := sortedKeys(value)
	known := sortedKeys(s.Properties)
	closed := s.AdditionalProperties != nil && s.AdditionalProperties.Not != nil
	for _, name := range names {
		property, ok := s.Properties[name]
		if ok && v.checker(property)(value[name]) {
			return v.explain(property, value[name], path+"."+shorten(name), depth+1)
		}
		if !ok && closed && len(s.PatternProperties) == 0 {
			return fmt.Sprintf("argument %q: has no %q; allowed: %s", path, shorten(name), fault.Clip(strings.Join(known, ", "), 400))
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// checker returns what tells whether a part of a value is refused by its schema.
func (v *validator) checker(s *jsonschema.Schema) func(value any) bool {
	probe := s.CloneSchemas()
	probe.Defs = make(map[string]*jsonschema.Schema, len(v.root.Defs))
	for name, def := range v.root.Defs {
		probe.Defs[name] = def.CloneSchemas()
	}
	resolved, err := probe.Resolve(nil)
	return func(value any) bool { return err == nil && resolved.Validate(value) != nil }
}

func typeFits(want string, value any) bool {
	switch value := value.(type) {
	case string:
		return want == "string"
	case bool:
		return want == "boolean"
	case float64:
		return want == "number" || want == "integer" && value == math.Trunc(value)
	case []any:
		return want == "array"
	case map[string]any:
		return want == "object"
	default:
		return want == "null"
	}
}

// show returns a value as JSON, shortened.
func show(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		return "something that is no JSON"
	}
	return shorten(string(b))
}

// allowed says in a few words what a schema takes.
func (v *validator) allowed(s *jsonschema.Schema) string {
	if s = v.follow(s); s == nil {
		return "see the tool's input schema"
	}
	if len(s.Enum) > 0 {
		return "one of " + showList(s.Enum)
	}
	if s.Const != nil {
		return show(*s.Const)
	}
	if alternatives := slices.Concat(s.AnyOf, s.OneOf); len(alternatives) > 0 {
		return v.allowedAlternatives(alternatives)
	}
	words := s.Type
	if words == "" {
		words = strings.Join(s.Types, " or ")
	}
	if words == "" {
		words = "what the tool's input schema says"
	}
	return words + bounds(s)
}

func (v *validator) allowedAlternatives(alternatives []*jsonschema.Schema) string {
	var words []string
	for _, alternative := range alternatives {
		text := alternative.Title
		if plain, want := v.plain(alternative); want != "" && len(plain.Enum) == 0 {
			text = strings.TrimSpace(want + " " + alternative.Title)
		} else if plain != nil && len(plain.Enum) > 0 {
			text = "one of " + showList(plain.Enum)
		}
		if text != "" && !slices.Contains(words, text) {
			words = append(words, text)
		}
	}
	if len(words) == 0 {
		return "what one alternative of the tool's input schema says"
	}
	return fault.Clip(strings.Join(words, ", or "), 400)
}

func showList(values []any) string {
	const most = 20
	var words []string
	for i, value := range values {
		if i == most {
			words = append(words, fmt.Sprintf("… (%d in all)", len(values)))
			break
		}
		words = append(words, show(value))
	}
	return strings.Join(words, ", ")
}

// bounds says what a schema asks for besides its type.
func bounds(s *jsonschema.Schema) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	if s.Minimum != nil {
		say(", at least %v", *s.Minimum)
	}
	if s.ExclusiveMinimum != nil {
		say(", more than %v", *s.ExclusiveMinimum)
	}
	if s.Maximum != nil {
		say(", at most %v", *s.Maximum)
	}
	if s.ExclusiveMaximum != nil {
		say(", less than %v", *s.ExclusiveMaximum)
	}
	if s.MultipleOf != nil {
		say(", a multiple of %v", *s.MultipleOf)
	}
	counts := []struct {
		n    *int
		text string
	}{{s.MinLength, "at least %d characters"}, {s.MaxLength, "at most %d characters"},
		{s.MinItems, "at least %d items"}, {s.MaxItems, "at most %d items"}}
	for _, c := range counts {
		if c.n != nil {
			say(", "+c.text, *c.n)
		}
	}
	if s.Pattern != "" && utf8.RuneCountInString(s.Pattern) < 200 {
		say(", matching %s", s.Pattern)
	}
	if s.Format != "" {
		say(" (%s)", s.Format)
	}
	return b.String()
}
