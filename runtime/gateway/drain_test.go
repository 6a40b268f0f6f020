package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// waiting is a source whose calls wait to be let go, or for their end.
type waiting struct {
	began, ended chan string
	release      chan struct{}
}

func newWaiting() *waiting {
	return &waiting{make(chan string, 8), make(chan string, 8), make(chan struct{})}
}

func (*waiting) Name() string { return "waiting" }
func (*waiting) Close() error { return nil }
func (*waiting) Tools(context.Context) ([]tool.Tool, error) {
	return []tool.Tool{{Name: "wait", Input: object}}, nil
}
func (w *waiting) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	w.began <- c.Name
	select {
	case <-w.release:
		return &call.Result{Content: []call.Block{call.Text("it is done")}}, nil
	case <-ctx.Done():
		w.ended <- c.Name
		return nil, ctx.Err()
	}
}

// begun waits until n calls have reached the source.
func (w *waiting) begun(t *testing.T, n int) {
	t.Helper()
	for range n {
		within(t, w.began, "a call did not reach the source")
	}
}

func within[T any](t *testing.T, c <-chan T, or string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal(or)
		panic("unreachable")
	}
}

// older opens a session of revision 2025-11-25 and returns what sends in it.
func older(t *testing.T, url string) func(method, body string) string {
	t.Helper()
	return asking(t, url, "2025-11-25")
}

// asking opens a session by asking for a revision.
func asking(t *testing.T, url, revision string) func(method, body string) string {
	t.Helper()
	id := ""
	do := func(method, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), method, url+gateway.Path, strings.NewReader(body))
		if err != nil {
			return err.Error()
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		if id != "" {
			req.Header.Set("Mcp-Session-Id", id)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err.Error()
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if id == "" {
			id = res.Header.Get("Mcp-Session-Id")
		}
		return fmt.Sprint(res.StatusCode, " ", string(text), err)
	}
	do(http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"`+revision+`","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`)
	do(http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	if id == "" {
		t.Fatal("there is no session")
	}
	return do
}

const (
	waitCall   = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"wait"}}`
	streamMeta = `"_meta":{"progressToken":"p","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
)

// callThreeWays calls "wait" in a session, alone, and alone with a stream.
func callThreeWays(t *testing.T, url string) <-chan string {
	t.Helper()
	send := older(t, url)
	answers := make(chan string, 3)
	go func() { answers <- "session: " + send(http.MethodPost, waitCall) }()
	for _, meta := range []string{modernMeta, streamMeta} {
		go func() {
			status, body := post(t, url, "tools/call", "wait", `{"name":"wait",`+meta+`}`, nil)
			answers <- fmt.Sprint("alone: ", status, body)
		}()
	}
	return answers
}

// stoppable serves one source and returns its URL and what stops it and waits.
func stoppable(t *testing.T, w *waiting, drain time.Duration) (url string, stop context.CancelFunc, served <-chan error) {
	t.Helper()
	g := gateway.New(complete(t, gateway.Options{Mounts: []gateway.Mount{{Source: w}}, Drain: drain}))
	g.Start(t.Context())
	settled(t, g)
	ln, err := gateway.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String(), cancel, done
}

func TestAStopLosesNoAnswer(t *testing.T) {
	w := newWaiting()
	url, stop, served := stoppable(t, w, 0)
	answers := callThreeWays(t, url)
	w.begun(t, 3)
	stop()
	for { // the listener is closed once the drain has begun
		res, err := http.Get(url + "/healthz")
		if err != nil {
			break
		}
		_ = res.Body.Close()
	}
	close(w.release)
	for range 3 {
		if got := within(t, answers, "no answer"); !strings.Contains(got, "it is done") {
			t.Errorf("lost: %s", got)
		}
	}
	if err := within(t, served, "Serve did not return"); err != nil {
		t.Error(err)
	}
}

func TestAStopEndsWhatOutlastsIt(t *testing.T) {
	w := newWaiting()
	url, stop, served := stoppable(t, w, 50*time.Millisecond)
	answers := callThreeWays(t, url)
	w.begun(t, 3)
	stop()
	for range 3 {
		if got := within(t, answers, "no answer"); !strings.Contains(got, "may have taken effect") {
			t.Errorf("a call that was ended must say so: %s", got)
		}
		within(t, w.ended, "the source was not told")
	}
	if err := within(t, served, "Serve did not return"); err != nil {
		t.Error(err)
	}
}

func TestADeletedSessionEndsItsCalls(t *testing.T) {
	w := newWaiting()
	url, _, _ := stoppable(t, w, 50*time.Millisecond)
	gone, stays := older(t, url), older(t, url)
	other := make(chan string, 1)
	go func() { gone(http.MethodPost, waitCall) }()
	go func() { other <- stays(http.MethodPost, waitCall) }()
	w.begun(t, 2)
	deleted := make(chan string, 1)
	go func() { deleted <- gone(http.MethodDelete, "") }()
	within(t, w.ended, "the source was not told")
	within(t, deleted, "the session did not end")
	close(w.release)
	if got := within(t, other, "no answer"); !strings.Contains(got, "it is done") {
		t.Errorf("another session's call must go on: %s", got)
	}
}
