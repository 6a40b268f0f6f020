package native_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestCallsDoWithoutTheStreamForNotices has servers of 2025-11-25 whose answer to
// GET, which is optional, is of no use: one session goes on all the same.
func TestCallsDoWithoutTheStreamForNotices(t *testing.T) {
	for name, get := range map[string]http.HandlerFunc{
		"500":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"garbage":  func(w http.ResponseWriter, _ *http.Request) { events(w, "data: hi") },
		"reset":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"too long": func(w http.ResponseWriter, _ *http.Request) { events(w, "data: "+strings.Repeat("x", 2<<20)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gets, sessions atomic.Int32
			s := remote(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					gets.Add(1)
					get(w, r)
					return
				}
				body, _ := io.ReadAll(r.Body)
				m, err := protocol.Parse(body)
				switch {
				case err != nil || m.Method == protocol.Discover:
					w.WriteHeader(http.StatusMethodNotAllowed)
				case m.ID == nil:
					w.WriteHeader(http.StatusAccepted)
				case m.Method == protocol.Initialize:
					w.Header().Set("Mcp-Session-Id", fmt.Sprint(sessions.Add(1)))
					reply(w, m, `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"0"}}`)
				default:
					reply(w, m, `{"content":[{"type":"text","text":"hi"}]}`)
				}
			})).URL, func(o *native.Options) { o.MaxMessage = 1 << 20 })
			for want := range int32(3) {
				until(t, "the next try", func() bool {
					got, err := invoke(t, s, "x", `{}`)
					if err != nil || got != "hi" {
						t.Fatalf("after %d tries: %q, %v", gets.Load(), got, err)
					}
					return gets.Load() > want
				})
			}
			if sessions.Load() != 1 {
				t.Errorf("%d sessions", sessions.Load())
			}
		})
	}
}

// TestOlderServerAsksForWhatTheClientLacks: the server is refused in its own
// revision's way, and the client told what it lacks in its own.
func TestOlderServerAsksForWhatTheClientLacks(t *testing.T) {
	refused := make(chan error, 1)
	for name, answer := range map[string]func(error) (*mcp.CallToolResult, error){
		"an error":  func(err error) (*mcp.CallToolResult, error) { return nil, err },
		"a failure": func(err error) (*mcp.CallToolResult, error) { return &mcp.CallToolResult{IsError: true}, nil },
		"a result":  func(error) (*mcp.CallToolResult, error) { return text("did without"), nil },
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(nil)
			add(server, "want", func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				_, err := r.Session.Elicit(ctx, &mcp.ElicitParams{Message: "Who?", RequestedSchema: json.RawMessage(`{"type":"object","properties":{}}`)})
				refused <- err
				return answer(err)
			})
			s := remote(t, serve(t, handler(server, nil)).URL)
			missing := protocol.Errorf(protocol.CodeMissingCapability, "the client does not support elicitation")
			missing.Data = json.RawMessage(`{"requiredCapabilities":{"elicitation":{}}}`)
			c := toolCall("want", `{}`)
			c.Client = &person{lacks: protocol.Elicit, refusal: fault.Wrap("face.ask", fault.Unsupported, missing.Message, missing)}
			res, err := s.Invoke(t.Context(), c)
			var said *jsonrpc.Error
			if !errors.As(<-refused, &said) || said.Code != protocol.CodeInvalidParams {
				t.Errorf("the server was told %v", said)
			}
			if name == "a result" {
				if err != nil || res.Content[0].Text != "did without" {
					t.Errorf("%+v, %v", res, err)
				}
				return
			}
			var rpc *protocol.Error
			if !errors.As(err, &rpc) || rpc.Code != protocol.CodeMissingCapability || string(rpc.Data) != string(missing.Data) {
				t.Errorf("the client was told %v", err)
			}
		})
	}
}

// TestFloodOfNotifications is of valid ones that nobody wants so fast.
func TestFloodOfNotifications(t *testing.T) {
	var l logs
	s := remote(t, serve(t, modern(func(w http.ResponseWriter, _ *http.Request, m protocol.Message) {
		flood := strings.Repeat("data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/odd\"}\n\n", 20_000)
		events(w, flood+`data: {"jsonrpc":"2.0","id":`+string(m.ID)+`,"result":{"content":[{"type":"text","text":"hi"}]}}`)
	})).URL, l.option)
	if got, err := invoke(t, s, "x", `{}`); err != nil || got != "hi" {
		t.Errorf("%q, %v", got, err)
	}
	if !strings.Contains(l.String(), "the server sends more than 1000 a second") {
		t.Errorf("log %s", l.String())
	}
}

// TestChangedRootsAreToldToTheCallersOwnSession alone, as a shared one has no
// roots of one client.
func TestChangedRootsAreToldToTheCallersOwnSession(t *testing.T) {
	told := make(chan *mcp.ServerSession, 10)
	server := mcp.NewServer(&mcp.Implementation{Name: "x", Version: "1"}, &mcp.ServerOptions{
		//lint:ignore SA1019 servers of older revisions ask so for a year to come
		RootsListChangedHandler: func(_ context.Context, r *mcp.RootsListChangedRequest) { told <- r.Session },
	})
	sessions := make(chan *mcp.ServerSession, 10)
	add(server, "who", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		sessions <- r.Session
		return text("ok"), nil
	})
	s := remote(t, serve(t, handler(server, nil)).URL, isolated)
	who := func(c call.Caller) *mcp.ServerSession {
		cl := toolCall("who", `{}`)
		cl.Caller = c
		if _, err := s.Invoke(t.Context(), cl); err != nil {
			t.Fatal(err)
		}
		return <-sessions
	}
	ada, nobody := call.Caller{ID: "ada"}, call.Caller{}
	who(nobody)
	for _, c := range []call.Caller{nobody, {ID: "stranger"}, ada} {
		want := (*mcp.ServerSession)(nil)
		if c == ada {
			want = who(ada)
		}
		if _, err := s.Request(t.Context(), &call.Request{Method: protocol.RootsChanged, Caller: c}); err != nil {
			t.Fatal(err)
		}
		if want != nil {
			if got := <-told; got != want {
				t.Errorf("another session was told")
			}
		}
	}
	if n := s.State().Sessions; n != 1 || len(told) != 0 {
		t.Errorf("%d sessions, %d told", n, len(told))
	}
}
