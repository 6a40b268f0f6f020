package shape

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/tool"
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
	// Keep, if not nil, keeps whole results of which something is cut.
	Keep Keep
	// Logger takes warnings; nil for none.
	Logger *slog.Logger
}

// Shaper fits results into budgets. It is safe for parallel use.
type Shaper struct {
	counter Counter
	keep    Keep
	logger  *slog.Logger
	schemas schemas

	programs programs
}

// New returns a Shaper.
func New(o Options) *Shaper {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Shaper{counter: o.Counter, keep: o.Keep, logger: o.Logger}
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
	// Unit is what is counted: "items", "keys", "characters", "blocks", or
	// "characters of HTML (as Markdown)".
	Unit string `json:"unit"`
}

// Shape returns res within budget, by exact count; see the package's
// documentation for what counts. A budget of 0 is no bound. output is the output
// schema that the tool is served with, or nil. It never changes res, and returns
// it as it is where nothing is to do. What it cuts is not kept: Middleware does.
func (s *Shaper) Shape(res *call.Result, budget int, output json.RawMessage) (*call.Result, Report) {
	return s.ShapeBy(context.Background(), res, Settings{Budget: budget, Output: output})
}

// ShapeBy is as Shape, by more settings: it first makes of the result what they
// ask for. Before in the report is what the result costs as it came.
func (s *Shaper) ShapeBy(ctx context.Context, res *call.Result, o Settings) (*call.Result, Report) {
	return s.shape(ctx, res, o, &rest{})
}

func (s *Shaper) shape(ctx context.Context, res *call.Result, o Settings, k *rest) (*call.Result, Report) {
	sch := s.schemas.get(o.Output)
	reformed := s.reform(ctx, res, o, sch)
	out, r := s.bound(reformed, o, sch, k)
	if reformed == res {
		return out, r
	}
	r.Before = s.cost(res, unbounded)
	return out, r
}

// bound fits a result into a budget, its arrays laid out as the settings say.
func (s *Shaper) bound(res *call.Result, o Settings, sch *schema, k *rest) (*call.Result, Report) {
	var r Report
	var fits bool
	r.Before, fits = s.weigh(res, o.Budget)
	layout := o.layout()
	if res.Meta[MetaKey] != nil {
		layout = tool.LayoutJSON // it was laid out, if that was better, when it was trimmed
	}
	if fits {
		r.After = r.Before
		res = s.mend(res, sch, &r)
		fits = o.Budget <= 0 || r.After <= o.Budget // what is shorter can cost more
		if fits && layout == tool.LayoutJSON {
			return res, r
		}
	}
	budget := o.Budget
	if budget <= 0 {
		budget = math.MaxInt32
	}
	parts := s.split(res, sch, budget, layout)
	if fits && !slices.ContainsFunc(parts, func(p part) bool { return p.shrinks(res) }) {
		return res, r
	}
	return s.trim(res, parts, budget, k, &r), r
}

// layout is how arrays are written.
func (o Settings) layout() tool.Layout {
	if o.Shaping == nil {
		return tool.LayoutJSON
	}
	return cmp.Or(o.Shaping.Encoding, tool.LayoutJSON)
}

// maxChecked is the largest structured content that is validated though nothing
// is trimmed.
const maxChecked = 256 << 10

// mend replaces structured content that does not satisfy its schema, which
// strict clients refuse, by the closest that does, where that is easy. The text
// keeps everything.
func (s *Shaper) mend(res *call.Result, sch *schema, r *Report) *call.Result {
	if sch == nil || res.IsError || len(res.Structured) == 0 || len(res.Structured) > maxChecked {
		return res
	}
	if res.Vouched(sch.text) || sch.quick.Fits(res.Structured) {
		return res
	}
	t, err := parse(string(res.Structured))
	if err == nil {
		err = sch.check(t)
	}
	if err == nil {
		return res
	}
	r.Invalid = reason(err)
	text, ok := sch.repair(t)
	if !ok {
		return res
	}
	out := *res
	out.Structured = json.RawMessage(text)
	r.After = s.cost(&out, unbounded)
	return &out
}

// reason is the part of a validator's message that has no values in it: where in
// the schema it failed, and by which keyword.
func reason(err error) string {
	text := where.FindString(err.Error())
	if len(text) > maxReason {
		text = "…" + strings.ToValidUTF8(text[len(text)-maxReason:], "")
	}
	return cmp.Or(text, "not valid JSON, or too deep")
}

var where = regexp.MustCompile(`^(?:validating \S+: )+\w+`)

// maxReason bounds what is reported of a validator's message.
const maxReason = 300

// Middleware returns the pipeline's shape stage: it fits each result into its
// call's budget and says what it costs.
func (s *Shaper) Middleware() call.Middleware {
	return func(next call.Handler) call.Handler {
		return func(ctx context.Context, c *call.Call) (*call.Result, error) {
			res, err := next(ctx, c)
			if err != nil || res == nil {
				return res, err
			}
			shaped, report := s.shape(ctx, res, s.settings(c), s.rest(ctx, c))
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

// settings are those of a call.
func (s *Shaper) settings(c *call.Call) Settings {
	o := Settings{Budget: c.Budget, Output: s.schemas.served(c.Tool), Fields: c.Fields}
	if c.Tool != nil {
		o.Shaping = c.Tool.Shaping
	}
	return o
}

// rest returns where what is cut of a call's result can be read.
func (s *Shaper) rest(ctx context.Context, c *call.Call) *rest {
	if s.keep == nil {
		return &rest{}
	}
	return &rest{keep: func(res *call.Result) string { return s.keep(ctx, c, res) }, links: !c.TextOnly}
}
