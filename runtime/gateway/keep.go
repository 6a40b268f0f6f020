package gateway

import (
	"context"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
)

// Readable returns what keeps results only for calls at endpoints that have the
// tool to read them by: elsewhere a note must not tell a model to use it, and
// nothing is kept that nobody can read. It is for [Options].Keep and its Shaper.
func Readable(keep shape.Keep) shape.Keep {
	return func(ctx context.Context, c *call.Call, res *call.Result) string {
		if e, ok := ctx.Value(entryKey{}).(*Entry); ok && !e.readable {
			return ""
		}
		return keep(ctx, c, res)
	}
}
