//go:build unix

package chaos_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// tally is what came of the cycles of one fault.
type tally struct {
	cycles, struck, answered, refused int
	slowest, recovery                 time.Duration
}

// table counts per form and fault, and keeps what callers were told.
type table struct {
	mu    sync.Mutex
	rows  map[string]*tally
	texts map[string]string // an error's text without its names and numbers → an example
}

func (t *table) row(l *lane) *tally {
	if t.rows == nil {
		t.rows, t.texts = map[string]*tally{}, map[string]string{}
	}
	key := fmt.Sprintf("%-9s %-9s", l.form, l.fault)
	if t.rows[key] == nil {
		t.rows[key] = &tally{}
	}
	return t.rows[key]
}

var varies = regexp.MustCompile(`\(call \w+\)|[\d.]+m?s\b|\d+|"[^"]*"`)

// note counts a call.
func (t *table) note(l *lane, a answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row := t.row(l)
	row.slowest = max(row.slowest, a.took)
	if a.ok {
		row.answered++
		return
	}
	row.refused++
	t.texts[varies.ReplaceAllString(a.text, "…")] = a.text
}

// recovered counts a cycle.
func (t *table) recovered(l *lane, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row := t.row(l)
	row.cycles++
	row.recovery = max(row.recovery, took)
}

// struck counts whether a cycle's fault has struck.
func (t *table) struck(l *lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.hit() {
		t.row(l).struck++
	}
}

// missed returns the rows whose faults did not strike in half of their cycles.
func (t *table) missed() []string {
	var rows []string
	for key, r := range t.rows {
		if 2*r.struck < r.cycles {
			rows = append(rows, key)
		}
	}
	return rows
}

// String returns the table as text.
func (t *table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-9s %-9s %7s %7s %9s %8s %10s %10s\n", "server", "fault", "cycles", "struck", "answered", "refused", "slowest", "recovery")
	var sum tally
	for _, key := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[key]
		fmt.Fprintf(&b, "%s %7d %7d %9d %8d %10v %10v\n", key, r.cycles, r.struck, r.answered, r.refused, r.slowest.Round(time.Millisecond), r.recovery.Round(time.Millisecond))
		sum.cycles, sum.struck, sum.answered, sum.refused = sum.cycles+r.cycles, sum.struck+r.struck, sum.answered+r.answered, sum.refused+r.refused
		sum.slowest, sum.recovery = max(sum.slowest, r.slowest), max(sum.recovery, r.recovery)
	}
	fmt.Fprintf(&b, "%-19s %7d %7d %9d %8d %10v %10v\n", "all", sum.cycles, sum.struck, sum.answered, sum.refused, sum.slowest.Round(time.Millisecond), sum.recovery.Round(time.Millisecond))
	return b.String()
}

// told returns an example of each text that callers were told.
func (t *table) told() string { return strings.Join(slices.Sorted(maps.Values(t.texts)), "\n") }
