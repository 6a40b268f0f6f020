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
	doc, err := openapi.Load(context.Background(), path, openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	counts := map[openapi.Severity]int{}
	failed := map[string]bool{}
	for _, d := range doc.Diagnostics {
		counts[d.Severity]++
		if d.Severity == openapi.SeverityError {
			failed[d.Operation] = true
		}
		if d.File == "" || d.Line == 0 {
			t.Errorf("a diagnostic without a place: %v", d)
		}
	}
	if doc.Operations != len(doc.Tools)+len(failed) {
		t.Errorf("%d operations, but %d tools and %d failed", doc.Operations, len(doc.Tools), len(failed))
	}
	names := map[string]bool{}
	bytes := 0
	for i := range doc.Tools {
		tl := &doc.Tools[i]
		if names[tl.Name] {
			t.Errorf("name %q stands twice", tl.Name)
		}
		names[tl.Name] = true
		if err := tl.Validate(); err != nil {
			t.Error(err)
		}
		compile(t, tl.Name, tl.Input)
		compile(t, tl.Name, tl.Output)
		bytes += len(tl.Input)
	}
	again, err := openapi.Load(context.Background(), path, openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := dump(t, doc), dump(t, again); a != b {
		t.Error("a second run gave other bytes")
	}
	t.Logf("%5d ops %5d tools %3d errors %4d warnings %5d infos %8d input bytes %8s",
		doc.Operations, len(doc.Tools), counts["error"], counts["warning"], counts["info"], bytes, took.Round(time.Millisecond))
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
