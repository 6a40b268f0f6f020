package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/token"
)

// The budget of the demo's tools.
const budget = 8000

// deadline bounds what one client does.
const deadline = time.Minute

// cost is what a result costs, recounted from what arrived: every text that a
// model may read.
func cost(t *testing.T, res *mcp.CallToolResult) int {
	t.Helper()
	encoding, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, c := range res.Content {
		if text, ok := c.(*mcp.TextContent); ok {
			total += encoding.Count(text.Text)
		}
	}
	if res.StructuredContent != nil {
		raw, err := json.Marshal(res.StructuredContent)
		if err != nil {
			t.Fatal(err)
		}
		total += encoding.CountBytes(raw)
	}
	return total
}

// textOf returns the first text of a result.
func textOf(res *mcp.CallToolResult) string {
	for _, c := range res.Content {
		if text, ok := c.(*mcp.TextContent); ok {
			return text.Text
		}
	}
	return ""
}

func connect(t *testing.T, transport mcp.Transport) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "e2e-go", Version: "1.0.0"}, nil)
	session, err := client.Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func callTool(t *testing.T, s *mcp.ClientSession, name string, args any) *mcp.CallToolResult {
	t.Helper()
	res, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return res
}

func names(t *testing.T, s *mcp.ClientSession) map[string]*mcp.Tool {
	t.Helper()
	all := map[string]*mcp.Tool{}
	for tool, err := range s.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		all[tool.Name] = tool
	}
	return all
}

// TestMainJob is the product's promise: a compiled adapter, an interpreted
// document and a native server behind one endpoint, every result in budget.
func TestMainJob(t *testing.T) {
	needNode(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, here, "demo", "--listen", "127.0.0.1:0")
	s.ready(t)

	t.Run("Go SDK", func(t *testing.T) {
		session := connect(t, &mcp.StreamableClientTransport{Endpoint: s.url})
		tools := names(t, session)
		for _, want := range []string{"crm_list_contacts", "crm_search", "billing_list_invoices", "everything_echo"} {
			if tools[want] == nil {
				t.Fatalf("no tool %s among %d:\n%s", want, len(tools), s.log)
			}
		}
		checkMainCalls(t, session)
	})
	for _, revision := range []string{"2026-07-28", "2025-11-25"} {
		t.Run("TypeScript client, revision "+revision, func(t *testing.T) {
			seen := nodeClient(t, map[string]any{"url": s.url, "revision": revision, "calls": mainCalls})
			checkNodeCalls(t, seen)
		})
	}
	t.Run("curl", func(t *testing.T) {
		body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm_list_contacts","arguments":{"limit":1},` +
			`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
		out, err := exec.CommandContext(t.Context(), "curl", "-sS", s.url,
			"-H", "Content-Type: application/json", "-H", "Accept: application/json, text/event-stream",
			"-H", "MCP-Protocol-Version: 2026-07-28", "-H", "Mcp-Method: tools/call", "-H", "Mcp-Name: crm_list_contacts",
			"-d", body).CombinedOutput()
		if err != nil || !strings.Contains(string(out), `"resultType":"complete"`) || strings.Contains(string(out), `"isError":true`) {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func checkMainCalls(t *testing.T, session *mcp.ClientSession) {
	for _, c := range mainCalls {
		res := callTool(t, session, c.Name, c.Arguments)
		if res.IsError {
			t.Errorf("%s failed: %s", c.Name, textOf(res))
		}
		if n := cost(t, res); n > budget || n == 0 {
			t.Errorf("%s cost %d tokens, budget %d", c.Name, n, budget)
		}
	}
	big := callTool(t, session, "crm_export_contacts", map[string]any{})
	if !json.Valid([]byte(textOf(big))) {
		t.Errorf("a trimmed result must stay JSON: %.200s", textOf(big))
	}
	if all, _ := json.Marshal(big); !strings.Contains(string(all), "bridge/trimmed") {
		t.Errorf("a trimmed result must say so: %.300s", all)
	}
}

type toolCall struct {
	Name      string         `json:"name"`
	Arguments map[string]any `json:"arguments"`
}

var mainCalls = []toolCall{
	{"crm_list_contacts", map[string]any{"limit": 5}},
	{"crm_export_contacts", map[string]any{}},
	{"crm_search", map[string]any{"q": "a"}},
	{"billing_list_invoices", map[string]any{}},
	{"everything_echo", map[string]any{"message": "hello"}},
}

// nodeSeen is what client.mjs prints.
type nodeSeen struct {
	Tools   []struct{ Name string }
	Results []struct {
		Result json.RawMessage
		Error  string
	}
}

func nodeClient(t *testing.T, job map[string]any) nodeSeen {
	t.Helper()
	raw, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "client.mjs", string(raw))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node client: %v\n%s", err, stderr.String())
	}
	var seen nodeSeen
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return seen
}

func checkNodeCalls(t *testing.T, seen nodeSeen) {
	t.Helper()
	if len(seen.Tools) < 40 {
		t.Errorf("the client saw %d tools", len(seen.Tools))
	}
	for i, r := range seen.Results {
		var res mcp.CallToolResult
		if r.Error != "" || json.Unmarshal(r.Result, &res) != nil {
			t.Errorf("%s: %s %s", mainCalls[i].Name, r.Error, r.Result)
			continue
		}
		if n := cost(t, &res); res.IsError || n > budget {
			t.Errorf("%s: isError %v, %d tokens: %.300s", mainCalls[i].Name, res.IsError, n, r.Result)
		}
	}
}

// TestStdio serves the same tools over standard input and output.
func TestStdio(t *testing.T) {
	needNode(t)
	crm := start(t, repo, "mock", "specs/crm.yaml", "--listen", "127.0.0.1:0")
	args := []string{"serve", "specs/crm.yaml", "--url", crm.url, "--bearer", "x", "--stdio"}

	t.Run("Go SDK", func(t *testing.T) {
		cmd := exec.Command(binary, args...)
		cmd.Dir = repo
		session := connect(t, &mcp.CommandTransport{Command: cmd})
		res := callTool(t, session, "crm_list_contacts", map[string]any{"limit": 2})
		if res.IsError || !strings.Contains(textOf(res), "next_cursor") {
			t.Errorf("got %s", textOf(res))
		}
	})
	for _, revision := range []string{"2026-07-28", "2025-11-25"} {
		t.Run("TypeScript client, revision "+revision, func(t *testing.T) {
			seen := nodeClient(t, map[string]any{"command": binary, "args": args, "cwd": repo, "revision": revision,
				"calls": []toolCall{{"crm_list_contacts", map[string]any{"limit": 2}}}})
			if len(seen.Results) != 1 || seen.Results[0].Error != "" || len(seen.Tools) < 30 {
				t.Errorf("got %+v", seen)
			}
		})
	}
}
