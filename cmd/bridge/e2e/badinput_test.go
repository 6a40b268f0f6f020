package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestBadInput runs commands on what people get wrong. Each must say in one
// message what to do, and end with the right code.
func TestBadInput(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<!doctype html><title>Log in</title>")
	}))
	t.Cleanup(page.Close)
	crm := filepath.Join(repo, "specs", "crm.yaml")

	cases := []struct {
		name   string
		files  map[string]string
		args   []string
		code   int
		stderr []string
	}{
		{"no document there", nil, []string{"tools", "nowhere.yaml"}, 2, []string{"no file nowhere.yaml"}},
		{"a folder", map[string]string{"d/x": ""}, []string{"tools", "d"}, 2, []string{"d is a directory"}},
		{"an empty document", map[string]string{"a.yaml": ""}, []string{"tools", "a.yaml"}, 2, []string{"a.yaml", "empty"}},
		{"broken YAML", map[string]string{"a.yaml": "openapi: 3.1.0\npaths: [\n"}, []string{"tools", "a.yaml"}, 2, []string{"a.yaml:"}},
		{"not OpenAPI", map[string]string{"a.yaml": "name: x\n"}, []string{"tools", "a.yaml"}, 2, []string{"a.yaml", "openapi"}},
		{"a web page for a document", nil, []string{"tools", page.URL + "/openapi.yaml"}, 2, []string{"HTML"}},
		{"generating from nothing", nil, []string{"gen", "nowhere.yaml"}, 2, []string{"go.mod"}},
		{"an unknown key", map[string]string{"bridge.yaml": "budjet: 3\n"}, []string{"serve"}, 2, []string{"bridge.yaml:1:1", `did you mean "budget"`}},
		{"several problems at once", map[string]string{"bridge.yaml": "budget: 3\nencoding: gpt\nsources:\n  a: {}\n"},
			[]string{"serve"}, 2, []string{"budget", "o200k_base", "sources.a"}},
		{"a wrong variable", map[string]string{"bridge.yaml": "sources: {a: {openapi: a.yaml}}\n"},
			[]string{"tools", "--log-level", "loud"}, 2, []string{"flag --log-level", "debug"}},
		{"nothing to serve", nil, []string{"serve"}, 2, []string{"bridge init"}},
		{"a named configuration that is not there", nil, []string{"serve", "-c", "x.yaml"}, 2, []string{"x.yaml", "bridge init"}},
		{"a port in use", nil, []string{"serve", crm, "--listen", taken.Addr().String()}, 1, []string{taken.Addr().String(), "--listen"}},
		{"an unknown flag", nil, []string{"serve", "--prot"}, 2, []string{"--prot", "bridge serve --help"}},
		{"an unknown command", nil, []string{"sevre"}, 2, []string{"sevre", "serve"}},
		{"arguments that are no JSON", nil, []string{"call", "-d", crm, "crm_search", "q=1"}, 2, []string{`{"limit": 2}`}},
		{"a tool that is not there", nil, []string{"call", "-d", crm, "crm_serach", "{}"}, 1, []string{`did you mean "crm_search"`}},
		{"a call with nothing to call", nil, []string{"call", "crm_search", "{}"}, 2, []string{"--document", "bridge init"}},
		{"arguments without quotes", nil, []string{"call", "-d", crm, "crm_search", "{limit:", "2}"}, 2, []string{"single quotes", "bridge call --help"}},
		{"one document to compare", nil, []string{"diff", crm}, 2, []string{"OLD and NEW"}},
		{"no document to lint", nil, []string{"lint"}, 2, []string{"name a document"}},
		{"flags for sources that the configuration has", map[string]string{"bridge.yaml": "sources: {crm: {openapi: " + crm + "}}\n"},
			[]string{"tools", "--url", "http://127.0.0.1:1", "-H", "X-Team: a"}, 2, []string{"--url", "--header", "bridge.yaml"}},
		{"flags that a command can't have", nil, []string{"tools", "--bearer", "x", "--", "sh", "-c", "exit 3"}, 2, []string{"--bearer", "env"}},
		{"a folder where a file is to be written", map[string]string{"d/x": "", "a.yaml": troubleDocument("http://127.0.0.1:1")},
			[]string{"lint", "a.yaml", "--write-overlay", "nowhere/o.yaml"}, 2, []string{"nowhere/o.yaml", "permissions"}},
		{"a secret that is not set", map[string]string{"bridge.yaml": "sources: {crm: {openapi: " + crm + ", credential: {bearer: \"${env:NOT_SET_HERE}\"}}}\n"},
			[]string{"call", "crm_list_contacts"}, 1, []string{"NOT_SET_HERE"}},
		{"a command that is not there", nil, []string{"tools", "--", "no-such-program-here"}, 2, []string{"no-such-program-here"}},
		{"a command that dies", nil, []string{"tools", "--", "sh", "-c", "echo boom >&2; exit 3"}, 2, []string{"boom", "exit status 3"}},
		{"an adapter of no document", map[string]string{"bridge.yaml": "sources: {x: {adapter: nope}}\n"}, []string{"tools"}, 2, []string{"nope", "compiled in: crm", "specs/nope.yaml"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range c.files {
				write(t, dir, name, text)
			}
			got := bridge(t, dir, c.args...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d", got.code, c.code)
			}
			for _, want := range c.stderr {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("the message lacks %q", want)
				}
			}
			if t.Failed() {
				t.Logf("stdout %s\nstderr %s", got.stdout, got.stderr)
			}
			if strings.Contains(got.stderr, "goroutine ") {
				t.Errorf("a stack trace: %s", got.stderr)
			}
		})
	}
}

// badUpstream answers each path with another kind of trouble.
func badUpstream(t *testing.T) *httptest.Server {
	released := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")
	})
	mux.HandleFunc("/500", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":"database is on fire"}`, http.StatusInternalServerError)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-released:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `["`)
		block := strings.Repeat("x", 1<<20)
		for range 50 {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `"]`)
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "["+strings.Repeat(`{"id":1,"name":"somebody"},`, 200_000)+`{}]`)
	})
	mux.HandleFunc("/lies", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": `)
	})
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(released) })
	return server
}

// troubleDocument describes badUpstream's paths.
func troubleDocument(server string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "openapi: 3.1.0\ninfo: {title: Trouble, version: '1'}\nservers: [{url: %s}]\npaths:\n", server)
	for _, p := range []string{"html", "500", "slow", "huge", "large", "lies", "ok"} {
		fmt.Fprintf(&b, "  /%s: {get: {operationId: %s, responses: {'200': {description: x, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}}}}}}\n", p, "get_"+p)
	}
	return b.String()
}

// TestBadUpstreams has an upstream that does all that upstreams do, another
// that is down, and a command that dies, beside one that is well.
func TestBadUpstreams(t *testing.T) {
	up := badUpstream(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	dir := t.TempDir()
	write(t, dir, "trouble.yaml", troubleDocument(up.URL))
	write(t, dir, "bridge.yaml", fmt.Sprintf(`
timeout: 1s
sources:
  t: {openapi: trouble.yaml}
  down: {openapi: trouble.yaml, url: "http://%s"}
  gone: {openapi: nowhere.yaml}
  dead: {command: [sh, -c, "echo out of memory >&2; exit 7"]}
  far: {mcp: "http://%[1]s/mcp"}
`, closed.Addr()))
	s := start(t, dir, "serve", "--listen", "127.0.0.1:0")
	s.ready(t)
	session := connect(t, &mcp.StreamableClientTransport{Endpoint: s.url})
	if tools := names(t, session); len(tools) != 14+1 {
		t.Errorf("14 tools of the two sources that load, and bridge_read, not %d", len(tools))
	}

	for tool, want := range map[string][]string{
		"t_get_html":  {"502", "Bad Gateway"},
		"t_get_500":   {"500", "database is on fire"},
		"t_get_slow":  {"1s"},
		"t_get_huge":  {"32", "ask for less"},
		"t_get_lies":  {"JSON"},
		"down_get_ok": {"down", "refused", "url:"},
	} {
		begun := time.Now()
		res := callTool(t, session, tool, map[string]any{})
		if !res.IsError && tool != "t_get_lies" {
			t.Errorf("%s must be an error: %s", tool, textOf(res))
		}
		all, err := json.Marshal(res.Content)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(all), w) {
				t.Errorf("%s: %.400s lacks %q", tool, all, w)
			}
		}
		if n := cost(t, res); n > budget || time.Since(begun) > 20*time.Second {
			t.Errorf("%s: %d tokens in %v", tool, n, time.Since(begun))
		}
	}
	large := callTool(t, session, "t_get_large", map[string]any{})
	if n := cost(t, large); large.IsError || n > budget || !json.Valid([]byte(textOf(large))) {
		t.Errorf("5 MB of JSON: %d tokens, %.200s", n, textOf(large))
	}
	if res := callTool(t, session, "t_get_ok", map[string]any{}); res.IsError || textOf(res) != `{"ok":true}` {
		t.Errorf("what is well must go on: %s", textOf(res))
	}
	for source, want := range map[string]string{"gone": "nowhere.yaml", "dead": "out of memory", "far": "far"} {
		if log := s.log.String(); !strings.Contains(log, "  "+source) || !strings.Contains(log, want) {
			t.Errorf("the source %s must be reported with %q:\n%s", source, want, log)
		}
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "t_get_nothing"}); err == nil {
		t.Error("a tool that is not there must be an error")
	}
}

// TestInterruptStopsEverything starts a native server with a child of its own
// and interrupts the gateway.
func TestInterruptStopsEverything(t *testing.T) {
	dir := t.TempDir()
	pids := filepath.Join(dir, "pids")
	script := fmt.Sprintf(`sleep 300 & echo $! >> %s; echo $$ >> %[1]s; wait`, pids)
	raw, err := json.Marshal([]string{"sh", "-c", script})
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "bridge.yaml", "sources: {stuck: {command: "+string(raw)+"}}\n")
	s := start(t, dir, "serve", "--listen", "127.0.0.1:0")
	children := waitForPids(t, pids)
	begun := time.Now()
	s.stop(t)
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, s.log)
	}
	for _, pid := range children {
		if lives(pid) {
			t.Errorf("process %s lives on", pid)
		}
	}
}

// TestInterruptWhileLoading interrupts commands that wait for a document.
func TestInterruptWhileLoading(t *testing.T) {
	for _, args := range [][]string{{"tools"}, {"lint"}, {"mock"}, {"call", "x", "-d"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			asked, done := make(chan struct{}, 1), make(chan struct{})
			slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				asked <- struct{}{}
				select {
				case <-r.Context().Done():
				case <-done:
				}
			}))
			t.Cleanup(slow.Close)
			t.Cleanup(func() { close(done) })
			var stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), binary, append(args, slow.URL+"/api.yaml")...)
			cmd.Dir, cmd.Stderr = t.TempDir(), &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-asked
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 1 || stderr.String() != "bridge: interrupted\n" {
				t.Errorf("exit code %d, and said %q", code, stderr.String())
			}
		})
	}
}

// lives reports whether a process runs. One that has ended, but that nobody has
// waited for yet, does not.
func lives(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	_, state, found := strings.Cut(string(stat), ") ")
	return err == nil && found && !strings.HasPrefix(state, "Z")
}

// waitForPids waits until both processes of the script have said who they are.
func waitForPids(t *testing.T, file string) []string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		data, err := os.ReadFile(file)
		if pids := strings.Fields(string(data)); err == nil && len(pids) == 2 {
			return pids
		}
	}
	t.Fatal("the command was not started")
	return nil
}

func TestArgumentsFromStandardInputAreBounded(t *testing.T) {
	crm := filepath.Join(repo, "specs", "crm.yaml")
	got := bridgeIn(t, t.TempDir(), `{"q":"`+strings.Repeat("a", 17<<20)+`"}`, "call", "-d", crm, "crm_search", "-")
	if got.code != 2 || !strings.Contains(got.stderr, "16 MiB") {
		t.Errorf("exit code %d: %.300s", got.code, got.stderr)
	}
}
