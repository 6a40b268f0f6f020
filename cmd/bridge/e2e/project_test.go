package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestProject walks the way of a team: init, gen, a gateway of its own with the
// adapter compiled in, and a change of the document that --check finds.
func TestProject(t *testing.T) {
	dir := t.TempDir()
	if got := bridge(t, dir, "init", "--module", "example.com/acme/gateway"); got.code != 0 {
		t.Fatalf("init: %+v", got)
	}
	if got := bridge(t, dir, "init"); got.code != 0 || !strings.Contains(got.stdout, "kept     bridge.yaml") {
		t.Errorf("a second init must keep what is there: %+v", got)
	}
	compileIn(t, dir)
	goTool(t, dir, "mod", "edit", "-require", "github.com/bridge-gateway/bridge@v0.0.0", "-replace", "github.com/bridge-gateway/bridge="+repo)
	copyFile(t, filepath.Join(repo, "go.sum"), filepath.Join(dir, "go.sum"))
	goTool(t, dir, "mod", "tidy")

	nested := filepath.Join(dir, "deep", "down")
	if err := os.MkdirAll(nested, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := bridge(t, nested, "gen", "../../specs/hello.yaml"); got.code != 0 || !strings.Contains(got.stdout, "hello_say_hello") {
		t.Fatalf("gen from a folder below: %+v", got)
	}
	if got := bridge(t, dir, "gen", "specs/hello.yaml", "--check"); got.code != 0 {
		t.Errorf("what was just generated must be current: %+v", got)
	}
	goTool(t, dir, "vet", "./...")
	own := filepath.Join(dir, "bin", "gateway")
	goTool(t, dir, "build", "-o", own, ".")

	mock := start(t, dir, "mock", "specs/hello.yaml", "--listen", "127.0.0.1:0")
	write(t, dir, "bridge.yaml", "sources: {hello: {adapter: hello, url: \""+mock.url+"\"}, t: {server: tickets}}\n")
	cmd := exec.Command(own, "serve", "--stdio")
	cmd.Dir = dir
	var log syncBuffer
	cmd.Stderr = &log
	session := connect(t, &mcp.CommandTransport{Command: cmd})
	if res := callTool(t, session, "hello_say_hello", map[string]any{"name": "Ada"}); res.IsError {
		t.Errorf("say_hello: %s", textOf(res))
	}
	if res := callTool(t, session, "t_count", map[string]any{}); res.IsError || textOf(res) != "3 tickets" {
		t.Errorf("the team's own server: %s", textOf(res))
	}
	if strings.Contains(log.String(), "interpreted instead") {
		t.Errorf("the adapter must be compiled in:\n%s", log.String())
	}

	// The plain binary has no such adapter: it interprets the document, and says so.
	got := bridge(t, dir, "call", "hello_say_hello", `{"name": "Ada"}`, "--log-level", "debug")
	if got.code != 0 || !strings.Contains(got.stderr, "interpreted instead") {
		t.Errorf("without the adapter: %+v", got)
	}
	changeDocument(t, dir)
}

// compileIn adds an MCP server of the team's own to the gateway, as the comment in
// its main.go says.
func compileIn(t *testing.T, dir string) {
	t.Helper()
	write(t, dir, "tickets/tickets.go", `package tickets

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// NewServer returns the team's server.
func NewServer() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "tickets", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "count"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "3 tickets"}}}, nil, nil
	})
	return server
}
`)
	data, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "	//	os.Exit(", "	os.Exit(", 1)
	text = strings.NewReplacer("	//		", "		", "	//	}", "	}", "	os.Exit(cli.Main(os.Args[1:], generated.Adapters()...))\n", "",
		"import (\n", "import (\n	\"github.com/modelcontextprotocol/go-sdk/mcp\"\n\n	\"example.com/acme/gateway/tickets\"\n\n").Replace(text)
	write(t, dir, "main.go", text)
}

// changeDocument adds a parameter to the document: --check must say so.
func changeDocument(t *testing.T, dir string) {
	file := filepath.Join(dir, "specs", "hello.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(data), "operationId: sayHello", "operationId: sayHello\n      deprecated: true", 1)
	if changed == string(data) {
		t.Fatal("the scaffold's document has no operation sayHello")
	}
	write(t, dir, "specs/hello.yaml", changed)
	got := bridge(t, dir, "gen", "specs/hello.yaml", "--check")
	if got.code != 1 || !strings.Contains(got.stdout, "+// Deprecated:") || !strings.Contains(got.stderr, "bridge gen specs/hello.yaml") {
		t.Errorf("a stale adapter: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	write(t, dir, "specs/hello.yaml", "openapi: 3.1.0\npaths: [")
	if got := bridge(t, dir, "gen", "specs/hello.yaml", "--check"); got.code != 2 {
		t.Errorf("a broken document: %+v", got)
	}
}

func goTool(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
