package face_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// events opens a stream, which ends with the test.
func events(t *testing.T, s *served, url string, header http.Header) (*protocol.Events, io.Closer) {
	t.Helper()
	res := open(t.Context(), t, s, http.MethodGet, url, header, "")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatal(res.Status, res.Header)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return protocol.NewEvents(res.Body, 1<<16), res.Body
}

func next(t *testing.T, from *protocol.Events) protocol.Event {
	t.Helper()
	e, err := from.Next()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTheStandingStream(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-06-18", `{}`)
	for range 3 { // before anybody listens, and once is enough
		s.Publish(protocol.ToolsChanged, nil)
	}
	header := http.Header{"Accept": {"text/event-stream"}, "Mcp-Session-Id": {o.header.Get("Mcp-Session-Id")}}
	stream, body := events(t, s, s.url, header)
	first := next(t, stream)
	if !strings.Contains(string(first.Data), protocol.ToolsChanged) || first.ID == "" {
		t.Errorf("%s", first.Data)
	}
	s.Publish(protocol.PromptsChanged, nil)
	if got := next(t, stream); !strings.Contains(string(got.Data), protocol.PromptsChanged) {
		t.Errorf("%s", got.Data)
	}
	_ = body.Close()
	header.Set("Last-Event-ID", first.ID)
	stream, _ = events(t, s, s.url, header)
	if got := next(t, stream); !strings.Contains(string(got.Data), protocol.PromptsChanged) {
		t.Errorf("not replayed, but %s", got.Data)
	}
	header.Del("Last-Event-ID")
	other, _ := events(t, s, s.url, header) // takes over
	if _, err := stream.Next(); err == nil {
		t.Error("two streams would get what is for one")
	}
	o.send(http.MethodDelete, "")
	if _, err := other.Next(); err == nil {
		t.Error("the session has ended, its stream has not")
	}
}

func TestHTTPAndSSE(t *testing.T) {
	s := serve(t, face.Options{})
	header := http.Header{"Accept": {"text/event-stream"}, "X-Caller": {"ann"}}
	stream, body := events(t, s, s.sse, header)
	endpoint := next(t, stream)
	if endpoint.Name != "endpoint" || !strings.HasPrefix(string(endpoint.Data), "/sse?sessionId=") {
		t.Fatalf("%+v", endpoint)
	}
	url := strings.TrimSuffix(s.sse, "/sse") + string(endpoint.Data)
	post := func(caller, body string) answer {
		header := http.Header{"Content-Type": {"application/json"}, "X-Caller": {caller}}
		return send(t.Context(), t, s, http.MethodPost, url, header, body)
	}
	const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{}}}`
	if got := post("eve", initialize); got.status != http.StatusNotFound {
		t.Error(got)
	}
	if got := post("ann", "{"); got.status != http.StatusBadRequest {
		t.Error(got)
	}
	for _, c := range []struct{ body, want string }{
		{callOf("0", "echo", ""), "-32600"},
		{initialize, `"protocolVersion":"2024-11-05"`},
		{initialize, "initialized already"},
		{callOf("2", "echo", ""), "echo"},
	} {
		if got := post("ann", c.body); got.status != http.StatusAccepted {
			t.Error(got)
		}
		if got := next(t, stream); !strings.Contains(string(got.Data), c.want) || got.Name != "message" {
			t.Errorf("%+v: %s, want %s", got, got.Data, c.want)
		}
	}
	post("ann", callOf("3", "wait", ""))
	within(t, s.desk.began, "it did not begin")
	_ = body.Close()
	within(t, s.desk.ended, "closing the stream must end its calls")
	until(t, "the session is gone", func() bool { return s.Sessions() == 0 })
	if got := post("ann", callOf("4", "echo", "")); got.status != http.StatusNotFound {
		t.Error(got)
	}
}

func TestAClientThatDoesNotAnswer(t *testing.T) {
	s := serve(t, face.Options{AskTimeout: 20 * time.Millisecond})
	o := openOlder(t, s, "2025-06-18", `{"elicitation":{}}`)
	got := o.call("1", "elicit", "")
	if !strings.Contains(got.body, "did not answer elicitation/create in time") || !strings.Contains(got.body, "notifications/cancelled") {
		t.Error(got)
	}
	if got := o.call("2", "sample", ""); !strings.Contains(got.body, "does not support sampling") {
		t.Error(got)
	}
}

func TestFirstAndLastWatch(t *testing.T) {
	s := serve(t, face.Options{})
	watching := func() int { return s.desk.watching("a://b") }
	subscribe := func(o *older, method, uri string) answer {
		return o.send(http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"resources/`+method+`","params":{"uri":"`+uri+`"}}`)
	}
	var clients []*older
	for range 8 {
		clients = append(clients, openOlder(t, s, "2025-06-18", `{}`))
	}
	var all sync.WaitGroup
	for _, o := range clients {
		all.Go(func() {
			for range 10 {
				subscribe(o, "subscribe", "a://b")
				subscribe(o, "unsubscribe", "a://b")
			}
			subscribe(o, "subscribe", "a://b")
			subscribe(o, "subscribe", "a://b")
		})
	}
	all.Wait()
	if watching() != 1 {
		t.Errorf("watched %d times", watching())
	}
	for _, o := range clients {
		if watching() != 1 {
			t.Error("it is to be watched as long as one client is left")
		}
		o.send(http.MethodDelete, "")
	}
	if watching() != 0 {
		t.Error("nobody is left")
	}
	if got := subscribe(openOlder(t, s, "2025-06-18", `{}`), "subscribe", "a://forbidden"); !strings.Contains(got.body, "no such resource") {
		t.Error(got)
	}
}

// TestManyAtOnce has clients of both eras call, ask and leave side by side.
func TestManyAtOnce(t *testing.T) {
	s := serve(t, face.Options{})
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			o := openOlder(t, s, "2025-11-25", `{}`)
			for i := range 20 {
				if got := o.call(fmt.Sprint(i), "progress", `,"_meta":{"progressToken":1}`); !strings.Contains(got.body, "done") {
					t.Error(got)
				}
				if got := modern(t, s, "tools/call", "elicit", `{"name":"elicit",`+askedMeta+`}`); !strings.Contains(got.body, "input_required") {
					t.Error(got)
				}
				s.Publish(protocol.ToolsChanged, nil)
			}
			if n%2 == 0 {
				o.send(http.MethodDelete, "")
			}
		})
	}
	all.Wait()
	if s.Sessions() != 4 {
		t.Errorf("%d sessions are left", s.Sessions())
	}
}

func TestAStoppedContextEndsStdio(t *testing.T) {
	s := serve(t, face.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	in, write := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, in, io.Discard) }()
	if _, err := io.WriteString(write, callOf("1", "wait", ","+modernMeta)+"\n"); err != nil {
		t.Fatal(err)
	}
	within(t, s.desk.began, "it did not begin")
	cancel()
	within(t, s.desk.ended, "the call was not ended")
	if err := within(t, done, "Serve did not return"); err != nil {
		t.Error(err)
	}
}
