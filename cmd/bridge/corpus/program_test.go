package corpus_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/cmd/bridge/corpus/wire"
	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// program is a Go module beside this one, as a user has it, with a generated
// adapter for each document. It takes this module by a replace directive, and
// the same dependencies, so that nothing is fetched.
type program struct {
	dir   string
	names []string
}

const programModule = "example.com/corpus"

func newProgram(t *testing.T) *program {
	t.Helper()
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{dir: t.TempDir()}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		p.write(t, name, data)
	}
	p.run(t, nil, "mod", "edit", "-module="+programModule,
		"-require=github.com/bridge-gateway/bridge@v0.0.0", "-replace=github.com/bridge-gateway/bridge="+root)
	return p
}

func (p *program) write(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// add writes an adapter into the program.
func (p *program) add(t *testing.T, name string, files []generator.File) {
	t.Helper()
	for _, f := range files {
		p.write(t, "generated/"+name+"/"+f.Name, f.Data)
	}
	p.names = append(p.names, name)
}

// run runs the go command in the program's folder and returns what it prints.
// -trimpath makes what was compiled before usable in another folder.
func (p *program) run(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off")
	cmd.Stdin = bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("go %v: %v\n%.8000s\n%.8000s", args, err, &stdout, &stderr)
	}
	return stdout.Bytes()
}

// answer is what the program says of one adapter.
type answer struct {
	Tools string   `json:"tools"` // the digest of its tools
	Sent  []string `json:"sent"`
}

const mainFile = `package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"example.com/corpus/generated"
	"github.com/bridge-gateway/bridge/cmd/bridge/corpus/wire"
	"github.com/bridge-gateway/bridge/runtime/rest"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

type answer struct {
	Tools string   ` + "`json:\"tools\"`" + `
	Sent  []string ` + "`json:\"sent\"`" + `
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cases := map[string][]wire.Case{}
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		return err
	}
	out := map[string]answer{}
	for _, a := range generated.Adapters() {
		made, err := carryOut(a, cases[a.Name])
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
		out[a.Name] = made
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func carryOut(a rest.Adapter, cases []wire.Case) (answer, error) {
	tools, err := a.Load()
	if err != nil {
		return answer{}, err
	}
	text, err := json.Marshal(append([]tool.Tool{}, tools...))
	if err != nil {
		return answer{}, err
	}
	sum := sha256.Sum256(text)
	sent, err := wire.Send(context.Background(), a.API, tools, cases)
	return answer{hex.EncodeToString(sum[:]), sent}, err
}
`

// carryOut compiles and vets the program and has it carry out the cases of each
// adapter.
func (p *program) carryOut(t *testing.T, cases map[string][]wire.Case) map[string]answer {
	t.Helper()
	index, err := generator.Index(programModule, p.names)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "generated/"+index.Name, index.Data)
	p.write(t, "main.go", []byte(mainFile))
	start := time.Now()
	p.run(t, nil, "vet", "./...")
	t.Logf("vetted in %.1f s", time.Since(start).Seconds())
	stdin, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]answer
	if err := json.Unmarshal(p.run(t, stdin, "run", "."), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// digest tells tools apart, as the program does.
func digest(t *testing.T, tools []tool.Tool) string {
	t.Helper()
	text, err := json.Marshal(append([]tool.Tool{}, tools...)) // none is [], never null
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// same compares what the compiled adapter and the interpreted tools sent.
func same(t *testing.T, name string, cases []wire.Case, compiled, interpreted []string) {
	t.Helper()
	if len(compiled) != len(interpreted) {
		t.Fatalf("%s: %d requests compiled, %d interpreted", name, len(compiled), len(interpreted))
	}
	for i, c := range cases {
		if compiled[i] != interpreted[i] {
			t.Errorf("%s: %s %s\ncompiled    %.2000s\ninterpreted %.2000s", name, c.Tool, c.Arguments, compiled[i], interpreted[i])
		}
	}
}
