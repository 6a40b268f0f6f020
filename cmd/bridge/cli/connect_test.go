package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// atHome runs commands of a user with an empty home, in an empty folder.
func atHome(t *testing.T) (home string, run func(args ...string) (code int, out, errs string)) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the places of files are tested for all systems in cmd/bridge/clients")
	}
	home = t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR", "BRIDGE_CONFIG", "BRIDGE_LISTEN"} {
		t.Setenv(name, "")
	}
	// An empty BRIDGE_LISTEN would count as one that is given.
	if err := os.Unsetenv("BRIDGE_LISTEN"); err != nil {
		t.Fatal(err)
	}
	project := filepath.Join(home, "shop")
	if err := os.Mkdir(project, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(project)
	return home, func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := Run(context.Background(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
		return code, out.String(), errs.String()
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func wantCode(t *testing.T, want, code int, out, errs string) {
	t.Helper()
	if code != want {
		t.Fatalf("exit code %d, want %d\n%s\n%s", code, want, out, errs)
	}
}

func TestConnectAndRemove(t *testing.T) {
	home, run := atHome(t)
	file := filepath.Join(home, ".cursor", "mcp.json")
	const before = "{\n  // mine\n  \"mcpServers\": {}\n}\n"
	put(t, file, before)

	code, out, errs := run("connect", "cursor", "--dry-run")
	wantCode(t, 0, code, out, errs)
	if !strings.Contains(out, "+    \"bridge\": {") || get(t, file) != before {
		t.Errorf("a dry run: %s\n%s", out, get(t, file))
	}
	code, out, errs = run("connect", "cursor")
	wantCode(t, 0, code, out, errs)
	if !strings.Contains(get(t, file), `"url": "http://127.0.0.1:8080/mcp"`) || !strings.Contains(out, "is connected") || !strings.Contains(out, ".bridge-backup-") {
		t.Errorf("%s\n%s", out, get(t, file))
	}
	code, out, errs = run("connect", "cursor", "--json")
	wantCode(t, 0, code, out, errs)
	var report []connected
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report) != 1 || report[0].Status != "already connected" || report[0].Backup != "" {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	code, out, errs = run("connect", "--list", "cursor")
	wantCode(t, 0, code, out, errs)
	if fields := strings.Fields(strings.Split(out, "\n")[1]); strings.Join(fields[:5], " ") != "cursor user yes yes 1" {
		t.Errorf("the list:\n%s", out)
	}
	code, out, errs = run("connect", "cursor", "--remove")
	wantCode(t, 0, code, out, errs)
	if get(t, file) != before {
		t.Errorf("removed:\n%s", get(t, file))
	}
	code, out, errs = run("connect", "cursor", "--remove")
	wantCode(t, 0, code, out, errs)
	if !strings.Contains(out, "is not connected") {
		t.Errorf("removed twice: %s", out)
	}
}

func TestConnectTakesAwayAFileThatItMade(t *testing.T) {
	home, run := atHome(t)
	file := filepath.Join(home, ".codex", "config.toml")
	code, out, errs := run("connect", "codex", "--header", "Authorization=Bearer ${env:KEY}", "--name", "gw")
	wantCode(t, 0, code, out, errs)
	if want := "[mcp_servers.gw]\nurl = \"http://127.0.0.1:8080/mcp\"\nbearer_token_env_var = \"KEY\"\n"; get(t, file) != want {
		t.Errorf("%s\nwant\n%s", get(t, file), want)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	code, out, errs = run("connect", "codex", "--remove", "--name", "gw")
	wantCode(t, 0, code, out, errs)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestConnectChoosesTheEntry(t *testing.T) {
	_, run := atHome(t)
	put(t, "bridge.yaml", "listen: 0.0.0.0:9191\nendpoints:\n  /mcp/support: {}\n")
	abs, err := filepath.Abs("bridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"cursor"}, `"url": "http://127.0.0.1:9191/mcp"`},
		{[]string{"vscode", "--endpoint", "/mcp/support"}, `"url": "http://127.0.0.1:9191/mcp/support"`},
		{[]string{"cursor", "--url", "https://gw.example.com/mcp"}, `"url": "https://gw.example.com/mcp"`},
		{[]string{"cursor", "--stdio"}, `"serve", "--stdio", "--config", "` + abs + `"`},
		{[]string{"claude"}, `"serve", "--stdio", "--config", "` + abs + `"`},
		{[]string{"claude", "--url", "http://10.0.0.1/mcp"}, `["-y", "mcp-remote", "http://10.0.0.1/mcp", "--allow-http"]`},
	} {
		code, out, errs := run(append([]string{"connect", "--print"}, x.args...)...)
		wantCode(t, 0, code, out, errs)
		if !strings.Contains(out, x.want) {
			t.Errorf("%v: %s\nwant %s", x.args, out, x.want)
		}
	}
}

func TestConnectRefuses(t *testing.T) {
	home, run := atHome(t)
	put(t, filepath.Join(home, ".cursor", "mcp.json"), "{\n  \"a\": 1\n  \"b\": 2\n}\n")
	put(t, "zero.yaml", "listen: 127.0.0.1:0\n")
	for _, x := range []struct {
		args []string
		code int
		say  string
	}{
		{[]string{"curser"}, 2, `did you mean "cursor"?`},
		{nil, 2, "bridge connect --list"},
		{[]string{"cursor"}, 1, "mcp.json:3:3: a comma"},
		{[]string{"windsurf", "--scope", "project"}, 2, "reads no file of a project"},
		{[]string{"windsurf", "--scope", "galaxy"}, 2, "there are user and project"},
		{[]string{"claude"}, 2, "needs its configuration"},
		{[]string{"zed", "--endpoint", "/mcp/none"}, 2, "no endpoint /mcp/none; it has /mcp"},
		{[]string{"zed", "-c", "zero.yaml"}, 2, "name the gateway's URL with --url"},
		{[]string{"zed", "--header", "A=${env:X}"}, 2, "has no reference"},
		{[]string{"zed", "--header", "A"}, 2, "NAME=VALUE"},
		{[]string{"zed", "--url", "gw"}, 2, "an http or https URL"},
		{[]string{"zed", "--stdio", "--url", "http://x"}, 2, "none of the others can be"},
	} {
		code, out, errs := run(append([]string{"connect"}, x.args...)...)
		if code != x.code || !strings.Contains(errs, x.say) {
			t.Errorf("%v: exit code %d, %s%s\nwant %d, %s", x.args, code, out, errs, x.code, x.say)
		}
	}
}

// TestConnectSaysWhetherTheGatewayAnswers asks what is there as a client would.
func TestConnectSaysWhetherTheGatewayAnswers(t *testing.T) {
	_, run := atHome(t)
	real := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return tickets() }, nil)
	locked := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer open" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		real.ServeHTTP(w, r)
	})
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<p>hi")) })
	silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // from then on the client's leaving is seen
		<-r.Context().Done()
	})
	t.Setenv("GATEWAY_KEY", "open")
	for name, c := range map[string]struct {
		handler   http.Handler
		args      []string
		out, errs string
	}{
		"a gateway":           {handler: real, out: "gateway  answers, with 1 tools"},
		"with a key":          {handler: locked, args: []string{"--header", "Authorization=Bearer ${env:GATEWAY_KEY}"}, out: "answers, with 1 tools"},
		"without one":         {handler: locked, errs: "refuses the entry (HTTP 401); --header"},
		"with one not set":    {handler: locked, args: []string{"--header", "Authorization=Bearer ${env:NO_SUCH_KEY}"}, errs: "was not asked for its tools"},
		"another path":        {handler: http.NotFoundHandler(), errs: "there is no MCP endpoint at"},
		"a page":              {handler: page, errs: "does not speak MCP"},
		"one that is silent":  {handler: silent, errs: "does not answer as an MCP server within 2s"},
		"one that has ended":  {errs: "nothing answers at "},
		"one that goes wrong": {handler: http.RedirectHandler("http://elsewhere.invalid/", http.StatusFound), errs: "(HTTP 302)"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			if c.handler == nil {
				server.Close()
			}
			defer server.Close()
			args := append([]string{"connect", "cursor", "--url", server.URL + "/mcp"}, c.args...)
			code, out, errs := run(args...)
			wantCode(t, 0, code, out, errs)
			if !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
				t.Errorf("%s\n%s", out, errs)
			}
		})
	}
}

const secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"

func TestConnectImport(t *testing.T) {
	home, run := atHome(t)
	cursor, claude := filepath.Join(home, ".cursor", "mcp.json"), filepath.Join(home, ".config", "Claude", "claude_desktop_config.json")
	entry := `{"command": "npx", "args": ["-y", "@mcp/github"], "env": {"GITHUB_TOKEN": "` + secret + `"}}`
	put(t, cursor, "{\n  // mine\n  \"mcpServers\": {\n    \"github\": "+entry+",\n    \"off\": {\"command\": \"x\", \"disabled\": true}\n  },\n  \"z\": 1\n}\n")
	put(t, claude, "{\"mcpServers\": {\"gh\": "+entry+"}}")
	put(t, "bridge.yaml", "# ours\nlisten: 127.0.0.1:9191\nsources:\n  docs: {mcp: \"https://docs.example.com/mcp\"} # stays\n")

	code, out, errs := run("connect", "import", "--all", "--dry-run", "--replace")
	wantCode(t, 0, code, out, errs)
	if strings.Contains(get(t, "bridge.yaml"), "github") || !strings.Contains(out, "+  gh:") || strings.Contains(out, secret) || !strings.Contains(out, `"GITHUB_TOKEN": "[redacted]"`) {
		t.Errorf("a dry run:\n%s", out)
	}
	code, out, errs = run("connect", "import", "--all", "--replace")
	wantCode(t, 0, code, out, errs)
	want := "# ours\nlisten: 127.0.0.1:9191\nsources:\n  docs: {mcp: \"https://docs.example.com/mcp\"} # stays\n  gh:\n    command: [npx, -y, '@mcp/github']\n    env:\n      GITHUB_TOKEN: ${env:GITHUB_TOKEN}\n"
	if got := get(t, "bridge.yaml"); got != want {
		t.Errorf("bridge.yaml:\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(out+errs, secret) || !strings.Contains(out, "GITHUB_TOKEN") {
		t.Errorf("what was said:\n%s%s", out, errs)
	}
	want = "{\n  // mine\n  \"mcpServers\": {\n    \"off\": {\"command\": \"x\", \"disabled\": true},\n    \"bridge\": {\n      \"url\": \"http://127.0.0.1:9191/mcp\"\n    }\n  },\n  \"z\": 1\n}\n"
	if got := get(t, cursor); got != want {
		t.Errorf("cursor:\n%s\nwant\n%s", got, want)
	}
	if got := get(t, claude); strings.Contains(got, "github") || !strings.Contains(got, `"--stdio"`) {
		t.Errorf("claude:\n%s", got)
	}
	before := get(t, "bridge.yaml")
	code, out, errs = run("connect", "import", "--all", "--json")
	wantCode(t, 0, code, out, errs)
	var report imported
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Sources) != 0 || len(report.Skipped) != 3 || get(t, "bridge.yaml") != before {
		t.Errorf("a second time: %v\n%s\n%s", err, out, get(t, "bridge.yaml"))
	}
}

func TestConnectImportRefuses(t *testing.T) {
	_, run := atHome(t)
	put(t, "none.json", "{}")
	put(t, "broken.json", "{")
	put(t, "good.json", `{"mcpServers": {"a": {"command": "x"}}}`)
	put(t, "bad.yaml", "sources: [\n")
	for _, x := range []struct {
		args []string
		code int
		say  string
	}{
		{nil, 2, "--all"},
		{[]string{"cursor"}, 1, "has no configuration here"},
		{[]string{"nope.json"}, 2, "there is no file nope.json"},
		{[]string{"none.json"}, 2, "has no MCP servers"},
		{[]string{"broken.json"}, 2, "broken.json:1:2: "},
		{[]string{"good.json", "-c", "bad.yaml"}, 2, "bad.yaml:"},
	} {
		code, out, errs := run(append([]string{"connect", "import"}, x.args...)...)
		if code != x.code || !strings.Contains(errs, x.say) {
			t.Errorf("%v: exit code %d, %s%s\nwant %d, %s", x.args, code, out, errs, x.code, x.say)
		}
	}
	if _, err := os.Stat("bridge.yaml"); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

func TestConnectCompletesNames(t *testing.T) {
	_, run := atHome(t)
	code, out, errs := run("__complete", "connect", "cursor", "")
	wantCode(t, 0, code, out, errs)
	if !strings.Contains(out, "codex\tCodex") || strings.Contains(out, "cursor\t") {
		t.Errorf("completion:\n%s", out)
	}
}
