package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/rest"
)

// nodes is a document of what clients differ on: recursion, null, const,
// oneOf, bounds and formats.
const nodes = `{"openapi":"3.1.0","info":{"title":"Nodes","version":"1"},"paths":{"/nodes":{"post":{
	"operationId":"addNode","description":"Adds a node.",
	"requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["weight"],"properties":{
		"weight":{"type":"number","exclusiveMinimum":0},
		"label":{"type":["string","null"],"format":"slug"},
		"kind":{"const":"leaf"},
		"value":{"oneOf":[{"type":"string"},{"type":"integer"}]},
		"parent":{"$ref":"#/components/schemas/Node"}}}}}},
	"responses":{"200":{"description":"The node.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Node"}}}}}}}},
	"components":{"schemas":{"Node":{"type":"object","required":["id"],"properties":{
		"id":{"type":"string"},"note":{"type":["string","null"]},"parent":{"$ref":"#/components/schemas/Node"}}}}}}`

// nodesSource is the source of that document; its API answers with what it got,
// as a parent.
func nodesSource(t *testing.T) *rest.Source {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":null,"note":null,"parent":{"id":"1","parent":{"id":"2","parent":{"id":"3","parent":{"id":"4","note":`+string(body)+`}}}}}`)
	}))
	t.Cleanup(web.Close)
	doc, err := openapi.Lower(t.Context(), []byte(nodes), "nodes.json", openapi.Options{})
	if err != nil || len(doc.Tools) != 1 {
		t.Fatalf("%+v, %v", doc, err)
	}
	s, err := rest.New(rest.Options{Name: "nodes", API: doc.API, Tools: doc.Tools, BaseURL: web.URL, Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestProfilesChangeWhatIsShownAlone(t *testing.T) {
	banned := map[string][]string{
		profile.Gemini:    {`"$ref"`, `"$defs"`, `"const"`, `"type":[`, `"oneOf"`, `"exclusiveMinimum"`, `"format":"slug"`},
		profile.OpenAI:    {`"oneOf"`, `"format":"slug"`},
		profile.Default:   {`"const"`, `"type":[`, `"oneOf"`, `"format":"slug"`},
		profile.Cursor:    {`"const"`, `"type":[`, `"oneOf"`, `"format":"slug"`},
		profile.Anthropic: {},
	}
	for _, name := range profile.Names() {
		t.Run(name, func(t *testing.T) {
			p, err := profile.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			g, url := serveWith(t, gateway.Options{Profile: p, Mounts: []gateway.Mount{{Source: nodesSource(t), Prefix: "n"}}})
			settled(t, g)
			session := connect(t, url, nil)
			list, err := session.ListTools(t.Context(), nil)
			if err != nil || len(list.Tools) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			shown := list.Tools[0]
			text, err := json.Marshal(shown)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range banned[name] {
				if strings.Contains(string(text), part) {
					t.Errorf("%s is shown in %s", part, text)
				}
			}
			callNodes(t, session, shown)
		})
	}
}

// callNodes makes calls that are right and wrong by the document's own schema.
func callNodes(t *testing.T, session *mcp.ClientSession, shown *mcp.Tool) {
	t.Helper()
	for arguments, want := range map[string]string{
		`{"weight":1,"label":null,"kind":"leaf","parent":{"id":"9"}}`: "",
		`{"weight":1,"parent":{"id":"9","note":null}}`:                "",
		`{"weight":0}`:                   "weight",
		`{"weight":1,"kind":"branch"}`:   "kind",
		`{"weight":1,"parent":{"id":7}}`: "id",
		`{"label":"x"}`:                  "weight",
	} {
		res, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: shown.Name, Arguments: json.RawMessage(arguments)})
		if err != nil {
			t.Fatalf("%s: %v", arguments, err)
		}
		text := res.Content[0].(*mcp.TextContent).Text
		switch {
		case want == "" && res.IsError, want != "" && (!res.IsError || !strings.Contains(text, want)):
			t.Errorf("%s: error %v: %s", arguments, res.IsError, text)
		case want == "":
			checkOutput(t, shown, res.StructuredContent)
		}
	}
}

// checkOutput checks a result as strict clients do, by the schema that is shown.
func checkOutput(t *testing.T, shown *mcp.Tool, result any) {
	t.Helper()
	text, err := json.Marshal(shown.OutputSchema)
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := resolved.Validate(result); err != nil {
		t.Errorf("the result is refused by %s: %v", text, err)
	}
}

// TestNativeSchemasStayUnlessAProfileIsNamed shows a native tool both ways.
func TestNativeSchemasStayUnlessAProfileIsNamed(t *testing.T) {
	server, url := upstream(t)
	server.AddTool(&mcp.Tool{Name: "say", InputSchema: json.RawMessage(`{"type":"object","properties":{"a":{"const":"x"}}}`)}, nil)
	for name, want := range map[string]string{profile.Default: `"const":"x"`, profile.Gemini: `"enum":["x"]`} {
		p, err := profile.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		g, _ := serveWith(t, gateway.Options{Profile: p, Mounts: []gateway.Mount{{Source: source(t, "up", url), Prefix: "up"}}})
		settled(t, g)
		entry, err := g.Catalog().Lookup("up_say")
		if err != nil || !strings.Contains(string(entry.Definition()), want) {
			t.Errorf("%s: %v, %v", name, entry, err)
		}
	}
}
