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
			record(ctx, logger.Handler(), c, res, err, start)
			return res, err
		}
	}
}

// record writes what there is to say of a call. It hands the record to the
// handler itself, without the place in the code that a logger would look up: that
// is this one for all.
func record(ctx context.Context, handler slog.Handler, c *call.Call, res *call.Result, err error, start time.Time) {
	level, outcome := slog.LevelInfo, "ok"
	switch {
	case err != nil:
		level, outcome = slog.LevelWarn, fault.KindOf(err).String()
	case res.IsError:
		outcome = "tool_error"
	}
	if !handler.Enabled(ctx, level) {
		return
	}
	var last slog.Attr
	if err != nil {
		last = slog.String("error", err.Error())
	} else {
		last = slog.GroupAttrs("tokens", slog.Int("before", res.Tokens.Before), slog.Int("after", res.Tokens.After))
	}
	now := time.Now()
	r := slog.NewRecord(now, level, "call", 0)
	r.AddAttrs(
		slog.String("call", c.ID),
		slog.String("tool", fault.Clip(c.Name, maxText)),
		slog.String("source", c.Source),
		slog.String("client", fault.Clip(c.Caller.Client, maxText)),
		slog.Duration("took", now.Sub(start).Round(time.Microsecond)),
		slog.String("outcome", outcome),
		last,
	)
	_ = handler.Handle(ctx, r) // a log that can't be written to stops no call
}
