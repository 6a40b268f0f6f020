package gateway

import (
	"context"
	"log/slog"
)

// sdkLogger returns the logger for the MCP SDK. What it reports concerns one
// client's slip or one connection's end, which is no news to whoever runs the
// gateway: every record is one level lower.
func sdkLogger(logger *slog.Logger) *slog.Logger {
	return slog.New(quieter{logger.Handler()})
}

// quieter is a handler whose records are one level lower than they came.
type quieter struct{ slog.Handler }

const oneLevel = slog.LevelInfo - slog.LevelDebug

func (q quieter) Enabled(ctx context.Context, level slog.Level) bool {
	return q.Handler.Enabled(ctx, level-oneLevel)
}

func (q quieter) Handle(ctx context.Context, r slog.Record) error {
	r.Level -= oneLevel
	return q.Handler.Handle(ctx, r)
}

func (q quieter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quieter{q.Handler.WithAttrs(attrs)}
}

func (q quieter) WithGroup(name string) slog.Handler { return quieter{q.Handler.WithGroup(name)} }
