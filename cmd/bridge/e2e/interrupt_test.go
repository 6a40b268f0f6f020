package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestASecondInterruptEndsAtOnce interrupts a gateway whose call never ends: the
// first interrupt lets it go on, the second does not wait for it.
func TestASecondInterruptEndsAtOnce(t *testing.T) {
	reached, release := make(chan struct{}), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(reached)
		<-release
	}))
	t.Cleanup(api.Close)
	t.Cleanup(func() { close(release) })
	dir := t.TempDir()
	write(t, dir, "api.yaml", document("one"))
	write(t, dir, "bridge.yaml", "drain: 1h\ntimeout: 1h\n"+strings.Replace(reloaded, "http://127.0.0.1:9", api.URL, 1))
	s := start(t, dir, "serve")
	s.ready(t)
	c := connected(t, s.url)
	go func() { _, _ = c.session.CallTool(t.Context(), &mcp.CallToolParams{Name: "api_one"}) }()
	select {
	case <-reached:
	case <-time.After(20 * time.Second):
		t.Fatalf("the call did not reach the API:\n%s", s.log)
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for { // until it takes no more requests: it drains
		res, err := http.Get(strings.TrimSuffix(s.url, "/mcp") + "/healthz")
		if err != nil {
			break
		}
		_ = res.Body.Close()
	}
	select {
	case <-s.ended:
		t.Fatalf("it must wait for the call:\n%s", s.log)
	default:
	}
	// One that comes within a moment of the first may count as the same.
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for deadline := time.After(20 * time.Second); ; {
		select {
		case <-s.ended:
			return
		case <-again.C:
			_ = s.cmd.Process.Signal(os.Interrupt) // it may have ended by now
		case <-deadline:
			t.Fatalf("it did not end:\n%s", s.log)
		}
	}
}
