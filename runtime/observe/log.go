package observe

import (
	"context"
	"log/slog"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// maxText bounds, in bytes, each text of a record that a client chose.
const maxText = 128

// Calls returns the stage that logs each call.
func Calls(logger *slog.Logger) call.Middleware {
	return func(next call.Handler) call.Handler {
		return func(ctx context.Context, c *call.Call) (*call.Result, error) {
			start := time.Now()
			res, err := next(ctx, c)
			record(ctx, logger, c, res, err, time.Since(start))
			return res, err
		}
	}
}

func record(ctx context.Context, logger *slog.Logger, c *call.Call, res *call.Result, err error, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("call", c.ID),
		slog.String("tool", fault.Clip(c.Name, maxText)),
		slog.String("source", c.Source),
		slog.String("client", fault.Clip(c.Caller.Client, maxText)),
		slog.Duration("took", took.Round(time.Microsecond)),
	}
	level := slog.LevelInfo
	switch {
	case err != nil:
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("outcome", fault.KindOf(err).String()), slog.String("error", err.Error()))
	case res.IsError:
		attrs = append(attrs, slog.String("outcome", "tool_error"), tokens(res))
	default:
		attrs = append(attrs, slog.String("outcome", "ok"), tokens(res))
	}
	logger.LogAttrs(ctx, level, "call", attrs...)
}

func tokens(res *call.Result) slog.Attr {
	return slog.Group("tokens", slog.Int("before", res.Tokens.Before), slog.Int("after", res.Tokens.After))
}
