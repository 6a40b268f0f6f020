package lint

import (
	"encoding/json"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// schema is what rules look at in a tool's schema. A schema that is no object
// (lowering leaves none) reads as one that allows anything.
type schema struct {
	Ref         string             `json:"$ref"`
	Type        json.RawMessage    `json:"type"` // a string or an array of them
	Description string             `json:"description"`
	Format      string             `json:"format"`
	Enum        []json.RawMessage  `json:"enum"`
	Const       json.RawMessage    `json:"const"`
	Default     json.RawMessage    `json:"default"`
	Examples    []json.RawMessage  `json:"examples"`
	Required    []string           `json:"required"`
	Properties  map[string]*schema `json:"properties"`
	Items       *schema            `json:"items"`
	OneOf       []*schema          `json:"oneOf"`
	AnyOf       []*schema          `json:"anyOf"`
	AllOf       []*schema          `json:"allOf"`
	Extra       json.RawMessage    `json:"additionalProperties"`

	Discriminator json.RawMessage            `json:"discriminator"`
	Defs          map[string]json.RawMessage `json:"$defs"`
}

// parseSchema reads a schema. What of it has an unexpected type is left out:
// lowering has checked the schema, and a lint must not fail on what it looks at.
func parseSchema(raw json.RawMessage) *schema {
	s := &schema{}
	_ = json.Unmarshal(raw, s) // what did not fit stays zero
	return s
}

// has reports whether a type is among those that the schema names.
func (s *schema) has(typ string) bool {
	return s != nil && strings.Contains(string(s.Type), `"`+typ+`"`)
}

// alternatives are those of oneOf and anyOf.
func (s *schema) alternatives() []*schema {
	if len(s.OneOf) > 0 {
		return s.OneOf
	}
	return s.AnyOf
}

// definitions are a document's "$defs", each read once: in one document a name
// stands for one schema.
type definitions map[string]*schema

// follow follows a "$ref" into the definitions of the schema's root. The result
// is never nil.
func (d definitions) follow(root, s *schema) *schema {
	for range 16 { // definitions that are references
		if s == nil {
			return &schema{}
		}
		name, ok := strings.CutPrefix(s.Ref, tool.RefPrefix)
		if !ok {
			return s
		}
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		if d[name] == nil {
			d[name] = parseSchema(root.Defs[name])
		}
		s = d[name]
	}
	return &schema{}
}
