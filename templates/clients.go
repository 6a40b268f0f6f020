package templates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// serverName is what clients call the gateway.
const serverName = "bridge"

// ClientConfig is what connects one MCP client to the gateway.
type ClientConfig struct {
	Client string // a short name for programs, e.g. "vscode"
	Title  string // the client's name for people
	File   string // the file or place that Text goes to; "" for a command
	Format string // shell, json, toml or text
	Text   string // what to paste or do, without a line end at its end
}

// ClientConfigs returns the configuration of every client for the MCP endpoint
// at endpoint, e.g. "http://127.0.0.1:8080/mcp".
func ClientConfigs(endpoint string) []ClientConfig {
	type object = map[string]any
	return []ClientConfig{
		{"claude-code", "Claude Code", "", "shell",
			"claude mcp add --transport http " + serverName + " " + shellQuote(endpoint)},
		{"claude-desktop", "Claude Desktop", "claude_desktop_config.json, which Settings > Developer > Edit Config opens", "json",
			indent(object{"mcpServers": object{serverName: object{"command": "npx", "args": remoteArgs(endpoint)}}})},
		{"cursor", "Cursor", "~/.cursor/mcp.json, or .cursor/mcp.json in a project", "json",
			indent(object{"mcpServers": object{serverName: object{"url": endpoint}}})},
		{"vscode", "VS Code", ".vscode/mcp.json", "json",
			indent(object{"servers": object{serverName: object{"type": "http", "url": endpoint}}})},
		{"codex", "Codex", "~/.codex/config.toml", "toml",
			fmt.Sprintf("[mcp_servers.%s]\nurl = %s", serverName, compact(endpoint))},
		{"chatgpt", "ChatGPT", "Settings > Apps & Connectors", "text", chatGPT(endpoint)},
	}
}

// chatGPT says what to do in ChatGPT, whose servers call the gateway: it must
// be public.
func chatGPT(endpoint string) string {
	const steps = "Under Advanced settings, turn on Developer mode. Then Create, with this MCP server URL:\n"
	u, err := url.Parse(endpoint)
	if err == nil && u.Scheme == "https" && !private(u.Hostname()) {
		return steps + endpoint
	}
	path, origin := "/mcp", endpoint
	if err == nil && u.Host != "" {
		path, origin = u.EscapedPath(), u.Scheme+"://"+u.Host
	}
	return "ChatGPT connects from outside, by https only: give the gateway a public address first, with your own\n" +
		"proxy or a tunnel, such as: cloudflared tunnel --url " + shellQuote(origin) + "\n" +
		"Whoever knows that address can call your tools. " + steps +
		"https://YOUR-PUBLIC-HOST" + path
}

// remoteArgs are the arguments of npx for clients that only start commands.
// mcp-remote takes plain http from this machine alone, unless it is told to.
func remoteArgs(endpoint string) []string {
	args := []string{"-y", "mcp-remote", endpoint}
	u, err := url.Parse(endpoint)
	if err == nil && u.Scheme == "http" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" {
		args = append(args, "--allow-http")
	}
	return args
}

// private reports whether a host is out of reach from the internet.
func private(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".localhost")
}

func indent(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return "" // maps of strings always encode
	}
	return strings.TrimSpace(b.String())
}

// compact writes a string as JSON, which is a TOML string as well.
func compact(s string) string { return indent(s) }

// shellQuote quotes a word for a POSIX shell where it needs it.
func shellQuote(word string) string {
	plain := func(r rune) bool {
		return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') || strings.ContainsRune("-_./:@%+=,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
