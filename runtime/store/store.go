package store

import (
	"context"
	"errors"
	"time"
)

// ErrNotFound says that a key has no value, or none any more.
var ErrNotFound = errors.New("store: not found")

// Store is where state is kept. Keys are text of up to 512 bytes, by convention
// "room/kind/id"; values are bytes of up to 16 MiB. A TTL of 0 keeps a value for
// good. All methods are safe for concurrent use, by several gateways too.
type Store interface {
	// Get returns a key's value, or ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Set writes a value.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Create writes a value if the key has none, and reports whether it did.
	Create(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error)
	// Swap replaces a value that is still old, and reports whether it was.
	Swap(ctx context.Context, key string, old, new []byte, ttl time.Duration) (bool, error)
	// Take returns a key's value and deletes it: of several that try, one gets it.
	Take(ctx context.Context, key string) ([]byte, error)
	// Delete deletes a key; one without a value is no error.
	Delete(ctx context.Context, key string) error
	// Add adds n to a counter, which begins at 0 and lives for ttl from its first
	// use, and returns the sum.
	Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error)
	// Counters returns the counters below a prefix, in the order of their keys, of
	// which the first is after the given one; "" begins. At most limit are
	// returned.
	Counters(ctx context.Context, prefix, after string, limit int) ([]Counter, error)
	// Keys returns the keys of values below a prefix, in the same way.
	Keys(ctx context.Context, prefix, after string, limit int) ([]string, error)
	// Close releases what the store holds.
	Close() error
}

// Counter is a counter's key and sum.
type Counter struct {
	Key string
	Sum int64
}
