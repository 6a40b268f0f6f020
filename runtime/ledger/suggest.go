package ledger

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Suggestion is what recorded calls say about the budget of a tool.
type Suggestion struct {
	Source, Tool string
	Calls        int64
	// P50 and P95 are how many tokens half and 95 % of the results have at most
	// before trimming, rounded up by a factor of at most √2.
	P50, P95 int
	// Cut is the share of the results of which something was cut, 0 to 1.
	Cut float64
	// Budget is that of the last calls, 0 for none; Suggested is the same where
	// there is nothing to better.
	Budget, Suggested int
	// Reason says why, for people.
	Reason string
}

const (
	// fewCalls are too few to say anything.
	fewCalls = 20
	// ceiling is the largest budget that is suggested: results over 10,000 tokens
	// make clients warn or cut, 25,000 is where the first refuse.
	ceiling = 10_000
	// floor is the smallest: below it nothing useful is left after trimming.
	floor = 500
)

// Suggest returns a suggestion for each tool that was called since a day, those
// that would change most first.
func (l *Ledger) Suggest(ctx context.Context, since time.Time) ([]Suggestion, error) {
	type seen struct {
		Total
		results [buckets]int64
	}
	tools := map[toolKey]*seen{}
	err := l.each(ctx, kindTool, since, func(_ string, c counted, sum int64) {
		if len(c.name) != 2 || c.name[1] == unknown || c.name[1] == other {
			return
		}
		k := toolKey{c.name[0], c.name[1]}
		s := tools[k]
		if s == nil {
			s = &seen{}
			tools[k] = s
		}
		if s.add(c.field, sum); c.field >= firstBucket {
			s.results[c.field-firstBucket] += sum
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]Suggestion, 0, len(tools))
	for k, s := range tools {
		budget, err := l.budgetOf(ctx, k)
		if err != nil {
			return nil, err
		}
		g := Suggestion{Source: k.source, Tool: k.tool, Calls: s.Calls, Budget: budget,
			P50: quantile(&s.results, 0.50), P95: quantile(&s.results, 0.95)}
		if s.Calls > 0 {
			g.Cut = float64(s.Cut) / float64(s.Calls)
		}
		g.decide()
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), strings.Compare(a.Source, b.Source), strings.Compare(a.Tool, b.Tool))
	})
	return out, nil
}

// weight is how much a suggestion would change.
func (g *Suggestion) weight() int64 {
	return g.Calls * int64(math.Abs(float64(g.Suggested-g.Budget)))
}

// decide sets the suggestion and its reason.
func (g *Suggestion) decide() {
	fitting := min(max(round(g.P95), floor), ceiling)
	g.Suggested = g.Budget
	switch {
	case g.Calls < fewCalls:
		g.Reason = fmt.Sprintf("only %d calls so far: too few to say", g.Calls)
	case g.Budget == 0:
		g.Suggested = fitting
		g.Reason = fmt.Sprintf("there is no budget, and 95 %% of the results have at most %d tokens", g.P95)
	case g.Cut > 0.2 && g.P50 > ceiling:
		g.Reason = fmt.Sprintf("half of the results have more than %d tokens, which no budget helps: keep less of them (fields, drop), or a smaller page by default", ceiling)
	case g.Cut > 0.05 && fitting > g.Budget:
		g.Suggested = fitting
		g.Reason = fmt.Sprintf("%.0f %% of the results were cut, and 95 %% have at most %d tokens", 100*g.Cut, g.P95)
	case g.Cut > 0.05:
		g.Reason = fmt.Sprintf("%.0f %% of the results were cut, but a larger budget is more than clients like: keep less of them (fields, drop)", 100*g.Cut)
	case fitting <= g.Budget/2:
		g.Suggested = fitting
		g.Reason = fmt.Sprintf("95 %% of the results have at most %d tokens: a smaller budget bounds what the odd one costs", g.P95)
	default:
		g.Reason = "the budget fits"
	}
}

// quantile returns what a share of the results have at most.
func quantile(results *[buckets]int64, share float64) int {
	var all int64
	for _, n := range results {
		all += n
	}
	need := int64(math.Ceil(float64(all) * share))
	var sum int64
	for i, n := range results {
		if sum += n; sum >= need && sum > 0 {
			return top(i)
		}
	}
	return 0
}

// round rounds up to two digits.
func round(n int) int {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}
