package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// sessionKeep is for how long sessions are remembered at most.
const sessionKeep = 7 * 24 * time.Hour

// Flush writes what was counted to the store. What could not be written stays,
// and the next flush tries again.
func (l *Ledger) Flush(ctx context.Context) error {
	l.flushing.Lock()
	defer l.flushing.Unlock()
	if today := dateOf(l.opts.Now()); l.current.Load().date != today {
		l.former = append(l.former, l.current.Swap(newDay(today, l.opts.MaxSeries)))
	}
	for len(l.former) > 0 {
		d := l.former[0]
		if err := l.flushDay(ctx, d); err != nil {
			return err
		}
		// A call that began to be counted before the day ended is in the next flush.
		if d.ended++; d.ended < 2 {
			break
		}
		l.former = l.former[1:]
	}
	return l.flushDay(ctx, l.current.Load())
}

func (l *Ledger) flushDay(ctx context.Context, d *day) error {
	for _, s := range d.all() {
		if err := l.flushSeries(ctx, d.date, s); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) flushSeries(ctx context.Context, date string, s *series) error {
	keep := l.opts.Keep
	if s.name[0] == kindSession {
		keep = min(keep, sessionKeep)
	}
	for i := range s.counts {
		sum := s.counts[i].Load()
		if sum == s.written[i] {
			continue
		}
		if _, err := l.store.Add(ctx, key(date, s.name, i), sum-s.written[i], keep); err != nil {
			return err
		}
		s.written[i] = sum
	}
	return l.flushBudget(ctx, s)
}

// flushBudget notes the budget of a tool where it has changed.
func (l *Ledger) flushBudget(ctx context.Context, s *series) error {
	budget := s.budget.Load()
	if budget == 0 {
		return nil
	}
	k := toolKey{s.name[1], s.name[2]}
	if l.budgets[k] == budget {
		return nil
	}
	if len(l.budgets) > 2*l.opts.MaxSeries {
		clear(l.budgets)
	}
	if err := l.store.Set(ctx, budgetKey(k), strconv.AppendInt(nil, budget, 10), l.opts.Keep); err != nil {
		return err
	}
	l.budgets[k] = budget
	return nil
}

// A counter's key is ledger/KIND/DATE/NAME…/FIELD.

const room = "ledger/"

func prefix(kind, date string) string { return room + kind + "/" + date + "/" }

func key(date string, name []string, field int) string {
	var b strings.Builder
	b.WriteString(prefix(name[0], date))
	for _, part := range name[1:] {
		b.WriteString(segment(part))
		b.WriteByte('/')
	}
	if field < firstBucket {
		b.WriteString(fieldNames[field])
	} else {
		fmt.Fprintf(&b, "h%02d", field-firstBucket)
	}
	return b.String()
}

func budgetKey(k toolKey) string {
	return room + "budget/" + segment(k.source) + "/" + segment(k.tool)
}

// maxSegment keeps a key with two names within what a store takes.
const maxSegment = 200

// segment writes a name so that it has no "/"; a long one ends with a digest of
// all of it.
func segment(name string) string {
	out := url.PathEscape(strings.ToValidUTF8(name, "\ufffd"))
	if len(out) <= maxSegment {
		return out
	}
	sum := sha256.Sum256([]byte(name))
	return url.PathEscape(fault.Clip(strings.ToValidUTF8(name, "\ufffd"), maxSegment/4)) + "-" + hex.EncodeToString(sum[:8])
}

// counted is a counter's key taken apart.
type counted struct {
	name  []string
	field int
}

// parseKey reads what follows the prefix of a counter's key; false for what the
// ledger did not write.
func parseKey(rest string) (counted, bool) {
	parts := strings.Split(rest, "/")
	c := counted{name: make([]string, len(parts)-1), field: -1}
	for i := range c.name {
		var err error
		if c.name[i], err = url.PathUnescape(parts[i]); err != nil {
			return c, false
		}
	}
	field := parts[len(parts)-1]
	for i, name := range fieldNames {
		if name == field {
			c.field = i
		}
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(field, "h")); err == nil && len(field) == 3 && n >= 0 && n < buckets {
		c.field = firstBucket + n
	}
	return c, c.field >= 0 && len(c.name) > 0
}
