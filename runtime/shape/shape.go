package shape

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// Counter counts tokens exactly. token.Encoding is one.
type Counter interface {
	Count(text string) int
	// CountUpTo counts until more than limit tokens are found.
	CountUpTo(text string, limit int) (n int, within bool)
	// Cut returns the longest prefix that ends at a rune boundary and has at
	// most limit tokens.
	Cut(text string, limit int) string
}

// Options say how a Shaper works.
type Options struct {
	Counter Counter
	// Logger takes warnings; nil for none.
	Logger *slog.Logger
}

// Shaper fits results into budgets. It is safe for parallel use.
type Shaper struct {
	counter Counter
	logger  *slog.Logger
	schemas schemas
}

// New returns a Shaper.
func New(o Options) *Shaper {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Shaper{counter: o.Counter, logger: o.Logger}
}

// Report says what shaping did to a result.
type Report struct {
	// Before and After are what the result cost and costs, in tokens. Before is
	// exact for texts of up to 4 MiB, and scaled up from their beginning above.
	Before, After int
	// Cut lists each place where something is missing; empty if nothing is.
	Cut []Cut
	// Invalid says why the structured content did not satisfy the tool's output
	// schema as it came from the upstream; empty if it did or was not looked at.
	Invalid string
}

// Cut is one place where something is missing.
type Cut struct {
	// Block is the index of the content block; 0 for structured content.
	Block int `json:"block,omitempty"`
	// Path is a JSON pointer (RFC 6901) into the block's document; "" for all of it.
	Path string `json:"path"`
	// Kept of Total are still there.
	Kept  int `json:"kept"`
	Total int `json:"total"`
	// Unit is what is counted: "items", "keys", "characters" or "blocks".
	Unit string `json:"unit"`
}

// Shape returns res within budget, by exact count; see the package's
// documentation for what counts. A budget of 0 is no bound. output is the output
// schema that the tool is served with, or nil. It never changes res, and returns
// it as it is where nothing is to do.
func (s *Shaper) Shape(res *call.Result, budget int, output json.RawMessage) (*call.Result, Report) {
	r := Report{Before: s.cost(res)}
	if budget <= 0 || r.Before <= budget {
		r.After = r.Before
		return res, r
	}
	out := s.trim(res, budget, s.schemas.get(output), &r)
	return out, r
}

// Middleware returns the pipeline's shape stage: it fits each result into its
// call's budget and says what it costs.
func (s *Shaper) Middleware() call.Middleware {
	return func(next call.Handler) call.Handler {
		return func(ctx context.Context, c *call.Call) (*call.Result, error) {
			res, err := next(ctx, c)
			if err != nil || res == nil {
				return res, err
			}
			var output json.RawMessage
			if c.Tool != nil {
				output = c.Tool.Output
			}
			shaped, report := s.Shape(res, c.Budget, output)
			if report.Invalid != "" {
				s.logger.WarnContext(ctx, "a result does not satisfy its tool's output schema",
					"call", c.ID, "tool", c.Name, "why", report.Invalid)
			}
			out := *shaped
			out.Tokens = call.Tokens{Before: report.Before, After: report.After}
			return &out, nil
		}
	}
}

// finish puts the parts together.
func (s *Shaper) finish(res *call.Result, content []call.Block, structured json.RawMessage, r *Report) *call.Result {
	out := *res
	out.Content, out.Structured = content, structured
	r.After = s.cost(&out)
	if len(r.Cut) > 0 {
		out.Meta = maps.Clone(res.Meta)
		if out.Meta == nil {
			out.Meta = map[string]json.RawMessage{}
		}
		out.Meta[MetaKey] = r.meta()
	}
	return &out
}
