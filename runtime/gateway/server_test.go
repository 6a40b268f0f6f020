package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// inside is a source that is a whole MCP server: one of the SDK's, in this
// process, spoken to in raw messages.
type inside struct {
	name    string
	conn    mcp.Connection
	session *mcp.ServerSession
	changes chan struct{}
	notices chan call.Notice
	asked   chan *call.Request // a copy of each request, where the test wants them

	last    atomic.Int64
	mu      sync.Mutex
	waiting map[int64]chan *jsonrpc.Response
	done    chan struct{}
	caps    json.RawMessage
	says    string
}

func newInside(t *testing.T, name string, server *mcp.Server) *inside {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	session, err := server.Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := here.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &inside{name: name, conn: conn, session: session, changes: make(chan struct{}, 1), notices: make(chan call.Notice, 64),
		waiting: map[int64]chan *jsonrpc.Response{}, done: make(chan struct{})}
	go s.read()
	res, err := s.send(t.Context(), protocol.Initialize, json.RawMessage(`{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	s.caps, _ = protocol.Member(res, "capabilities")
	s.says = protocol.MemberString(res, "instructions")
	if err := conn.Write(t.Context(), &jsonrpc.Request{Method: protocol.Initialized, Params: json.RawMessage("{}")}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *inside) read() {
	defer close(s.done)
	for {
		msg, err := s.conn.Read(context.Background())
		if err != nil {
			return
		}
		switch m := msg.(type) {
		case *jsonrpc.Response:
			id, _ := m.ID.Raw().(int64)
			s.mu.Lock()
			waiting := s.waiting[id]
			delete(s.waiting, id)
			s.mu.Unlock()
			if waiting != nil {
				waiting <- m
			}
		case *jsonrpc.Request:
			if m.Method == protocol.ToolsChanged || m.Method == protocol.PromptsChanged || m.Method == protocol.ResourcesChanged {
				select {
				case s.changes <- struct{}{}:
				default:
				}
				continue
			}
			s.notices <- call.Notice{Source: s.name, Method: m.Method, Params: m.Params}
		}
	}
}

func (s *inside) send(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	n := s.last.Add(1)
	id, err := jsonrpc.MakeID(float64(n))
	if err != nil {
		return nil, err
	}
	answer := make(chan *jsonrpc.Response, 1)
	s.mu.Lock()
	s.waiting[n] = answer
	s.mu.Unlock()
	if len(params) == 0 {
		params = json.RawMessage("{}")
	}
	if err := s.conn.Write(ctx, &jsonrpc.Request{ID: id, Method: method, Params: params}); err != nil {
		return nil, err
	}
	select {
	case res := <-answer:
		if res.Error != nil {
			var e *jsonrpc.Error
			if !asError(res.Error, &e) {
				return nil, res.Error
			}
			return nil, fmt.Errorf("the server: %w", &protocol.Error{Code: int(e.Code), Message: e.Message, Data: e.Data})
		}
		return res.Result, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.done:
		return nil, fmt.Errorf("the server is gone")
	}
}

func (s *inside) list(ctx context.Context, method, member, capability string) ([]json.RawMessage, error) {
	if _, has := protocol.Member(s.caps, capability); !has {
		return nil, nil
	}
	res, err := s.send(ctx, method, nil)
	if err != nil {
		return nil, err
	}
	list, _ := protocol.Member(res, member)
	var out []json.RawMessage
	err = json.Unmarshal(list, &out)
	return out, err
}

func (s *inside) Name() string                { return s.name }
func (s *inside) Changes() <-chan struct{}    { return s.changes }
func (s *inside) Notices() <-chan call.Notice { return s.notices }
func (s *inside) Tools(ctx context.Context) ([]tool.Tool, error) {
	list, err := s.list(ctx, protocol.ListTools, "tools", "tools")
	if err != nil {
		return nil, err
	}
	tools := make([]tool.Tool, len(list))
	for i, definition := range list {
		if err := json.Unmarshal(definition, &tools[i]); err != nil {
			return nil, err
		}
		tools[i].Definition = definition
	}
	return tools, nil
}

func (s *inside) Features(ctx context.Context) (f tool.Features, err error) {
	f.Capabilities, f.Instructions = s.caps, s.says
	if f.Resources, err = s.list(ctx, protocol.ListResources, "resources", "resources"); err != nil {
		return f, err
	}
	if f.Templates, err = s.list(ctx, protocol.ListTemplates, "resourceTemplates", "resources"); err != nil {
		return f, err
	}
	f.Prompts, err = s.list(ctx, protocol.ListPrompts, "prompts", "prompts")
	return f, err
}

func (s *inside) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	arguments := c.Arguments
	if len(arguments) == 0 {
		arguments = json.RawMessage("{}")
	}
	params, err := json.Marshal(map[string]any{"name": c.Tool.Name, "arguments": arguments})
	if err != nil {
		return nil, err
	}
	res, err := s.send(ctx, protocol.CallTool, params)
	if err != nil {
		return nil, err
	}
	return call.ParseResult(res)
}

func (s *inside) Request(ctx context.Context, r *call.Request) (json.RawMessage, error) {
	if s.asked != nil {
		seen := *r
		s.asked <- &seen
	}
	return s.send(ctx, r.Method, r.Params)
}

func (s *inside) Close() error {
	err := s.conn.Close()
	<-s.done
	_ = s.session.Wait() // it ends with its connection
	return err
}

func asError(err error, into **jsonrpc.Error) bool { return errors.As(err, into) }

// library returns an MCP server that has one of everything.
func library(t *testing.T, says string) *mcp.Server {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "library", Version: "1"}, &mcp.ServerOptions{
		Instructions: "Instructions of " + says + ".",
		CompletionHandler: func(_ context.Context, r *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
			return &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{r.Params.Ref.Type + " " + r.Params.Ref.Name + r.Params.Ref.URI}}}, nil
		},
		SubscribeHandler:   func(context.Context, *mcp.SubscribeRequest) error { return nil },
		UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
	})
	read := func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		if strings.Contains(r.Params.URI, "missing") {
			return nil, mcp.ResourceNotFoundError(r.Params.URI)
		}
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: r.Params.URI, Text: says + " has " + r.Params.URI,
			Meta: mcp.Meta{"ui": map[string]any{"resourceUri": "ui://clock/view.html", "csp": "x"}}}}}, nil
	}
	server.AddResource(&mcp.Resource{URI: "book://one", Name: "one", Title: "One"}, read)
	server.AddResource(&mcp.Resource{URI: "ui://clock/view.html", Name: "view", MIMEType: "text/html;profile=mcp-app"}, read)
	server.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: "book://{id}/pages/{page}", Name: "page"}, read)
	server.AddPrompt(&mcp.Prompt{Name: "greet", Arguments: []*mcp.PromptArgument{{Name: "who"}}}, func(_ context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{
			{Role: "user", Content: &mcp.TextContent{Text: says + " greets " + r.Params.Arguments["who"]}},
			{Role: "user", Content: &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "book://one", Text: "1"}}},
		}}, nil
	})
	server.AddTool(&mcp.Tool{Name: "lend", InputSchema: object, Meta: mcp.Meta{
		"ui": map[string]any{"resourceUri": "ui://clock/view.html", "visibility": []string{"app"}}, "ui/resourceUri": "ui://clock/view.html", "openai/outputTemplate": "ui://clock/view.html", "other": "book://one"},
	}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Meta: mcp.Meta{"openai/outputTemplate": "ui://clock/view.html"}, Content: []mcp.Content{
			&mcp.TextContent{Text: says + " lends book://one"},
			&mcp.ResourceLink{URI: "book://one", Name: "one"},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "book://two", Text: "2"}},
		}}, nil
	})
	return server
}
