package clients_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/config"
)

const token = "ghp_0123456789abcdefghijABCDEFGHIJ012345"

// found reads the servers of a client's text.
func found(t *testing.T, client, text string) []clients.Found {
	t.Helper()
	c, err := clients.Find(client)
	if err != nil {
		t.Fatal(err)
	}
	servers, err := c.Servers(client, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []clients.Found
	for _, s := range servers {
		out = append(out, clients.Found{Server: s, Client: c.Title, File: client, Folder: "/shop"})
	}
	return out
}

// yamlOf writes a plan's sources below what a bridge.yaml has, and sees that it
// is valid.
func yamlOf(t *testing.T, text string, plan clients.Plan) string {
	t.Helper()
	data := []byte(text)
	var err error
	for _, s := range plan.Sources {
		if data, err = clients.AddSource("bridge.yaml", data, s.Server); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := config.Parse(data, "bridge.yaml"); err != nil {
		t.Errorf("%v\n%s", err, data)
	}
	return string(data)
}

// TestImport holds what becomes of the servers of many clients.
func TestImport(t *testing.T) {
	var all []clients.Found
	for _, x := range []struct{ client, text string }{
		{"cursor", `{"mcpServers": {
			"GitHub MCP!": {"command": "npx", "args": ["-y", "@mcp/github"], "env": {"GITHUB_TOKEN": "` + token + `", "LOG": "1", "EMPTY": "", "FROM": "${env:MINE}"}},
			"off": {"command": "x", "disabled": true},
			"nothing": {},
			"docs": {"url": "https://docs.example.com/mcp", "headers": {"Authorization": "Bearer ` + token + `", "X-Tenant": "acme"}},
			"bridge": {"url": "http://127.0.0.1:8080/mcp"}}}`},
		{"claude", `{"mcpServers": {
			"github": {"command": "npx", "args": ["-y", "@mcp/github"], "env": {"GITHUB_TOKEN": "` + token + `", "LOG": "1", "EMPTY": "", "FROM": "${MINE}"}},
			"github mcp": {"command": "npx", "args": ["-y", "@mcp/github"], "env": {"GITHUB_TOKEN": "another-secret-0123456789"}},
			"wrapped": {"command": "npx", "args": ["-y", "mcp-remote@latest", "https://r.example.com/sse", "--header", "Authorization: Bearer ${TOK}", "--allow-http"], "env": {"TOK": "` + token + `"}},
			"args": {"command": "x", "args": ["--api-key", "0123456789"]},
			"dsn": {"command": "x", "args": ["postgres://me:secret@db/x"]},
			"query": {"command": "npx", "args": ["mcp-remote", "https://q.example.com/mcp?api_key=123"]}}}`},
		{"vscode", `{"servers": {"fs": {"type": "stdio", "command": "fs", "args": ["${workspaceFolder}/a"], "cwd": "${workspaceFolder}"},
			"in": {"command": "x", "args": ["${input:name}"]},
			"key": {"type": "http", "url": "https://k.example.com/mcp", "headers": {"X-Key": "${input:api-key}"}}}, "inputs": []}`},
		{"codex", "[mcp_servers.linear]\nurl = \"https://l.example.com/mcp\"\nbearer_token_env_var = \"LINEAR\"\nenv_http_headers = { X-A = \"A_VAR\" }\n[mcp_servers.z]\ncommand = \"z\"\nenabled = false\n"},
		{"opencode", `{"mcp": {"oc": {"type": "local", "command": ["bun", "x"], "environment": {"A": "{env:B}"}, "enabled": true}}}`},
		{"zed", `{"context_servers": {"zz": {"command": {"path": "old", "args": ["a"]}}, "ext": {"settings": {}}}}`},
		{"goose", "extensions:\n  developer:\n    type: builtin\n    enabled: true\n  g:\n    type: stdio\n    cmd: uvx\n    args: [g, 1]\n    enabled: true\n"},
		{"continue", "mcpServers:\n  - name: c\n    command: c\n    env:\n      API_KEY: ${{ secrets.C_KEY }}\n"},
	} {
		all = append(all, found(t, x.client, x.text)...)
	}
	plan := clients.Import(all, clients.ImportOptions{
		Taken: []string{"docs"}, Own: func(s clients.Server) bool { return s.URL == "http://127.0.0.1:8080/mcp" }})
	var b strings.Builder
	b.WriteString(yamlOf(t, "# ours\nsources:\n  docs: # stays\n    mcp: https://other.example.com\n\n  # more to come\n", plan))
	for _, s := range plan.Sources {
		if len(s.From) > 1 {
			fmt.Fprintf(&b, "merged %s of %d\n", s.Name, len(s.From))
		}
	}
	for _, s := range plan.Skipped {
		fmt.Fprintf(&b, "skipped %s (%s): %s\n", s.Name, s.Client, s.Reason)
	}
	for _, v := range plan.Variables {
		fmt.Fprintf(&b, "variable %s for %s\n", v.Name, v.Source)
	}
	if strings.Contains(b.String(), token) || strings.Contains(b.String(), "another-secret") || strings.Contains(b.String(), "0123456789") {
		t.Error("a secret got out")
	}
	golden(t, "import.golden", b.String())

	// What was imported is there already the next time.
	again := clients.Import(all, clients.ImportOptions{Present: serversOf(plan), Own: func(s clients.Server) bool { return s.Name == "bridge" }})
	merged := 0
	for _, s := range plan.Sources {
		merged += len(s.From)
	}
	// The two accounts of GitHub are one server with another value of a reference.
	if len(again.Sources) != 0 || len(again.Present) != merged {
		t.Errorf("again: %d sources, %d present of %d", len(again.Sources), len(again.Present), merged)
	}
}

func serversOf(plan clients.Plan) []clients.Server {
	var out []clients.Server
	for _, s := range plan.Sources {
		out = append(out, s.Server)
	}
	return out
}

func TestImportKeepsSecretsIfAsked(t *testing.T) {
	plan := clients.Import(found(t, "cursor", `{"mcpServers": {"a": {"command": "x", "args": ["--token", "abc ${"], "env": {"TOKEN": "ab${cd"}},
		"b": {"command": "x", "args": ["--token", "abc"], "env": {"TOKEN": "ab${cd"}}}}`), clients.ImportOptions{KeepSecrets: true})
	if len(plan.Sources) != 1 || plan.Sources[0].Env["TOKEN"] != "ab$${cd" || !slices.Equal(plan.Sources[0].Command, []string{"x", "--token", "abc"}) || len(plan.Variables) > 0 {
		t.Errorf("plan = %+v", plan)
	}
	yamlOf(t, "", plan)
}

func TestImportNames(t *testing.T) {
	var text []string
	for i, name := range []string{"A B", "a-b", "ünïcode", "---", strings.Repeat("x", 40), strings.Repeat("x", 41)} {
		text = append(text, fmt.Sprintf("%q: {\"command\": \"c%d\"}", name, i))
	}
	plan := clients.Import(found(t, "cursor", `{"mcpServers": {`+strings.Join(text, ",")+`}}`), clients.ImportOptions{})
	var names []string
	for _, s := range plan.Sources {
		names = append(names, s.Name)
	}
	want := []string{"a-b", "a-b-2", "n-code", "server", strings.Repeat("x", 32), strings.Repeat("x", 30) + "-2"}
	if !slices.Equal(names, want) {
		t.Errorf("names = %q, want %q", names, want)
	}
	yamlOf(t, "listen: 127.0.0.1:1\nsources: {} # none yet\nbudget: 100\n", plan)
	yamlOf(t, "sources:\n", plan)
}

func TestDetect(t *testing.T) {
	env := clients.Environment{OS: "linux", Home: "/home/ann", Project: "/shop"}
	for file, x := range map[string]struct{ text, want string }{
		"/home/ann/.cursor/mcp.json": {"{}", "cursor"},
		"/other/.vscode/mcp.json":    {"{}", "vscode"},
		"/tmp/x.json":                {`{"servers": {"a": {"url": "http://x"}}}`, "vscode"},
		"/tmp/y.json":                {`{"mcpServers": {"a": {"url": "http://x"}}}`, "claude"},
		"/tmp/c.toml":                {"[mcp_servers.a]\nurl = \"x\"", "codex"},
		"/tmp/z.yaml":                {"extensions:\n  a: {cmd: x}\n", "goose"},
		"/tmp/none.json":             {"{}", ""},
	} {
		c, err := clients.Detect(env, file, []byte(x.text))
		if c.Name != x.want || (err != nil) != (x.want == "") {
			t.Errorf("%s: %s, %v", file, c.Name, err)
		}
	}
}

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		`"env": {"API_KEY": "abc", "LOG": "1"}`:              `"env": {"API_KEY": "[redacted]", "LOG": "1"}`,
		`TOKEN = "abc def"`:                                  `TOKEN = "[redacted]"`,
		"  PASSWORD: abc\n  name: x":                         "  PASSWORD: [redacted]\n  name: x",
		`"Authorization": "Bearer ${env:KEY}"`:               `"Authorization": "Bearer ${env:KEY}"`,
		`"Authorization": "Bearer abcdefghijk"`:              `"Authorization": "[redacted]"`,
		`"args": ["--x", "` + token + `"]`:                   `"args": ["--x", "[redacted]"]`,
		`"url": "http://127.0.0.1:8080/mcp", "theme": "abc"`: `"url": "http://127.0.0.1:8080/mcp", "theme": "abc"`,
	} {
		if got := clients.Mask(text); got != want {
			t.Errorf("Mask(%s) = %s, want %s", text, got, want)
		}
	}
}

// TestImportLeavesTheGatewaysNameAlone gives a server of the name of the gateway's
// own source another one, with which bridge.yaml is valid.
func TestImportLeavesTheGatewaysNameAlone(t *testing.T) {
	plan := clients.Import(found(t, "cursor", `{"mcpServers": {"Bridge": {"command": "npx", "args": ["bridge-cards"]}}}`), clients.ImportOptions{})
	if got := yamlOf(t, "", plan); !strings.Contains(got, "  bridge-2:\n") {
		t.Errorf("%s", got)
	}
}
