package openapi_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestNothingIsLost walks real documents as plain maps, sharing no code with
// the lowering, and looks for every declared parameter and top-level body field
// among the tool's arguments or in a diagnostic.
func TestNothingIsLost(t *testing.T) {
	for _, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var root map[string]any
			read := yaml.Unmarshal
			if filepath.Ext(path) == ".json" {
				read = json.Unmarshal
			}
			if err := read(data, &root); err != nil {
				t.Fatal(err)
			}
			doc, err := openapi.Load(context.Background(), path, openapi.Options{})
			if err != nil {
				t.Fatal(err)
			}
			w := &walker{t: t, root: root, tools: map[string]*tool.Operation{}, told: map[string]string{}}
			for i := range doc.Tools {
				op := doc.Tools[i].Operation
				w.tools[op.Method+" "+op.Path+"?"+op.Query] = op
			}
			for _, d := range doc.Diagnostics {
				w.told[d.Operation] += d.Message + "\n"
			}
			w.walk()
			t.Logf("%d parameters and %d fields looked for", w.parameters, w.fields)
		})
	}
}

type walker struct {
	t                  *testing.T
	root               map[string]any
	tools              map[string]*tool.Operation
	told               map[string]string
	parameters, fields int
}

// at follows local references; nil for others, which the plain walk can't see.
func (w *walker) at(v any) map[string]any {
	for range 20 {
		m, _ := v.(map[string]any)
		ref, ok := m["$ref"].(string)
		if !ok {
			return m
		}
		rest, local := strings.CutPrefix(ref, "#/")
		if !local {
			return nil
		}
		v = any(w.root)
		for step := range strings.SplitSeq(rest, "/") {
			m, _ := v.(map[string]any)
			v = m[strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}").Replace(step)]
		}
	}
	return nil
}

func (w *walker) walk() {
	paths, _ := w.root["paths"].(map[string]any)
	for path, value := range paths {
		item := w.at(value)
		for method, value := range item {
			method = strings.ToUpper(method)
			if !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"}, method) {
				continue
			}
			op := w.at(value)
			clean, _, _ := strings.Cut(path, "#")
			clean, query, _ := strings.Cut(clean, "?")
			made := w.tools[method+" "+clean+"?"+query]
			if made == nil {
				if w.told[method+" "+path] == "" {
					w.t.Errorf("%s %s: no tool and no word", method, path)
				}
				continue
			}
			w.operation(method+" "+path, made, item, op)
		}
	}
}

func (w *walker) operation(key string, made *tool.Operation, item, op map[string]any) {
	for _, holder := range []map[string]any{item, op} {
		list, _ := holder["parameters"].([]any)
		for _, value := range list {
			p := w.at(value)
			name, _ := p["name"].(string)
			switch in, _ := p["in"].(string); in {
			case "path", "query", "header", "cookie", "querystring":
				w.parameters++
				has := slices.ContainsFunc(made.Parameters, func(q tool.Parameter) bool { return q.Name == name && string(q.In) == in })
				if !has && !strings.Contains(w.told[key], name) {
					w.t.Errorf("%s: the parameter %q in %s is lost", key, name, in)
				}
			case "formData":
				w.field(key, made, name)
			case "body":
				w.body(key, made, p["schema"])
			}
		}
	}
	if body := w.at(op["requestBody"]); body != nil && made.Body != nil {
		content, _ := body["content"].(map[string]any)
		media := w.at(content[made.Body.MediaType])
		w.body(key, made, media["schema"])
	}
}

func (w *walker) body(key string, made *tool.Operation, schema any) {
	for name, value := range w.properties(schema, 0) {
		property := w.at(value)
		outer, _ := value.(map[string]any)
		if property["readOnly"] == true || outer["readOnly"] == true || value == false {
			continue
		}
		w.field(key, made, name)
	}
}

func (w *walker) field(key string, made *tool.Operation, name string) {
	w.fields++
	if made.Body == nil {
		w.t.Errorf("%s: the body with the field %q is lost", key, name)
		return
	}
	has := made.Body.Arg != "" || slices.ContainsFunc(made.Body.Fields, func(f tool.Field) bool { return f.Name == name })
	if !has && !strings.Contains(w.told[key], name) {
		w.t.Errorf("%s: the field %q is lost", key, name)
	}
}

func (w *walker) properties(schema any, depth int) map[string]any {
	s := w.at(schema)
	if s == nil || depth > 10 {
		return nil
	}
	all := map[string]any{}
	own, _ := s["properties"].(map[string]any)
	for name, v := range own {
		all[name] = v
	}
	parts, _ := s["allOf"].([]any)
	for _, part := range parts {
		for name, v := range w.properties(part, depth+1) {
			if _, ok := all[name]; !ok {
				all[name] = v
			}
		}
	}
	return all
}
