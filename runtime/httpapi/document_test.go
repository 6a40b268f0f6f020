package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/httpapi"
)

// described returns the document of tools.
func described(t testing.TB, tools ...httpapi.Tool) []byte {
	t.Helper()
	handler := httpapi.New(httpapi.Options{
		Tools:   func(context.Context) []httpapi.Tool { return tools },
		Version: func(context.Context) string { return "" },
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	return w.Body.Bytes()
}

// document is what the tests read of a document.
type document struct {
	Servers []struct{ URL string }
	Paths   map[string]struct {
		Post struct {
			OperationID string
			RequestBody *struct {
				Content map[string]struct{ Schema json.RawMessage }
			}
		}
	}
	Components struct{ Schemas map[string]json.RawMessage }
}

func read(t testing.TB, text []byte) (doc document) {
	t.Helper()
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	return doc
}

func (d document) input(name string) string {
	if body := d.Paths["/api/tools/"+name].Post.RequestBody; body != nil {
		return string(body.Content["application/json"].Schema)
	}
	return ""
}

func input(name, schema string) httpapi.Tool {
	return httpapi.Tool{Name: name, Input: json.RawMessage(schema)}
}

func TestSchemasBecomePartOfTheDocument(t *testing.T) {
	const here = "#/paths/~1api~1tools~1x/post/requestBody/content/application~1json/schema"
	cases := []struct{ name, schema, want, component, text string }{
		{"no arguments", `{"type":"object"}`, ``, "", ""},
		{"no arguments at all", `{"type":"object","properties":{},"additionalProperties":false}`, ``, "", ""},
		{"any arguments", `{"type":"object","additionalProperties":{}}`, `{"type":"object","additionalProperties":{}}`, "", ""},
		{"definition", `{"$schema":"x","$id":"y","type":"object","properties":{"a":{"$ref":"#/$defs/A b"}},"$defs":{"A b":{"items":{"$ref":"#/$defs/A b"}}}}`,
			`{"type":"object","properties":{"a":{"$ref":"#/components/schemas/A_b"}}}`, "A_b", `{"items":{"$ref":"#/components/schemas/A_b"}}`},
		{"into a definition", `{"properties":{"a":{"$ref":"#/$defs/A/properties/x~1y"}},"$defs":{"A":{}}}`,
			`{"properties":{"a":{"$ref":"#/components/schemas/A/properties/x~1y"}}}`, "A", `{}`},
		{"elsewhere", `{"properties":{"a":{"$ref":"#/definitions/A"},"b":{"$ref":"#"}},"definitions":{"A":{}}}`,
			`{"properties":{"a":{"$ref":"` + here + `/definitions/A"},"b":{"$ref":"` + here + `"}},"definitions":{"A":{}}}`, "", ""},
		{"foreign", `{"properties":{"a":{"$ref":"https://x.example/s#/$defs/A"}}}`, `{"properties":{"a":{"$ref":"https://x.example/s#/$defs/A"}}}`, "", ""},
		{"data", `{"properties":{"$ref":{"const":{"$ref":"#/$defs/A"}},"enum":{"default":{"$ref":"#/$defs/A"}}}}`,
			`{"properties":{"$ref":{"const":{"$ref":"#/$defs/A"}},"enum":{"default":{"$ref":"#/$defs/A"}}}}`, "", ""},
		{"mapping", `{"properties":{"a":{"discriminator":{"propertyName":"p","mapping":{"k":"#/$defs/A"}}}},"$defs":{"A":{}}}`,
			`{"properties":{"a":{"discriminator":{"propertyName":"p","mapping":{"k":"#/components/schemas/A"}}}}}`, "A", `{}`},
		{"nonsense", `{"properties":7}`, `{"properties":7}`, "", ""},
		{"no schema", `[]`, `{"type":"object"}`, "", ""},
		{"too deep", `{"properties":{"a":` + strings.Repeat(`{"not":`, 300) + `{}` + strings.Repeat(`}`, 300) + `}}`, `{"type":"object"}`, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc := read(t, described(t, input("x", c.schema)))
			if got := doc.input("x"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := string(doc.Components.Schemas[c.component]); c.component != "" && got != c.text {
				t.Errorf("component %s is %s, want %s", c.component, got, c.text)
			}
		})
	}
}

// TestDefinitionsOfOneNameStayApart serves tools whose definitions have the same
// names and are the same, or are not, or refer to others that are not.
func TestDefinitionsOfOneNameStayApart(t *testing.T) {
	schema := func(inner string) string {
		return `{"properties":{"a":{"$ref":"#/$defs/Outer"}},"$defs":{"Inner":` + inner + `,"Outer":{"items":{"$ref":"#/$defs/Inner"}}}}`
	}
	doc := read(t, described(t,
		input("one", schema(`{"type":"string"}`)), input("same", schema(`{"type":"string"}`)),
		input("other", schema(`{"type":"number"}`)), input("problem", `{"properties":{"a":{"$ref":"#/$defs/Problem"}},"$defs":{"Problem":{"title":"mine"}}}`)))
	if doc.input("one") != doc.input("same") || doc.input("one") == doc.input("other") {
		t.Errorf("one   %s\nsame  %s\nother %s", doc.input("one"), doc.input("same"), doc.input("other"))
	}
	follow := func(text string) string {
		name := regexp.MustCompile(`#/components/schemas/([^"]+)`).FindStringSubmatch(text)
		if name == nil {
			t.Fatalf("no reference in %s", text)
		}
		return string(doc.Components.Schemas[name[1]])
	}
	for name, want := range map[string]string{"one": "string", "other": "number"} {
		if inner := follow(follow(doc.input(name))); inner != `{"type":"`+want+`"}` {
			t.Errorf("%s ends at %s, want %s", name, inner, want)
		}
	}
	if got := follow(doc.input("problem")); got != `{"title":"mine"}` {
		t.Errorf("the tool's own Problem is %s", got)
	}
	if n := len(doc.Components.Schemas); n != 6 {
		t.Errorf("%d components, want 6: two pairs, and two problems", n)
	}
}

func TestServerIsWhereTheDocumentIs(t *testing.T) {
	for base, want := range map[string]string{"": "/", "/": "/", "mcp/support/": "/mcp/support"} {
		s := serve(t, base, someTools(), nil)
		a := do(t, "GET", s.URL+strings.TrimSuffix(want, "/")+"/openapi.json", "")
		if doc := read(t, []byte(a.body)); len(doc.Servers) != 1 || doc.Servers[0].URL != want {
			t.Errorf("base %q: servers %v, want %q", base, doc.Servers, want)
		}
	}
}

// FuzzSchema holds the document to being JSON, the same each time, without an
// own definition left in it, whatever schemas come in.
func FuzzSchema(f *testing.F) {
	f.Add(`{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"$ref":"#"}}}`, `{"$defs":{"A":{"items":[{"$ref":"#/$defs/A"},1]}}}`)
	f.Add(`{"properties":{"discriminator":{"mapping":7}},"discriminator":{"mapping":{"a":1}}}`, `{"$defs":[]}`)
	f.Add(`{"$defs":{"":{},"~":{},"/":{}}}`, "{\"a\":\"\xff\"}")
	f.Fuzz(func(t *testing.T, in, out string) {
		tools := []httpapi.Tool{input("x", in), input("y", out), {Name: "z", Input: json.RawMessage(in), Output: json.RawMessage(out)}}
		text := described(t, tools...)
		doc := read(t, text)
		if len(doc.Paths) != len(tools) {
			t.Errorf("%d paths", len(doc.Paths))
		}
		if again := described(t, tools...); string(again) != string(text) {
			t.Error("the document is not the same each time")
		}
		for name := range doc.Components.Schemas {
			if !regexp.MustCompile(`^[a-zA-Z0-9._-]+$`).MatchString(name) {
				t.Errorf("component %q", name)
			}
		}
	})
}
