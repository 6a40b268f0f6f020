package store

import (
	"bytes"
	"container/heap"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Memory returns a store that ends with the process.
func Memory(o Options) Store {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 256 << 20
	}
	return &memory{limit: o.MaxBytes, items: [2]map[string]*item{{}, {}}}
}

// The two spaces of keys.
const (
	values = iota
	counters
)

type memory struct {
	limit int64

	mu     sync.Mutex
	items  [2]map[string]*item // nil once closed
	expiry expiries
	bytes  int64
}

// item is a value or a counter.
type item struct {
	space   int
	key     string
	value   []byte
	sum     int64
	expires time.Time // zero for never
	place   int       // in the expiries; -1 for none
}

// itemCost is about what an item takes beside its bytes.
const itemCost = 160

func (i *item) size() int64 { return int64(len(i.key)+len(i.value)) + itemCost }

// expiries is a heap of the items that expire, the first to go on top.
type expiries []*item

func (e expiries) Len() int           { return len(e) }
func (e expiries) Less(i, j int) bool { return e[i].expires.Before(e[j].expires) }
func (e expiries) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].place, e[j].place = i, j
}
func (e *expiries) Push(x any) {
	i := x.(*item)
	i.place = len(*e)
	*e = append(*e, i)
}
func (e *expiries) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*e = old[:len(old)-1]
	last.place = -1
	return last
}

// enter locks the store and sweeps what has expired.
func (m *memory) enter(op string, ctx context.Context) error {
	if err := stopped(op, ctx); err != nil {
		return err
	}
	m.mu.Lock()
	if m.items[values] == nil {
		m.mu.Unlock()
		return ErrClosed
	}
	for now := time.Now(); len(m.expiry) > 0 && !m.expiry[0].expires.After(now); {
		m.remove(m.expiry[0])
	}
	return nil
}

func (m *memory) remove(i *item) {
	if i.place >= 0 {
		heap.Remove(&m.expiry, i.place)
	}
	delete(m.items[i.space], i.key)
	m.bytes -= i.size()
}

// put takes in an item in the place of the one that its key has.
func (m *memory) put(op string, i *item, ttl time.Duration) error {
	before := m.items[i.space][i.key]
	grown := m.bytes + i.size()
	if before != nil {
		grown -= before.size()
	}
	if grown > m.limit {
		return fault.New(op, fault.TooLarge, fmt.Sprintf("the store in memory is full (%d bytes): configure a store on disk, or Redis", m.limit))
	}
	if before != nil {
		m.remove(before)
	}
	m.items[i.space][i.key] = i
	m.bytes += i.size()
	i.place = -1
	if ttl > 0 {
		i.expires = time.Now().Add(ttl)
		heap.Push(&m.expiry, i)
	}
	return nil
}

func (m *memory) Get(ctx context.Context, key string) ([]byte, error) {
	const op = "store.get"
	if err := checkKey(op, key); err != nil {
		return nil, err
	}
	if err := m.enter(op, ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	i := m.items[values][key]
	if i == nil {
		return nil, ErrNotFound
	}
	return bytes.Clone(i.value), nil
}

func (m *memory) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := m.write("store.set", ctx, key, value, ttl, func(*item) bool { return true })
	return err
}

func (m *memory) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return m.write("store.create", ctx, key, value, ttl, func(before *item) bool { return before == nil })
}

func (m *memory) Swap(ctx context.Context, key string, old, new []byte, ttl time.Duration) (bool, error) {
	return m.write("store.swap", ctx, key, new, ttl, func(before *item) bool {
		return before != nil && bytes.Equal(before.value, old)
	})
}

// write writes a value if what is there allows it.
func (m *memory) write(op string, ctx context.Context, key string, value []byte, ttl time.Duration, allowed func(before *item) bool) (bool, error) {
	if err := checkWrite(op, key, value, ttl); err != nil {
		return false, err
	}
	if err := m.enter(op, ctx); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	if !allowed(m.items[values][key]) {
		return false, nil
	}
	err := m.put(op, &item{space: values, key: key, value: append([]byte{}, value...)}, ttl)
	return err == nil, err
}

func (m *memory) Take(ctx context.Context, key string) ([]byte, error) {
	const op = "store.take"
	if err := checkKey(op, key); err != nil {
		return nil, err
	}
	if err := m.enter(op, ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	i := m.items[values][key]
	if i == nil {
		return nil, ErrNotFound
	}
	m.remove(i)
	return i.value, nil
}

func (m *memory) Delete(ctx context.Context, key string) error {
	const op = "store.delete"
	if err := checkKey(op, key); err != nil {
		return err
	}
	if err := m.enter(op, ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for _, items := range m.items {
		if i := items[key]; i != nil {
			m.remove(i)
		}
	}
	return nil
}

func (m *memory) Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error) {
	const op = "store.add"
	if err := checkWrite(op, key, nil, ttl); err != nil {
		return 0, err
	}
	if err := m.enter(op, ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	i := m.items[counters][key]
	if i == nil {
		i = &item{space: counters, key: key}
		if err := m.put(op, i, ttl); err != nil {
			return 0, err
		}
	}
	if n > 0 && i.sum > math.MaxInt64-n || n < 0 && i.sum < math.MinInt64-n {
		return 0, overflow(op)
	}
	i.sum += n
	return i.sum, nil
}

func (m *memory) Counters(ctx context.Context, prefix, after string, limit int) ([]Counter, error) {
	found, err := m.list("store.counters", ctx, counters, prefix, after, limit)
	out := make([]Counter, len(found))
	for i, c := range found {
		out[i] = Counter{c.key, c.sum}
	}
	return out, err
}

func (m *memory) Keys(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	found, err := m.list("store.keys", ctx, values, prefix, after, limit)
	out := make([]string, len(found))
	for i, v := range found {
		out[i] = v.key
	}
	return out, err
}

// list returns copies of a page of items.
func (m *memory) list(op string, ctx context.Context, space int, prefix, after string, limit int) ([]item, error) {
	if err := checkPage(op, prefix, after, limit); err != nil {
		return nil, err
	}
	if err := m.enter(op, ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var found []item
	for key, i := range m.items[space] {
		if strings.HasPrefix(key, prefix) && key > after {
			found = append(found, *i)
		}
	}
	slices.SortFunc(found, func(a, b item) int { return strings.Compare(a.key, b.key) })
	return found[:min(limit, len(found))], nil
}

// Close forgets everything.
func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.items = [2]map[string]*item{}
	m.expiry, m.bytes = nil, 0
	return nil
}
