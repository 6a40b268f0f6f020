package profile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// checkAdapted checks what each profile promises of each schema.
func checkAdapted(t *testing.T, name string, tl tool.Tool) {
	t.Helper()
	tl.Operation = nil
	if err := tl.Validate(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if name != profile.Anthropic && utf8.RuneCountInString(tl.Description) > 1024 {
		t.Errorf("%s: %s: the description has %d bytes", name, tl.Name, len(tl.Description))
	}
	if (name == profile.Default || name == profile.Cursor) && len(tl.Name) > 54 {
		t.Errorf("%s: the name %s is too long", name, tl.Name)
	}
	for _, schema := range []json.RawMessage{tl.Input, tl.Output} {
		if len(schema) == 0 {
			continue
		}
		var root map[string]any
		if err := json.Unmarshal(schema, &root); err != nil {
			t.Fatal(err)
		}
		eachSchema(root, func(s map[string]any) {
			for _, problem := range problems(name, s) {
				t.Errorf("%s: %s: %s in %v", name, tl.Name, problem, s)
			}
		})
	}
}

// problems says what of a schema the clients of a profile do not take.
func problems(name string, s map[string]any) []string {
	banned := map[string]string{
		profile.Default: "oneOf allOf not if const prefixItems patternProperties discriminator",
		profile.Cursor:  "oneOf allOf not if const prefixItems patternProperties discriminator",
		profile.OpenAI:  "oneOf allOf not if prefixItems patternProperties minLength default discriminator",
		profile.Gemini:  "oneOf allOf not if const prefixItems patternProperties $ref $defs additionalProperties exclusiveMinimum default examples discriminator",
	}
	var found []string
	for key := range strings.FieldsSeq(banned[name]) {
		if _, ok := s[key]; ok {
			found = append(found, key)
		}
	}
	_, list := s["type"].([]any)
	if list && (name == profile.Default || name == profile.Gemini || name == profile.Cursor) {
		found = append(found, "a list of types")
	}
	if _, ok := s["items"]; s["type"] == "array" && !ok {
		found = append(found, "an array without items")
	}
	return found
}

// eachSchema calls f for a schema and all that it holds.
func eachSchema(s map[string]any, f func(map[string]any)) {
	f(s)
	for _, key := range []string{"properties", "patternProperties", "$defs"} {
		group, _ := s[key].(map[string]any)
		for _, child := range group {
			if child, ok := child.(map[string]any); ok {
				eachSchema(child, f)
			}
		}
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf", "prefixItems"} {
		list, _ := s[key].([]any)
		for _, child := range list {
			if child, ok := child.(map[string]any); ok {
				eachSchema(child, f)
			}
		}
	}
	for _, key := range []string{"items", "additionalProperties", "not", "contains", "propertyNames"} {
		if child, ok := s[key].(map[string]any); ok {
			eachSchema(child, f)
		}
	}
}
