package profile

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Bounds on what is said in words.
const (
	maxValue  = 120 // bytes of one value
	maxValues = 40  // listed values
)

// phrases say what a keyword with a plain value means; % is the value.
var phrases = map[string]string{
	"format":           "Format: %.",
	"pattern":          "Pattern: %",
	"minimum":          "At least %.",
	"maximum":          "At most %.",
	"exclusiveMinimum": "More than %.",
	"exclusiveMaximum": "Less than %.",
	"multipleOf":       "A multiple of %.",
	"minLength":        "At least % characters.",
	"maxLength":        "At most % characters.",
	"minItems":         "At least % items.",
	"maxItems":         "At most % items.",
	"minProperties":    "At least % keys.",
	"maxProperties":    "At most % keys.",
	"default":          "Default: %.",
	"contentMediaType": "Media type: %.",
	"contentEncoding":  "Encoded as %.",
}

// inWords says what a keyword that is dropped means; "" if it need not be said.
func inWords(key string, value json.RawMessage) string {
	if phrase, ok := phrases[key]; ok {
		text := valueInWords(value)
		if text == "" {
			return ""
		}
		return strings.Replace(phrase, "%", text, 1)
	}
	switch key {
	case "enum":
		return "One of " + listInWords(readList(value)) + "."
	case "examples":
		return "For example " + listInWords(readList(value)) + "."
	case "deprecated":
		return flagInWords(value, "Deprecated.")
	case "uniqueItems":
		return flagInWords(value, "No item twice.")
	case "additionalProperties":
		return extraInWords(value)
	case "prefixItems":
		return "Its first items are, in order: " + kindsInWords(readList(value)) + "."
	case "patternProperties":
		return keysInWords("Keys that match %", value)
	case "not", "propertyNames", "dependentRequired", "contains", "anyOf", "oneOf":
		return "Further rules apply."
	}
	return ""
}

func flagInWords(value json.RawMessage, text string) string {
	if string(value) == "true" {
		return text
	}
	return ""
}

// valueInWords is a value without quotes; "" if it is too long to be said.
func valueInWords(value json.RawMessage) string {
	text := textOf(value)
	if text == "" {
		text = string(bytes.TrimSpace(value))
	}
	if len(text) > maxValue {
		return ""
	}
	return text
}

func listInWords(values []json.RawMessage) string {
	var words []string
	for i, v := range values {
		if i == maxValues {
			words = append(words, "…")
			break
		}
		if text := valueInWords(v); text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, ", ")
}

// extraInWords says what the values of keys may be that no property names.
func extraInWords(value json.RawMessage) string {
	if kind := kindInWords(value); kind != "" {
		return "Any key may stand in it, with a value of type " + kind + "."
	}
	return "Any key may stand in it."
}

// kindInWords is the type of a schema, as a word; "" where there is no one.
func kindInWords(schema json.RawMessage) string {
	s, err := readObject(schema)
	if err != nil {
		return ""
	}
	kind := s.text("type")
	if kind == "array" {
		if of := kindInWords(s.get("items")); of != "" {
			return "array of " + of
		}
	}
	return kind
}

func kindsInWords(schemas []json.RawMessage) string {
	words := make([]string, len(schemas))
	for i, s := range schemas {
		if words[i] = kindInWords(s); words[i] == "" {
			words[i] = "any"
		}
	}
	return strings.Join(words, ", ")
}

// keysInWords names the patterns of "patternProperties".
func keysInWords(phrase string, value json.RawMessage) string {
	patterns, err := readObject(value)
	if err != nil || len(patterns) == 0 {
		return ""
	}
	keys := make([]string, 0, len(patterns))
	for _, p := range patterns {
		if len(p.key) <= maxValue {
			keys = append(keys, p.key)
		}
	}
	return strings.Replace(phrase, "%", strings.Join(keys, " or "), 1) + " may stand in it."
}

// sentence puts further sentences behind a text.
func sentence(text string, more ...string) string {
	for _, m := range more {
		switch {
		case m == "" || text == m:
		case text == "":
			text = m
		default:
			if !strings.ContainsRune(".!?:…", rune(text[len(text)-1])) && !strings.HasSuffix(text, "…") {
				text += "."
			}
			text += " " + m
		}
	}
	return text
}
