package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// stateless makes a server whose handlers end with their requests.
var stateless = &mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true}

// upstream is a real MCP server on loopback with these tools; each answers with
// its own name and arguments.
func upstream(t *testing.T, names ...string) (*mcp.Server, string) {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "upstream", Version: "1"}, nil)
	for _, name := range names {
		addTool(server, name)
	}
	web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, stateless))
	t.Cleanup(web.Close)
	t.Cleanup(web.CloseClientConnections)
	return server, web.URL
}

func addTool(server *mcp.Server, name string) {
	server.AddTool(&mcp.Tool{Name: name, Description: "Says " + name + ".", InputSchema: json.RawMessage(`{"type":"object"}`)},
		func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: name + " " + string(req.Params.Arguments)}}}, nil
		})
}

func source(t *testing.T, name, url string) *native.Source {
	t.Helper()
	s, err := native.New(native.Options{Name: name, URL: url, Logger: logger(t), StartTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func logger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

// serve starts a gateway with these mounts and returns it with its URL.
func serve(t *testing.T, mounts ...gateway.Mount) (*gateway.Gateway, string) {
	t.Helper()
	return serveWith(t, gateway.Options{Mounts: mounts})
}

// serveWith starts a gateway with these options and what tests need besides.
func serveWith(t *testing.T, opts gateway.Options) (*gateway.Gateway, string) {
	t.Helper()
	g := gateway.New(complete(t, opts))
	g.Start(t.Context())
	ln, err := gateway.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- g.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := g.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return g, "http://" + ln.Addr().String()
}

// complete returns the options with what every gateway of the tests needs.
func complete(t *testing.T, opts gateway.Options) gateway.Options {
	t.Helper()
	encoding, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	opts.Budget, opts.Logger, opts.Version, opts.Grace = 8000, logger(t), "test", 2*time.Second
	opts.Counter = encoding
	opts.Shaper = shape.New(shape.Options{Counter: encoding, Logger: logger(t)})
	return opts
}

func settled(t *testing.T, g *gateway.Gateway) {
	t.Helper()
	select {
	case <-g.Settled():
	case <-time.After(20 * time.Second):
		t.Fatal("the sources were not tried in time")
	}
}

func served(g *gateway.Gateway) string {
	var names []string
	for _, e := range g.Catalog().Entries() {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

func connect(t *testing.T, url string, opts *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, opts)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + gateway.Path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func TestCatalogNames(t *testing.T) {
	_, a := upstream(t, "get", "delete_all", "delete_one", "dotted.name")
	_, b := upstream(t, "get", "other")
	g, _ := serve(t,
		gateway.Mount{Source: source(t, "a", a), Prefix: "a", Exclude: []string{"delete_*", "nothing_*"},
			Overrides: map[string]gateway.Override{"get": {Name: "fetch", Description: "Fetches.", Budget: 99}}},
		gateway.Mount{Source: source(t, "b", b), Prefix: ""},
		gateway.Mount{Source: source(t, "c", b), Prefix: "", Include: []string{"get"}},
	)
	settled(t, g)

	names := strings.Fields(served(g))
	if len(names) != 4 || names[1] != "a_fetch" || names[2] != "get" || names[3] != "other" || !strings.HasPrefix(names[0], "a_dotted_name_") {
		t.Errorf("served %v", names)
	}
	entry, err := g.Catalog().Lookup("a_fetch")
	if err != nil || entry.Budget != 99 || !strings.Contains(string(entry.Definition()), `"description":"Fetches."`) {
		t.Errorf("a_fetch is %+v, %v", entry, err)
	}
	problems := fmt.Sprint(g.Catalog().Problems())
	for _, want := range []string{`"nothing_*": tools.exclude matches no tool`, `"get" is taken by source "b"`} {
		if !strings.Contains(problems, want) {
			t.Errorf("problems %s lack %s", problems, want)
		}
	}
}

func TestBothErasOnOneURL(t *testing.T) {
	_, up := upstream(t, "echo")
	g, url := serve(t, gateway.Mount{Source: source(t, "up", up), Prefix: "up"})
	settled(t, g)

	t.Run("2026-07-28", func(t *testing.T) {
		status, body := post(t, url, "tools/call", "up_echo", `{"name":"up_echo","arguments":{"z":1,"a":2},`+modernMeta+`}`, nil)
		if status != http.StatusOK || !strings.Contains(body, `echo {\"z\":1,\"a\":2}`) || !strings.Contains(body, `"resultType":"complete"`) {
			t.Errorf("%d %s", status, body)
		}
		_, list := post(t, url, "tools/list", "", `{`+modernMeta+`}`, nil)
		_, again := post(t, url, "tools/list", "", `{`+modernMeta+`}`, nil)
		if list != again || !strings.Contains(list, `"ttlMs":60000`) || !strings.Contains(list, `"cacheScope":"public"`) {
			t.Errorf("the list must be stable and say how long it holds: %s", list)
		}
	})
	t.Run("older", func(t *testing.T) {
		status, body := post(t, url, "initialize", "", `{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}`, http.Header{"Mcp-Protocol-Version": nil})
		if status != http.StatusOK || !strings.Contains(body, `"protocolVersion":"2025-06-18"`) {
			t.Errorf("%d %s", status, body)
		}
	})
	t.Run("Go SDK", func(t *testing.T) {
		res, err := connect(t, url, nil).CallTool(t.Context(), &mcp.CallToolParams{Name: "up_echo", Arguments: map[string]any{"x": 1}})
		if err != nil || res.Content[0].(*mcp.TextContent).Text != `echo {"x":1}` {
			t.Errorf("%+v, %v", res, err)
		}
	})
	t.Run("an unknown tool names its neighbour", func(t *testing.T) {
		_, err := connect(t, url, nil).CallTool(t.Context(), &mcp.CallToolParams{Name: "up_ehco"})
		if err == nil || !strings.Contains(err.Error(), `did you mean "up_echo"?`) {
			t.Errorf("got %v", err)
		}
	})
}

const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`

// post sends one JSON-RPC request of revision 2026-07-28; header changes it.
func post(t *testing.T, url, method, name, params string, header http.Header) (int, string) {
	t.Helper()
	return send(t, url+gateway.Path, method, name, params, header)
}

// send is post to any endpoint.
func send(t *testing.T, endpoint, method, name, params string, header http.Header) (int, string) {
	t.Helper()
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, method, params)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("MCP-Protocol-Version", "2026-07-28")
	req.Header.Set("Mcp-Method", method)
	if name != "" {
		req.Header.Set("Mcp-Name", name)
	}
	for key, values := range header {
		if req.Header.Del(key); len(values) > 0 {
			req.Header.Set(key, values[0])
			if key == "Host" {
				req.Host = values[0]
			}
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestForeignWebPagesAreRefused(t *testing.T) {
	_, url := serve(t)
	for name, header := range map[string]http.Header{
		"cross-site":    {"Sec-Fetch-Site": {"cross-site"}},
		"foreign page":  {"Origin": {"https://evil.example"}},
		"DNS rebinding": {"Host": {"evil.example"}},
	} {
		if status, body := post(t, url, "tools/list", "", `{`+modernMeta+`}`, header); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, status, body)
		}
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			if status := bare(t, method, url+gateway.Path, header); status != http.StatusForbidden {
				t.Errorf("%s: %s answered with %d", name, method, status)
			}
		}
	}
	for host, want := range map[string]int{"evil.example": http.StatusForbidden, "127.0.0.1.evil.example": http.StatusForbidden,
		"localhost": http.StatusOK, "[::1]:80": http.StatusOK} {
		if status := bare(t, http.MethodGet, url+"/healthz", http.Header{"Host": {host}}); status != want {
			t.Errorf("/healthz as %s: %d, want %d", host, status, want)
		}
	}
}

// bare sends a request without a body to a session that there is not.
func bare(t *testing.T, method, url string, header http.Header) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header, req.Host = header.Clone(), header.Get("Host")
	req.Header.Set("Mcp-Session-Id", "nonesuch")
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func TestBodiesAreBounded(t *testing.T) {
	_, url := serve(t)
	big := `{"name":"x","arguments":{"a":"` + strings.Repeat("a", 17<<20) + `"},` + modernMeta + `}`
	if status, _ := post(t, url, "tools/call", "x", big, nil); status != http.StatusRequestEntityTooLarge {
		t.Errorf("17 MiB answered with %d", status)
	}
}

// TestADeadSourceHarmsNoOther starts with one source down, and then lets it
// come up.
func TestADeadSourceHarmsNoOther(t *testing.T) {
	_, up := upstream(t, "echo")
	later, _ := upstream(t, "late")
	var open atomic.Bool
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !open.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return later }, stateless).ServeHTTP(w, r)
	}))
	t.Cleanup(door.Close)
	g, url := serve(t,
		gateway.Mount{Source: source(t, "dead", door.URL), Prefix: "dead"},
		gateway.Mount{Source: source(t, "up", up), Prefix: "up"},
	)
	changed := make(chan struct{}, 8)
	session := connect(t, url, &mcp.ClientOptions{ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} }})
	settled(t, g)
	if got := served(g); got != "up_echo" {
		t.Fatalf("served %q", got)
	}
	if s := g.Status(); s[0].State != gateway.Down || s[0].Error == "" || s[1].State != gateway.Up {
		t.Errorf("status %+v", s)
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "up_echo"}); err != nil {
		t.Errorf("the other source must go on: %v", err)
	}
	open.Store(true)
	deadline := time.After(20 * time.Second)
	for served(g) != "dead_late up_echo" {
		select {
		case <-deadline:
			t.Fatalf("the source did not come back; served %q", served(g))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestChangedToolsAreAnnounced(t *testing.T) {
	server, up := upstream(t, "one")
	g, url := serve(t, gateway.Mount{Source: source(t, "up", up), Prefix: "up"})
	settled(t, g)
	changed := make(chan struct{}, 8)
	client := mcp.NewClient(&mcp.Implementation{Name: "old", Version: "1"}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} }})
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + gateway.Path},
		&mcp.ClientSessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	addTool(server, "two")
	select {
	case <-changed:
	case <-time.After(20 * time.Second):
		t.Fatalf("the client was not told; served %q", served(g))
	}
	list, err := session.ListTools(t.Context(), nil)
	if err != nil || len(list.Tools) != 2 {
		t.Errorf("the list has %v, %v", list, err)
	}
}

// faulty is a source whose calls end in the way that its tool's name says.
type faulty struct{}

func (faulty) Name() string { return "faulty" }
func (faulty) Close() error { return nil }
func (faulty) Tools(context.Context) ([]tool.Tool, error) {
	return []tool.Tool{{Name: "panic", Input: object}, {Name: "secret", Input: object}, {Name: "down", Input: object}, {Name: "broken", Input: json.RawMessage(`{"type":"string"}`)}}, nil
}
func (faulty) Invoke(_ context.Context, c *call.Call) (*call.Result, error) {
	switch c.Tool.Name {
	case "panic":
		panic("password=hunter2")
	case "secret":
		return nil, fmt.Errorf("dial 10.0.0.1: password=hunter2")
	default:
		return nil, fault.New("x", fault.Unavailable, "the API can't be reached")
	}
}

var object = json.RawMessage(`{"type":"object"}`)

func TestFailuresStayInTheirCall(t *testing.T) {
	var log bytes.Buffer
	encoding, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Options{Mounts: []gateway.Mount{{Source: faulty{}, Prefix: ""}},
		Logger: slog.New(slog.NewTextHandler(&log, nil)), Shaper: shape.New(shape.Options{Counter: encoding})})
	g.Start(t.Context())
	settled(t, g)
	if got := served(g); got != "panic secret down" {
		t.Errorf("a broken tool must be left out, the rest served; got %q", got)
	}
	for name, want := range map[string]string{"panic": "internal error", "secret": "internal error", "down": "the API can't be reached"} {
		_, err := g.Call(t.Context(), &call.Call{Name: name})
		if err == nil || fault.Message(err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := g.Close(); err != nil { // nobody logs any more
		t.Error(err)
	}
	if !strings.Contains(log.String(), "hunter2") {
		t.Error("the log must have the whole cause")
	}
}
