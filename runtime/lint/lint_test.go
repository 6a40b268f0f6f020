package lint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bridge-gateway/bridge/runtime/lint"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden checks the first file of each archive, and compares with the
// archive's findings.txt and overlay.yaml. "prefix: NAME" and "disable: CODE" may
// stand in the archive's comment.
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
	dir := t.TempDir()
	var inputs, want []txtar.File
	for _, f := range archive.Files {
		if f.Name == "findings.txt" || f.Name == "overlay.yaml" {
			want = append(want, f)
			continue
		}
		inputs = append(inputs, f)
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	document := filepath.Join(dir, inputs[0].Name)
	opts := goldenOptions(t, string(archive.Comment))
	findings := check(t, document, opts)
	overlay, _, err := lint.Overlay(findings, "the document", "overlay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := []txtar.File{{Name: "findings.txt", Data: render(t, findings, dir)}, {Name: "overlay.yaml", Data: overlay}}
	checkMended(t, document, findings, overlay, opts)
	if *update {
		archive.Files = append(inputs, got...)
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if a, b := string(txtar.Format(&txtar.Archive{Files: want})), string(txtar.Format(&txtar.Archive{Files: got})); a != b {
		diff, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{A: difflib.SplitLines(a), B: difflib.SplitLines(b), FromFile: "want", ToFile: "got", Context: 3})
		t.Errorf("differs (run with -update to accept):\n%s", diff)
	}
}

func goldenOptions(t *testing.T, comment string) lint.Options {
	var opts lint.Options
	for line := range strings.Lines(comment) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
		case "prefix":
			opts.Prefix = value
		case "disable":
			opts.Disable = append(opts.Disable, value)
		case "tokens":
			opts.Tokens = map[string]int{}
			for _, pair := range strings.Fields(value) {
				name, n, _ := strings.Cut(pair, "=")
				var tokens int
				if _, err := fmt.Sscan(n, &tokens); err != nil {
					t.Fatal(err)
				}
				opts.Tokens[name] = tokens
			}
		}
	}
	return opts
}

// check lints a document, with overlays applied first.
func check(t testing.TB, document string, opts lint.Options, overlays ...string) []lint.Finding {
	t.Helper()
	doc, written, err := openapi.Inspect(context.Background(), document, openapi.Options{Prefix: opts.Prefix, Overlays: overlays})
	if err != nil {
		t.Fatal(err)
	}
	return lint.Check(doc, written, opts)
}

// render writes findings as the golden file has them, with dir's name left out.
func render(t *testing.T, findings []lint.Finding, dir string) []byte {
	var buf bytes.Buffer
	for _, f := range findings {
		fmt.Fprintf(&buf, "%s (%s)\n", f.Diagnostic.String(), f.Operation)
		if f.Action != nil {
			raw, err := json.Marshal(f.Action.Update)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&buf, "    %s %s\n", f.Action.Target, raw)
		}
	}
	return bytes.ReplaceAll(buf.Bytes(), []byte(dir+string(filepath.Separator)), nil)
}

// checkMended applies the proposed overlay: every finding that it is to mend
// must be gone, with no new warning in its place.
func checkMended(t *testing.T, document string, before []lint.Finding, overlay []byte, opts lint.Options) {
	if overlay == nil {
		return
	}
	file := filepath.Join(filepath.Dir(document), "overlay.yaml")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	after := check(t, document, opts, file)
	for _, f := range before {
		if f.Action != nil && slices.ContainsFunc(after, func(g lint.Finding) bool { return g.Code == f.Code && g.Operation == f.Operation }) {
			t.Errorf("the overlay does not mend %s of %s", f.Code, f.Operation)
		}
	}
	for _, g := range after {
		known := slices.ContainsFunc(before, func(f lint.Finding) bool { return g.Code == f.Code && g.Operation == f.Operation })
		if g.Severity != openapi.SeverityInfo && !known {
			t.Errorf("the overlay makes a new finding: %s", g)
		}
	}
}

// TestExampleDocument holds the example to what a document can reach: nothing
// that a model will get wrong.
func TestExampleDocument(t *testing.T) {
	for _, f := range check(t, filepath.Join("..", "..", "specs", "crm.yaml"), lint.Options{Prefix: "crm"}) {
		if f.Severity != openapi.SeverityInfo {
			t.Errorf("%s", f)
		}
	}
}

// TestRealDocuments lints real documents, where they are present: every finding
// has a place, a reason and a known severity, the same input gives the same
// findings, and the overlays mend what they say.
func TestRealDocuments(t *testing.T) {
	dir := os.Getenv("BRIDGE_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "specs")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("there are no real documents here; set BRIDGE_CORPUS to their folder")
	}
	for _, name := range []string{"netlify-swagger2.yaml", "slack-web-noex-swagger2.json", "qdrant.json", "prometheus-3.2.yaml", "readme-parameters-style.json", "stripe-2025.json"} {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			opts := lint.Options{Prefix: "api"}
			findings := check(t, file, opts)
			for _, f := range findings {
				if (f.File == "" || f.Line < 1 || f.Column < 1) && f.Code != "diagnostics-omitted" || f.Message == "" || f.Code == "" {
					t.Errorf("a finding lacks its place or text: %+v", f)
				}
			}
			overlay, _, err := lint.Overlay(findings, name, "x.json")
			if err != nil {
				t.Fatal(err)
			}
			again, _, err := lint.Overlay(check(t, file, opts), name, "x.json")
			if err != nil || !bytes.Equal(overlay, again) {
				t.Error("a second run gives other findings")
			}
			applied := filepath.Join(t.TempDir(), "overlay.json")
			if err := os.WriteFile(applied, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			if overlay == nil {
				return
			}
			after := check(t, file, opts, applied)
			for _, f := range findings {
				if f.Action != nil && slices.ContainsFunc(after, func(g lint.Finding) bool { return g.Code == f.Code && g.Operation == f.Operation }) {
					t.Errorf("the overlay does not mend %s of %s", f.Code, f.Operation)
				}
			}
		})
	}
}

// FuzzCheck looks for documents that make a rule fail.
func FuzzCheck(f *testing.F) {
	archives, err := filepath.Glob(filepath.Join("testdata", "golden", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "a.yaml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		doc, written, err := openapi.Inspect(t.Context(), file, openapi.Options{})
		if err != nil {
			return
		}
		if len(written.Operations) != len(doc.Tools) {
			t.Fatalf("%d tools and %d operations", len(doc.Tools), len(written.Operations))
		}
		if _, _, err := lint.Overlay(lint.Check(doc, written, lint.Options{Prefix: "p"}), "x", "x.yaml"); err != nil {
			t.Fatal(err)
		}
	})
}
