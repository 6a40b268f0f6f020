package face_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/face"
)

// sink is a response that is thrown away.
type sink struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return s.body.Write(p) }

func (s *sink) reset() {
	clear(s.header)
	s.body.Reset()
	s.status = 0
}

func silent(b *testing.B) *face.Server {
	b.Helper()
	s := face.New(face.Options{Handler: newDesk(), Logger: slog.New(slog.DiscardHandler)})
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func benchmarkCall(b *testing.B, handler http.Handler, header http.Header, meta string) {
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"` + strings.Repeat("a", 400) + `"}` + meta + `}}`
	w := &sink{header: http.Header{}}
	reader := strings.NewReader(body)
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/mcp", io.NopCloser(reader))
	r.Header = header
	r.ContentLength = int64(len(body))
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		r.Body = io.NopCloser(reader)
		w.reset()
		handler.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			b.Fatal(w.status, w.body.String())
		}
	}
}

func BenchmarkCallModern(b *testing.B) {
	benchmarkCall(b, silent(b).HTTP(), modernHeader("tools/call", "echo"), `,`+modernMeta)
}

func BenchmarkCallOlder(b *testing.B) {
	handler := silent(b).HTTP()
	header := olderHeader()
	header.Set("Mcp-Session-Id", openSession(b, handler))
	benchmarkCall(b, handler, header, "")
}

// openSession opens a session, and returns its id.
func openSession(b *testing.B, handler http.Handler) string {
	w := &sink{header: http.Header{}}
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/mcp", strings.NewReader(
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{},"sampling":{},"roots":{"listChanged":true}},"clientInfo":{"name":"bench","version":"1"}}}`))
	r.Header = olderHeader()
	handler.ServeHTTP(w, r)
	id := w.header.Get("Mcp-Session-Id")
	if id == "" {
		b.Fatal(w.body.String())
	}
	return id
}

// BenchmarkIdleSession reports what a session holds that has had one call.
func BenchmarkIdleSession(b *testing.B) {
	const count = 5000
	var perSession float64
	for b.Loop() {
		s := silent(b)
		handler := s.HTTP()
		goroutines := runtime.NumGoroutine()
		before := heap()
		for i := range count {
			id := openSession(b, handler)
			header := olderHeader()
			header.Set("Mcp-Session-Id", id)
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/mcp", strings.NewReader(fmt.Sprintf(
				`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo"}}`, i)))
			r.Header = header
			handler.ServeHTTP(&sink{header: http.Header{}}, r)
		}
		perSession = float64(heap()-before) / count
		if s.Sessions() != count || runtime.NumGoroutine() > goroutines {
			b.Fatalf("%d sessions, %d goroutines more", s.Sessions(), runtime.NumGoroutine()-goroutines)
		}
	}
	b.ReportMetric(perSession, "B/session")
	if perSession > 10_000 {
		b.Errorf("an idle session holds %.0f bytes", perSession)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
