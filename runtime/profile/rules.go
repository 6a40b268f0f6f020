package profile

import "github.com/bridge-gateway/bridge/runtime/tool"

// rules are what one kind of client takes.
type rules struct {
	name int // longest name of a tool, in bytes
	text int // longest description of a tool, in characters; 0 is any
	// asIs keeps the schemas untouched.
	asIs bool
	refs references
	// types says how several types are written, in inputs and in outputs.
	inputTypes, outputTypes types
	// allowed are the keywords that may stand in a schema, besides those that hold
	// other schemas and "type", "enum", "title" and "description".
	allowed []string
	formats []string
	consts  bool // "const" may stay; else it is an enum of one
	extra   bool // "additionalProperties" may stay
	texts   bool // only texts are listed by "enum"
	typed   bool // every schema of an input says its type
	alone   bool // nothing stands beside "anyOf"
}

// references says what becomes of "$ref".
type references int

const (
	keepRefs   references = iota // as they are
	shareRefs                    // those of what would be written out repeatedly, if that costs much
	inlineRefs                   // none: all is written out, to a depth
)

// types says how a schema of several types is written.
type types int

const (
	listTypes  types = iota // "type": ["string", "null"]
	unionTypes              // "anyOf": [{"type": "string"}, {"type": "null"}]
	oneType                 // "type": "string", and "may be null" in words
	noType                  // without "type"
)

// Bounds on names and texts.
const (
	maxName = 64
	// cursorName leaves room for the server's name: Cursor takes 60 characters
	// for both, and `bridge` is what the printed client configurations call it.
	cursorName = tool.FitsAll
	// openAIText is the longest description of a function in OpenAI's API.
	openAIText = 1024
)

// sizes are the keywords on size that all clients take.
var sizes = []string{"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"}

// common is what the profiles of several clients are made of.
var common = rules{
	name: cursorName, text: openAIText, refs: shareRefs, inputTypes: unionTypes, outputTypes: noType,
	allowed: append([]string{"default", "examples", "deprecated", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
		"uniqueItems", "minProperties", "maxProperties"}, sizes...),
	formats: []string{"date-time", "int32", "int64", "float", "double"},
	extra:   true,
}

// rules returns the profile's rules.
func (p Profile) rules() rules {
	switch p.name {
	case Anthropic:
		return rules{name: maxName, asIs: true}
	case OpenAI:
		return rules{
			name: maxName, text: openAIText, refs: keepRefs, inputTypes: listTypes, outputTypes: listTypes,
			allowed: []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "pattern"},
			formats: []string{"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"},
			consts:  true, extra: true,
		}
	case Gemini:
		return rules{
			name: maxName, text: openAIText, refs: inlineRefs, inputTypes: oneType, outputTypes: noType,
			allowed: append([]string{"minProperties", "maxProperties"}, sizes...),
			formats: []string{"date-time", "int32", "int64", "float", "double"},
			texts:   true, typed: true, alone: true,
		}
	default:
		return common
	}
}
