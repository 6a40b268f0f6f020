package generator_test

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// corpusDir is the folder of the real documents: beside the repository, or
// BRIDGE_CORPUS. Without one the test is skipped.
func corpusDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("BRIDGE_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "specs")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus of real documents here; name its folder in BRIDGE_CORPUS")
	}
	return dir
}

// corpus lists the files of the corpus that may be documents.
func corpus(t *testing.T) []string {
	t.Helper()
	dir := corpusDir(t)
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)) {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// maxCompiled is how many tools a package has at most that is compiled in every
// run of the tests; name the corpus in BRIDGE_CORPUS to compile all.
const maxCompiled = 60

// Every real document becomes a package that compiles and passes vet, the same
// one each time.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("generates and compiles many packages")
	}
	p := newProject(t)
	most := maxCompiled
	if os.Getenv("BRIDGE_CORPUS") != "" {
		most = math.MaxInt
	}
	var names, compiled []string
	for _, path := range corpus(t) {
		doc, err := openapi.Load(t.Context(), path, openapi.Options{})
		if err != nil || len(doc.Tools) == 0 {
			continue // the lowering's own tests say why
		}
		name, err := generator.PackageName(path)
		if err != nil {
			t.Fatal(err)
		}
		for slices.Contains(names, name) {
			name += "x"
		}
		opts := generator.Options{Package: name, Source: "specs/" + filepath.Base(path), API: doc.API}
		start := time.Now()
		files, err := generator.Generate(doc.Tools, opts)
		took := time.Since(start)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		again, _ := generator.Generate(doc.Tools, opts)
		if !slices.EqualFunc(files, again, func(a, b generator.File) bool { return a.Name == b.Name && bytes.Equal(a.Data, b.Data) }) {
			t.Errorf("%s: a second run differs", path)
		}
		perOp, kilobytes := measure(files, len(doc.Tools))
		t.Logf("%-28s %4d tools %3d files %6d KB %5.1f lines an operation %6.2f s", name, len(doc.Tools), len(files), kilobytes, perOp, took.Seconds())
		names = append(names, name)
		if len(doc.Tools) <= most {
			p.add(t, name, files)
			compiled = append(compiled, name)
		}
	}
	index, err := generator.Index(projectModule, compiled)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "generated/"+index.Name, index.Data)
	start := time.Now()
	p.goCommand(t, "vet", "./...")
	t.Logf("compiled and vetted %d packages in %.1f s", len(compiled), time.Since(start).Seconds())
}

// measure returns the lines of an operation, types aside, and the size of all.
func measure(files []generator.File, operations int) (perOp float64, kilobytes int) {
	lines := 0
	for _, f := range files {
		kilobytes += len(f.Data)
		for decl := range strings.SplitSeq(string(f.Data), "\n\n") {
			if strings.Contains(decl, "= rest.Operation[") {
				lines += strings.Count(decl, "\n") + 1
			}
		}
	}
	return float64(lines) / float64(operations), kilobytes >> 10
}
