package native_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/tool"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// swap is a handler that can be replaced, as a server that is deployed anew.
type swap struct{ h atomic.Pointer[http.Handler] }

func (s *swap) set(h http.Handler) { s.h.Store(&h) }

func (s *swap) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*s.h.Load()).ServeHTTP(w, r) }

// intercept answers tools/call itself where answer is true.
func intercept(next http.Handler, answer func(w http.ResponseWriter, r *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte(`"tools/call"`)) && answer(w, r) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

func stateless() http.Handler {
	return handler(newServer(nil), &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
}

func TestExpiredSessionIsReplaced(t *testing.T) {
	for name, expired := range map[string]http.Handler{
		"SDK's 404": nil,
		"404 with JSON": intercept(nil, func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}`)
			return true
		}),
		"400 that names it": intercept(nil, func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}}`)
			return true
		}),
	} {
		t.Run(name, func(t *testing.T) {
			var sw swap
			old := newServer(nil)
			sw.set(handler(old, nil))
			t.Cleanup(func() {
				for ss := range old.Sessions() { // nobody says goodbye to them
					_ = ss.Close()
				}
			})
			s := remote(t, serve(t, &sw).URL)
			if _, err := invoke(t, s, "echo", `{}`); err != nil {
				t.Fatal(err)
			}
			fresh := handler(newServer(nil), nil)
			if expired == nil {
				sw.set(fresh) // it knows no sessions
			} else {
				sw.set(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					h := expired
					if r.Method != http.MethodPost {
						h = http.NotFoundHandler()
					}
					sw.set(fresh)
					h.ServeHTTP(w, r)
				}))
			}
			if got, err := invoke(t, s, "echo", `{"again":1}`); err != nil || got != `{"again":1}` {
				t.Fatalf("after expiry: %q, %v", got, err)
			}
			<-s.Changes()
		})
	}
}

func TestCallIsNotSentTwice(t *testing.T) {
	for _, c := range []struct {
		hints tool.Annotations
		want  int32
	}{
		{tool.Annotations{Destructive: true}, 1},
		{tool.Annotations{ReadOnly: true}, 2},
		{tool.Annotations{Idempotent: true}, 2},
	} {
		t.Run(fmt.Sprintf("%+v", c.hints), func(t *testing.T) {
			var calls atomic.Int32
			s := remote(t, serve(t, intercept(stateless(), func(http.ResponseWriter, *http.Request) bool {
				if calls.Add(1) == 1 {
					panic(http.ErrAbortHandler) // the connection breaks off
				}
				return false
			})).URL)
			cl := toolCall("echo", `{}`)
			cl.Tool.Annotations = c.hints
			_, err := s.Invoke(t.Context(), cl)
			if got := calls.Load(); got != c.want {
				t.Errorf("sent %d times, want %d", got, c.want)
			}
			if c.want == 2 && err != nil {
				t.Error(err)
			}
			if c.want == 1 {
				wantFault(t, err, fault.Unavailable, "may or may not have taken effect")
			}
			if _, err := invoke(t, s, "echo", `{}`); err != nil {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

// TestFailureThatNamesASession is a tool's own, over a server that fails with HTTP
// statuses: the call has been carried out.
func TestFailureThatNamesASession(t *testing.T) {
	var calls atomic.Int32
	s := remote(t, serve(t, resuming(&calls, nil, func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"create_session failed half way"}}`)
	})).URL)
	_, err := invoke(t, s, "x", `{}`)
	wantFault(t, err, fault.Upstream, "create_session failed half way")
	if calls.Load() != 1 {
		t.Errorf("called %d times", calls.Load())
	}
}

func TestServerThatIsDownComesBack(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	start := func(l net.Listener) *httptest.Server {
		srv := httptest.NewUnstartedServer(stateless())
		_ = srv.Listener.Close()
		srv.Listener = l
		srv.Start()
		return srv
	}
	srv := start(l)
	s := remote(t, "http://"+address)
	if _, err := invoke(t, s, "echo", `{}`); err != nil {
		t.Fatal(err)
	}
	srv.CloseClientConnections()
	srv.Close()
	_, err = invoke(t, s, "echo", `{}`)
	wantFault(t, err, fault.Unavailable, `"moody"`)
	if strings.Contains(fault.Message(err), address) {
		t.Errorf("an internal address shows: %v", fault.Message(err))
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Skipf("the port was taken: %v", err)
	}
	srv = start(l)
	defer srv.Close()
	defer s.Close() // ends the stream that the server would wait for
	until(t, "the recovery", func() bool {
		_, err := invoke(t, s, "echo", `{}`)
		return err == nil
	})
}

func TestWhatIsNoServer(t *testing.T) {
	page := func(status int, kind, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})
	}
	for name, c := range map[string]struct {
		h    http.Handler
		kind fault.Kind
		want string
	}{
		"page":         {page(200, "text/html", "<h1>Hi</h1>"), fault.Upstream, `answered with "text/html"`},
		"broken JSON":  {page(200, "application/json", `{"jsonrpc":`), fault.Upstream, "broken JSON"},
		"unauthorized": {page(401, "text/plain", "who?"), fault.Upstream, "HTTP 401: it refuses the gateway's credential"},
		"forbidden":    {page(403, "text/plain", "no"), fault.Upstream, "HTTP 403"},
		"nothing":      {http.NotFoundHandler(), fault.Upstream, "HTTP 404"},
		"throttled":    {page(429, "text/plain", "later"), fault.RateLimited, "HTTP 429"},
		"broken":       {page(503, "text/html", "oops"), fault.Unavailable, "HTTP 503"},
		"50 MB": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for range 50 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}), fault.TooLarge, "more than 33554432 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			s := remote(t, serve(t, c.h).URL)
			_, err := s.Tools(t.Context())
			wantFault(t, err, c.kind, c.want)
		})
	}
}

func TestFailureOfOneCallSparesTheOthers(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"401":  func(w http.ResponseWriter) { w.WriteHeader(401) },
		"page": func(w http.ResponseWriter) { fmt.Fprint(w, "<html>") },
		"503":  func(w http.ResponseWriter) { w.WriteHeader(503) },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate()
			var fail atomic.Bool
			s := remote(t, serve(t, intercept(handler(newServer(g), nil), func(w http.ResponseWriter, _ *http.Request) bool {
				if fail.Load() {
					answer(w)
				}
				return fail.Load()
			})).URL)
			var l sync.WaitGroup
			l.Go(func() {
				if got, err := invoke(t, s, "wait", `{}`); err != nil || got != "released" {
					t.Errorf("the other call: %q, %v", got, err)
				}
			})
			<-g.entered
			fail.Store(true)
			if _, err := invoke(t, s, "echo", `{}`); err == nil {
				t.Error("no error")
			}
			fail.Store(false)
			close(g.open)
			l.Wait()
		})
	}
}

func TestHeadersAndCredentials(t *testing.T) {
	var seen sync.Map
	s := remote(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != "k" {
			t.Errorf("%s without its header", r.Method)
		}
		if r.Header.Get("Mcp-Method") == "tools/call" {
			cookie, _ := r.Cookie("c")
			seen.Store("call", fmt.Sprint(r.Header.Get("Authorization"), r.URL.Query().Get("q"), cookie, r.Header.Get("Mcp-Name"), r.Header.Get("Signature")))
		}
		stateless().ServeHTTP(w, r)
	})).URL, func(o *native.Options) {
		o.Headers = map[string]native.HeaderFunc{"X-Key": func(context.Context) (string, error) { return "k", nil }}
	})
	c := toolCall("echo", `{}`)
	c.Credentials = []call.Credential{
		{In: tool.InHeader, Name: "Authorization", Value: "Bearer caller"},
		{In: tool.InQuery, Name: "q", Value: "1"},
		{In: tool.InCookie, Name: "c", Value: "2"},
		{Name: "signature", Sign: func(r *http.Request) error {
			r.Header.Set("Signature", "of "+r.URL.RawQuery)
			return nil
		}},
	}
	if _, err := s.Invoke(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got, _ := seen.Load("call"); got != "Bearer caller1c=2echoof q=1" {
		t.Errorf("the server saw %v", got)
	}
}

func TestHeaderThatCannotBeHad(t *testing.T) {
	s := remote(t, serve(t, stateless()).URL, func(o *native.Options) {
		o.Headers = map[string]native.HeaderFunc{"X-Key": func(context.Context) (string, error) { return "hunter2", errors.New("vault is sealed") }}
	})
	_, err := s.Tools(t.Context())
	wantFault(t, err, fault.Unavailable, `"X-Key"`)
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the secret shows: %v", err)
	}
}

func TestSecretsStayAtTheirOrigin(t *testing.T) {
	var strayed atomic.Int32
	other := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	for name, h := range map[string]http.Handler{
		"redirect": http.RedirectHandler(other.URL, http.StatusTemporaryRedirect),
		"sse endpoint": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "event: endpoint\ndata: %s/post\n\n", other.URL)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}),
	} {
		t.Run(name, func(t *testing.T) {
			s := remote(t, serve(t, h).URL, func(o *native.Options) {
				o.Headers = map[string]native.HeaderFunc{"X-Key": func(context.Context) (string, error) { return "k", nil }}
			})
			if _, err := s.Tools(t.Context()); err == nil {
				t.Error("no error")
			}
			if strayed.Load() != 0 {
				t.Error("a request left its origin")
			}
		})
	}
}

func TestArgumentsAreMirroredInHeaders(t *testing.T) {
	srv := mcp.NewServer(&mcp.Implementation{Name: "mirror", Version: "1"}, nil)
	schema := `{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},` +
		`"deep":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"Deep-N"}}},"plain":{"type":"string"}}}`
	srv.AddTool(&mcp.Tool{Name: "mirror", InputSchema: json.RawMessage(schema)}, func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		h := r.Extra.Header
		return text(h.Get("Mcp-Param-Region") + "|" + h.Get("Mcp-Param-Deep-N") + "|" + h.Get("Mcp-Param-Plain")), nil
	})
	s := remote(t, serve(t, handler(srv, &mcp.StreamableHTTPOptions{Stateless: true})).URL)
	tools, err := s.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Invoke(t.Context(), &call.Call{Tool: &tools[0], Arguments: json.RawMessage(`{"region":"Zürich","deep":{"n":7},"plain":"x"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Content[0].Text; got != "=?base64?WsO8cmljaA==?=|7|" {
		t.Errorf("the server saw %q", got)
	}
}

func TestServerThatNeverBeginsItsStream(t *testing.T) {
	for name, h := range map[string]http.Handler{"stateful": handler(newServer(nil), nil), "stateless": stateless()} {
		t.Run(name, func(t *testing.T) {
			s := remote(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet || r.Header.Get("Mcp-Method") == "subscriptions/listen" {
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done() // not a word
					return
				}
				h.ServeHTTP(w, r)
			})).URL, func(o *native.Options) { o.StartTimeout = 2 * time.Second })
			if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestListWithoutEnd(t *testing.T) {
	s := remote(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
		}
		_ = json.NewDecoder(r.Body).Decode(&req)
		result := `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"0"}}`
		switch {
		case r.Method != http.MethodPost || req.Method == "server/discover":
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		case req.ID == nil:
			w.WriteHeader(http.StatusAccepted)
			return
		case req.Method == "tools/list":
			result = `{"tools":[],"nextCursor":"again"}`
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, req.ID, result)
	})).URL)
	_, err := s.Tools(t.Context())
	wantFault(t, err, fault.Upstream, "lists tools without end")
}
