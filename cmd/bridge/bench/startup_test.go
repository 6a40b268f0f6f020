package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// team is a project as a team has it: a main of one line with two large adapters
// compiled in.
const team = `package main

import (
	"os"

	"github.com/bridge-gateway/bridge/cmd/bridge/cli"

	"example.com/team/generated"
)

func main() { os.Exit(cli.Main(os.Args[1:], generated.Adapters()...)) }
`

// BenchmarkStartUp starts a program with the adapters of Stripe and GitHub
// compiled in until /readyz says that it is ready. "ms-more" is what it takes
// longer than the same program serving an empty document, "ms-list" how long the
// first client then waits for tools/list. The bound is 300 ms.
func BenchmarkStartUp(b *testing.B) {
	program := buildTeam(b, "stripe-2025.json", "github-old-ogen.json")
	empty := writeFile(b, "empty.yaml", "listen: 127.0.0.1:0\nsources:\n  none: {openapi: none.json, url: \"http://127.0.0.1:1\"}\n")
	writeTo(b, filepath.Join(filepath.Dir(empty), "none.json"), `{"openapi":"3.1.0","info":{"title":"None","version":"1"},"paths":{}}`)
	full := writeFile(b, "full.yaml", "listen: 127.0.0.1:0\nsources:\n  stripe: {adapter: stripe}\n  github: {adapter: github}\n")
	var without, with, list time.Duration
	n := 0
	for b.Loop() {
		took, _ := start(b, program, empty, 0)
		without += took
		took, waited := start(b, program, full, 2)
		with += took
		list += waited
		n++
	}
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(n) }
	b.ReportMetric(milliseconds(without), "ms-empty")
	b.ReportMetric(milliseconds(with-without), "ms-more")
	b.ReportMetric(milliseconds(list), "ms-list")
	b.ReportMetric(0, "ns/op") // says nothing here
}

// buildTeam generates the adapters of these documents, which are named after the
// first word of their names, and returns the program that has them.
func buildTeam(b *testing.B, documents ...string) string {
	b.Helper()
	dir := b.TempDir()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			b.Fatal(err)
		}
		writeTo(b, filepath.Join(dir, name), string(data))
	}
	writeTo(b, filepath.Join(dir, "main.go"), team)
	run(b, dir, "go", "mod", "edit", "-module=example.com/team", "-require=github.com/bridge-gateway/bridge@v0.0.0", "-replace=github.com/bridge-gateway/bridge="+root)
	bridge := filepath.Join(dir, "bridge"+extension())
	run(b, root, "go", "build", "-o", bridge, "./cmd/bridge")
	for _, name := range documents {
		path, err := filepath.Abs(corpusFile(b, name))
		if err != nil {
			b.Fatal(err)
		}
		short, _, _ := strings.Cut(name, "-")
		run(b, dir, bridge, "gen", path, "--name", short)
	}
	program := filepath.Join(dir, "team"+extension())
	run(b, dir, "go", "build", "-o", program, ".")
	return program
}

func extension() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func run(b *testing.B, dir, name string, args ...string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func writeFile(b *testing.B, name, text string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	writeTo(b, path, text)
	return path
}

func writeTo(b *testing.B, path, text string) {
	b.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// start runs the program until it is ready, asks it for its tools, and ends it.
func start(b *testing.B, program, config string, sources int) (ready, list time.Duration) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "serve", "--config", config)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // it was killed
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(line) // "Bridge serves http://127.0.0.1:1234/mcp"
	endpoint := fields[len(fields)-1]
	waitReady(ctx, b, strings.TrimSuffix(endpoint, "/mcp")+"/readyz", sources)
	ready = time.Since(began)
	listTools(ctx, b, endpoint)
	return ready, time.Since(began) - ready
}

// waitReady asks until the answer is that so many sources are up.
func waitReady(ctx context.Context, b *testing.B, url string, sources int) {
	b.Helper()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			b.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		var state struct {
			Ready   bool
			Sources []struct{ State string }
		}
		err = json.NewDecoder(res.Body).Decode(&state)
		_ = res.Body.Close() // it was read
		if err != nil || !state.Ready {
			time.Sleep(time.Millisecond)
			continue
		}
		for _, s := range state.Sources {
			if sources > 0 && s.State != "up" {
				b.Fatalf("ready, but %+v", state)
			}
		}
		return
	}
	b.Fatal("it was not ready within a minute")
}

func listTools(ctx context.Context, b *testing.B, endpoint string) {
	b.Helper()
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader([]byte(body)))
	if err != nil {
		b.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("tools/list: %s, %v", res.Status, err)
	}
}
