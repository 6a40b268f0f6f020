package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// document is an API of these operations.
func document(operations ...string) string {
	var b strings.Builder
	b.WriteString("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n")
	for _, name := range operations {
		fmt.Fprintf(&b, "  /%s: {get: {operationId: %s, summary: Does it., responses: {'200': {description: ok}}}}\n", name, name)
	}
	return b.String()
}

const reloaded = `listen: 127.0.0.1:0
sources:
  api: {openapi: api.yaml, url: "http://127.0.0.1:9"}
`

// client is an MCP client that keeps to what it is told of the list of tools.
type client struct {
	session *mcp.ClientSession
	told    chan struct{}
}

func connected(t *testing.T, url string) *client {
	t.Helper()
	c := &client{told: make(chan struct{}, 64)}
	program := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { c.told <- struct{}{} }})
	var err error
	if c.session, err = program.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url}, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.session.Close() })
	return c
}

func (c *client) list(t *testing.T) string {
	t.Helper()
	list, err := c.session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		if tool.Name != "bridge_read" { // the gateway's own, beside any tool
			names = append(names, tool.Name)
		}
	}
	return strings.Join(names, " ")
}

// sees waits until the client was told of a list of tools that is as wanted.
func (c *client) sees(t *testing.T, s *server, want string) {
	t.Helper()
	for deadline := time.After(20 * time.Second); ; {
		select {
		case <-c.told:
			if c.list(t) == want {
				return
			}
		case <-deadline:
			t.Fatalf("the client was not told of %q; it sees %q\n%s", want, c.list(t), s.log)
		}
	}
}

// says waits until the log has a text after the place from, and returns where it
// ends.
func (s *server) says(t *testing.T, from int, text string) int {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if log := s.log.String(); strings.Contains(log[from:], text) {
			return from + strings.Index(log[from:], text) + len(text)
		}
	}
	t.Fatalf("the log does not say %q:\n%s", text, s.log)
	return 0
}

func TestFilesAreTakenAnew(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "api.yaml", document("one"))
	write(t, dir, "bridge.yaml", reloaded)
	s := start(t, dir, "serve")
	s.ready(t)
	c := connected(t, s.url)

	write(t, dir, "api.yaml", document("one", "two"))
	c.sees(t, s, "api_one api_two")
	write(t, dir, "new.yaml", "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions: [{target: \"$.paths['/one']\", remove: true}]\n")
	write(t, dir, "bridge.yaml", strings.Replace(reloaded, "api.yaml,", "api.yaml, overlays: [new.yaml],", 1))
	c.sees(t, s, "api_two")
	write(t, dir, "new.yaml", "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions: [{target: \"$.paths['/two']\", remove: true}]\n")
	c.sees(t, s, "api_one")
	write(t, dir, "bridge.yaml", strings.Replace(reloaded, "api:", "other:", 1))
	c.sees(t, s, "other_one other_two")
}

func TestWhatIsWrongLeavesWhatWasServed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "api.yaml", document("one"))
	write(t, dir, "bad.yaml", "openapi: 3.1.0\n  info: x\n")
	write(t, dir, "bridge.yaml", reloaded)
	s := start(t, dir, "serve")
	s.ready(t)
	c, from := connected(t, s.url), 0
	for _, step := range []struct{ file, text, want string }{
		{"bridge.yaml", reloaded + "budjet: 1\n", `bridge.yaml:4:1: unknown key \"budjet\"; did you mean \"budget\"?`},
		{"bridge.yaml", "listen: \"a\n", "is no valid YAML"},
		{"bridge.yaml", "", "names no source any more"},
		{"bridge.yaml", reloaded + "  new: {openapi: bad.yaml}\n", `bridge.yaml:4:3: the source \"new\" can't be served: bad.yaml:2`},
		{"bridge.yaml", reloaded + "  new: {openapi: none.yaml}\n", "no file none.yaml"},
		{"bridge.yaml", strings.Replace(reloaded, ":0", ":1", 1), "next start of the gateway"},
		{"api.yaml", document("one") + "  /broken: {\n", "api.yaml:"},
	} {
		write(t, dir, step.file, step.text)
		from = s.says(t, from, step.want)
		if got := c.list(t); got != "api_one" {
			t.Errorf("after %s the client sees %q", step.want, got)
		}
	}
	write(t, dir, "api.yaml", document("one", "two"))
	c.sees(t, s, "api_one api_two")
}

func TestWatchingSeesSwappedFolders(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "data")
	swap := func(version, text string) {
		t.Helper()
		write(t, dir, version+"/bridge.yaml", text)
		next := filepath.Join(dir, "next")
		if err := os.Symlink(version, next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, link); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "api.yaml", document("one"))
	config := func(name string) string {
		return fmt.Sprintf("listen: 127.0.0.1:0\nsources: {%s: {openapi: %s, url: 'http://127.0.0.1:9'}}\n", name, filepath.Join(dir, "api.yaml"))
	}
	swap("v1", config("a"))
	if err := os.Symlink(filepath.Join("data", "bridge.yaml"), filepath.Join(dir, "bridge.yaml")); err != nil {
		t.Fatal(err)
	}
	s := start(t, dir, "serve")
	s.ready(t)
	c := connected(t, s.url)
	swap("v2", config("b"))
	c.sees(t, s, "b_one")
	swap("v3", config("c"))
	c.sees(t, s, "c_one")
}

func TestSIGHUPReloadsWithoutWatching(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "api.yaml", document("one"))
	write(t, dir, "bridge.yaml", reloaded)
	s := start(t, dir, "serve", "--watch=false")
	s.ready(t)
	c := connected(t, s.url)
	write(t, dir, "api.yaml", document("one", "two"))
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	c.sees(t, s, "api_one api_two")
	s.says(t, 0, "configuration reloaded") // after clients were told
	if strings.Count(s.log.String(), "configuration reloaded") != 1 {
		t.Errorf("it must reload once, when it is told to:\n%s", s.log)
	}
}

func TestCheckServesNothing(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "api.yaml", document("one", "two"))
	write(t, dir, "bridge.yaml", reloaded+"endpoints: {/mcp/a: {include: [api_one]}}\n")
	if got := bridge(t, dir, "serve", "--check"); got.code != 0 || !strings.Contains(got.stdout, "Nothing is wrong.") {
		t.Errorf("%+v", got)
	}
	write(t, dir, "bridge.yaml", strings.Replace(reloaded, "}\n", ", credential: {bearer: \"${env:NO_SUCH_TOKEN}\"}}\n", 1)+
		"  server: {command: [no-such-program]}\n")
	got := bridge(t, dir, "serve", "--check", "--json")
	var found struct {
		Sources []struct {
			Name, Kind, State string
			Tools             int
		}
		Endpoints []struct {
			URL           string
			Tools, Tokens int
		}
		Problems []string
	}
	if err := json.Unmarshal([]byte(got.stdout), &found); err != nil || got.code != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	if len(found.Sources) != 2 || found.Sources[0].Tools != 2 || found.Sources[1].State != "down" || found.Endpoints[0].Tokens == 0 {
		t.Errorf("%+v", found)
	}
	for _, want := range []string{"bridge.yaml:3:76: sources.api.credential.bearer: the environment variable NO_SUCH_TOKEN is not set", "no-such-program"} {
		if !slices.ContainsFunc(found.Problems, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("%q lacks %q", found.Problems, want)
		}
	}
	offline := bridge(t, dir, "serve", "--check", "--offline")
	if offline.code != 1 || !strings.Contains(offline.stdout, "not checked") || strings.Contains(offline.stderr, "no-such-program") {
		t.Errorf("%+v", offline)
	}
	write(t, dir, "bridge.yaml", "budjet: 1\n")
	if got := bridge(t, dir, "serve", "--check"); got.code != 2 || !strings.Contains(got.stderr, "bridge.yaml:1:1") {
		t.Errorf("%+v", got)
	}
}

func TestToolsAsPlainHTTPAreForLoopbackUnlessSaid(t *testing.T) {
	for setting, want := range map[string]int{"": http.StatusOK, "api: true\n": http.StatusOK, "api: false\n": http.StatusNotFound} {
		dir := t.TempDir()
		write(t, dir, "api.yaml", document("one"))
		write(t, dir, "bridge.yaml", setting+reloaded)
		s := start(t, dir, "serve")
		s.ready(t)
		res, err := http.Get(strings.TrimSuffix(s.url, "/mcp") + "/api/tools")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("with %q: %s", setting, res.Status)
		}
		s.stop(t)
	}
}
