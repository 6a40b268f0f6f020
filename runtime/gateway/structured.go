package gateway

import (
	"context"
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// structure makes a result fit what the caller was promised. A tool of a
// document whose upstream answered with nothing, or with no JSON, still has an
// output schema, and strict clients refuse a result without structured content:
// an empty object satisfies the tolerant schema. A caller whose revision has no
// structured results gets none, so that its text has the whole budget.
func (g *Gateway) structure(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		res, err := next(ctx, c)
		if err != nil || res.IsError {
			return res, err
		}
		switch {
		case c.TextOnly && res.Structured != nil:
			plain := *res
			plain.Structured = nil
			return &plain, nil
		case !c.TextOnly && res.Structured == nil && c.Tool.Operation != nil && len(c.Tool.Output) > 0:
			full := *res
			full.Structured = json.RawMessage("{}")
			return &full, nil
		}
		return res, nil
	}
}
