package native_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// BenchmarkInvoke calls a tool of a server of 2026-07-28 that does next to
// nothing, over loopback. "bare" is the same exchange by net/http alone, with
// nothing but the body read: what is above it is the source's.
func BenchmarkInvoke(b *testing.B) {
	const body = `{"content":[{"type":"text","text":"hello"}],"resultType":"complete"}`
	srv := serve(b, modern(func(w http.ResponseWriter, _ *http.Request, m protocol.Message) { reply(w, m, body) }))
	b.Run("source", func(b *testing.B) {
		s, err := native.New(native.Options{Name: "bench", URL: srv.URL, CallTimeout: time.Minute})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		c := toolCall("echo", `{"a":1,"b":"two"}`)
		c.Tool.Input = json.RawMessage(`{"type":"object"}`)
		if _, err := s.Invoke(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Invoke(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		const request = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":1,"b":"two"}}}`
		base := &http.Transport{}
		defer base.CloseIdleConnections()
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, srv.URL, strings.NewReader(request))
			if err != nil {
				b.Fatal(err)
			}
			resp, err := base.RoundTrip(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}
