package face_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/goleak"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

// desk is a server of tools that are named after what they do.
type desk struct {
	began, ended chan string // of the tool "wait"
	release      chan struct{}

	mu      sync.Mutex
	watched map[string]int
	over    map[string]int
	notes   []string
}

func newDesk() *desk {
	return &desk{began: make(chan string, 64), ended: make(chan string, 64), release: make(chan struct{}),
		watched: map[string]int{}, over: map[string]int{}}
}

func (*desk) Describe(context.Context, *face.Request) face.Description {
	return face.Description{Name: "desk", Version: "1", Instructions: "Ask.", TTL: time.Minute, Capabilities: json.RawMessage(
		`{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{},"completions":{}}`)}
}

func (d *desk) Handle(ctx context.Context, r *face.Request) (face.Result, error) {
	if r.Notification && r.Method == "notifications/wait" {
		d.began <- r.Method
		<-ctx.Done()
		d.ended <- context.Cause(ctx).Error()
		return nil, nil
	}
	if r.Notification {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.notes = append(d.notes, r.Method)
		return nil, nil
	}
	switch r.Method {
	case protocol.ListTools:
		return face.Raw(`{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}`), nil
	case protocol.ReadResource:
		return face.Raw(`{"contents":[{"uri":"a://b","text":"hi"}]}`), nil
	case protocol.CallTool:
		return d.tool(ctx, r)
	default:
		return nil, protocol.Errorf(protocol.CodeMethodNotFound, "there is no method %s", r.Method)
	}
}

func text(format string, args ...any) (face.Result, error) {
	out := protocol.AppendString([]byte(`{"content":[{"type":"text","text":`), fmt.Sprintf(format, args...))
	return face.Raw(append(out, `}]}`...)), nil
}

const question = `{"message":"sure?","requestedSchema":{"type":"object","properties":{}}}`

func (d *desk) tool(ctx context.Context, r *face.Request) (face.Result, error) {
	arguments, _ := protocol.Member(r.Params, "arguments")
	switch name := protocol.MemberString(r.Params, "name"); name {
	case "echo":
		return text("echo %s", arguments)
	case "panic":
		panic("oh no")
	case "internal":
		return nil, errors.New("password=hunter2")
	case "down":
		return nil, fault.New("x", fault.Unavailable, "the API can't be reached")
	case "progress":
		if r.Progress != nil {
			r.Progress(ctx, call.Progress{Done: 1, Total: 2, Message: "half"})
		}
		return text("done")
	case "log":
		for _, level := range []string{"debug", "error"} {
			_ = r.Client.Notify(ctx, protocol.LogMessage, json.RawMessage("{\n"+`"level":"`+level+`","data":"`+level+`"}`))
		}
		return text("logged from %q on", r.Client.(call.Leveled).LogLevel())
	case "wait":
		d.began <- name
		select {
		case <-d.release:
			return text("it is done")
		case <-ctx.Done():
			d.ended <- context.Cause(ctx).Error()
			return nil, ctx.Err()
		}
	case "announced":
		d.began <- name
		return ask(ctx, r, protocol.Elicit, question)
	case "elicit":
		return ask(ctx, r, protocol.Elicit, question)
	case "sample":
		return ask(ctx, r, protocol.CreateMessage, `{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":10}`)
	case "roots":
		return ask(ctx, r, protocol.ListRoots, `{}`)
	case "both":
		return d.both(ctx, r)
	case "twice":
		if _, err := r.Client.Ask(ctx, protocol.Elicit, json.RawMessage(question)); err != nil {
			return nil, err
		}
		return ask(ctx, r, protocol.Elicit, question)
	case "state":
		return text("state %s", protocol.MemberString(r.Params, "requestState"))
	case "typed":
		return face.Raw(`{"content":[],"resultType":"task"}`), nil
	case "empty":
		return face.Raw(`{ }`), nil
	case "session":
		return text("%s", r.Caller.Session)
	default:
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "there is no tool %s", name)
	}
}

func ask(ctx context.Context, r *face.Request, method, params string) (face.Result, error) {
	answer, err := r.Client.Ask(ctx, method, json.RawMessage(params))
	if err != nil {
		return nil, err
	}
	return text("%s", answer)
}

// both asks two things at once.
func (*desk) both(ctx context.Context, r *face.Request) (face.Result, error) {
	var asking sync.WaitGroup
	answers := make([]string, 2)
	for i := range answers {
		asking.Go(func() {
			answer, err := r.Client.Ask(ctx, protocol.Elicit, json.RawMessage(question))
			answers[i] = fmt.Sprint(string(answer), err)
		})
	}
	asking.Wait()
	return text("%s", strings.Join(answers, " "))
}

func (d *desk) Watch(_ context.Context, _ *face.Request, uri string) error {
	if uri == "a://forbidden" {
		return fault.New("watch", fault.NotFound, "there is no such resource")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watched[uri]++
	return nil
}

func (d *desk) Unwatch(uri string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watched[uri]--
}

func (d *desk) Ended(session string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over[session]++
}

func (d *desk) watching(uri string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.watched[uri]
}

// served is a server in front of a desk.
type served struct {
	*face.Server
	desk *desk
	url  string // of streamable HTTP; sse is HTTP+SSE's
	sse  string
	http *httptest.Server
}

func serve(t testing.TB, opts face.Options) *served {
	t.Helper()
	d := newDesk()
	opts.Handler = d
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if opts.Caller == nil {
		opts.Caller = func(ctx context.Context) call.Caller {
			id, _ := ctx.Value(callerKey{}).(string)
			return call.Caller{ID: id}
		}
	}
	s := face.New(opts)
	mux := http.NewServeMux()
	mux.Handle("/mcp", s.HTTP())
	mux.Handle("/sse", s.SSE())
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, r.Header.Get("X-Caller"))))
	}))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		web.CloseClientConnections()
		web.Close()
	})
	return &served{s, d, web.URL + "/mcp", web.URL + "/sse", web}
}

type callerKey struct{}

func within[T any](t testing.TB, c <-chan T, or string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal(or)
		panic("unreachable")
	}
}

// until waits until something holds.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to this: " + what)
		}
		time.Sleep(time.Millisecond)
	}
}

func resultText(res *mcp.CallToolResult) string {
	if len(res.Content) == 0 {
		return ""
	}
	return res.Content[0].(*mcp.TextContent).Text
}
