package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/generated/crm"
	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestCompiledAndInterpretedAreOne checks, for the whole CRM document, that the
// adapter's tools are the document's to the byte, and that both send the same
// requests. What is written by hand beside the adapter is left out here;
// TestHandWritten shows that.
func TestCompiledAndInterpretedAreOne(t *testing.T) {
	doc, err := openapi.Load(t.Context(), repo+"/specs/crm.yaml", openapi.Options{Prefix: "crm"})
	if err != nil {
		t.Fatal(err)
	}
	adapter := crm.Adapter()
	adapter.Custom = nil
	compiled, err := adapter.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(compiled) < 30 || len(compiled) != len(doc.Tools) {
		t.Fatalf("%d tools compiled, %d interpreted", len(compiled), len(doc.Tools))
	}
	var sent bytes.Buffer
	recorder := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { record(t, &sent, w, r) }))
	defer recorder.Close()
	fromAdapter, fromDocument := restSource(t, adapter.API, compiled, recorder.URL), restSource(t, doc.API, doc.Tools, recorder.URL)

	requests := 0
	for i := range compiled {
		if !reflect.DeepEqual(compiled[i], doc.Tools[i]) {
			t.Errorf("%s differs:\ncompiled    %+v\ninterpreted %+v", compiled[i].Name, compiled[i], doc.Tools[i])
			continue
		}
		for _, args := range argumentsFor(t, &compiled[i]) {
			a := send(t, &sent, fromAdapter, &compiled[i], args)
			b := send(t, &sent, fromDocument, &doc.Tools[i], args)
			if a != b || !strings.HasPrefix(a, compiled[i].Operation.Method+" /") {
				t.Errorf("%s %s:\ncompiled    %s\ninterpreted %s", compiled[i].Name, args, a, b)
			}
			requests++
		}
	}
	t.Logf("%d requests by %d tools were the same to the byte", requests, len(compiled))
}

// record writes a whole request as it arrived.
func record(t *testing.T, sent *bytes.Buffer, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	sent.WriteString(r.Method + " " + r.RequestURI + "\n")
	if err := r.Header.Write(sent); err != nil {
		t.Error(err)
	}
	sent.Write(body)
	w.WriteHeader(http.StatusNoContent)
}

func restSource(t *testing.T, api tool.API, tools []tool.Tool, url string) *rest.Source {
	t.Helper()
	s, err := rest.New(rest.Options{Name: "crm", API: api, Tools: tools, BaseURL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// send invokes a tool and returns the request that arrived.
func send(t *testing.T, sent *bytes.Buffer, s *rest.Source, tl *tool.Tool, args json.RawMessage) string {
	t.Helper()
	sent.Reset()
	res, err := s.Invoke(t.Context(), &call.Call{Tool: tl, Arguments: args})
	if err != nil || res.IsError {
		t.Errorf("%s %s: %v %+v", tl.Name, args, err, res)
	}
	return sent.String()
}

// argumentsFor makes arguments for a tool from its schema: the required ones
// alone, and all of them.
func argumentsFor(t *testing.T, tl *tool.Tool) []json.RawMessage {
	t.Helper()
	var schema node
	if err := json.Unmarshal(tl.Input, &schema); err != nil {
		t.Fatal(err)
	}
	var out []json.RawMessage
	for _, all := range []bool{false, true} {
		args, err := json.Marshal(schema.value(&schema, all, 0))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, args)
	}
	return out
}

// node is as much of a JSON Schema as making a value of it takes.
type node struct {
	Ref          string           `json:"$ref"`
	Defs         map[string]*node `json:"$defs"`
	Type         any              `json:"type"`
	Properties   map[string]*node `json:"properties"`
	Required     []string         `json:"required"`
	Items        *node            `json:"items"`
	OneOf, AnyOf []*node
	AllOf        []*node
	Enum         []any    `json:"enum"`
	Const        any      `json:"const"`
	Examples     []any    `json:"examples"`
	Default      any      `json:"default"`
	Minimum      *float64 `json:"minimum"`
	MinLength    int      `json:"minLength"`
	Format       string   `json:"format"`
	Description  string   `json:"description"`
}

// value makes a value of the schema, the same for the same schema.
func (n *node) value(root *node, all bool, depth int) any {
	if n.Ref != "" {
		return root.Defs[strings.TrimPrefix(n.Ref, tool.RefPrefix)].value(root, all && depth < 3, depth+1)
	}
	switch {
	case n.Const != nil:
		return n.Const
	case len(n.Examples) > 0:
		return n.Examples[0]
	case len(n.Enum) > 0:
		return n.Enum[0]
	case n.Default != nil:
		return n.Default
	case len(n.OneOf) > 0:
		return n.OneOf[0].value(root, all, depth+1)
	case len(n.AnyOf) > 0:
		return n.AnyOf[0].value(root, all, depth+1)
	}
	kind := n.Type
	if list, ok := kind.([]any); ok {
		kind = list[0]
	}
	switch kind {
	case "object":
		return n.object(root, all, depth)
	case "array":
		if n.Items == nil {
			return []any{}
		}
		return []any{n.Items.value(root, all, depth+1)}
	case "integer", "number":
		if n.Minimum != nil {
			return *n.Minimum
		}
		return 7
	case "boolean":
		return true
	default:
		return n.text()
	}
}

func (n *node) object(root *node, all bool, depth int) any {
	out := map[string]any{}
	required := map[string]bool{}
	for _, name := range n.Required {
		required[name] = true
	}
	for name, p := range n.Properties {
		if required[name] || all && depth < 4 {
			out[name] = p.value(root, all, depth+1)
		}
	}
	for _, part := range n.AllOf {
		if more, ok := part.value(root, all, depth+1).(map[string]any); ok {
			for k, v := range more {
				out[k] = v
			}
		}
	}
	return out
}

func (n *node) text() string {
	if strings.Contains(n.Description, "base64") {
		return "aGVsbG8="
	}
	switch n.Format {
	case "date-time":
		return "2026-01-02T03:04:05Z"
	case "date":
		return "2026-01-02"
	case "email":
		return "a@b.example"
	case "uri":
		return "https://a.example/x?y=z"
	}
	return strings.Repeat("a/ü &", n.MinLength/5+1)
}
