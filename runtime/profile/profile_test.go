package profile_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

func TestNamed(t *testing.T) {
	for _, name := range profile.Names() {
		if p := named(t, name); p.String() != name {
			t.Errorf("Named(%q) is %q", name, p)
		}
		c := config.Default()
		c.Profile = name
		if err := c.Validate(); err != nil {
			t.Errorf("the configuration must take every profile: %v", err)
		}
	}
	if p := named(t, ""); p.String() != profile.Default || p.String() != (profile.Profile{}).String() || config.Default().Profile != p.String() {
		t.Errorf("no name gives %q", p)
	}
	if _, err := profile.Named("gemni"); err == nil || !strings.Contains(err.Error(), `did you mean "gemini"?`) {
		t.Errorf("got %v", err)
	}
}

// TestApply has one feature of schemas a case, as an argument "a", and what each
// profile makes of it; profiles that are not named leave it as it is.
func TestApply(t *testing.T) {
	const node = `"$defs":{"N":{"type":"object","description":"A node.","properties":{"n":{"$ref":"#/$defs/N"}}}}`
	cases := []struct {
		name, in string
		want     map[string]string
	}{
		{"plain", `{"a":{"type":"string","description":"A.","maxLength":3,"minLength":1}}`, map[string]string{
			"openai": `{"a":{"type":"string","description":"A. At most 3 characters. At least 1 characters."}}`}},
		{"null", `{"a":{"type":["string","null"],"enum":["x",null],"description":"A"}}`, map[string]string{
			"default": `{"a":{"anyOf":[{"type":"string","enum":["x"]},{"type":"null"}],"description":"A"}}`,
			"gemini":  `{"a":{"type":"string","enum":["x"],"description":"A. May be null."}}`}},
		{"several types", `{"a":{"type":["string","array"],"items":{"type":"string"}}}`, map[string]string{
			"default": `{"a":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}}`,
			"gemini":  `{"a":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}}`}},
		{"const and format", `{"a":{"const":"x"},"b":{"type":"string","format":"iban"},"c":{"type":"integer","enum":[1,2],"default":1}}`, map[string]string{
			"default": `{"a":{"enum":["x"]},"b":{"type":"string","description":"Format: iban."},"c":{"type":"integer","enum":[1,2],"default":1}}`,
			"openai":  `{"a":{"const":"x"},"b":{"type":"string","description":"Format: iban."},"c":{"type":"integer","enum":[1,2],"description":"Default: 1."}}`,
			"gemini":  `{"a":{"enum":["x"],"type":"string"},"b":{"type":"string","description":"Format: iban."},"c":{"type":"integer","description":"One of 1, 2. Default: 1."}}`}},
		{"properties named as keywords", `{"const":{"type":"string"},"$ref":{"type":"string"},"allOf":{"type":"string"}}`, nil},
		{"anything", `{"a":{"description":"A."}}`, map[string]string{
			"gemini": `{"a":{"anyOf":[{"type":"string","description":"A."},{"type":"number"},{"type":"boolean"},{"type":"object"},{"type":"array","items":{"type":"string"}}]}}`}},
		{"boolean schemas", `{"a":true}`, map[string]string{
			"default": `{"a":{}}`, "openai": `{"a":{}}`, "gemini": `{"a":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"object"},{"type":"array","items":{"type":"string"}}]}}`}},
		{"oneOf", `{"a":{"oneOf":[{"type":"string"},{"type":"integer"}],"discriminator":{"propertyName":"t"},"not":{"type":"null"}}}`, map[string]string{
			"default": `{"a":{"anyOf":[{"type":"string"},{"type":"integer"}],"description":"Further rules apply."}}`,
			"openai":  `{"a":{"anyOf":[{"type":"string"},{"type":"integer"}],"description":"Further rules apply."}}`,
			"gemini":  `{"a":{"anyOf":[{"type":"string","description":"Further rules apply."},{"type":"integer"}]}}`}},
		{"allOf", `{"a":{"allOf":[{"type":"object","properties":{"x":{"type":"string"}},"required":["x"]},{"properties":{"y":{"type":"string"}},"required":["y"]}]}}`, map[string]string{
			"default": `{"a":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"required":["x","y"]}}`,
			"openai":  `{"a":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"required":["x","y"]}}`,
			"gemini":  `{"a":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"required":["x","y"]}}`}},
		{"a tuple's items may not refuse its beginning", `{"a":{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}}`, map[string]string{
			"default": `{"a":{"type":"array","items":{},"description":"Its first items are, in order: string."}}`,
			"openai":  `{"a":{"type":"array","items":{},"description":"Its first items are, in order: string."}}`,
			"gemini":  `{"a":{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"object"},{"type":"array","items":{"type":"string"}}]},"description":"Its first items are, in order: string."}}`}},
		{"a map", `{"a":{"type":"object","additionalProperties":{"type":"integer"}}}`, map[string]string{
			"gemini": `{"a":{"type":"object","description":"Any key may stand in it, with a value of type integer."}}`}},
		{"a definition that is used once", `{"a":{"$ref":"#/$defs/S","description":"The best."}},"$defs":{"S":{"type":"string","description":"Some."}}`, map[string]string{
			"default": `{"a":{"type":"string","description":"The best."}}`,
			"gemini":  `{"a":{"type":"string","description":"The best."}}`}},
		{"recursion", `{"a":{"$ref":"#/$defs/N"}},` + node, map[string]string{
			"gemini": `{"a":{"type":"object","description":"A node.","properties":{"n":{"type":"object","description":"A node.","properties":{"n":{"type":"object","description":"A node.","properties":{"n":{"type":"object","description":"A node. Nested too deep to be written out: N."}}}}}}}}`}},
	}
	for _, c := range cases {
		schema := json.RawMessage(`{"type":"object","properties":` + c.in + `}`)
		for _, name := range profile.Names() {
			want, changed := c.want[name]
			if name == profile.Cursor {
				want, changed = c.want[profile.Default]
			}
			if !changed {
				want = c.in
			}
			got, err := named(t, name).Apply(tool.Tool{Name: "x", Input: schema})
			if err != nil {
				t.Errorf("%s, %s: %v", c.name, name, err)
				continue
			}
			if full := `{"type":"object","properties":` + want + `}`; string(got.Input) != full {
				t.Errorf("%s, %s:\ngot  %s\nwant %s", c.name, name, got.Input, full)
			}
			checkAdapted(t, name, got)
		}
	}
}

func TestApplySharesWhatWouldCostMuch(t *testing.T) {
	big := `{"type":"object","properties":{"one":{"type":"string","description":"` + strings.Repeat("word ", 40) + `"}}}`
	schema := json.RawMessage(`{"type":"object","properties":{"a":{"$ref":"#/$defs/B"},"b":{"$ref":"#/$defs/B"},"c":{"$ref":"#/$defs/B"}},"$defs":{"B":` + big + `}}`)
	got, err := named(t, profile.Default).Apply(tool.Tool{Name: "x", Input: schema})
	if err != nil || string(got.Input) != string(schema) {
		t.Errorf("got %s, %v", got.Input, err)
	}
}

func TestApplyOnOutputsAllowsWhatTheyAllow(t *testing.T) {
	tl := tool.Tool{Name: "x", Input: json.RawMessage(`{"type":"object"}`),
		Output: json.RawMessage(`{"type":"object","properties":{"a":{"type":["string","null"],"description":"A."},"b":{"anyOf":[{"$ref":"#/$defs/N"},{"type":["null"]}]}},"$defs":{"N":{"type":["object","null"],"properties":{"n":{"$ref":"#/$defs/N"}}}}}`)}
	want := map[string]string{
		"default": `{"type":"object","properties":{"a":{"description":"A."},"b":{"anyOf":[{"$ref":"#/$defs/N"},{"type":"null"}]}},"$defs":{"N":{"properties":{"n":{"$ref":"#/$defs/N"}}}}}`,
		"gemini":  `{"type":"object","properties":{"a":{"description":"A."},"b":{"anyOf":[{"properties":{"n":{"properties":{"n":{"properties":{"n":{}}}}}}},{"type":"null"}]}}}`,
	}
	for name, want := range want {
		got, err := named(t, name).Apply(tl)
		if err != nil || string(got.Output) != want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", name, err, got.Output, want)
		}
	}
}

func TestApplyFitsNamesAndTexts(t *testing.T) {
	tl := tool.Tool{Name: strings.Repeat("long_name_", 6), Description: strings.Repeat("Größe ist wichtig. ", 100), Input: json.RawMessage(`{"type":"object"}`)}
	before := tl
	for _, name := range profile.Names() {
		got, err := named(t, name).Apply(tl)
		if err != nil {
			t.Fatal(err)
		}
		checkAdapted(t, name, got)
		if again, _ := named(t, name).Apply(got); !reflect.DeepEqual(again, got) {
			t.Errorf("%s: a second time changes more: %+v", name, again)
		}
	}
	if !reflect.DeepEqual(before, tl) {
		t.Error("Apply must leave the tool as it is")
	}
}

func TestApplyRefusesWhatIsNoSchema(t *testing.T) {
	deep := strings.Repeat(`{"items":`, 2000) + "{}" + strings.Repeat("}", 2000)
	for _, schema := range []string{`{`, `[]`, `{"type":"object","properties":{"a":` + deep + `}}`, `{"type":"object","properties":[]}`} {
		for _, name := range []string{"default", "gemini", "openai"} {
			if _, err := named(t, name).Apply(tool.Tool{Name: "x", Input: json.RawMessage(schema)}); err == nil {
				t.Errorf("%s took %.40s", name, schema)
			}
		}
	}
}
