package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxGenerations is how many documents are generated at a time: the largest
// take hundreds of megabytes each.
const maxGenerations = 4

// generation turns documents into adapters, several at a time. It writes nothing.
type generation struct {
	module   goModule
	encoding *token.Encoding
	rename   bool
	progress *progress
}

// adapterFiles is one adapter as it should be on disk.
type adapterFiles struct {
	name, dir string
	doc       *openapi.Document
	listed    []listedTool
	files     []generator.File
}

// genResult is what came of a job.
type genResult struct {
	job     genJob
	adapter adapterFiles
	err     error
}

// run generates the jobs and yields what came of each, in their order. At most
// a few are worked on, or wait to be taken, at any time; when the loop ends,
// so has all work.
func (g *generation) run(ctx context.Context, jobs []genJob) iter.Seq[genResult] {
	return func(yield func(genResult) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		atOnce := min(runtime.GOMAXPROCS(0), maxGenerations, len(jobs))
		started := make([]chan genResult, 0, len(jobs))
		start := func() {
			job, done := jobs[len(started)], make(chan genResult)
			clash := g.clash(jobs[:len(started)], job)
			started = append(started, done)
			go func() { done <- g.one(ctx, job, clash) }()
		}
		for range atOnce {
			start()
		}
		going := true
		for i := 0; i < len(started); i++ {
			result := <-started[i]
			if going && len(started) < len(jobs) {
				start()
			}
			if going && !yield(result) {
				going = false
				cancel()
			}
		}
	}
}

// clash is the error of a job whose folder is that of an earlier one.
func (g *generation) clash(earlier []genJob, job genJob) error {
	dir, err := g.dirOf(job)
	if err != nil {
		return err
	}
	for _, other := range earlier {
		if d, err := g.dirOf(other); err == nil && d == dir {
			return fault.New("gen.clash", fault.Invalid, fmt.Sprintf(
				"%s and %s would both be written to %s; give one a name of its own under gen: in bridge.yaml", other.document, job.document, dir))
		}
	}
	return nil
}

func (g *generation) dirOf(job genJob) (string, error) {
	pkg, err := job.packageName()
	if err != nil || job.out != "" {
		return job.out, err
	}
	return filepath.Join(g.module.root, "generated", pkg), nil
}

// one generates one adapter.
func (g *generation) one(ctx context.Context, job genJob, clash error) genResult {
	if clash != nil {
		return genResult{job: job, err: clash}
	}
	adapter, err := g.adapter(ctx, job)
	return genResult{job: job, adapter: adapter, err: err}
}

// adapter lowers a document and generates its adapter.
func (g *generation) adapter(ctx context.Context, job genJob) (adapterFiles, error) {
	task := g.progress.begin(job.document)
	defer task.end()
	pkg, err := job.packageName()
	if err != nil {
		return adapterFiles{}, err
	}
	dir, err := g.dirOf(job)
	if err != nil {
		return adapterFiles{}, err
	}
	names, err := readNames(dir)
	if err != nil {
		return adapterFiles{}, err
	}
	doc, err := openapi.Load(ctx, job.document, openapi.Options{
		Prefix: pkg, Names: names, Rename: g.rename, Overlays: job.overlays, Root: g.module.root,
	})
	if err != nil {
		return adapterFiles{}, err
	}
	task.lowered(doc.Operations)
	maps.Copy(names, doc.Names)
	listed, err := listToolsFor(job.profile, pkg, doc.Tools, g.encoding)
	if err != nil {
		return adapterFiles{}, err
	}
	if !openapi.IsURL(job.document) { // a URL's secrets are redacted already
		doc.API.Document = g.module.relative(job.document)
	}
	byHand, err := customized(dir)
	if err != nil {
		return adapterFiles{}, err
	}
	files, err := generator.Generate(doc.Tools, generator.Options{
		Package: pkg, Source: doc.API.Document, API: doc.API, Customized: byHand,
		Encoding: g.encoding.Name(), Tokens: tokensOf(listed), Names: names,
	})
	return adapterFiles{name: pkg, dir: dir, doc: doc, listed: listed, files: files}, err
}

// readNames returns the ledger of names of the adapter in a folder; an empty one
// if there is none.
func readNames(dir string) (map[string]string, error) {
	data, err := os.ReadFile(filepath.Join(dir, lock.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	l, err := lock.Parse(data)
	if err != nil {
		return nil, fault.Wrap("gen.names", fault.Invalid, filepath.Join(dir, lock.FileName)+
			" can't be read, and holds the names that the tools were given; restore it from version control, or delete it to name them anew", err)
	}
	return l.Names, nil
}

// tokensOf returns what a tool costs as it is listed.
func tokensOf(listed []listedTool) func(tool.Tool) int {
	tokens := make(map[string]int, len(listed))
	for _, t := range listed {
		tokens[t.own] = t.Tokens
	}
	return func(t tool.Tool) int { return tokens[t.Name] }
}

// goModule is the Go module around the current folder.
type goModule struct{ path, root string }

func findModule(from string) (goModule, error) {
	dir, err := filepath.Abs(from)
	if err != nil {
		return goModule{}, err
	}
	for ; ; dir = filepath.Dir(dir) {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return goModule{path: modfile.ModulePath(data), root: dir}, nil
		}
		if dir == filepath.Dir(dir) {
			return goModule{}, fault.New("gen.module", fault.Invalid,
				"no go.mod here or in a folder above; adapters are Go packages, so run `bridge init` for a new project, or `go mod init` for one of your own")
		}
	}
}

// relative returns a file's path from the module's root, with slashes, so that
// what is generated does not depend on where bridge was run.
func (m goModule) relative(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(m.root, abs)
	if err != nil || strings.HasPrefix(rel, "..") {
		return filepath.Base(file)
	}
	return filepath.ToSlash(rel)
}
