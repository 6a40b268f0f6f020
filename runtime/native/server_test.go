package native_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/tool"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/goleak"
)

// moodVar makes the test's binary act as a server on standard input and output.
const moodVar = "NATIVE_TEST_MOOD"

func TestMain(m *testing.M) {
	if mood := os.Getenv(moodVar); mood != "" {
		actAs(mood)
		return
	}
	goleak.VerifyTestMain(m)
}

// actAs is the server's side: one mood for each way in which servers go wrong.
func actAs(mood string) {
	switch mood {
	case "exit":
		fmt.Fprintln(os.Stderr, "no license found for key "+os.Getenv("LICENSE"))
		os.Exit(3)
	case "hang":
		fmt.Fprintln(os.Stderr, "waiting for the database")
		time.Sleep(time.Hour)
	case "text":
		for {
			fmt.Println("Listening on port 3000")
		}
	case "greeting":
		fmt.Println("Welcome to the server!")
	case "flood":
		for range 20_000 {
			fmt.Fprintln(os.Stderr, strings.Repeat("log ", 50))
		}
	case "grandchild":
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), moodVar+"=sleep")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr // it holds the pipes
		if err := child.Start(); err != nil {
			panic(err)
		}
		if err := os.WriteFile(os.Getenv("PIDFILE"), fmt.Appendf(nil, "%d %d", os.Getpid(), child.Process.Pid), 0o600); err != nil {
			panic(err)
		}
	case "sleep":
		time.Sleep(time.Hour)
	case "rawwire":
		rawWire()
		return
	case "strict", "silent":
		older(mood == "strict")
		return
	case "deaf":
		deaf()
		return
	case "pinger":
		pinger()
		return
	case "asker":
		asker()
		return
	}
	_ = newServer(nil).Run(context.Background(), &mcp.StdioTransport{})
}

// gate lets a test hold a tool of an in-process server.
type gate struct {
	entered, open, canceled chan struct{}
}

func newGate() *gate {
	return &gate{make(chan struct{}, 100), make(chan struct{}), make(chan struct{}, 100)}
}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}

// newServer returns a real server with the tools that the tests call.
func newServer(g *gate) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "moody", Version: "1.2"}, &mcp.ServerOptions{
		Instructions: "Ask nicely.",
		CompletionHandler: func(_ context.Context, r *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
			return &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{r.Params.Argument.Value + "!"}}}, nil
		},
		SubscribeHandler:   func(context.Context, *mcp.SubscribeRequest) error { return nil },
		UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
	})
	addFeatures(s)
	object := json.RawMessage(`{"type":"object"}`)
	add := func(name string, h mcp.ToolHandler) {
		s.AddTool(&mcp.Tool{Name: name, InputSchema: object}, h)
	}
	add("echo", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(r.Params.Arguments)), nil
	})
	add("meta", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		raw, err := json.Marshal(r.Params.Meta)
		return text(string(raw)), err
	})
	add("environ", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Join(os.Environ(), "\n")), nil
	})
	add("die", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		fmt.Fprintln(os.Stderr, "panic: out of cheese")
		os.Exit(7)
		return nil, nil
	})
	add("big", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Repeat("x", 2<<20)), nil
	})
	add("grow", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		add("grown", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return text("!"), nil })
		return text("ok"), nil
	})
	add("steps", func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := 1; i <= 3; i++ {
			err := r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
				ProgressToken: r.Params.GetProgressToken(), Progress: float64(i), Total: 3, Message: fmt.Sprintf("step %d", i)})
			if err != nil {
				return nil, err
			}
		}
		if g != nil {
			<-g.open
		}
		return text("done"), nil
	})
	add("wait", func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		g.entered <- struct{}{}
		select {
		case <-g.open:
			return text("released"), nil
		case <-ctx.Done():
			g.canceled <- struct{}{}
			return nil, ctx.Err()
		}
	})
	return s
}

// addFeatures adds what is no plain tool.
func addFeatures(s *mcp.Server) {
	read := func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		if strings.HasSuffix(r.Params.URI, "nothing") {
			return nil, mcp.ResourceNotFoundError(r.Params.URI)
		}
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: r.Params.URI, Text: "contents"}}}, nil
	}
	for i := range 3 {
		s.AddResource(&mcp.Resource{URI: fmt.Sprintf("note:///%d", i), Name: "note", Meta: mcp.Meta{"ui": map[string]any{"csp": "x"}}}, read)
	}
	s.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: "note:///by/{name}", Name: "named"}, read)
	s.AddPrompt(&mcp.Prompt{Name: "greet", Arguments: []*mcp.PromptArgument{{Name: "who"}}}, func(_ context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: "Hello " + r.Params.Arguments["who"]}}}}, nil
	})
	object := json.RawMessage(`{"type":"object"}`)
	// The SDK asks in the way that the client knows: by requests, or by a result
	// that wants input.
	s.AddTool(&mcp.Tool{Name: "ask", InputSchema: object}, func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if len(r.Params.InputResponses) == 0 {
			return &mcp.CallToolResult{RequestState: "state-1", InputRequests: mcp.InputRequestMap{
				"who": &mcp.ElicitParams{Mode: "form", Message: "Who are you?", RequestedSchema: json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"}}}`)},
				//lint:ignore SA1019 servers of older revisions ask so for a year to come
				"roots": &mcp.ListRootsParams{},
				//lint:ignore SA1019 servers of older revisions ask so for a year to come
				"word": &mcp.CreateMessageParams{MaxTokens: 7, Messages: []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: "A word?"}}}},
			}}, nil
		}
		raw, err := json.Marshal(r.Params.InputResponses)
		return text(r.Params.RequestState + string(raw)), err
	})
	s.AddTool(&mcp.Tool{Name: "update", InputSchema: object}, func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text("ok"), s.ResourceUpdated(ctx, &mcp.ResourceUpdatedNotificationParams{URI: "note:///1"})
	})
	s.AddTool(&mcp.Tool{Name: "log", InputSchema: object}, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		//lint:ignore SA1019 servers of older revisions log by it for a year to come
		return text("ok"), r.Session.Log(ctx, &mcp.LoggingMessageParams{Level: "warning", Data: "about the call"})
	})
	s.AddTool(&mcp.Tool{Name: "pid", InputSchema: object}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(fmt.Sprint(os.Getpid())), nil
	})
}

// Wire texts that no SDK type holds: they must arrive byte for byte.
const (
	wireTool   = `{"zeta":1,"name":"odd.name","inputSchema":{"type":"object","properties":{"b":{},"a":{}}},"execution":{"taskSupport":"optional"},"securitySchemes":[{"type":"noauth"}],"annotations":{"readOnlyHint":true,"title":"Odd","x":1}}`
	wireResult = `{"structuredContent":{"z":1.50,"a":12345678901234567890},"resultType":"task","task":{"id":"7"},"content":[{"type":"hologram","depth":3,"data":"<&>"},{"type":"text","text":"hi","annotations":{"priority":0.50}}],"_meta":{"k":{"n":1e2}}}`
)

// rawWire is a server without an SDK: older than server/discover, it lists two
// pages with bad tools among the good, and answers with what SDKs do not know.
func rawWire() {
	answer(func(method string, params json.RawMessage) (result, rpcError string) {
		switch method {
		case "initialize":
			return `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"0"}}`, ""
		case "tools/list":
			if strings.Contains(string(params), `"cursor":"2"`) {
				return `{"tools":[{"name":"last","inputSchema":{"type":"object"}}]}`, ""
			}
			return `{"nextCursor":"2","tools":[` + wireTool + `,{"inputSchema":{"type":"object"}},{"name":"s","inputSchema":{"type":"string"}},17,{"name":"odd.name","inputSchema":{"type":"object"}}]}`, ""
		case "tools/call":
			if strings.Contains(string(params), `"name":"refuse"`) {
				return "", `{"code":-32602,"message":"unknown tool","data":{"hint":"last"}}`
			}
			return wireResult, ""
		}
		return "", `{"code":-32601,"message":"method not found"}`
	})
}

// older speaks no revision that has server/discover: it ends, or says nothing,
// when it is asked for it.
func older(strict bool) {
	answer(func(method string, _ json.RawMessage) (string, string) {
		switch method {
		case "initialize":
			return `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"older","version":"0"}}`, ""
		case "tools/call":
			return `{"content":[{"type":"text","text":"hi"}]}`, ""
		}
		if strict {
			os.Exit(1)
		}
		return "", ""
	})
}

// deaf shakes hands and then reads nothing more.
func deaf() {
	answer(func(method string, _ json.RawMessage) (string, string) {
		if method == "initialize" {
			return `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"deaf","version":"0"}}`, ""
		}
		if method == "tools/call" {
			time.Sleep(time.Hour)
		}
		return "", `{"code":-32601,"message":"method not found"}`
	})
}

func answer(handle func(method string, params json.RawMessage) (result, rpcError string)) {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 8<<20)
	for in.Scan() {
		var req struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
		}
		if json.Unmarshal(in.Bytes(), &req) != nil || req.ID == nil {
			continue
		}
		result, rpcError := handle(req.Method, req.Params)
		switch {
		case result == "" && rpcError == "":
		case rpcError != "":
			fmt.Printf(`{"jsonrpc":"2.0","id":%s,"error":%s}`+"\n", req.ID, rpcError)
		default:
			fmt.Printf(`{"jsonrpc":"2.0","id":%s,"result":%s}`+"\n", req.ID, result)
		}
	}
}

// command returns a source whose server is this binary in that mood.
func command(t *testing.T, mood string, change ...func(*native.Options)) *native.Source {
	t.Helper()
	o := native.Options{
		Name: "moody", Command: []string{os.Args[0]}, Env: map[string]string{moodVar: mood},
		StartTimeout: 20 * time.Second, CallTimeout: 20 * time.Second, RetryDelay: time.Millisecond,
	}
	return open(t, o, change...)
}

// remote returns a source for a URL.
func remote(t *testing.T, url string, change ...func(*native.Options)) *native.Source {
	t.Helper()
	o := native.Options{Name: "moody", URL: url, StartTimeout: 20 * time.Second, CallTimeout: 20 * time.Second, RetryDelay: time.Millisecond}
	return open(t, o, change...)
}

func open(t *testing.T, o native.Options, change ...func(*native.Options)) *native.Source {
	t.Helper()
	for _, f := range change {
		f(&o)
	}
	s, err := native.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// serve serves a handler for the time of the test.
func serve(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func handler(s *mcp.Server, o *mcp.StreamableHTTPOptions) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, o)
}

// invoke calls a tool and returns its text.
func invoke(t *testing.T, s *native.Source, name, args string) (string, error) {
	t.Helper()
	res, err := s.Invoke(t.Context(), toolCall(name, args))
	if err != nil {
		return "", err
	}
	if len(res.Content) != 1 || res.IsError {
		t.Fatalf("%s answered %+v", name, res)
	}
	return res.Content[0].Text, nil
}

func toolCall(name, args string) *call.Call {
	return &call.Call{ID: "1", Name: name, Tool: &tool.Tool{Name: name}, Arguments: json.RawMessage(args)}
}

// logs collects a source's log.
type logs struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logs) option(o *native.Options) { o.Logger = slog.New(slog.NewTextHandler(l, nil)) }
