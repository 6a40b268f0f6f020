package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type greeting struct {
	Name string `json:"name"`
}

// tickets is a team's server, made as the SDK's documentation says.
func tickets() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "tickets", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "greet", Description: "Says hello."}, func(_ context.Context, _ *mcp.CallToolRequest, in greeting) (*mcp.CallToolResult, any, error) {
		if in.Name == "" {
			panic("nobody to greet")
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "Hello, " + in.Name}}}, nil, nil
	})
	return server
}

// TestServerThatIsCompiledIn runs commands of a program with a server of its own.
func TestServerThatIsCompiledIn(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	putFile(t, filepath.Join(dir, "bridge.yaml"), "sources: {t: {server: tickets}, u: {server: tickets}, lost: {server: ticket}}\n")
	for name, c := range map[string]struct {
		program   Program
		args      []string
		code      int
		out, errs string
	}{
		"its tool":          {args: []string{"call", "t_greet", `{"name": "Ada"}`}, out: "Hello, Ada"},
		"from another name": {args: []string{"call", "u_greet", `{"name": "Bob"}`}, out: "Hello, Bob"},
		"that panics":       {args: []string{"call", "t_greet", `{"name": ""}`}, code: exitFailed, errs: "did not expect"},
		"listed":            {args: []string{"version"}, out: "  server tickets\n"},
		"an unknown name":   {args: []string{"tools"}, code: exitBroken, errs: `no MCP server "ticket" is compiled into this gateway (compiled in: tickets)`},
		"none at all":       {program: Program{Servers: map[string]*mcp.Server{"nothing": nil}}, args: []string{"version"}, code: exitBroken, errs: `the server "nothing" of this program is nil`},
	} {
		t.Run(name, func(t *testing.T) {
			if c.program.Servers == nil {
				c.program.Servers = map[string]*mcp.Server{"tickets": tickets()}
			}
			var out, errs bytes.Buffer
			code := c.program.Run(t.Context(), c.args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
			if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.errs) {
				t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
			}
		})
	}
}
