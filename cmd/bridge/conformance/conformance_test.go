package conformance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/cmd/bridge/e2e/process"
)

// The two revisions that the suite requires something of, the last of each era.
const (
	older  = "2025-11-25"
	modern = "2026-07-28"
)

// bridge is the built gateway, everything the Go SDK's own server for the suite.
var bridge, everything string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bridge-conformance")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	for pkg, program := range map[string]*string{
		"github.com/bridge-gateway/bridge/cmd/bridge":                          &bridge,
		"github.com/modelcontextprotocol/go-sdk/conformance/everything-server": &everything,
	} {
		if *program, err = process.Build(dir, pkg); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// TestConformance holds Bridge to the suite in front of a server of the same era
// as the client, where nothing but the gateway may differ from the server itself.
func TestConformance(t *testing.T) {
	needSuite(t)
	for _, revision := range []string{older, modern} {
		t.Run(revision, func(t *testing.T) {
			server := serveEverything(t, revision)
			direct := conform(t, server, revision)
			t.Logf("%s, the server itself:    %s", revision, direct.score())
			judge(t, revision+", through Bridge", serveBridge(t, mounted(server)), revision, "testdata/"+revision+".yaml")
		})
	}
}

// TestAcrossEras has the client speak one era and the server the other. What the
// server itself can't in its era can't be had through a gateway either.
func TestAcrossEras(t *testing.T) {
	needSuite(t)
	for client, server := range map[string]string{older: modern, modern: older} {
		t.Run(client+" in front of "+server, func(t *testing.T) {
			judge(t, client+", server of "+server, serveBridge(t, mounted(serveEverything(t, server))), client, "testdata/"+client+"-across.yaml")
		})
	}
}

// restScenarios are those that call none of the suite's own tools, resources and
// prompts, by which they apply to any server.
var restScenarios = map[string][]string{
	older:  {"server-initialize", "ping", "tools-list", "server-sse-multiple-streams", "dns-rebinding-protection", "server-session-lifecycle"},
	modern: {"tools-list", "server-sse-multiple-streams", "dns-rebinding-protection", "input-required-result-unsupported-methods", "http-header-validation"},
}

// TestREST holds Bridge to the suite in front of a REST API.
func TestREST(t *testing.T) {
	needSuite(t)
	specs, err := filepath.Abs("../../../specs")
	if err != nil {
		t.Fatal(err)
	}
	mock := process.Start(t, specs, bridge, "mock", "crm.yaml", "--listen", "127.0.0.1:0")
	api := mock.Await(t, regexp.MustCompile(`(http://\S+)`))
	url := serveBridge(t, fmt.Sprintf("sources:\n  crm: {openapi: %q, url: %q, credential: {bearer: x}}\n", filepath.Join(specs, "crm.yaml"), api))
	for _, revision := range []string{older, modern} {
		t.Run(revision, func(t *testing.T) {
			got := conform(t, url, revision)
			passed := map[string]bool{}
			for _, s := range got.scenarios {
				passed[s.name] = s.failed == 0 && s.passed > 0
			}
			good := 0
			for _, name := range restScenarios[revision] {
				good += btoi(passed[name])
				if !passed[name] {
					t.Errorf("%s failed or did not run", name)
				}
			}
			t.Logf("%s, Bridge's REST tools:  %d of %d scenarios that apply", revision, good, len(restScenarios[revision]))
			if t.Failed() {
				t.Log(got.failures)
			}
		})
	}
}

// judge runs the suite against url and compares what fails with what may.
// Scenarios of extensions are for servers that have them.
func judge(t *testing.T, what, url, revision, file string) {
	t.Helper()
	got := conform(t, url, revision)
	t.Logf("%s: %s", what, got.score())
	expected := expectedFailures(t, file)
	for _, s := range got.scenarios {
		_, expect := expected[s.name]
		switch {
		case s.unscored == "extension":
		case s.failed > 0 && !expect:
			t.Errorf("%s: %d of its checks failed", s.name, s.failed)
		case s.failed == 0 && expect:
			t.Errorf("%s passes now: take it from %s", s.name, file)
		}
		delete(expected, s.name)
	}
	for name := range expected {
		t.Errorf("%s names %s, which the suite does not have", file, name)
	}
	if t.Failed() {
		t.Log(got.failures)
	}
}

// expectation is a line of a file of expected failures: a scenario and why.
var expectation = regexp.MustCompile(`(?m)^  - (\S+) +# (\S.{20,})$`)

// expectedFailures reads a file of the suite's format, with one reason a line.
func expectedFailures(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, m := range expectation.FindAllStringSubmatch(string(raw), -1) {
		all[m[1]] = m[2]
	}
	if len(all) != strings.Count(string(raw), "\n  - ") {
		t.Errorf("%s: each line must be \"  - scenario # reason\"", file)
	}
	return all
}

// serveEverything starts the everything-server of the revision's era.
func serveEverything(t *testing.T, revision string) string {
	t.Helper()
	address := process.FreeAddress(t)
	p := process.Start(t, t.TempDir(), everything, "-http", address, fmt.Sprintf("-stateless=%t", revision == modern))
	url := "http://" + address + "/mcp"
	p.Serves(t, url)
	return url
}

// mounted is a configuration with one server, under its own names.
func mounted(url string) string {
	return fmt.Sprintf("sources:\n  everything: {mcp: %q, prefix: \"\"}\n", url)
}

// serveBridge starts the gateway and waits until it has tried its sources.
func serveBridge(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bridge.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := process.Start(t, dir, bridge, "serve", "--listen", "127.0.0.1:0")
	url := p.Await(t, regexp.MustCompile(`serves .*?(http://\S+)`))
	p.Serves(t, strings.TrimSuffix(url, "/mcp")+"/readyz")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the gateway's log ends with:\n%s", p.Log.Tail(40))
		}
	})
	return url
}
