package generator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// project is a Go module beside this one, as a user has it: it takes this one by
// a replace directive, and the same dependencies, so that nothing is fetched.
type project struct{ dir string }

const projectModule = "example.com/project"

func newProject(t *testing.T) project {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	p := project{dir: t.TempDir()}
	p.copy(t, filepath.Join(root, "go.sum"), "go.sum")
	p.copy(t, filepath.Join(root, "go.mod"), "go.mod")
	p.goCommand(t, "mod", "edit", "-module="+projectModule,
		"-require=github.com/bridge-gateway/bridge@v0.0.0", "-replace=github.com/bridge-gateway/bridge="+root)
	return p
}

func (p project) copy(t *testing.T, from, name string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, name, data)
}

func (p project) write(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// add writes a generated package.
func (p project) add(t *testing.T, name string, files []generator.File) {
	t.Helper()
	for _, f := range files {
		p.write(t, "generated/"+name+"/"+f.Name, f.Data)
	}
}

// goCommand runs the go command in the project and returns what it prints.
func (p project) goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = p.dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("go %v: %v\n%s%s", args, err, &stdout, &stderr)
	}
	return stdout.Bytes()
}

// program prints the tools of every adapter, as they load.
const program = `package main

import (
	"encoding/json"
	"os"

	"example.com/project/generated"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

func main() {
	all := map[string][]tool.Tool{}
	for _, a := range generated.Adapters() {
		tools, err := a.Load()
		if err != nil {
			panic(err)
		}
		all[a.Name] = tools
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(all); err != nil {
		panic(err)
	}
}
`

// What is generated compiles, passes vet and staticcheck, and loads as the very
// tools that it was made from.
func TestProject(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a project")
	}
	p := newProject(t)
	want := map[string][]tool.Tool{}
	var names []string
	whole := golden{opts: generator.Options{Package: "whole"}, tools: []tool.Tool{everything()}}
	fill(reflect.ValueOf(&whole.opts.API).Elem())
	cases := append(goldens(t), whole)
	cases = append(cases, examples(t)...)
	for _, g := range cases {
		files, err := generator.Generate(g.tools, g.opts)
		if err != nil {
			continue
		}
		name := g.opts.Package
		p.add(t, name, files)
		names, want[name] = append(names, name), g.tools
	}
	index, err := generator.Index(projectModule, names)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "generated/"+index.Name, index.Data)
	p.write(t, "main.go", []byte(program))
	p.goCommand(t, "vet", "./...")
	p.goCommand(t, "tool", "staticcheck", "-checks=all,-ST1000,-ST1003,-ST1021", "./...")

	var got map[string][]tool.Tool
	if err := json.Unmarshal(p.goCommand(t, "run", "."), &got); err != nil {
		t.Fatal(err)
	}
	for name, tools := range want {
		if g, w := encode(t, got[name]), encode(t, tools); g != w {
			t.Errorf("%s loads as\n%s\nand was made from\n%s", name, g, w)
		}
	}
}

// examples returns the project's own documents, lowered.
func examples(t *testing.T) []golden {
	t.Helper()
	paths, err := filepath.Glob("../specs/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []golden
	for _, path := range paths {
		doc, err := openapi.Load(t.Context(), path, openapi.Options{})
		if err != nil {
			t.Fatal(err)
		}
		name, err := generator.PackageName(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, golden{tools: doc.Tools, opts: generator.Options{Package: name + "example", Source: path, API: doc.API}})
	}
	return out
}

func encode(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
