package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// echo is a server that answers at once.
type echo struct{ answer json.RawMessage }

func (*echo) Name() string                { return "echo" }
func (*echo) Close() error                { return nil }
func (*echo) Notices() <-chan call.Notice { return nil }
func (*echo) Tools(context.Context) ([]tool.Tool, error) {
	return []tool.Tool{{Name: "say", Input: json.RawMessage(`{"type":"object"}`), Definition: json.RawMessage(`{"name":"say","inputSchema":{"type":"object"}}`)}}, nil
}
func (*echo) Features(context.Context) (tool.Features, error) { return tool.Features{}, nil }
func (e *echo) Invoke(context.Context, *call.Call) (*call.Result, error) {
	return call.ParseResult(e.answer)
}
func (e *echo) Request(context.Context, *call.Request) (json.RawMessage, error) {
	return e.answer, nil
}

// BenchmarkCall is what the gateway itself costs of a call, with a log record of
// each.
func BenchmarkCall(b *testing.B) {
	encoding, err := token.Open("o200k_base")
	if err != nil {
		b.Fatal(err)
	}
	g := New(Options{Mounts: []Mount{{Source: &echo{json.RawMessage(`{"content":[{"type":"text","text":"hello, this is an answer"}]}`)}, Prefix: "e"}}, Budget: 8000,
		Logger: slog.New(slog.DiscardHandler), Shaper: shape.New(shape.Options{Counter: encoding})})
	g.Start(b.Context())
	<-g.settled
	h := g.first().handler
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		res, err := h.Handle(b.Context(), &face.Request{Method: protocol.CallTool, Revision: protocol.R20260728, Params: json.RawMessage(`{"name":"e_say","arguments":{"a":1}}`)})
		if err != nil {
			b.Fatal(err)
		}
		if dst, err = res.AppendJSON(dst[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if err := g.Close(); err != nil {
		b.Fatal(err)
	}
}
