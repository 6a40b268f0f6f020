package corpus_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bridge-gateway/bridge/cmd/bridge/corpus/wire"
	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// TestWire holds what calls send to what the specifications say, compiled and
// interpreted.
func TestWire(t *testing.T) {
	p := newProgram(t)
	cases := map[string][]wire.Case{}
	wanted := map[string][]string{}
	documents := map[string]*openapi.Document{}
	for _, name := range []string{"wire", "wire2"} {
		path := filepath.Join("testdata", name+".yaml")
		doc, err := openapi.Load(t.Context(), path, openapi.Options{})
		if err != nil {
			t.Fatal(err)
		}
		documents[name] = doc
		cases[name], wanted[name] = readWire(t, filepath.Join("testdata", name+".txtar"))
		checkComplete(t, doc, cases[name])
		interpreted, err := wire.Send(t.Context(), doc.API, doc.Tools, cases[name])
		if err != nil {
			t.Fatal(err)
		}
		compareWire(t, name+" interpreted", cases[name], wanted[name], interpreted)
		files, err := generator.Generate(doc.Tools, generateOptions(name, document{name: name, path: path}, doc))
		if err != nil {
			t.Fatal(err)
		}
		p.add(t, name, files)
	}
	if testing.Short() {
		return
	}
	for name, answer := range p.carryOut(t, cases) {
		if answer.Tools != digest(t, documents[name].Tools) {
			t.Errorf("%s: the adapter's tools are not those it was made from", name)
		}
		compareWire(t, name+" compiled", cases[name], wanted[name], answer.Sent)
	}
}

// readWire reads calls and what they send.
func readWire(t *testing.T, path string) (cases []wire.Case, wanted []string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		name, args, ok := strings.Cut(f.Name, " ")
		if !ok || !json.Valid([]byte(args)) {
			t.Fatalf("%s: %q is no tool with arguments", path, f.Name)
		}
		cases = append(cases, wire.Case{Tool: name, Arguments: args})
		wanted = append(wanted, string(f.Data))
	}
	return cases, wanted
}

// checkComplete checks that every operation is called.
func checkComplete(t *testing.T, doc *openapi.Document, cases []wire.Case) {
	t.Helper()
	called := map[string]bool{}
	for _, c := range cases {
		called[c.Tool] = true
	}
	for _, tl := range doc.Tools {
		if !called[tl.Name] {
			t.Errorf("nothing calls %s", tl.Name)
		}
	}
}

func compareWire(t *testing.T, what string, cases []wire.Case, wanted, sent []string) {
	t.Helper()
	if len(sent) != len(cases) {
		t.Fatalf("%s: %d calls, %d requests", what, len(cases), len(sent))
	}
	for i, c := range cases {
		want := strings.TrimSuffix(wanted[i], "\n")
		if word, ok := strings.CutPrefix(want, "refused: "); ok {
			if reason, ok := wire.Refused(sent[i]); !ok || !strings.Contains(reason, word) {
				t.Errorf("%s: %s %s must be refused with %q, and is: %s", what, c.Tool, c.Arguments, word, sent[i])
			}
			continue
		}
		if got := plainWire(sent[i]); got != want {
			t.Errorf("%s: %s %s\ngot\n%s\nwant\n%s", what, c.Tool, c.Arguments, got, want)
		}
	}
}

// plainWire writes a request as the goldens have it.
func plainWire(sent string) string {
	head, body, hasBody := strings.Cut(sent, "\n\n")
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSuffix(head, "\n"), "\n") {
		if line == "Accept: application/json, */*;q=0.1" {
			continue
		}
		if before, boundary, ok := strings.Cut(line, "; boundary="); ok {
			body = strings.ReplaceAll(strings.ReplaceAll(body, boundary, "BOUNDARY"), "\r\n", "\n")
			body = strings.TrimSuffix(body, "\n")
			line = before + "; boundary=BOUNDARY"
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	out := strings.Join(lines, "\n")
	if hasBody {
		out += "\n\n" + body
	}
	return out
}
