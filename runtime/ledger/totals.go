package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// By says by what totals are summed up.
type By string

// What totals can be summed up by.
const (
	ByTool     By = "tool"
	BySource   By = "source"
	ByCaller   By = "caller"
	BySession  By = "session"  // of the last week; under digests of their ids
	ByDay      By = "day"      // in UTC, as 2006-01-02
	ByEndpoint By = "endpoint" // lists of tools alone
)

// Total is what calls cost under one name.
type Total struct {
	Name   string // of the tool, source, caller, session, day or endpoint
	Source string // of a tool
	Calls  int64
	Failed int64 // of the calls: errors, and results that say so
	Cut    int64 // of the calls: results of which something was cut
	// Before and After are tokens of results as they came and as they went on.
	Before, After int64
	// Lists is how often the tools were listed, which cost ListTokens.
	Lists, ListTokens int64
}

// Totals returns what was counted since a day, the costliest first. It flushes
// first, so that nothing is missing, and covers all gateways that share the
// store. At most the days that are remembered are looked at.
func (l *Ledger) Totals(ctx context.Context, by By, since time.Time) ([]Total, error) {
	kinds, ok := map[By][]string{
		ByTool: {kindTool}, BySource: {kindTool}, ByCaller: {kindCaller}, BySession: {kindSession},
		ByDay: {kindTool, kindEndpoint}, ByEndpoint: {kindEndpoint},
	}[by]
	if !ok {
		return nil, fault.New("ledger.totals", fault.Invalid, fmt.Sprintf("costs can't be summed up by %q: by tool, source, caller, session, day or endpoint", fault.Clip(string(by), 40)))
	}
	sums := map[toolKey]*Total{}
	for _, kind := range kinds {
		err := l.each(ctx, kind, since, func(date string, c counted, sum int64) {
			name := toolKey{tool: c.name[len(c.name)-1]}
			switch by {
			case ByTool:
				name.source = c.name[0]
			case BySource:
				name.tool = c.name[0]
			case ByDay:
				name.tool = date
			}
			t := sums[name]
			if t == nil {
				t = &Total{Name: name.tool, Source: name.source}
				sums[name] = t
			}
			t.add(c.field, sum)
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]Total, 0, len(sums))
	for _, t := range sums {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Total) int {
		return cmp.Or(cmp.Compare(b.After+b.ListTokens, a.After+a.ListTokens), cmp.Compare(b.Calls, a.Calls),
			strings.Compare(a.Source, b.Source), strings.Compare(a.Name, b.Name))
	})
	return out, nil
}

func (t *Total) add(field int, sum int64) {
	if field < firstBucket {
		*[...]*int64{&t.Calls, &t.Failed, &t.Cut, &t.Before, &t.After, &t.Lists, &t.ListTokens}[field] += sum
	}
}

// each flushes, and hands every counter of a kind since a day to a function.
func (l *Ledger) each(ctx context.Context, kind string, since time.Time, f func(date string, c counted, sum int64)) error {
	if err := l.Flush(ctx); err != nil {
		return err
	}
	now := l.opts.Now()
	if first := now.Add(-l.opts.Keep); since.Before(first) {
		since = first
	}
	last := dateOf(now)
	for at := since; dateOf(at) <= last; at = at.Add(24 * time.Hour) {
		date := dateOf(at)
		if err := l.eachOf(ctx, prefix(kind, date), func(c counted, sum int64) { f(date, c, sum) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) eachOf(ctx context.Context, prefix string, f func(c counted, sum int64)) error {
	const page = 1000
	for after := ""; ; {
		list, err := l.store.Counters(ctx, prefix, after, page)
		if err != nil {
			return err
		}
		for _, counter := range list {
			if c, ok := parseKey(strings.TrimPrefix(counter.Key, prefix)); ok {
				f(c, counter.Sum)
			}
		}
		if len(list) < page {
			return nil
		}
		after = list[len(list)-1].Key
	}
}

// budgetOf returns the budget that a tool's calls had last; 0 for none.
func (l *Ledger) budgetOf(ctx context.Context, k toolKey) (int, error) {
	raw, err := l.store.Get(ctx, budgetKey(k))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, _ := strconv.Atoi(string(raw))
	return n, nil
}
