package clients

import (
	"net"
	"net/url"
	"strings"
)

// serverName is what clients call the gateway.
const serverName = "bridge"

// Snippet is what a person pastes or does to connect one client.
type Snippet struct {
	Client string // a short name for programs, e.g. "vscode"
	Title  string // the client's name for people
	File   string // the file or place that Text goes to; "" for a command
	Format string // shell, json, toml or text
	Text   string // what to paste or do, without a line end at its end
}

// Snippets returns what connects the most used clients to the MCP endpoint at
// endpoint, e.g. "http://127.0.0.1:8080/mcp".
func Snippets(endpoint string) []Snippet {
	out := []Snippet{{"claude-code", "Claude Code", "", "shell",
		"claude mcp add --transport http " + serverName + " " + shellQuote(endpoint)}}
	for _, c := range []struct{ name, file string }{
		{"claude", "claude_desktop_config.json, which Settings > Developer > Edit Config opens"},
		{"cursor", "~/.cursor/mcp.json, or .cursor/mcp.json in a project"},
		{"vscode", ".vscode/mcp.json"},
		{"codex", "~/.codex/config.toml"},
	} {
		client, err := Find(c.name)
		if err != nil {
			continue // a test sees that there are all
		}
		server := Server{Name: serverName, URL: endpoint}
		if client.StdioOnly() {
			server = Remote(server)
		}
		if text, err := client.Snippet(server); err == nil {
			out = append(out, Snippet{client.Name, client.Title, c.file, string(client.Format), text})
		}
	}
	return append(out, Snippet{"chatgpt", "ChatGPT", "Settings > Apps & Connectors", "text", chatGPT(endpoint)})
}

// Remote returns a server at a URL as a command, for clients that only start
// commands: the npm package mcp-remote passes it on. It takes plain http from
// this machine alone, unless it is told to.
func Remote(s Server) Server {
	args := []string{"npx", "-y", "mcp-remote", s.URL}
	u, err := url.Parse(s.URL)
	if err == nil && u.Scheme == "http" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" {
		args = append(args, "--allow-http")
	}
	return Server{Name: s.Name, Command: args}
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

// private reports whether a host is out of reach from the internet.
func private(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".localhost")
}

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
