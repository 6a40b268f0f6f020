package native_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// eventServer speaks HTTP+SSE. forget is how many calls it answers with 404, as
// if it did not know the session.
func eventServer(t *testing.T, forget int32, calls *atomic.Int32) string {
	t.Helper()
	var streams sync.Map // by session
	var last atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet:
			session, out := fmt.Sprint(last.Add(1)), make(chan string, 16)
			streams.Store(session, out)
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = fmt.Fprintf(w, "event: endpoint\ndata: /post?session=%s\n\n", session)
			_ = http.NewResponseController(w).Flush()
			for {
				select {
				case text := <-out:
					_, _ = fmt.Fprintf(w, "data: %s\n\n", text)
					_ = http.NewResponseController(w).Flush()
				case <-r.Context().Done():
					return
				}
			}
		case r.URL.Path != "/post":
			http.Error(w, "GET the stream", http.StatusMethodNotAllowed)
		default:
			out, _ := streams.Load(r.FormValue("session"))
			eventPost(w, r, out.(chan string), forget, calls)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func eventPost(w http.ResponseWriter, r *http.Request, out chan<- string, forget int32, calls *atomic.Int32) {
	var m struct {
		ID     json.RawMessage
		Method string
	}
	_ = json.NewDecoder(r.Body).Decode(&m)
	result := `{"content":[{"type":"text","text":"done"}]}`
	switch m.Method {
	case "initialize":
		result = `{"protocolVersion":"2024-11-05","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}`
	case "tools/call":
		if calls.Add(1) <= forget {
			http.Error(w, "no such session", http.StatusNotFound)
			return
		}
	}
	w.WriteHeader(http.StatusAccepted)
	if m.ID != nil {
		out <- fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, result)
	}
}

// TestAForgottenStreamIsOpenedAgain has a server of 2024-11-05 that lost the
// session: nothing has run, so that the call goes to a new one.
func TestAForgottenStreamIsOpenedAgain(t *testing.T) {
	var calls atomic.Int32
	s, err := native.New(native.Options{Name: "old", URL: eventServer(t, 1, &calls)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	res, err := s.Invoke(t.Context(), &call.Call{Tool: &tool.Tool{Name: "x"}})
	if err != nil || res.IsError || calls.Load() != 2 {
		t.Errorf("%v, %v after %d attempts", res, err, calls.Load())
	}
}

// TestWhyAStreamFailed tells of the stream where the server takes no POST.
func TestWhyAStreamFailed(t *testing.T) {
	for status, want := range map[int]string{http.StatusInternalServerError: "500", http.StatusNotFound: "405"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			w.WriteHeader(status)
		}))
		s, err := native.New(native.Options{Name: "old", URL: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Tools(t.Context())
		if message := fault.Message(err); !strings.Contains(message, want) {
			t.Errorf("the stream answers %d: %q lacks %q", status, message, want)
		}
		_ = s.Close()
		server.Close()
	}
}
