package openapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// corpus lists the real documents beside the repository, or in BRIDGE_CORPUS.
func corpus(t testing.TB) []string {
	dir := os.Getenv("BRIDGE_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "specs")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus of real documents here; name its folder in BRIDGE_CORPUS")
	}
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)) {
			return err
		}
		head := make([]byte, 64<<10)
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		n, _ := f.Read(head)
		if isDocument(path, head[:n]) {
			list = append(list, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func isDocument(path string, head []byte) bool {
	if filepath.Ext(path) == ".json" {
		return bytes.Contains(head, []byte(`"openapi"`)) || bytes.Contains(head, []byte(`"swagger"`)) || len(head) == 64<<10
	}
	for line := range strings.Lines(string(head)) {
		if strings.HasPrefix(line, "openapi:") || strings.HasPrefix(line, "swagger:") || strings.HasPrefix(line, `"openapi":`) {
			return true
		}
	}
	return false
}

func TestCorpus(t *testing.T) {
	for _, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) { checkDocument(t, path) })
	}
}

func checkDocument(t *testing.T, path string) {
	start := time.Now()
	doc, err := openapi.Load(context.Background(), path, openapi.Options{Responses: true})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	if took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	checkInvariants(t, doc)
	again, err := openapi.Load(context.Background(), path, openapi.Options{Responses: true})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := dump(t, doc), dump(t, again); a != b {
		t.Error("a second run gave other bytes")
	}
	counts := map[openapi.Severity]int{}
	for _, d := range doc.Diagnostics {
		counts[d.Severity]++
	}
	size := 0
	for _, tl := range doc.Tools {
		size += len(tl.Input)
	}
	t.Logf("%5d operations %5d tools %3d errors %4d warnings %5d infos %8d bytes of input %8s",
		doc.Operations, len(doc.Tools), counts["error"], counts["warning"], counts["info"], size, took.Round(time.Millisecond))
}

// checkInvariants checks what must hold of every document.
func checkInvariants(t *testing.T, doc *openapi.Document) {
	t.Helper()
	failed := map[string]bool{}
	for _, d := range doc.Diagnostics {
		if d.Severity == openapi.SeverityError || d.Code == "hidden" {
			failed[d.Operation] = true
		}
		if d.Code != "diagnostics-omitted" && (d.File == "" || d.Line == 0) {
			t.Errorf("a diagnostic without a place: %v", d)
		}
	}
	tools := map[string]bool{}
	names := map[string]bool{}
	defs := map[string]string{}
	for i := range doc.Tools {
		tl := &doc.Tools[i]
		if names[tl.Name] {
			t.Errorf("name %q stands twice", tl.Name)
		}
		names[tl.Name] = true
		tools[tl.Operation.Method+" "+tl.Operation.Path] = true
		if err := tl.Validate(); err != nil {
			t.Error(err)
		}
		for _, raw := range []json.RawMessage{tl.Input, tl.Output} {
			compile(t, tl.Name, raw)
			sameDefs(t, defs, raw)
		}
	}
	compiled := map[string]bool{}
	for _, list := range doc.Responses {
		for _, r := range list {
			if key := string(r.Schema); !compiled[key] {
				compiled[key] = true
				compile(t, "response", r.Schema)
			}
		}
	}
	if doc.Operations != len(doc.Tools)+len(failed) {
		t.Errorf("%d operations, but %d tools and %d that failed", doc.Operations, len(doc.Tools), len(failed))
	}
}

// sameDefs checks that a definition's name stands for one schema only.
func sameDefs(t *testing.T, seen map[string]string, raw json.RawMessage) {
	t.Helper()
	if raw == nil {
		return
	}
	var schema struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	for name, def := range schema.Defs {
		if was, ok := seen[name]; ok && was != string(def) {
			t.Errorf("definition %q stands for two schemas:\n%s\n%s", name, was, def)
		}
		seen[name] = string(def)
	}
}

func compile(t *testing.T, name string, raw json.RawMessage) {
	if raw == nil {
		return
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if _, err := s.Resolve(nil); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func dump(t *testing.T, doc *openapi.Document) string {
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
