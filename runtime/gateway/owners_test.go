package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// TestNoticesReachWhomTheyAreOf has two sessions at a server that they share: what
// it tells of a task reaches the session that began it.
func TestNoticesReachWhomTheyAreOf(t *testing.T) {
	source := newScripted("one", tasksCapability, map[string]string{
		protocol.CallTool: `{"task":{"taskId":"42","status":"working"},"resultType":"task","content":[]}`})
	g, url := serve(t, gateway.Mount{Source: source, Prefix: "one"})
	settled(t, g)
	mine, myStream := standing(t, url)
	_, theirStream := standing(t, url)
	if got := mine(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"one_do","task":{}}}`); !strings.Contains(got, `"one+42"`) {
		t.Fatal(got)
	}
	tell := func(method, params string) {
		source.notices <- call.Notice{Source: "one", Method: method, Params: []byte(params)}
	}
	tell(protocol.TaskStatus, `{"taskId":"unknown","status":"working"}`)
	tell(protocol.TaskStatus, `{"taskId":"42","status":"completed"}`)
	tell(protocol.ElicitationCompleted, `{"elicitationId":"nobody's"}`)
	tell(protocol.ResourcesChanged, ``)
	tell(protocol.LogMessage, `{"level":"error","data":"to all of one caller"}`)
	if got := within(t, myStream, "the session was not told of its task"); !strings.Contains(got, `"one+42"`) {
		t.Errorf("told of %s", got)
	}
	for name, stream := range map[string]chan string{"mine": myStream, "theirs": theirStream} {
		if got := within(t, stream, "a session was not told what is for all"); !strings.Contains(got, "to all of one caller") {
			t.Errorf("%s: told of %s", name, got)
		}
	}
}

// standing opens a session, and its standing stream, whose messages it hands on.
func standing(t *testing.T, url string) (post func(body string) string, events chan string) {
	t.Helper()
	id := ""
	send := func(method, body string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, url+gateway.Path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		if id != "" {
			req.Header.Set("Mcp-Session-Id", id)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	post = func(body string) string {
		text, err := io.ReadAll(send(http.MethodPost, body).Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	res := send(http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`)
	id = res.Header.Get("Mcp-Session-Id")
	post(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	stream := protocol.NewEvents(send(http.MethodGet, "").Body, 1<<20)
	events = make(chan string, 16)
	go func() {
		for e, err := stream.Next(); err == nil; e, err = stream.Next() {
			if len(e.Data) > 0 {
				events <- string(e.Data)
			}
		}
	}()
	return post, events
}
