package restout_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/httpapi"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const (
	repository = "../../.."
	maxSize    = 1 << 20 // of a document's root file, without CORPUS=full
)

// maxOutput bounds output schemas, as lowering leaves out the largest.
const maxOutput = 32 << 10

// shown returns the tools as a gateway shows them to clients.
func shown(t *testing.T, entries []*gateway.Entry) []httpapi.Tool {
	t.Helper()
	tools := make([]httpapi.Tool, len(entries))
	for i, e := range entries {
		var d tool.Tool
		if err := json.Unmarshal(e.Definition(), &d); err != nil {
			t.Fatal(err)
		}
		tools[i] = httpapi.Tool{Name: d.Name, Title: d.Title, Description: d.Description, Input: d.Input,
			Output: d.Output, Annotations: d.Annotations, Source: e.Source}
	}
	return tools
}

// documents lists the project's own documents and those of the corpus, if there
// is one.
func documents(t *testing.T) []string {
	t.Helper()
	folder := os.Getenv("BRIDGE_CORPUS")
	if folder == "" {
		folder = filepath.Join(repository, "..", "shared", "specs")
	}
	var list []string
	for _, dir := range []string{filepath.Join(repository, "specs"), folder} {
		if _, err := os.Stat(dir); err != nil {
			t.Log("no corpus of real documents here, only the project's own; name a folder of documents in BRIDGE_CORPUS")
			continue
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)) {
				return err
			}
			if info, err := d.Info(); err != nil || info.Size() > maxSize && os.Getenv("CORPUS") != "full" {
				return err
			}
			list = append(list, path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// TestToolsSurviveTheDocument serves the tools of each document, and lowers the
// document that describes them.
func TestToolsSurviveTheDocument(t *testing.T) {
	tools := 0
	for _, path := range documents(t) {
		doc, err := openapi.Load(t.Context(), path, openapi.Options{})
		if err != nil || len(doc.Tools) == 0 {
			continue // a part of another document, or one without operations
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			survive(t, shown(t, gateway.Preview("", doc.Tools, profile.Profile{}).Entries()), plain)
			survive(t, own(t, doc.Tools), arguments)
			tools += len(doc.Tools)
		})
	}
	t.Logf("%d tools in all", tools)
}

// own returns the tools with their source's own schemas, which share definitions.
func own(t *testing.T, tools []tool.Tool) []httpapi.Tool {
	t.Helper()
	list := make([]httpapi.Tool, len(tools))
	for i, d := range tools {
		output, err := tool.Tolerant(d.Output)
		if err != nil {
			t.Fatal(err)
		}
		if len(output) > maxOutput {
			output = nil
		}
		list[i] = httpapi.Tool{Name: d.Name, Title: d.Title, Description: d.Description, Input: d.Input,
			Output: output, Annotations: d.Annotations, Source: "own"}
	}
	return list
}

// survive checks that tools come back from the document that describes them, with
// input schemas of which read gives the same.
func survive(t *testing.T, before []httpapi.Tool, read func(*testing.T, json.RawMessage) string) {
	t.Helper()
	after, text := describe(t, before)
	checkReferences(t, text)
	if again, second := describe(t, before); second != text || len(again) != len(after) {
		t.Error("the document is not the same to the byte when it is made again")
	}
	if len(after) != len(before) {
		t.Fatalf("%d tools became %d", len(before), len(after))
	}
	for i := range before {
		compare(t, before[i], after[i], read)
	}
}

// describe returns the document of tools, and the tools that it lowers to.
func describe(t *testing.T, tools []httpapi.Tool) ([]tool.Tool, string) {
	t.Helper()
	handler := httpapi.New(httpapi.Options{
		Tools:   func(context.Context) []httpapi.Tool { return tools },
		Version: func(context.Context) string { return "" },
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	doc, err := openapi.Lower(t.Context(), w.Body.Bytes(), "openapi.json", openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range doc.Diagnostics {
		if d.Severity == openapi.SeverityError {
			t.Errorf("%s", d)
		}
	}
	return doc.Tools, w.Body.String()
}

// typed names the tools whose schemas get a type: lowering says "object" for
// what has properties alone.
var typed = []string{"gists_update"}

func compare(t *testing.T, before httpapi.Tool, after tool.Tool, read func(*testing.T, json.RawMessage) string) {
	t.Helper()
	if after.Name != before.Name || after.Annotations != before.Annotations || after.Title != before.Title {
		t.Errorf("%s %q %+v became %s %q %+v", before.Name, before.Title, before.Annotations, after.Name, after.Title, after.Annotations)
	}
	if got, want := read(t, after.Input), read(t, before.Input); got != want && !slices.Contains(typed, before.Name) {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		i = max(0, i-200)
		t.Errorf("%s: the input schema came back as\n…%.400s\nand was\n…%.400s", before.Name, got[i:], want[i:])
	}
	if (len(before.Output) > 0) != (len(after.Output) > 0) {
		t.Errorf("%s: %d bytes of output schema became %d", before.Name, len(before.Output), len(after.Output))
	}
}

// marked finds what was put behind the name of a definition because another
// tool has one of the same name that is another schema.
var marked = regexp.MustCompile(`_[0-9a-f]{12}"`)

// plain writes a schema for a comparison: members sorted, definitions under the
// names that their own tool had for them.
func plain(t *testing.T, schema json.RawMessage) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(marked.ReplaceAll(schema, []byte(`"`)), &value); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// arguments writes the names of a schema's arguments. Where definitions are
// shared there is no more to compare: lowering follows those that are nothing but
// a reference to another.
func arguments(t *testing.T, schema json.RawMessage) string {
	t.Helper()
	var root struct {
		Properties map[string]json.RawMessage
		Required   []string
	}
	if err := json.Unmarshal(schema, &root); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(slices.Sorted(maps.Keys(root.Properties)), root.Required)
}

var reference = regexp.MustCompile(`"\$ref":"#/components/([a-z]+)/([^"/]+)"`)

// checkReferences checks that every reference leads to a component, and that
// every component is referred to.
func checkReferences(t *testing.T, text string) {
	t.Helper()
	var doc struct {
		Components map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, match := range reference.FindAllStringSubmatch(text, -1) {
		used[match[1]+"/"+match[2]] = true
		if doc.Components[match[1]][match[2]] == nil {
			t.Errorf("%s leads nowhere", match[0])
		}
	}
	for kind, all := range doc.Components {
		for name := range all {
			if !used[kind+"/"+name] {
				t.Errorf("nothing refers to %s %s", kind, name)
			}
		}
	}
	if strings.Contains(text, `"$defs"`) {
		t.Error("a schema has definitions of its own")
	}
}
