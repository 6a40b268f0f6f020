package openapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden lowers the first file of each archive, with the others beside it,
// and compares with the archive's tools.json, api.json, responses.json and
// diagnostics.txt. Options stand in the archive's comment: "prefix: crm",
// "responses: true", "name: GET /contacts = contacts", "overlay: overlay.yaml",
// "root: .".
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join("testdata", "golden", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { checkGolden(t, path) })
	}
}

func checkGolden(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var inputs, goldens []txtar.File
	for _, f := range archive.Files {
		switch f.Name {
		case "api.json", "tools.json", "responses.json", "diagnostics.txt":
			goldens = append(goldens, f)
		default:
			inputs = append(inputs, f)
		}
	}
	dir := t.TempDir()
	for _, f := range inputs {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join(dir, filepath.FromSlash(inputs[0].Name))
	doc, err := openapi.Load(context.Background(), root, goldenOptions(t, string(archive.Comment), dir))
	if err != nil {
		t.Fatal(err)
	}
	checkInvariants(t, doc)
	got := render(t, doc, dir)
	if *update {
		archive.Files = append(inputs, got...)
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if a, b := string(txtar.Format(&txtar.Archive{Files: goldens})), string(txtar.Format(&txtar.Archive{Files: got})); a != b {
		diff, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{A: difflib.SplitLines(a), B: difflib.SplitLines(b), FromFile: "want", ToFile: "got", Context: 3})
		t.Errorf("differs (run with -update to accept):\n%s", diff)
	}
}

func goldenOptions(t *testing.T, comment, dir string) openapi.Options {
	opts := openapi.Options{Names: map[string]string{}}
	for line := range strings.Lines(comment) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !ok || strings.HasPrefix(line, "#"):
		case key == "prefix":
			opts.Prefix = value
		case key == "responses":
			opts.Responses = value == "true"
		case key == "root":
			opts.Root = dir
		case key == "overlay":
			opts.Overlays = append(opts.Overlays, filepath.Join(dir, value))
		case key == "name":
			op, name, _ := strings.Cut(value, " = ")
			opts.Names[op] = name
		default:
			t.Fatalf("unknown option %q", line)
		}
	}
	return opts
}

// render writes a document as golden files, with dir's name left out.
func render(t *testing.T, doc *openapi.Document, dir string) []txtar.File {
	var diagnostics bytes.Buffer
	for _, d := range doc.Diagnostics {
		diagnostics.WriteString(d.String())
		if d.Operation != "" {
			diagnostics.WriteString(" (" + d.Operation + ")")
		}
		diagnostics.WriteByte('\n')
	}
	files := []txtar.File{{Name: "api.json", Data: indent(t, doc.API)}, {Name: "tools.json", Data: indent(t, doc.Tools)}}
	if doc.Responses != nil {
		files = append(files, txtar.File{Name: "responses.json", Data: indent(t, doc.Responses)})
	}
	files = append(files, txtar.File{Name: "diagnostics.txt", Data: diagnostics.Bytes()})
	for i := range files {
		files[i].Data = bytes.ReplaceAll(files[i].Data, []byte(dir+string(filepath.Separator)), nil)
	}
	return files
}

func indent(t *testing.T, v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
