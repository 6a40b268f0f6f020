package gateway

import (
	linked "container/list"
	"context"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// MetaCached is the member of a result's "_meta" that says that it was kept, and
// for how many seconds: {"age": 12}.
const MetaCached = "bridge/cached"

// Bounds of what is kept, in bytes, and of who is known to have changed something.
const (
	maxCached    = 64 << 20
	maxCachedOne = maxCached / 8
	cachedCost   = 512 // of an entry, besides its result
	maxWriters   = 10_000
)

// cache keeps results of tools that only read, for those who call them again: as
// their source gave them, so that callers with other budgets share them. What a
// caller changes at a source makes it forget what he has read there.
type cache struct {
	used    atomic.Bool // once anything was kept, or is about to be
	mu      sync.Mutex
	at      map[cacheKey]*linked.Element
	order   linked.List // of kept; front: used last
	bytes   int
	flights map[cacheKey]*flight
	writes  map[cacheScope]uint64 // how often something was changed
	epoch   uint64                // of writes, which are forgotten when there are too many
	stats   CacheStats
}

// CacheStats says what the cache was good for.
type CacheStats struct {
	Hits   int64 `json:"hits"`   // calls that were answered from it
	Shared int64 `json:"shared"` // calls that were answered with another's that was under way
	Misses int64 `json:"misses"` // calls that went to their source
	Bytes  int   `json:"bytes"`
}

// cacheScope is what one caller does at one source.
type cacheScope struct{ source, caller, session string }

type cacheKey struct {
	cacheScope
	writes    uint64
	epoch     uint64
	origin    origin // a tool that was loaded anew is another
	endpoint  string
	arguments [sha256.Size]byte
}

type kept struct {
	key    cacheKey
	res    *call.Result
	size   int
	at     time.Time
	expiry time.Time
}

// flight is a call under way that others wait for. Once done, res is nil if the
// result is for its own caller alone.
type flight struct {
	done chan struct{}
	res  *call.Result
}

// Cached says what the results that are kept were good for so far.
func (g *Gateway) Cached() CacheStats {
	g.cache.mu.Lock()
	defer g.cache.mu.Unlock()
	stats := g.cache.stats
	stats.Bytes = g.cache.bytes
	return stats
}

// keepResults is the stage that keeps results, where the tool's shaping says so.
func (g *Gateway) keepResults(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		switch {
		case !c.Tool.Annotations.ReadOnly:
			res, err := next(ctx, c)
			g.cache.wrote(scopeOf(ctx, c))
			return res, err
		case c.Tool.Shaping == nil || c.Tool.Shaping.Cache <= 0 || len(c.Extra) > 0:
			return next(ctx, c)
		}
		return g.cache.call(ctx, c, next)
	}
}

func scopeOf(ctx context.Context, c *call.Call) cacheScope {
	scope := cacheScope{source: c.Source, caller: c.Caller.ID}
	if c.Caller.ID == "" && entryOf(ctx).origin.mount.Isolated {
		scope.session = c.Caller.Session // which is who has a server of his own
	}
	return scope
}

// call answers a call by what is kept, by an equal call that is under way, or by
// the source.
func (k *cache) call(ctx context.Context, c *call.Call, next call.Handler) (*call.Result, error) {
	key := cacheKey{cacheScope: scopeOf(ctx, c), origin: entryOf(ctx).origin, endpoint: c.Endpoint, arguments: sha256.Sum256(canonical(c.Arguments))}
	res, own, other := k.look(&key)
	switch {
	case res != nil:
		return res, nil
	case own != nil:
		return k.fly(ctx, key, own, c, next)
	}
	select {
	case <-other.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if other.res == nil {
		return next(ctx, c) // how another's call failed says nothing of this one
	}
	k.mu.Lock()
	k.stats.Shared++
	k.mu.Unlock()
	return marked(other.res, 0), nil
}

// look returns what is kept for a key, or a new flight, which the caller is to
// make, or another's. It completes the key.
func (k *cache) look(key *cacheKey) (res *call.Result, own, other *flight) {
	k.used.Store(true)
	k.mu.Lock()
	defer k.mu.Unlock()
	key.writes, key.epoch = k.writes[key.cacheScope], k.epoch
	now := time.Now()
	if e, ok := k.at[*key]; ok {
		one := e.Value.(*kept)
		if now.Before(one.expiry) {
			k.stats.Hits++
			k.order.MoveToFront(e)
			return marked(one.res, now.Sub(one.at)), nil, nil
		}
		k.drop(e)
	}
	if f, ok := k.flights[*key]; ok {
		return nil, nil, f
	}
	if k.flights == nil {
		k.flights, k.at = map[cacheKey]*flight{}, map[cacheKey]*linked.Element{}
	}
	k.stats.Misses++
	f := &flight{done: make(chan struct{})}
	k.flights[*key] = f
	return nil, f, nil
}

// fly calls the source for all who wait.
func (k *cache) fly(ctx context.Context, key cacheKey, f *flight, c *call.Call, next call.Handler) (*call.Result, error) {
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.flights, key)
		if f.res != nil {
			k.keep(key, f.res, time.Duration(c.Tool.Shaping.Cache)*time.Second)
		}
		close(f.done)
	}()
	res, err := next(ctx, c)
	if err == nil && res != nil && !res.IsError && isComplete(res) {
		f.res = res
	}
	return res, err
}

// isComplete reports whether a result is the whole answer, and not a task, or a
// question to the client.
func isComplete(res *call.Result) bool {
	for name, value := range res.Extra {
		if name != "resultType" || string(value) != `"complete"` {
			return false
		}
	}
	return true
}

// keep keeps a result, unless something was changed since it was asked for.
func (k *cache) keep(key cacheKey, res *call.Result, life time.Duration) {
	size := sizeOf(res)
	if size > maxCachedOne || key.writes != k.writes[key.cacheScope] || key.epoch != k.epoch {
		return
	}
	if e, ok := k.at[key]; ok {
		k.drop(e)
	}
	now := time.Now()
	k.at[key] = k.order.PushFront(&kept{key, res, size, now, now.Add(life)})
	k.bytes += size
	for k.bytes > maxCached {
		k.drop(k.order.Back())
	}
}

func (k *cache) drop(e *linked.Element) {
	one := k.order.Remove(e).(*kept)
	delete(k.at, one.key)
	k.bytes -= one.size
}

// wrote notes that a caller may have changed something at a source: what was read
// there before is not what is there now.
func (k *cache) wrote(scope cacheScope) {
	if !k.used.Load() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.writes == nil || len(k.writes) >= maxWriters {
		k.writes = map[cacheScope]uint64{}
		k.epoch++
	}
	k.writes[scope]++ // by which nothing that is kept is found; the least used makes room
}

func sizeOf(res *call.Result) int {
	size := cachedCost + len(res.Structured)
	for i := range res.Content {
		b := &res.Content[i]
		size += len(b.Text) + len(b.Raw) + len(b.Extra)
	}
	for key, value := range res.Meta {
		size += len(key) + len(value)
	}
	return size
}

// marked returns a result that says how old it is.
func marked(res *call.Result, age time.Duration) *call.Result {
	out := *res
	value := append(strconv.AppendInt([]byte(`{"age":`), int64(age/time.Second), 10), '}')
	out.Meta = withMember(res.Meta, MetaCached, json.RawMessage(value))
	return &out
}
