package gateway_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/remainder"
)

// locked is a log that is read while it is written.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestWhatIsLoggedOfLoadingAndStopping counts records: one for each source that
// was configured, and one that says what a stop waits for.
func TestWhatIsLoggedOfLoadingAndStopping(t *testing.T) {
	var log locked
	_, url := upstream(t, "x")
	w := newWaiting()
	opts := complete(t, gateway.Options{Mounts: []gateway.Mount{{Source: source(t, "server", url), Prefix: "server"}, {Source: w}}})
	opts.Mounts = append(opts.Mounts, gateway.Mount{Source: remainder.New(remainder.Options{Counter: opts.Counter}), BuiltIn: true})
	opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
	g := gateway.New(opts)
	g.Start(t.Context())
	settled(t, g)
	ln, err := gateway.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- g.Serve(ctx, ln) }()
	send := older(t, "http://"+ln.Addr().String())
	answer := make(chan string, 1)
	go func() { answer <- send(http.MethodPost, waitCall) }()
	w.begun(t, 1)
	stop()
	for !strings.Contains(log.String(), "stopping") {
		if _, err := http.Get("http://" + ln.Addr().String() + "/healthz"); err != nil {
			break // the listener is closed after the record
		}
	}
	close(w.release)
	within(t, answer, "no answer")
	if err := within(t, served, "Serve did not return"); err != nil {
		t.Error(err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	text := log.String()
	for part, want := range map[string]int{`"source loaded" source=server`: 1, `"source loaded" source=waiting`: 1, `"source loaded" source=bridge`: 0,
		`under way" calls=1 at_most=10s`: 1} {
		if n := strings.Count(text, part); n != want {
			t.Errorf("%s is logged %d times, want %d:\n%s", part, n, want, text)
		}
	}
}
