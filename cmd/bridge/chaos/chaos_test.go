//go:build unix

package chaos_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/cmd/bridge/e2e/process"
)

// bridge is the built gateway.
var bridge string

func TestMain(m *testing.M) {
	if base := os.Getenv(controlVar); base != "" {
		serveChild(base)
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bridge-chaos")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if bridge, err = process.Build(dir, "github.com/bridge-gateway/bridge/cmd/bridge"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// parallel is how many lanes are broken at a time.
const parallel = 12

// TestChaos is the whole of it. CHAOS_CYCLES sets the number of cycles; without
// it, each lane is broken once.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("faults are not for -short")
	}
	if runtime.GOOS != "linux" {
		t.Skip("what a process holds is counted in /proc")
	}
	t.Setenv("GOTRACEBACK", "all")
	all := lanes()
	cycles := len(all)
	if n, err := strconv.Atoi(os.Getenv("CHAOS_CYCLES")); err == nil && n > 0 {
		cycles = n
	}
	w := build(t, all)
	gateway, url := w.start(t)
	s := &storm{t: t, clients: callers(t, url), raw: &rawCaller{url}}
	s.all(all)

	calls := &load{t: t, book: w.calm.book}
	loaders := slices.Concat(callers(t, url), callers(t, url))
	calls.start(loaders)
	time.Sleep(3 * time.Second) // how long calm is measured
	calm := calls.end()
	w.dropIdle()
	earlier := held(t, gateway.PID())

	begun := time.Now()
	calls.start(loaders)
	calls.leave(url)
	s.run(all, cycles)
	broken := calls.end()
	t.Logf("%d cycles over %d lanes in %v, of which the machine was busy with other things for %v\n%s\nWhat callers were told:\n%s",
		cycles, len(all), time.Since(begun).Round(time.Second), s.stalls.reading().Round(time.Millisecond), &s.table, s.table.told())
	if missed := s.table.missed(); len(missed) > 0 {
		t.Errorf("faults that did not strike: %v", missed)
	}
	compare(t, calm, broken)
	s.all(all)
	w.dropIdle()
	settle(t, gateway.PID(), earlier)
	if strings.Contains(gateway.Log.String(), secret) {
		t.Error("the log has the secret")
	}

	for _, c := range slices.Concat(s.clients, loaders) {
		c.close()
	}
	w.dropIdle()
	worn := dump(t, gateway)
	fresh, _ := w.start(t)
	w.dropIdle()
	compareGoroutines(t, worn, dump(t, fresh))
	if t.Failed() {
		t.Logf("the gateway's log ends with:\n%s", gateway.Log.Tail(20))
	}
}

// run runs cycles, a lane never twice at a time.
func (s *storm) run(all []*lane, cycles int) {
	ctx, stop := context.WithCancel(s.t.Context())
	var watching sync.WaitGroup
	watching.Go(func() { s.stalls.watch(ctx) })
	defer watching.Wait()
	defer stop()

	next := make(chan *lane)
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for l := range next {
				s.cycle(l)
			}
		})
	}
	for n := range cycles {
		next <- all[n%len(all)]
	}
	close(next)
	workers.Wait()
}

// all sees that every lane works, and is listed.
func (s *storm) all(all []*lane) {
	for _, l := range all {
		s.recover(l)
	}
	tools, err := s.raw.tools(s.t.Context())
	if err != nil || len(tools) != len(all)+len(healthy) {
		s.t.Errorf("%d lanes and %d healthy sources list %d tools: %v", len(all), len(healthy), len(tools), err)
	}
}

// dump ends a gateway by the signal at which Go writes its goroutines out.
func dump(t *testing.T, gateway *process.Process) map[string]int {
	t.Helper()
	gateway.Quit(t)
	return goroutines(gateway.Log.String())
}

// world is all that the gateway is in front of.
type world struct {
	calm   *lane // the child that nothing breaks
	sites  []*site
	steady []*http.Server // of what nothing breaks
	dir    string
	number int // of sources
}

// build starts the servers and writes the configuration.
func build(t *testing.T, all []*lane) *world {
	t.Helper()
	w := &world{calm: &lane{name: "calm", form: stdio, book: &ledger{}}, dir: t.TempDir()}
	named := map[string]*lane{w.calm.name: w.calm}
	for _, l := range all {
		named[l.name] = l
	}
	server := httptest.NewServer(control(named))
	t.Cleanup(server.Close)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "remainders: false # every tool is then a source's\nsources:\n  rest: {openapi: ping.yaml, url: %q}\n  steady: {mcp: %q}\n", w.serveREST(t), w.serveSteady(t))
	for _, l := range append(all, w.calm) {
		if l.form == stdio {
			timeout := callTimeout
			if l == w.calm {
				timeout = recovery // it is measured, not timed out
			}
			fmt.Fprintf(&b, "  %s: {command: [%q], timeout: %v, env: {%s: %q, TOKEN: %q}}\n", l.name, self, timeout, controlVar, server.URL+"/"+l.name, secret)
			continue
		}
		s := serveHTTP(t, l)
		w.sites = append(w.sites, s)
		fmt.Fprintf(&b, "  %s: {mcp: %q, timeout: %v, headers: {X-Token: %q}}\n", l.name, s.url(), callTimeout, secret)
	}
	w.number = len(all) + len(healthy)
	for file, text := range map[string]string{"bridge.yaml": b.String(), "ping.yaml": pingDocument} {
		if err := os.WriteFile(filepath.Join(w.dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// start starts a gateway and waits until all sources are up.
func (w *world) start(t *testing.T) (*process.Process, string) {
	t.Helper()
	p := process.Start(t, w.dir, bridge, "serve", "--listen", "127.0.0.1:0")
	url := p.Await(t, regexp.MustCompile(`serves .*?(http://\S+)`))
	p.Serves(t, strings.TrimSuffix(url, "/mcp")+"/readyz")
	raw := &rawCaller{url}
	for end := time.Now().Add(recovery); ; {
		tools, err := raw.tools(t.Context())
		if len(tools) == w.number {
			return p, url
		}
		if time.Now().After(end) {
			t.Fatalf("%d sources list %d tools: %v\n%s", w.number, len(tools), err, p.Log.Tail(20))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// dropIdle closes the connections that are kept for later, of which there are
// more or fewer by chance.
func (w *world) dropIdle() {
	for _, s := range w.sites {
		s.mu.Lock()
		dropIdle(s.server)
		s.mu.Unlock()
	}
	for _, s := range w.steady {
		dropIdle(s)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

func dropIdle(s *http.Server) {
	s.SetKeepAlivesEnabled(false)
	s.SetKeepAlivesEnabled(true)
}

const pingDocument = `openapi: 3.1.0
info: {title: Ping, version: "1"}
paths:
  /ping: {get: {operationId: ping, parameters: [{name: key, in: query, schema: {type: string}}], responses: {"200": {description: It is well.}}}}
`

// serveREST serves an API that is well.
func (w *world) serveREST(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "application/json")
		_, _ = out.Write([]byte(`{"ok":true}`))
	}))
	t.Cleanup(server.Close)
	w.steady = append(w.steady, server.Config)
	return server.URL
}

// serveSteady serves MCP by the SDK, well.
func (w *world) serveSteady(t *testing.T) string {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "steady", Version: "1"}, nil)
	type in struct {
		Key string `json:"key"`
	}
	mcp.AddTool(server, &mcp.Tool{Name: "echo"}, func(_ context.Context, _ *mcp.CallToolRequest, v in) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: v.Key}}}, nil, nil
	})
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true})
	listening := httptest.NewServer(handler)
	t.Cleanup(listening.Close)
	w.steady = append(w.steady, listening.Config)
	return listening.URL
}
