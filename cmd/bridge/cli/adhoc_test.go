package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSourceName(t *testing.T) {
	for location, want := range map[string]string{
		"specs/CRM.yaml":                              "crm",
		"billing-v2.openapi.json":                     "billing_v2_openapi",
		"https://api.acme.com/openapi.json":           "acme",
		"https://acme.com/docs/orders.yaml?x=1":       "orders",
		"https://mcp.example.com/mcp":                 "example",
		"http://127.0.0.1:8080/mcp":                   "local",
		"https://example.com":                         "example",
		"2024.yaml":                                   "api_2024",
		"日本.yaml":                                     "api",
		strings.Repeat("very-long-name-", 5) + ".yml": "very_long_name_very_long",
	} {
		if got := sourceName(location); !strings.HasPrefix(got, want) || len(got) > 32 || len(want) < 20 && got != want {
			t.Errorf("sourceName(%q) = %q, want %q", location, got, want)
		}
	}
}

func TestCommandTitle(t *testing.T) {
	for command, want := range map[string]string{
		"npx -y @modelcontextprotocol/server-everything@2026.8.31": "everything",
		"npx -y @acme/mcp-server-files --root /srv":                "files",
		"/usr/bin/uvx weather-mcp":                                 "weather",
		"./server":                                                 "server",
	} {
		if got := commandTitle(strings.Fields(command)); got != want {
			t.Errorf("commandTitle(%q) = %q, want %q", command, got, want)
		}
	}
}

// TestLooksLikeDocument tells documents from MCP servers, also from one whose
// event stream never ends.
func TestLooksLikeDocument(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/docs", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"openapi":"3.1.0"}`) })
	mux.HandleFunc("/refuses", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) })
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for at, want := range map[string]bool{"/docs": true, "/refuses": false, "/events": false,
		"/mcp": false, "/v1/sse": false, "/gone.yaml": true} {
		begun := time.Now()
		if got := looksLikeDocument(t.Context(), server.URL+at); got != want || time.Since(begun) > probeTimeout {
			t.Errorf("%s: %v in %v, want %v", at, got, time.Since(begun), want)
		}
	}
}
