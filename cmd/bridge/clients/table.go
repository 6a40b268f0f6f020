package clients

// How clients write a reference to an environment variable; %s is its name.
const (
	envColon = "${env:%s}"
	envShell = "${%s}"
	envBrace = "{env:%s}"
	envNone  = ""
)

const (
	restart    = "quit it and start it again"
	newSession = "start a new session"
)

// plainJSON is how most clients write a server: {"url": …} or {"command": …}.
func plainJSON(reference string) dialect {
	return dialect{url: "url", headers: []string{"headers"}, command: "command", args: "args", env: "env", reference: reference}
}

// typed is plainJSON with a member that says the transport.
func typed(http, stdio, reference string) dialect {
	d := plainJSON(reference)
	d.httpType, d.stdioType = http, stdio
	return d
}

func vscodeUser(product, file string) func(Environment) string {
	return func(e Environment) string { return e.appData(product + "/User/" + file) }
}

func home(path string) func(Environment) string {
	return func(e Environment) string { return e.home(path) }
}

// table is what is known of each client. It is a function so that nobody can
// change it.
func table() []Client {
	servers := []string{"mcpServers"}
	return append([]Client{
		{Name: "claude", Aliases: []string{"claude-desktop"}, Title: "Claude Desktop", Format: JSON, Next: "quit Claude Desktop (not only its window) and start it again", path: servers,
			user:    func(e Environment) string { return e.appData("Claude/claude_desktop_config.json") },
			dialect: dialect{command: "command", args: "args", env: "env"}},
		{Name: "claude-code", Title: "Claude Code", Format: JSON, Next: newSession + "; /mcp shows its servers", path: servers, project: ".mcp.json",
			user: func(e Environment) string {
				if dir := e.variable("CLAUDE_CONFIG_DIR"); dir != "" {
					return e.join(dir, ".claude.json")
				}
				return e.home(".claude.json")
			}, dialect: typed("http", "stdio", envShell)},
		{Name: "cursor", Title: "Cursor", Format: JSON, Next: "turn the server on under Settings > MCP", path: servers, project: ".cursor/mcp.json",
			user: home(".cursor/mcp.json"), dialect: plainJSON(envColon)},
		{Name: "vscode", Aliases: []string{"code"}, Title: "VS Code", Format: JSON, Next: "start the server with `MCP: List Servers`", path: []string{"servers"}, project: ".vscode/mcp.json",
			user: vscodeUser("Code", "mcp.json"), dialect: typed("http", "stdio", envColon)},
		{Name: "vscode-insiders", Aliases: []string{"code-insiders"}, Title: "VS Code Insiders", Format: JSON, Next: "start the server with `MCP: List Servers`", path: []string{"servers"}, project: ".vscode/mcp.json",
			user: vscodeUser("Code - Insiders", "mcp.json"), dialect: typed("http", "stdio", envColon)},
		{Name: "codex", Title: "Codex", Format: TOML, Next: newSession + "; /mcp shows its servers", path: []string{"mcp_servers"}, project: ".codex/config.toml",
			user: func(e Environment) string { return e.homeOr("CODEX_HOME", ".codex", "config.toml") },
			dialect: dialect{url: "url", headers: []string{"http_headers"}, command: "command", args: "args", env: "env",
				headerVariables: "env_http_headers", bearerVariable: "bearer_token_env_var"}},
		{Name: "gemini", Aliases: []string{"gemini-cli"}, Title: "Gemini CLI", Format: JSON, Next: newSession + "; /mcp shows its servers", path: servers, project: ".gemini/settings.json",
			user:    home(".gemini/settings.json"),
			dialect: dialect{url: "httpUrl", headers: []string{"headers"}, command: "command", args: "args", env: "env", reference: envShell}},
		{Name: "windsurf", Title: "Windsurf", Format: JSON, Next: "refresh the servers in Cascade's panel", path: servers,
			user:    home(".codeium/windsurf/mcp_config.json"),
			dialect: dialect{url: "serverUrl", headers: []string{"headers"}, command: "command", args: "args", env: "env", reference: envColon}},
		{Name: "zed", Title: "Zed", Format: JSON, Next: "nothing: Zed reads its settings at once", path: []string{"context_servers"}, project: ".zed/settings.json",
			user: func(e Environment) string {
				switch e.OS {
				case "windows":
					return e.appData("Zed/settings.json")
				case "darwin":
					return e.home(".config/zed/settings.json")
				default:
					return e.xdg("zed/settings.json")
				}
			}, dialect: plainJSON(envNone)},
	}, moreClients(servers)...)
}

func moreClients(servers []string) []Client {
	withTools := typed("http", "local", envNone)
	withTools.extra = object{{"tools", []any{"*"}}}
	return []Client{
		{Name: "copilot-cli", Aliases: []string{"copilot"}, Title: "GitHub Copilot CLI", Format: JSON, Next: newSession + "; /mcp show lists its servers", path: servers,
			user: home(".copilot/mcp-config.json"), dialect: withTools},
		{Name: "cline", Title: "Cline", Format: JSON, Next: "nothing: Cline reads its file at once", path: servers,
			user:    vscodeUser("Code", "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"),
			dialect: typed("streamableHttp", "stdio", envNone)},
		{Name: "roo", Aliases: []string{"roo-code"}, Title: "Roo Code", Format: JSON, Next: "nothing: Roo Code reads its file at once", path: servers, project: ".roo/mcp.json",
			user:    vscodeUser("Code", "globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json"),
			dialect: typed("streamable-http", "stdio", envColon)},
		{Name: "continue", Title: "Continue", Format: YAML, Next: "reload the editor's window", path: servers, list: true,
			user: home(".continue/config.yaml"),
			dialect: dialect{url: "url", httpType: "streamable-http", stdioType: "stdio", headers: []string{"requestOptions", "headers"},
				command: "command", args: "args", env: "env", named: true}},
		{Name: "goose", Title: "Goose", Format: YAML, Next: newSession, path: []string{"extensions"},
			user: func(e Environment) string {
				if e.OS == "windows" {
					return e.appData("Block/goose/config/config.yaml")
				}
				return e.home(".config/goose/config.yaml")
			},
			dialect: dialect{url: "uri", httpType: "streamable_http", stdioType: "stdio", headers: []string{"headers"}, command: "cmd", args: "args", env: "envs",
				named: true, extra: object{{"enabled", true}, {"description", "Bridge"}, {"timeout", 300}}}},
		{Name: "opencode", Title: "OpenCode", Format: JSON, Next: restart, path: []string{"mcp"}, project: "opencode.json",
			user: func(e Environment) string { return e.xdg("opencode/opencode.json") },
			dialect: dialect{url: "url", httpType: "remote", stdioType: "local", headers: []string{"headers"}, command: "command", env: "environment",
				reference: envBrace, extra: object{{"enabled", true}}}},
		{Name: "lmstudio", Aliases: []string{"lm-studio"}, Title: "LM Studio", Format: JSON, Next: "nothing: LM Studio reads its file at once", path: servers,
			user: home(".lmstudio/mcp.json"), dialect: plainJSON(envNone)},
		{Name: "kiro", Title: "Kiro", Format: JSON, Next: "nothing: Kiro reads its file at once", path: servers, project: ".kiro/settings/mcp.json",
			user: home(".kiro/settings/mcp.json"), dialect: plainJSON(envShell)},
		{Name: "qwen", Aliases: []string{"qwen-code"}, Title: "Qwen Code", Format: JSON, Next: newSession + "; /mcp shows its servers", path: servers, project: ".qwen/settings.json",
			user:    home(".qwen/settings.json"),
			dialect: dialect{url: "httpUrl", headers: []string{"headers"}, command: "command", args: "args", env: "env", reference: envShell}},
	}
}
