package observe_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/observe"
)

func BenchmarkRecord(b *testing.B) {
	for name, handler := range map[string]slog.Handler{
		"json": slog.NewJSONHandler(io.Discard, nil),
		"text": slog.NewTextHandler(io.Discard, nil),
		"off":  slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			res := &call.Result{Tokens: call.Tokens{Before: 900, After: 400}}
			handle := call.Chain(func(context.Context, *call.Call) (*call.Result, error) { return res, nil }, observe.Calls(slog.New(handler)))
			c := &call.Call{ID: "Q5T7RZJX2B4A", Name: "crm_get_contact", Source: "crm", Caller: call.Caller{Client: "cursor/1.2"}}
			for b.Loop() {
				if _, err := handle(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
