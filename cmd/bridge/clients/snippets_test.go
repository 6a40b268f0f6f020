package clients_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
)

func TestSnippets(t *testing.T) {
	const endpoint = "http://127.0.0.1:8080/mcp"
	want := map[string]string{
		"claude-code": "claude mcp add --transport http bridge " + endpoint,
		"claude":      `{"mcpServers":{"bridge":{"command":"npx","args":["-y","mcp-remote","http://127.0.0.1:8080/mcp"]}}}`,
		"cursor":      `{"mcpServers":{"bridge":{"url":"http://127.0.0.1:8080/mcp"}}}`,
		"vscode":      `{"servers":{"bridge":{"type":"http","url":"http://127.0.0.1:8080/mcp"}}}`,
		"codex":       "[mcp_servers.bridge]\nurl = \"http://127.0.0.1:8080/mcp\"",
	}
	for _, c := range clients.Snippets(endpoint) {
		text := c.Text
		if c.Format == "json" {
			var b bytes.Buffer
			if err := json.Compact(&b, []byte(text)); err != nil {
				t.Errorf("%s: %v", c.Client, err)
			}
			text = b.String()
		}
		if w, ok := want[c.Client]; ok && text != w {
			t.Errorf("%s = %s\nwant %s", c.Client, text, w)
		}
		if c.Client == "chatgpt" && (!strings.Contains(text, "https://YOUR-PUBLIC-HOST/mcp") || !strings.Contains(text, "--url http://127.0.0.1:8080\n")) {
			t.Errorf("ChatGPT is not told of the public address:\n%s", text)
		}
		delete(want, c.Client)
	}
	if len(want) > 0 {
		t.Errorf("no configuration for %v", want)
	}
}

func TestSnippetsOfOtherAddresses(t *testing.T) {
	text := func(client, endpoint string) string {
		for _, c := range clients.Snippets(endpoint) {
			if c.Client == client {
				return c.Text
			}
		}
		return ""
	}
	if got := text("chatgpt", "https://gw.example.com/mcp"); strings.Contains(got, "YOUR-PUBLIC-HOST") || !strings.HasSuffix(got, "\nhttps://gw.example.com/mcp") {
		t.Errorf("a public address: %s", got)
	}
	if got := text("chatgpt", "https://10.0.0.7/mcp"); !strings.Contains(got, "YOUR-PUBLIC-HOST") {
		t.Errorf("a private address: %s", got)
	}
	for endpoint, allow := range map[string]bool{"http://localhost:1/mcp": false, "http://10.0.0.7/mcp": true, "https://10.0.0.7/mcp": false, "http://[::1]:1/mcp": true} {
		if got := text("claude", endpoint); strings.Contains(got, "--allow-http") != allow {
			t.Errorf("%s: %s", endpoint, got)
		}
	}
	const odd = "https://gw.example.com/mcp?a=1&b='$(x)'"
	if got := text("claude-code", odd); !strings.HasSuffix(got, ` 'https://gw.example.com/mcp?a=1&b='\''$(x)'\'''`) {
		t.Errorf("the shell would read: %s", got)
	}
	if got := text("cursor", odd); !strings.Contains(got, odd) {
		t.Errorf("JSON: %s", got)
	}
}
