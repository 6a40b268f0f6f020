package ledger

import (
	"cmp"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// What a series counts.
const (
	calls = iota
	failed
	cut
	before
	after
	lists
	listTokens
	firstBucket // of the histogram of what results cost before trimming
)

// fieldNames are the counts' names in the store, but for the buckets'.
var fieldNames = [firstBucket]string{"calls", "failed", "cut", "before", "after", "lists", "listed"}

// buckets is how many the histogram has: the borders grow by √2 from 1 to 2²⁴.
const buckets = 50

// bucketOf returns the bucket of a number of tokens: 0 for none, and then two for
// each power of 2.
func bucketOf(n int) int {
	if n <= 0 {
		return 0
	}
	power := bits.Len(uint(n)) - 1
	i := 1 + 2*power
	if n >= middle(power) {
		i++
	}
	return min(i, buckets-1)
}

// middle is the least whole number that is 2^power·√2 or more.
func middle(power int) int {
	const scale = 1 << 20
	const root = 1482911 // √2 in 1/scale, rounded up
	return (root<<power + scale - 1) / scale
}

// top is the largest number of tokens of a bucket.
func top(bucket int) int {
	if bucket == 0 {
		return 0
	}
	power := (bucket - 1) / 2
	if bucket%2 == 1 {
		return max(middle(power)-1, 1<<power)
	}
	return 2<<power - 1
}

// series is what is counted under one name. counts are only added to.
type series struct {
	name    []string // of the key in the store
	counts  []atomic.Int64
	budget  atomic.Int64 // that the last call had
	written []int64      // what of the counts is in the store; the flusher's
}

func newSeries(fields int, name ...string) *series {
	return &series{name: name, counts: make([]atomic.Int64, fields), written: make([]int64, fields)}
}

func (s *series) add(c *call.Call, res *call.Result) {
	s.counts[calls].Add(1)
	if res == nil {
		s.counts[failed].Add(1)
		return
	}
	if res.IsError {
		s.counts[failed].Add(1)
	}
	if len(res.Meta) > 0 {
		if _, ok := res.Meta[trimmed]; ok {
			s.counts[cut].Add(1)
		}
	}
	s.counts[before].Add(int64(res.Tokens.Before))
	s.counts[after].Add(int64(res.Tokens.After))
}

func (s *series) list(tokens int) {
	s.counts[lists].Add(1)
	s.counts[listTokens].Add(int64(tokens))
}

// toolKey names a tool.
type toolKey struct{ source, tool string }

// table is the series of one kind on one day, so many and no more.
type table[K comparable] struct {
	limit int
	make  func(K) *series
	other *series

	mu   sync.RWMutex
	rows map[K]*series
}

// of returns the series of a name; that of all others if there are too many.
func (t *table[K]) of(key K) *series {
	t.mu.RLock()
	s := t.rows[key]
	t.mu.RUnlock()
	if s != nil {
		return s
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s = t.rows[key]; s != nil {
		return s
	}
	if len(t.rows) >= t.limit {
		return t.other
	}
	s = t.make(key)
	t.rows[key] = s
	return s
}

// all returns every series.
func (t *table[K]) all() []*series {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := make([]*series, 0, len(t.rows)+1)
	for _, s := range t.rows {
		out = append(out, s)
	}
	return append(out, t.other)
}

// day is what is counted on one day.
type day struct {
	date                         string
	tools                        *table[toolKey]
	callers, sessions, endpoints *table[string]
	ended                        int // flushes since it ended
}

// The kinds of series, as they stand in keys.
const (
	kindTool     = "tool"
	kindCaller   = "caller"
	kindSession  = "session"
	kindEndpoint = "endpoint"
)

func newDay(date string, limit int) *day {
	return &day{
		date: date,
		tools: &table[toolKey]{limit: limit, rows: map[toolKey]*series{}, other: newSeries(firstBucket+buckets, kindTool, other, other),
			make: func(k toolKey) *series { return newSeries(firstBucket+buckets, kindTool, k.source, k.tool) }},
		callers:   named(kindCaller, limit, func(id string) string { return cmp.Or(id, anonymous) }),
		sessions:  named(kindSession, limit, sessionName),
		endpoints: named(kindEndpoint, limit, func(path string) string { return cmp.Or(path, "/") }),
	}
}

func named(kind string, limit int, name func(string) string) *table[string] {
	return &table[string]{limit: limit, rows: map[string]*series{}, other: newSeries(firstBucket, kind, other),
		make: func(key string) *series { return newSeries(firstBucket, kind, name(key)) }}
}

func (d *day) all() []*series {
	out := d.tools.all()
	out = append(out, d.callers.all()...)
	out = append(out, d.sessions.all()...)
	return append(out, d.endpoints.all()...)
}

// dateOf is the date of a time, which is also the order of days.
func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }
