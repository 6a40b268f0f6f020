//lint:file-ignore SA1019 roots, sampling and logging are deprecated, and served as long as clients have them

package face_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/face"
)

// ways are the transports and eras that the Go SDK's client speaks.
var ways = []struct {
	name     string
	revision string // "" for the newest
	open     func(t *testing.T, s *served) mcp.Transport
}{
	{"http", "", overHTTP},
	{"http 2025-11-25", "2025-11-25", overHTTP},
	{"http 2025-06-18", "2025-06-18", overHTTP},
	{"http 2025-03-26", "2025-03-26", overHTTP},
	{"sse", "2024-11-05", func(_ *testing.T, s *served) mcp.Transport {
		return &mcp.SSEClientTransport{Endpoint: s.sse, HTTPClient: s.http.Client()}
	}},
	{"stdio", "", overStdio},
	{"stdio 2025-11-25", "2025-11-25", overStdio},
}

func overHTTP(_ *testing.T, s *served) mcp.Transport {
	return &mcp.StreamableClientTransport{Endpoint: s.url, HTTPClient: s.http.Client()}
}

func overStdio(t *testing.T, s *served) mcp.Transport {
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := s.Serve(context.WithoutCancel(t.Context()), fromClient, toClient)
		_ = toClient.Close()
		done <- err
	}()
	t.Cleanup(func() {
		_ = toServer.Close()
		if err := within(t, done, "Serve did not return"); err != nil {
			t.Error(err)
		}
	})
	return &mcp.IOTransport{Reader: fromServer, Writer: toServer}
}

// client is a client of the Go SDK that answers what it is asked.
type client struct {
	*mcp.ClientSession
	progress, logs, tools, updated chan string
}

func connect(t *testing.T, s *served, transport mcp.Transport, revision string) *client {
	t.Helper()
	c := &client{progress: make(chan string, 16), logs: make(chan string, 16), tools: make(chan string, 16), updated: make(chan string, 16)}
	inner := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{}}, nil
		},
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			return &mcp.CreateMessageResult{Role: "assistant", Model: "m", Content: &mcp.TextContent{Text: "hello"}}, nil
		},
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) { c.progress <- r.Params.Message },
		LoggingMessageHandler:       func(_ context.Context, r *mcp.LoggingMessageRequest) { c.logs <- string(r.Params.Level) },
		ToolListChangedHandler:      func(context.Context, *mcp.ToolListChangedRequest) { c.tools <- "changed" },
		ResourceUpdatedHandler:      func(_ context.Context, r *mcp.ResourceUpdatedNotificationRequest) { c.updated <- r.Params.URI },
	})
	inner.AddRoots(&mcp.Root{URI: "file:///home", Name: "home"})
	var err error
	if c.ClientSession, err = inner.Connect(t.Context(), transport, &mcp.ClientSessionOptions{ProtocolVersion: revision}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func (c *client) call(t *testing.T, tool string, meta mcp.Meta) string {
	t.Helper()
	res, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Meta: meta, Arguments: map[string]any{"z": 1, "a": "é"}})
	if err != nil {
		return "error: " + err.Error()
	}
	return resultText(res)
}

func TestTheSDKsClient(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			s := serve(t, face.Options{})
			c := connect(t, s, way.open(t, s), way.revision)
			if list, err := c.ListTools(t.Context(), nil); err != nil || len(list.Tools) != 1 {
				t.Fatal(list, err)
			}
			for tool, want := range map[string]string{
				"echo": `echo {"a":"é","z":1}`, "down": "the API can't be reached", "internal": "internal error", "panic": "internal error",
				"elicit": `"accept"`, "sample": "hello", "roots": "file:///home", "twice": `"accept"`, "both": `"accept"`, "nonesuch": "there is no tool",
			} {
				if got := c.call(t, tool, nil); !strings.Contains(got, want) || strings.Contains(got, "hunter2") {
					t.Errorf("%s: got %s, want %s", tool, got, want)
				}
			}
			if got := c.call(t, "progress", mcp.Meta{"progressToken": "p"}); got != "done" {
				t.Error(got)
			}
			if got := within(t, c.progress, "no progress"); got != "half" {
				t.Error(got)
			}
		})
	}
}

func TestWhatChangesIsPublished(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			s := serve(t, face.Options{})
			c := connect(t, s, way.open(t, s), way.revision)
			if err := c.Subscribe(t.Context(), &mcp.SubscribeParams{URI: "a://b"}); err != nil {
				t.Fatal(err)
			}
			until(t, "the resource is watched", func() bool { return s.desk.watching("a://b") == 1 })
			s.Publish("notifications/resources/updated", []byte(`{"uri":"a://b"}`))
			s.Publish("notifications/resources/updated", []byte(`{"uri":"a://other"}`))
			if got := within(t, c.updated, "no update"); got != "a://b" {
				t.Error(got)
			}
			until(t, "the change is told", func() bool { // the client's stream for lists may open later than the resource's
				s.Publish("notifications/tools/list_changed", nil)
				select {
				case <-c.tools:
					return true
				default:
					return false
				}
			})
			if err := c.Close(); err != nil && !strings.Contains(err.Error(), "closed") {
				t.Error(err)
			}
			until(t, "nobody watches", func() bool { return s.desk.watching("a://b") == 0 })
		})
	}
}

func TestACancelledCallEnds(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			s := serve(t, face.Options{})
			c := connect(t, s, way.open(t, s), way.revision)
			ctx, cancel := context.WithCancel(t.Context())
			failed := make(chan error, 1)
			go func() {
				_, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "wait"})
				failed <- err
			}()
			within(t, s.desk.began, "the call did not begin")
			cancel()
			within(t, s.desk.ended, "the call was not cancelled")
			if err := within(t, failed, "the client waits"); err == nil {
				t.Error("a cancelled call succeeded")
			}
			if got := c.call(t, "echo", nil); !strings.HasPrefix(got, "echo") {
				t.Errorf("the next call: %s", got)
			}
		})
	}
}
