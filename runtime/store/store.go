package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// ErrNotFound says that a key has no value, or none any more.
var ErrNotFound error = fault.New("store", fault.NotFound, "nothing is kept under this key, or not any more")

// ErrClosed says that the store was closed.
var ErrClosed error = fault.New("store", fault.Unavailable, "the store is closed: the gateway is stopping")

const (
	// MaxKey is the longest key, in bytes.
	MaxKey = 512
	// MaxValue is the largest value, in bytes.
	MaxValue = 16 << 20
	// MaxPage is the most keys or counters that one call lists.
	MaxPage = 10_000
)

// Store is where state is kept. Keys are text of 1 to 512 bytes in UTF-8 without
// NUL, by convention "room/kind/id"; values are bytes of up to 16 MiB. A TTL of 0
// keeps a value for good, and one below a millisecond counts as that. All methods
// are safe for concurrent use, by several gateways too.
//
// Errors are *fault.Error: Invalid and TooLarge for what can't be a key, value or
// TTL, Unavailable where the store can't be reached, Canceled and Timeout for the
// context's. No error names a value or a password.
type Store interface {
	// Get returns a key's value, or ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Set writes a value, and what its TTL is from now on.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Create writes a value if the key has none, and reports whether it did.
	Create(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error)
	// Swap replaces a value that is still old, and reports whether it was.
	Swap(ctx context.Context, key string, old, new []byte, ttl time.Duration) (bool, error)
	// Take returns a key's value and deletes it: of several that try, one gets it
	// and the others ErrNotFound.
	Take(ctx context.Context, key string) ([]byte, error)
	// Delete deletes a key's value and its counter; one without is no error.
	Delete(ctx context.Context, key string) error
	// Add adds n to a counter, which begins at 0 and lives for ttl from its first
	// use, and returns the sum. A sum that does not fit 64 bits is fault.Invalid
	// and changes nothing.
	Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error)
	// Counters returns the counters whose keys begin with a prefix, in the order
	// of the keys' bytes, from the first after the given key; "" begins. At most
	// limit are returned, and fewer only at the end. The limit is 1 to MaxPage.
	Counters(ctx context.Context, prefix, after string, limit int) ([]Counter, error)
	// Keys returns the keys of values that begin with a prefix, in the same way.
	Keys(ctx context.Context, prefix, after string, limit int) ([]string, error)
	// Close releases what the store holds and waits for it. All other methods
	// return ErrClosed from then on; closing again does nothing.
	Close() error
}

// Counter is a counter's key and sum.
type Counter struct {
	Key string
	Sum int64
}

// Options say how a store works. The zero value is good.
type Options struct {
	// Logger takes what goes wrong in the background; nil for none.
	Logger *slog.Logger
	// MaxBytes bounds what Memory holds, keys included; 0 takes 256 MiB. What does
	// not fit is refused (fault.TooLarge), never dropped.
	MaxBytes int64
	// Sweep is how often SQLite deletes what has expired; 0 takes a minute.
	Sweep time.Duration
	// Prefix begins every key that Redis gets, so that several gateways can share
	// a server; "" takes "bridge".
	Prefix string
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// checkKey refuses what can't be a key.
func checkKey(op, key string) error {
	switch {
	case key == "":
		return fault.New(op, fault.Invalid, "a key must not be empty")
	case len(key) > MaxKey:
		return fault.New(op, fault.TooLarge, fmt.Sprintf("a key has at most %d bytes, and this one has %d", MaxKey, len(key)))
	case !utf8.ValidString(key), strings.IndexByte(key, 0) >= 0:
		return fault.New(op, fault.Invalid, "a key must be valid UTF-8 without NUL")
	}
	return nil
}

// checkWrite refuses what can't be kept.
func checkWrite(op, key string, value []byte, ttl time.Duration) error {
	if err := checkKey(op, key); err != nil {
		return err
	}
	if len(value) > MaxValue+sealing {
		return fault.New(op, fault.TooLarge, fmt.Sprintf("a value has at most %d bytes, and this one has %d", MaxValue, len(value)))
	}
	return checkTTL(op, ttl)
}

func checkTTL(op string, ttl time.Duration) error {
	if ttl < 0 {
		return fault.New(op, fault.Invalid, "a TTL must not be negative: 0 keeps a value for good")
	}
	return nil
}

// checkPage refuses what can't be listed.
func checkPage(op, prefix, after string, limit int) error {
	if limit < 1 || limit > MaxPage {
		return fault.New(op, fault.Invalid, fmt.Sprintf("a page has 1 to %d entries", MaxPage))
	}
	for _, text := range []string{prefix, after} {
		if text != "" {
			if err := checkKey(op, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// milliseconds is a TTL rounded up.
func milliseconds(ttl time.Duration) int64 {
	return int64((ttl + time.Millisecond - 1) / time.Millisecond)
}

// stopped returns the error of a context that has ended, else nil.
func stopped(op string, ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(op, fault.KindOf(err), "the request ended before its state was read or written", err)
	}
	return nil
}

// overflow says that a counter is full.
func overflow(op string) error {
	return fault.New(op, fault.Invalid, "the counter's sum does not fit 64 bits, and was left as it is")
}
