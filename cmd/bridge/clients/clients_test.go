package clients_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

var update = flag.Bool("update", false, "write the goldens anew")

// golden compares a text with the file of testdata that holds it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; run with -update and read the difference. Got:\n%s", file, got)
	}
}

// TestPlaces holds every client's files on every system.
func TestPlaces(t *testing.T) {
	var b strings.Builder
	for _, env := range []clients.Environment{
		{OS: "linux", Home: "/home/ann", Project: "/home/ann/shop"},
		{OS: "darwin", Home: "/Users/ann", Project: "/Users/ann/shop"},
		{OS: "windows", Home: `C:\Users\ann`, Project: `D:\shop`},
		{OS: "linux", Home: "/home/ann", Project: "/srv", Variable: func(name string) string {
			return map[string]string{"XDG_CONFIG_HOME": "/cfg", "CODEX_HOME": "/codex/", "CLAUDE_CONFIG_DIR": "/cc", "APPDATA": "/no"}[name]
		}},
		{OS: "windows", Home: `C:\Users\ann`, Project: `D:\`, Variable: func(name string) string {
			return map[string]string{"APPDATA": `E:\Roaming`}[name]
		}},
	} {
		fmt.Fprintf(&b, "%s, home %s, project %s\n", env.OS, env.Home, env.Project)
		for _, c := range clients.All() {
			for _, scope := range []clients.Scope{clients.User, clients.Project} {
				file, err := c.Place(env, scope)
				if (err != nil) != (scope == clients.Project && !c.HasProject()) {
					t.Errorf("%s %s: %v", c.Name, scope, err)
				}
				if err == nil {
					fmt.Fprintf(&b, "  %-16s %-8s %s\n", c.Name, scope, file)
				}
			}
		}
	}
	golden(t, "places.golden", b.String())
}

var (
	remote = clients.Server{Name: "bridge", URL: "http://127.0.0.1:8080/mcp?a=1&b=<2>"}
	keyed  = clients.Server{Name: "bridge", URL: "https://gw.example.com/mcp",
		Headers: map[string]string{"X-Tenant": "acme", "Authorization": "Bearer ${env:GATEWAY_KEY}"}}
	local = clients.Server{Name: "bridge", Command: []string{`C:\Program Files\bridge.exe`, "serve", "--stdio", "--config", "/etc/bridge \"x\".yaml"}}
)

// TestSnippet holds how each client writes each kind of entry.
func TestSnippet(t *testing.T) {
	var b strings.Builder
	for _, c := range clients.All() {
		for _, s := range []clients.Server{remote, keyed, local} {
			text, err := c.Snippet(s)
			if err != nil {
				text = "error: " + fault.Message(err)
			}
			fmt.Fprintf(&b, "── %s\n%s\n", c.Name, text)
		}
	}
	golden(t, "snippets.golden", b.String())
}

// TestServersReadsWhatIsWritten sees that reading undoes writing.
func TestServersReadsWhatIsWritten(t *testing.T) {
	for _, c := range clients.All() {
		for _, s := range []clients.Server{remote, keyed, local} {
			text, err := c.Put("f", nil, s)
			if err != nil {
				continue // the client can't have it: TestSnippet holds which
			}
			servers, err := c.Servers("f", text)
			if err != nil || len(servers) != 1 {
				t.Errorf("%s: %v, %v", c.Name, servers, err)
				continue
			}
			got := servers[0]
			if got.Name != s.Name || got.URL != s.URL || strings.Join(got.Command, "|") != strings.Join(s.Command, "|") || got.Off != "" {
				t.Errorf("%s: read %+v, wrote %+v", c.Name, got, s)
			}
			for k, v := range s.Headers {
				if got.Headers[k] != v {
					t.Errorf("%s: header %s = %q, wrote %q", c.Name, k, got.Headers[k], v)
				}
			}
		}
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]string{"claude": "claude", "Claude-Desktop": "claude", "code": "vscode", "gemini-cli": "gemini"} {
		if c, err := clients.Find(name); err != nil || c.Name != want {
			t.Errorf("Find(%s) = %s, %v", name, c.Name, err)
		}
	}
	_, err := clients.Find("curser")
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), `did you mean "cursor"?`) {
		t.Errorf("a mistyped name: %v", err)
	}
	seen := map[string]bool{}
	for _, c := range clients.All() {
		for _, n := range append([]string{c.Name}, c.Aliases...) {
			if seen[n] {
				t.Errorf("two clients are called %s", n)
			}
			seen[n] = true
		}
		if c.Title == "" || c.Next == "" {
			t.Errorf("%s has no title, or does not say what comes next", c.Name)
		}
	}
}
