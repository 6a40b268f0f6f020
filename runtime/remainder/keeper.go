package remainder

import (
	"cmp"
	"container/list"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// Options say how a Keeper works. All but the counter may be zero.
type Options struct {
	// Counter counts tokens; needed.
	Counter shape.Counter
	// Store takes what memory has no room for; nil keeps results in memory alone.
	// Results may have anything in them: give it sealed (store.Sealed) where it is
	// not as safe as the gateway's memory. The keeper does not close it.
	Store store.Store
	// Shared says that other gateways use the store and answer for this one.
	Shared bool
	// Passing says that nobody can read the store's results once this gateway has
	// ended, as their key ends with it: Close moves none there.
	Passing bool
	// MaxBytes bounds the results in memory; 0 takes 64 MiB.
	MaxBytes int
	// MaxEntry bounds one result; 0 takes 16 MiB. Larger ones are not kept.
	MaxEntry int
	// TTL is how long a result is kept; 0 takes 30 minutes.
	TTL time.Duration
	// Budget is what a page may cost where the call has no budget: 0 takes 5,000
	// tokens.
	Budget int
	// Logger takes what could not be kept; nil for none.
	Logger *slog.Logger
}

// Keeper keeps whole results that were trimmed, and reads them out in parts. It
// is safe for concurrent use.
type Keeper struct {
	opts   Options
	logger *slog.Logger

	mu      sync.Mutex
	entries map[string]*entry
	used    *list.List // of *entry in memory; those read last in front
	age     *list.List // of *entry in memory; the oldest in front
	bytes   int
	moving  []*entry // wait to be written to the store; still in entries
	waiting int      // bytes of those
	closed  bool
	told    time.Time // when drops were logged last

	wake    chan struct{}
	stop    context.CancelFunc
	writer  sync.WaitGroup
	dropped atomic.Int64
}

// entry is one kept result.
type entry struct {
	handle  string
	owner   owner
	result  *call.Result
	parts   func() []part // of the result, taken apart once
	size    int
	expires time.Time
	stored  bool          // the store has it too
	use     *list.Element // nil once it has left memory's lists
	aged    *list.Element
}

// owner is who may read: a digest of what a caller is known by.
type owner [sha256.Size]byte

func ownerOf(c call.Caller) owner {
	switch {
	case c.ID != "":
		return sha256.Sum256([]byte("caller\x00" + c.ID))
	case c.Session != "":
		return sha256.Sum256([]byte("session\x00" + c.Session))
	}
	return sha256.Sum256([]byte("anonymous"))
}

// New returns a keeper. Close ends it.
func New(o Options) *Keeper {
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	o.MaxEntry = cmp.Or(o.MaxEntry, 16<<20)
	o.TTL = cmp.Or(o.TTL, 30*time.Minute)
	o.Budget = cmp.Or(o.Budget, 5000)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{opts: o, logger: o.Logger, entries: map[string]*entry{}, used: list.New(), age: list.New(), wake: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	k.stop = stop
	if o.Store != nil {
		k.writer.Go(func() { k.spill(ctx) })
	}
	return k
}

// Hook returns what shaping asks to keep a result (shape.Options.Keep). What
// can't be kept is logged, and the notice then names no handle.
func (k *Keeper) Hook() shape.Keep {
	return func(ctx context.Context, c *call.Call, res *call.Result) string {
		if c.Tool != nil && c.Source == Name && c.Tool.Name == shape.ReadTool {
			return "" // what a page was cut from is kept already
		}
		handle, err := k.Keep(ctx, c.Caller, res)
		if err != nil {
			k.logger.WarnContext(ctx, "a trimmed result was not kept", "call", c.ID, "tool", c.Name, "error", err)
		}
		return handle
	}
}

// Keep keeps a result for its caller and returns the handle to it. Errors are
// TooLarge for a result over MaxEntry, Unavailable after Close, and, with Shared,
// the store's.
func (k *Keeper) Keep(ctx context.Context, caller call.Caller, res *call.Result) (string, error) {
	const op = "remainder.keep"
	e := &entry{
		handle: newHandle(), owner: ownerOf(caller), expires: time.Now().Add(k.opts.TTL), size: sizeOf(res),
		result: &call.Result{Content: res.Content, Structured: res.Structured, IsError: res.IsError},
	}
	e.parts = sync.OnceValue(func() []part { return partsOf(e.result) })
	if e.size > k.opts.MaxEntry {
		return "", fault.New(op, fault.TooLarge, fmt.Sprintf("the result has %d bytes, and at most %d are kept", e.size, k.opts.MaxEntry))
	}
	if k.opts.Shared && k.opts.Store != nil {
		if err := k.write(ctx, e); err != nil {
			return "", err // a handle that only this replica knows would be a trap
		}
		e.stored = true
	}
	if !k.admit(e) {
		return "", fault.New(op, fault.Unavailable, "the gateway is stopping")
	}
	return e.handle, nil
}

// admit takes an entry into memory, and moves others out to make room.
func (k *Keeper) admit(e *entry) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false
	}
	if before := k.entries[e.handle]; before != nil {
		return true // somebody else read it from the store meanwhile
	}
	k.entries[e.handle] = e
	e.use, e.aged = k.used.PushFront(e), k.age.PushBack(e)
	k.bytes += e.size
	now := time.Now()
	for f := k.age.Front(); f != nil && !f.Value.(*entry).expires.After(now); f = k.age.Front() {
		k.remove(f.Value.(*entry))
	}
	for k.bytes > k.opts.MaxBytes && k.used.Len() > 1 {
		k.evict(k.used.Back().Value.(*entry))
	}
	return true
}

// leave takes an entry out of memory's lists.
func (k *Keeper) leave(e *entry) {
	if e.use != nil {
		k.used.Remove(e.use)
		k.age.Remove(e.aged)
		e.use, e.aged = nil, nil
		k.bytes -= e.size
	}
}

func (k *Keeper) remove(e *entry) {
	k.leave(e)
	delete(k.entries, e.handle)
}

// evict moves an entry to the store, or drops it where that is impossible or has
// too much before it.
func (k *Keeper) evict(e *entry) {
	k.leave(e)
	switch {
	case e.stored:
		delete(k.entries, e.handle)
	case k.opts.Store == nil, k.waiting+e.size > k.opts.MaxBytes:
		delete(k.entries, e.handle)
		k.drop("memory is full", 1, nil)
	default:
		k.moving = append(k.moving, e)
		k.waiting += e.size
		select {
		case k.wake <- struct{}{}:
		default:
		}
	}
}

// drop counts what can't be read any more before its time, and logs it once a
// minute.
func (k *Keeper) drop(why string, n int, err error) {
	all := k.dropped.Add(int64(n))
	if now := time.Now(); now.Sub(k.told) >= time.Minute {
		k.told = now
		k.logger.Warn("trimmed results were dropped before they expired: give the gateway a store, or more memory for them",
			"why", why, "dropped since the start", all, "error", err)
	}
}

// Stats is what a keeper holds.
type Stats struct {
	Results int   // in memory
	Bytes   int   // of those
	Waiting int   // on their way to the store
	Dropped int64 // since the start: lost before they expired
}

// Stats returns what the keeper holds now.
func (k *Keeper) Stats() Stats {
	k.mu.Lock()
	defer k.mu.Unlock()
	return Stats{Results: k.used.Len(), Bytes: k.bytes, Waiting: len(k.moving), Dropped: k.dropped.Load()}
}

// find returns the parts of a result by its handle, if it is the caller's.
func (k *Keeper) find(ctx context.Context, caller call.Caller, handle string) ([]part, error) {
	k.mu.Lock()
	e := k.entries[handle]
	if e != nil && e.use != nil {
		k.used.MoveToFront(e.use)
	}
	k.mu.Unlock()
	if e == nil && k.opts.Store != nil {
		var err error
		if e, err = k.load(ctx, handle); err != nil {
			return nil, err
		}
		if e != nil {
			k.admit(e)
		}
	}
	if e == nil || e.owner != ownerOf(caller) || !e.expires.After(time.Now()) {
		return nil, fault.New("remainder.read", fault.NotFound, fmt.Sprintf(
			"there is no result %q to read: results are kept for %s, for the caller that they were made for. Call the tool again", handle, k.opts.TTL))
	}
	return e.parts(), nil
}

// sizeOf is about what a result takes in memory.
func sizeOf(res *call.Result) int {
	n := 256 + len(res.Structured)
	for _, b := range res.Content {
		n += 128 + len(b.Text) + len(b.Raw) + len(b.Extra)
	}
	return n
}
