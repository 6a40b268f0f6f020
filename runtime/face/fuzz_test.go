package face_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/face"
)

// fuzzed serves a desk whose tools wait for nobody.
func fuzzed(f *testing.F) *face.Server {
	d := newDesk()
	close(d.release)
	s := face.New(face.Options{Handler: d, Logger: slog.New(slog.DiscardHandler), AskTimeout: time.Millisecond, MaxBody: 4096})
	f.Cleanup(func() { _ = s.Close() })
	return s
}

// FuzzPost sends any body with any headers: what comes back is well-formed.
func FuzzPost(f *testing.F) {
	handler := fuzzed(f).HTTP()
	f.Add("2026-07-28", "tools/call", "echo", "", callOf("1", "echo", ","+modernMeta))
	f.Add("2026-07-28", "tools/call", "=?base64?ZWNobw==?=", "", callOf("1", "elicit", ","+askedMeta))
	f.Add("", "", "", "", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"x","capabilities":{}}}`)
	f.Add("2025-11-25", "", "", "x", `[{"jsonrpc":"2.0","id":1,"method":"ping"}]`)
	f.Add("", "", "", "", "{")
	f.Fuzz(func(t *testing.T, version, method, name, session, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mcp", strings.NewReader(body))
		r.Header = olderHeader()
		for key, value := range map[string]string{"Mcp-Protocol-Version": version, "Mcp-Method": method, "Mcp-Name": name, "Mcp-Session-Id": session} {
			if value != "" {
				r.Header.Set(key, value)
			}
		}
		if strings.Contains(method, "listen") {
			return // its answer is a stream without an end
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Header().Get("Content-Type") == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

// FuzzGet opens streams after any event.
func FuzzGet(f *testing.F) {
	s := fuzzed(f)
	handler := s.HTTP()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(f.Context(), http.MethodPost, "/mcp", strings.NewReader(
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}`))
	r.Header = olderHeader()
	handler.ServeHTTP(w, r)
	id := w.Header().Get("Mcp-Session-Id")
	f.Add("1-1", "text/event-stream")
	f.Add("0--1", "text/*;q=0.1, */*")
	f.Add("99999999999999999999-9", "")
	f.Fuzz(func(t *testing.T, event, accept string) {
		if strings.HasPrefix(event, "0") || event == "" {
			return // the standing stream has no end
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/mcp", nil)
		r.Header = http.Header{"Mcp-Session-Id": {id}, "Accept": {accept}, "Last-Event-Id": {event}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest && w.Code != http.StatusNotAcceptable {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

// FuzzLines serves any lines: each line of the answer is JSON.
func FuzzLines(f *testing.F) {
	s := fuzzed(f)
	f.Add([]byte("{\n\n[]\n" + callOf("1", "echo", ","+modernMeta) + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{}}}` + "\n" +
		`[{"jsonrpc":"2.0","id":1,"method":"ping"},1]` + "\n" + callOf("2", "log", "")))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{},` + modernMeta + `}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		if err := s.Serve(t.Context(), bytes.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(out.Bytes()) {
			if !json.Valid(line) {
				t.Fatalf("%q is answered by %q", in, line)
			}
		}
	})
}
