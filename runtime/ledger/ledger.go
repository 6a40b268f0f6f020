package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// Options say how a Ledger works. The zero value is good.
type Options struct {
	// Store takes the counters; nil keeps them in memory alone. It is not closed.
	Store store.Store
	// Every is how often counters go to the store; 0 takes 5 seconds.
	Every time.Duration
	// Keep is for how long a day is remembered; 0 takes 90 days. Sessions are
	// remembered for a week at most.
	Keep time.Duration
	// MaxSeries bounds the callers, the sessions, the tools and the endpoints of a
	// day, each; 0 takes 2,000.
	MaxSeries int
	// Now tells the time; nil takes the clock's. Days are those of UTC.
	Now func() time.Time
	// Logger takes what could not be written; nil for none.
	Logger *slog.Logger
}

// Ledger counts calls. It is safe for concurrent use.
type Ledger struct {
	opts    Options
	store   store.Store
	owned   bool // the store is the ledger's own
	logger  *slog.Logger
	current atomic.Pointer[day]

	flushing sync.Mutex // held while counters go to the store; guards what follows
	former   []*day     // days that have ended, until they are all in the store
	budgets  map[toolKey]int64
	told     time.Time // when a failure was logged last

	stop   context.CancelFunc
	writer sync.WaitGroup
	once   sync.Once
	closed error
}

// New returns a ledger. Close ends it.
func New(o Options) *Ledger {
	o.Every = cmp.Or(o.Every, 5*time.Second)
	o.Keep = cmp.Or(o.Keep, 90*24*time.Hour)
	o.MaxSeries = cmp.Or(o.MaxSeries, 2000)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Ledger{opts: o, store: o.Store, logger: o.Logger, budgets: map[toolKey]int64{}}
	if l.store == nil {
		l.store, l.owned = store.Memory(store.Options{}), true
	}
	l.current.Store(newDay(dateOf(o.Now()), o.MaxSeries))
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.writer.Go(func() { l.run(ctx) })
	return l
}

// run flushes every few seconds.
func (l *Ledger) run(ctx context.Context) {
	tick := time.NewTicker(l.opts.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.report(l.Flush(ctx))
		}
	}
}

// report logs a failure to write, once a minute.
func (l *Ledger) report(err error) {
	l.flushing.Lock()
	defer l.flushing.Unlock()
	if now := time.Now(); err != nil && now.Sub(l.told) >= time.Minute {
		l.told = now
		l.logger.Warn("the token ledger could not be written; it is tried again", "error", err)
	}
}

// closeTime is how long the last flush may take.
const closeTime = 5 * time.Second

// Close writes what was counted and ends the ledger. What is counted later is
// lost.
func (l *Ledger) Close() error {
	l.once.Do(func() {
		l.stop()
		l.writer.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		l.closed = l.Flush(ctx)
		if l.owned {
			l.closed = cmp.Or(l.closed, l.store.Close())
		}
	})
	return l.closed
}

// Middleware returns the pipeline's meter stage: it counts each call once it is
// done. It stands around the shape stage, which sets call.Result.Tokens.
func (l *Ledger) Middleware() call.Middleware {
	return func(next call.Handler) call.Handler {
		return func(ctx context.Context, c *call.Call) (*call.Result, error) {
			res, err := next(ctx, c)
			l.count(c, res)
			return res, err
		}
	}
}

// trimmed is the key of "_meta" that a result has where something was cut.
const trimmed = "bridge/trimmed"

// count adds a call; res is nil for one that failed.
func (l *Ledger) count(c *call.Call, res *call.Result) {
	d := l.current.Load()
	key := toolKey{tool: unknown}
	if c.Tool != nil {
		key = toolKey{c.Source, c.Tool.Name}
	}
	t := d.tools.of(key)
	t.add(c, res)
	if res != nil {
		t.counts[firstBucket+bucketOf(res.Tokens.Before)].Add(1)
	}
	if c.Budget != 0 {
		t.budget.Store(int64(c.Budget))
	}
	d.callers.of(c.Caller.ID).add(c, res)
	if c.Caller.Session != "" {
		d.sessions.of(c.Caller.Session).add(c, res)
	}
}

// Listed counts a list of tools that a caller was given, by what it costs.
func (l *Ledger) Listed(caller call.Caller, endpoint string, tokens int) {
	d := l.current.Load()
	d.endpoints.of(endpoint).list(tokens)
	d.callers.of(caller.ID).list(tokens)
	if caller.Session != "" {
		d.sessions.of(caller.Session).list(tokens)
	}
}

// Names that stand for several, or for none.
const (
	other     = "(other)"
	unknown   = "(unknown)"
	anonymous = "(anonymous)"
)

// sessionName is what a session is called: its id is a secret.
func sessionName(id string) string {
	sum := sha256.Sum256([]byte("bridge ledger session\x00" + id))
	return hex.EncodeToString(sum[:6])
}
