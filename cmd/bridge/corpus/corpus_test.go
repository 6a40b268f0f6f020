package corpus_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/cmd/bridge/corpus/wire"
	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const repository = "../../.."

// What is left out without CORPUS=full.
const (
	maxSize     = 1 << 20 // of a document's root file, in bytes
	maxCompiled = 60      // tools of a package that is compiled
)

// maxLines is how many lines of Go an operation takes at most, on average and
// types aside.
const maxLines = 40

func full() bool { return os.Getenv("CORPUS") == "full" }

// document is one document of the corpus.
type document struct {
	name, path string
	own        bool // of the project
}

// documents lists the project's own documents and those of the corpus, if there
// is one. A file is a document that says so at its root.
func documents(t testing.TB) []document {
	t.Helper()
	list := under(t, filepath.Join(repository, "specs"))
	list = append(list, under(t, "testdata")...)
	for i := range list {
		list[i].own = true
	}
	dir := os.Getenv("BRIDGE_CORPUS")
	if dir == "" {
		dir = filepath.Join(repository, "..", "shared", "specs")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Log("no corpus of real documents here, only the project's own; name a folder of documents in BRIDGE_CORPUS")
		return list
	}
	return append(list, under(t, dir)...)
}

func under(t testing.TB, dir string) []document {
	t.Helper()
	var list []document
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)) {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Size() > maxSize && !full() {
			return err
		}
		value, err := readRaw(path)
		if root, ok := value.(map[string]any); err == nil && ok && (root["openapi"] != nil || root["swagger"] != nil) {
			name, err := filepath.Rel(dir, path)
			list = append(list, document{name: shortName(filepath.ToSlash(name)), path: path})
			return err
		}
		return nil // a part of another document, or none at all
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// shortName names a document by its file and the folder that it came in.
func shortName(path string) string {
	folder, _, ok := strings.Cut(path, "/")
	if !ok {
		return path
	}
	return folder + "/" + path[strings.LastIndex(path, "/")+1:]
}

// corpus is one run over all documents.
type corpus struct {
	ledger   *ledger
	encoding *token.Encoding
	program  *program
	rows     []row
	packages []adapter
}

// adapter is a document that was made a package of the program.
type adapter struct {
	name  string
	doc   *openapi.Document
	cases []wire.Case
	own   bool // of the project: no call may be refused
}

func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles many packages")
	}
	encoding, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	c := &corpus{ledger: readLedger(t), encoding: encoding, program: newProgram(t)}
	list := documents(t)
	if len(list) < 3 {
		t.Fatalf("only %d documents were found", len(list))
	}
	for _, d := range list {
		t.Run(d.name, func(t *testing.T) { c.check(t, d) })
	}
	t.Run("compiled", c.checkCompiled)
	t.Run("exemptions", func(t *testing.T) { c.ledger.checkUse(t, list) })
	t.Log("\n" + table(c.rows))
}

// check holds one document to all that can be seen without compiling.
func (c *corpus) check(t *testing.T, d document) {
	name, err := generator.PackageName(d.path)
	if err != nil {
		t.Fatal(err)
	}
	for slices.ContainsFunc(c.packages, func(a adapter) bool { return a.name == name }) {
		name += "x"
	}
	opts := openapi.Options{Prefix: name}
	start, before := time.Now(), allocated()
	doc, err := openapi.Load(t.Context(), d.path, opts)
	if err != nil {
		t.Fatal(err)
	}
	files, err := generator.Generate(doc.Tools, generateOptions(name, d, doc))
	if err != nil {
		t.Fatal(err)
	}
	r := row{document: d.name, operations: doc.Operations, tools: len(doc.Tools), diagnostics: doc.Diagnostics,
		took: time.Since(start), bytes: allocated() - before, tokens: c.tokens(t, doc.Tools), lines: linesOf(files)}
	if few := 10; len(doc.Tools) >= few && r.lines > maxLines*len(doc.Tools) {
		t.Errorf("%d lines for %d operations: an operation should take %d or fewer", r.lines, len(doc.Tools), maxLines)
	}
	c.checkAgain(t, d, opts, doc, files)
	checkTools(t, name, doc)
	c.checkReach(t, d, doc, &r)
	c.ledger.checkDiagnostics(t, d.name, doc.Diagnostics)
	if full() || len(doc.Tools) <= maxCompiled {
		c.program.add(t, name, files)
		c.packages = append(c.packages, adapter{name, doc, casesFor(t, doc.Tools), d.own})
	}
	c.rows = append(c.rows, r)
}

func generateOptions(name string, d document, doc *openapi.Document) generator.Options {
	return generator.Options{Package: name, Source: "specs/" + filepath.Base(d.path), API: doc.API}
}

// linesOf counts the lines of the operations.
func linesOf(files []generator.File) int {
	lines := 0
	for _, f := range files {
		for decl := range strings.SplitSeq(string(f.Data), "\n\n") {
			if strings.Contains(decl, "= rest.Operation[") {
				lines += strings.Count(decl, "\n") + 1
			}
		}
	}
	return lines
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// checkAgain checks that a second run gives the same bytes.
func (c *corpus) checkAgain(t *testing.T, d document, opts openapi.Options, doc *openapi.Document, files []generator.File) {
	t.Helper()
	again, err := openapi.Load(t.Context(), d.path, opts)
	if err != nil {
		t.Fatal(err)
	}
	if digest(t, doc.Tools) != digest(t, again.Tools) || !slices.Equal(doc.Diagnostics, again.Diagnostics) {
		t.Error("a second run gave other tools or diagnostics")
	}
	filesAgain, err := generator.Generate(again.Tools, generateOptions(opts.Prefix, d, again))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(files, filesAgain, func(a, b generator.File) bool { return a.Name == b.Name && bytes.Equal(a.Data, b.Data) }) {
		t.Error("a second run gave other files")
	}
}

// checkReach checks that nothing the raw document has is lost in silence.
func (c *corpus) checkReach(t *testing.T, d document, doc *openapi.Document, r *row) {
	t.Helper()
	root, err := openRaw(d.path)
	if err != nil {
		t.Fatal(err)
	}
	found := reach(root, doc)
	r.parameters, r.fields = found.parameters, found.fields
	if found.operations != doc.Operations {
		t.Errorf("the raw document has %d operations, the lowering counted %d", found.operations, doc.Operations)
	}
	for i, lost := range c.ledger.notExempt(d.name, found.lost) {
		if i == 30 {
			t.Error("and more")
			break
		}
		t.Error("lost: " + lost)
	}
}

// tokens counts what the definitions of tools cost a client: names,
// descriptions and inputs.
func (c *corpus) tokens(t *testing.T, tools []tool.Tool) int {
	t.Helper()
	n := 0
	for _, tl := range tools {
		tl.Output, tl.Operation = nil, nil
		text, err := json.Marshal(tl)
		if err != nil {
			t.Fatal(err)
		}
		n += c.encoding.CountBytes(text)
	}
	return n
}

// checkCompiled compiles all packages into one program and compares what it
// sends with what the interpreted tools send.
func (c *corpus) checkCompiled(t *testing.T) {
	cases := map[string][]wire.Case{}
	for _, a := range c.packages {
		cases[a.name] = a.cases
	}
	start := time.Now()
	answers := c.program.carryOut(t, cases)
	compiled := time.Since(start)
	requests, refusals := 0, 0
	for _, a := range c.packages {
		if answers[a.name].Tools != digest(t, a.doc.Tools) {
			t.Errorf("%s: the adapter's tools are not those it was made from", a.name)
		}
		interpreted, err := wire.Send(t.Context(), a.doc.API, a.doc.Tools, a.cases)
		if err != nil {
			t.Fatal(err)
		}
		same(t, a.name, a.cases, answers[a.name].Sent, interpreted)
		for i, sent := range interpreted {
			requests++
			if reason, ok := wire.Refused(sent); ok {
				refusals++
				report := t.Logf
				if a.own {
					report = t.Errorf
				}
				report("refused: %s %s %.300s: %.300s", a.name, a.cases[i].Tool, a.cases[i].Arguments, reason)
			}
		}
	}
	const mostRefused = 0.01 // patterns and bounds that the test's values do not meet
	if float64(refusals) > mostRefused*float64(requests) {
		t.Errorf("of %d calls %d were refused", requests, refusals)
	}
	t.Logf("%d packages compiled, vetted and run in %.1f s, interpreted in %.1f s; %d calls made the same requests, %d of them refused alike",
		len(c.packages), compiled.Seconds(), (time.Since(start) - compiled).Seconds(), requests, refusals)
}

// names lists the documents' names.
func names(list []document) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.name
	}
	return out
}
