package corpus_test

import (
	"encoding/json"
	"math"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/cmd/bridge/corpus/wire"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// casesFor makes two calls of every tool from its schema: with the required
// arguments alone, and with all.
func casesFor(t *testing.T, tools []tool.Tool) []wire.Case {
	t.Helper()
	var out []wire.Case
	for i := range tools {
		var root schema
		if err := json.Unmarshal(tools[i].Input, &root); err != nil {
			t.Fatal(err)
		}
		for _, all := range []bool{false, true} {
			args, err := json.Marshal(root.value(&root, all, 0))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, wire.Case{Tool: tools[i].Name, Arguments: string(args)})
		}
	}
	return out
}

// schema is as much of a JSON Schema as making a value of it takes.
type schema struct {
	Ref           string             `json:"$ref"`
	Defs          map[string]*schema `json:"$defs"`
	Type          any                `json:"type"`
	Properties    map[string]*schema `json:"properties"`
	Additional    json.RawMessage    `json:"additionalProperties"`
	Required      []string           `json:"required"`
	MinProperties int                `json:"minProperties"`
	Items         *schema            `json:"items"`
	PrefixItems   []*schema          `json:"prefixItems"`
	MinItems      int                `json:"minItems"`
	OneOf         []*schema          `json:"oneOf"`
	AnyOf         []*schema          `json:"anyOf"`
	AllOf         []*schema          `json:"allOf"`
	Enum          []any              `json:"enum"`
	Const         any                `json:"const"`
	Examples      []any              `json:"examples"`
	Default       any                `json:"default"`
	Minimum       *float64           `json:"minimum"`
	Exclusive     *float64           `json:"exclusiveMinimum"`
	Maximum       *float64           `json:"maximum"`
	MinLength     int                `json:"minLength"`
	MaxLength     *int               `json:"maxLength"`
	Pattern       string             `json:"pattern"`
	Format        string             `json:"format"`
	Description   string             `json:"description"`
}

// deepest bounds what optional members make; required ones go on.
const deepest = 4

// value makes a value of the schema, the same one each time.
func (s *schema) value(root *schema, all bool, depth int) any {
	switch {
	case s == nil || depth > 60:
		return nil
	case s.Ref != "":
		return root.Defs[strings.TrimPrefix(s.Ref, tool.RefPrefix)].value(root, all && depth < deepest, depth+1)
	case s.Const != nil:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Pattern != "" && s.kind() == "string":
		return s.matching()
	case s.kind() == "" && len(s.OneOf) > 0:
		return plainest(s.OneOf).value(root, all, depth+1)
	case s.kind() == "" && len(s.AnyOf) > 0:
		return plainest(s.AnyOf).value(root, all, depth+1)
	}
	switch s.kind() {
	case "object":
		return s.object(root, all, depth)
	case "array":
		return s.array(root, all, depth)
	case "integer", "number":
		return s.number()
	case "boolean":
		return true
	case "null":
		return nil
	case "string":
		return s.text()
	}
	if len(s.Properties) > 0 || len(s.AllOf) > 0 {
		return s.object(root, all, depth)
	}
	return s.text()
}

// plainest prefers an alternative that does not lead on to another definition.
func plainest(list []*schema) *schema {
	if i := slices.IndexFunc(list, func(s *schema) bool { return s.Ref == "" && s.kind() != "null" }); i >= 0 {
		return list[i]
	}
	return list[0]
}

func (s *schema) kind() string {
	if list, ok := s.Type.([]any); ok && len(list) > 0 {
		kind, _ := list[0].(string)
		return kind
	}
	kind, _ := s.Type.(string)
	return kind
}

func (s *schema) object(root *schema, all bool, depth int) map[string]any {
	out := map[string]any{}
	all = all || depth == 1 && len(s.Required) == 0 // nothing at all could not stand in a path
	for name, p := range s.Properties {
		if slices.Contains(s.Required, name) || all && depth < deepest {
			out[name] = p.value(root, all, depth+1)
		}
	}
	for _, name := range s.Required {
		if _, ok := out[name]; !ok {
			out[name] = "x"
		}
	}
	for _, list := range [][]*schema{s.AllOf, s.OneOf[:min(1, len(s.OneOf))], s.AnyOf[:min(1, len(s.AnyOf))]} {
		for _, part := range list {
			if more, ok := part.value(root, all, depth+1).(map[string]any); ok {
				for key, v := range more {
					out[key] = v
				}
			}
		}
	}
	if len(out) == 0 && (all && depth < deepest || s.MinProperties > 0) && string(s.Additional) != "false" {
		var more schema
		if json.Unmarshal(s.Additional, &more) == nil {
			out["a key"] = more.value(root, false, depth+1)
		}
	}
	return out
}

func (s *schema) array(root *schema, all bool, depth int) []any {
	out := []any{}
	for _, item := range s.PrefixItems {
		out = append(out, item.value(root, all, depth+1))
	}
	if s.Items == nil {
		return out
	}
	if strings.Contains(s.Description, "base64") {
		return append(out, "aGVsbG8=")
	}
	for len(out) < s.MinItems || len(out) == 0 && depth < deepest {
		out = append(out, s.Items.value(root, all, depth+1))
	}
	return out
}

func (s *schema) number() any {
	switch {
	case s.Minimum != nil:
		return json.Number(jsonOf(math.Ceil(*s.Minimum)))
	case s.Exclusive != nil:
		return json.Number(jsonOf(math.Floor(*s.Exclusive) + 1))
	case s.Maximum != nil && *s.Maximum < 7:
		return json.Number(jsonOf(math.Floor(*s.Maximum)))
	}
	return 7
}

func jsonOf(v any) string {
	out, _ := json.Marshal(v) // a finite number always marshals
	return string(out)
}

// text makes a text that needs escaping wherever it stands.
func (s *schema) text() string {
	if s.Format == "binary" || strings.Contains(s.Description, "base64") {
		return "aGVsbG8="
	}
	switch s.Format {
	case "date-time":
		return "2026-01-02T03:04:05Z"
	case "date":
		return "2026-01-02"
	case "uuid":
		return "0f8fad5b-d9cb-469f-a165-70867728950e"
	case "email":
		return "a@b.example"
	case "uri", "url":
		return "https://a.example/x?y=z"
	case "ipv4":
		return "192.0.2.1"
	}
	text := strings.Repeat("a/ü &", s.MinLength/5+1)
	if s.MaxLength != nil && len([]rune(text)) > *s.MaxLength {
		text = string([]rune(text)[:*s.MaxLength])
	}
	return text
}

// matching makes a text that matches the schema's pattern.
func (s *schema) matching() string {
	re, err := syntax.Parse(s.Pattern, syntax.Perl)
	if err != nil {
		return s.text()
	}
	for more := range 100 {
		if text := shortest(re, more); len([]rune(text)) >= s.MinLength {
			return text
		}
	}
	return s.text()
}

// shortest writes the first text that an expression matches, with what may be
// repeated as often as allowed, up to more times.
func shortest(re *syntax.Regexp, more int) string {
	var b strings.Builder
	times := func(least, most int) {
		if most < 0 || most > more {
			most = more
		}
		for range max(least, most) {
			b.WriteString(shortest(re.Sub[0], more))
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			for _, letter := range "a0A_- " {
				if re.Rune[i] <= letter && letter <= re.Rune[i+1] {
					return string(letter)
				}
			}
		}
		return string(re.Rune[:1])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "a"
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			b.WriteString(shortest(sub, more))
		}
	case syntax.OpCapture, syntax.OpAlternate:
		return shortest(re.Sub[0], more)
	case syntax.OpStar:
		times(0, -1)
	case syntax.OpPlus:
		times(1, -1)
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpRepeat:
		times(re.Min, re.Max)
	}
	return b.String()
}
