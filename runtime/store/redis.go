package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis returns a store on a Redis (6.2 or newer) or Valkey server, shared by all
// gateways that use the same server and prefix. The URL is
// redis://user:password@host:port/number, rediss:// for TLS, valkey:// and
// valkeys:// for the same, or unix://user:password@/path?db=number. It connects
// when it is first needed.
//
// All keys are in one slot of a cluster, which a gateway's state fits easily.
// The server must not evict what it was told to keep (maxmemory-policy
// noeviction, which is the default).
func Redis(address string, o Options) (Store, error) {
	opts, err := redisOptions(address)
	if err != nil {
		return nil, err
	}
	prefix := o.Prefix
	if prefix == "" {
		prefix = "bridge"
	}
	if strings.ContainsAny(prefix, "{}\x00") {
		return nil, fault.New("store.open", fault.Invalid, `the prefix of Redis's keys must not have "{" or "}" in it`)
	}
	quieten()
	return &redisStore{client: redis.NewClient(opts), prefix: "{" + prefix + "}:", where: opts.Addr}, nil
}

// quieten keeps the library from writing to the standard error output: what
// fails is returned.
var quieten = sync.OnceFunc(func() { redis.SetLogger(silence{}) })

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// redisOptions reads a URL, and tells nothing of it where it is wrong, as it may
// have a password.
func redisOptions(address string) (*redis.Options, error) {
	const advice = "the URL of Redis must be redis://user:password@host:port/number, rediss:// for TLS, or unix:///path/to/socket"
	u, err := url.Parse(address)
	if err != nil {
		return nil, fault.New("store.open", fault.Invalid, advice)
	}
	switch u.Scheme {
	case "valkey":
		u.Scheme = "redis"
	case "valkeys":
		u.Scheme = "rediss"
	}
	opts, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, fault.New("store.open", fault.Invalid, advice)
	}
	opts.MaxRetries = -1 // one that counts or takes must not happen twice
	opts.DialerRetries = 1
	opts.ContextTimeoutEnabled = true
	opts.DisableIdentity = true
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return opts, nil
}

type redisStore struct {
	client *redis.Client
	prefix string
	where  string
}

// The spaces of keys, and the sorted sets that list them: in the index all have
// the same score, so that it is in the order of the keys; in the expiries the
// score is the time in milliseconds. Redis forgets what expired by itself; each
// write takes a few of those out of the sets.
func (s *redisStore) space(space string) []string {
	return []string{s.prefix + space + ":", s.prefix + space + "-index", s.prefix + space + "-expiry"}
}

const (
	redisValues   = "value"
	redisCounters = "counter"
)

// tidy begins every script that writes. KEYS are the beginning of the space's
// keys, its index and its expiries.
const tidy = `
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local function forget(name)
	redis.call('ZREM', KEYS[2], name)
	redis.call('ZREM', KEYS[3], name)
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 10)) do
	if redis.call('EXISTS', KEYS[1] .. name) == 0 then forget(name) else redis.call('ZADD', KEYS[3], now + 1000, name) end
end
local function remember(name, ttl)
	redis.call('ZADD', KEYS[2], 0, name)
	if ttl > 0 then redis.call('ZADD', KEYS[3], now + ttl, name) else redis.call('ZREM', KEYS[3], name) end
end
local function set(name, value, ttl)
	if ttl > 0 then redis.call('SET', KEYS[1] .. name, value, 'PX', ttl) else redis.call('SET', KEYS[1] .. name, value) end
	remember(name, ttl)
end
local name = ARGV[1]
`

// The scripts run whole, one after the other: nothing comes between. A script's
// reply nil is redis.Nil.
var scripts = struct{ set, create, swap, take, remove, add, page *redis.Script }{
	set: redis.NewScript(tidy + `
set(name, ARGV[2], tonumber(ARGV[3]))
return 1`),
	create: redis.NewScript(tidy + `
if redis.call('EXISTS', KEYS[1] .. name) == 1 then return 0 end
set(name, ARGV[2], tonumber(ARGV[3]))
return 1`),
	swap: redis.NewScript(tidy + `
if redis.call('GET', KEYS[1] .. name) ~= ARGV[4] then return 0 end
set(name, ARGV[2], tonumber(ARGV[3]))
return 1`),
	take: redis.NewScript(tidy + `
local value = redis.call('GET', KEYS[1] .. name)
if value then
	redis.call('DEL', KEYS[1] .. name)
	forget(name)
end
return value`),
	remove: redis.NewScript(tidy + `
redis.call('DEL', KEYS[1] .. name)
forget(name)
return 1`),
	// Lua's numbers are floats, so that the sum goes as text; INCRBY refuses a sum
	// that does not fit.
	add: redis.NewScript(tidy + `
local fresh = redis.call('EXISTS', KEYS[1] .. name) == 0
redis.call('INCRBY', KEYS[1] .. name, ARGV[2])
if fresh then
	local ttl = tonumber(ARGV[3])
	if ttl > 0 then redis.call('PEXPIRE', KEYS[1] .. name, ttl) end
	remember(name, ttl)
end
return redis.call('GET', KEYS[1] .. name)`),
	// Pages are read until one is full, as some names may have expired.
	page: redis.NewScript(tidy + `
local prefix, from, limit, sums = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5] == '1'
local out = {}
local found = 0
while found < limit do
	local names = redis.call('ZRANGEBYLEX', KEYS[2], from, '+', 'LIMIT', 0, limit)
	for _, name in ipairs(names) do
		if string.sub(name, 1, #prefix) ~= prefix then return out end
		if redis.call('EXISTS', KEYS[1] .. name) == 1 then
			out[#out + 1] = name
			if sums then out[#out + 1] = redis.call('GET', KEYS[1] .. name) end
			found = found + 1
			if found == limit then return out end
		end
	end
	if #names < limit then return out end
	from = '(' .. names[#names]
end
return out`),
}

func (s *redisStore) run(op string, ctx context.Context, script *redis.Script, space string, args ...any) (any, error) {
	if err := stopped(op, ctx); err != nil {
		return nil, err
	}
	out, err := script.Run(ctx, s.client, s.space(space), args...).Result()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, s.explain(op, ctx, err)
	}
	return out, nil
}

func (s *redisStore) Get(ctx context.Context, key string) ([]byte, error) {
	const op = "store.get"
	if err := checkKey(op, key); err != nil {
		return nil, err
	}
	if err := stopped(op, ctx); err != nil {
		return nil, err
	}
	value, err := s.client.Get(ctx, s.prefix+redisValues+":"+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, s.explain(op, ctx, err)
	}
	return value, nil
}

func (s *redisStore) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := s.write("store.set", ctx, scripts.set, key, value, ttl)
	return err
}

func (s *redisStore) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return s.write("store.create", ctx, scripts.create, key, value, ttl)
}

func (s *redisStore) Swap(ctx context.Context, key string, old, new []byte, ttl time.Duration) (bool, error) {
	return s.write("store.swap", ctx, scripts.swap, key, new, ttl, old)
}

func (s *redisStore) write(op string, ctx context.Context, script *redis.Script, key string, value []byte, ttl time.Duration, more ...any) (bool, error) {
	if err := checkWrite(op, key, value, ttl); err != nil {
		return false, err
	}
	out, err := s.run(op, ctx, script, redisValues, append([]any{key, blob(value), milliseconds(ttl)}, more...)...)
	return out == int64(1), err
}

func (s *redisStore) Take(ctx context.Context, key string) ([]byte, error) {
	const op = "store.take"
	if err := checkKey(op, key); err != nil {
		return nil, err
	}
	out, err := s.run(op, ctx, scripts.take, redisValues, key)
	if err != nil {
		return nil, err
	}
	text, _ := out.(string)
	return []byte(text), nil
}

func (s *redisStore) Delete(ctx context.Context, key string) error {
	const op = "store.delete"
	if err := checkKey(op, key); err != nil {
		return err
	}
	for _, space := range []string{redisValues, redisCounters} {
		if _, err := s.run(op, ctx, scripts.remove, space, key); err != nil {
			return err
		}
	}
	return nil
}

func (s *redisStore) Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error) {
	const op = "store.add"
	if err := checkWrite(op, key, nil, ttl); err != nil {
		return 0, err
	}
	out, err := s.run(op, ctx, scripts.add, redisCounters, key, n, milliseconds(ttl))
	if err != nil {
		if strings.Contains(err.Error(), "overflow") {
			return 0, overflow(op)
		}
		return 0, err
	}
	return number(op, out)
}

func number(op string, out any) (int64, error) {
	text, _ := out.(string)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.Wrap(op, fault.Internal, "Redis has something else than a counter under a counter's key: delete it", err)
	}
	return n, nil
}

func (s *redisStore) Counters(ctx context.Context, prefix, after string, limit int) ([]Counter, error) {
	const op = "store.counters"
	list, err := s.page(op, ctx, redisCounters, prefix, after, limit, "1")
	out := make([]Counter, 0, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		sum, err := number(op, list[i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, Counter{fmt.Sprint(list[i]), sum})
	}
	return out, err
}

func (s *redisStore) Keys(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	list, err := s.page("store.keys", ctx, redisValues, prefix, after, limit, "0")
	out := make([]string, len(list))
	for i, name := range list {
		out[i] = fmt.Sprint(name)
	}
	return out, err
}

func (s *redisStore) page(op string, ctx context.Context, space, prefix, after string, limit int, sums string) ([]any, error) {
	if err := checkPage(op, prefix, after, limit); err != nil {
		return nil, err
	}
	from := "[" + prefix
	if after >= prefix && after != "" {
		from = "(" + after
	}
	out, err := s.run(op, ctx, scripts.page, space, "", prefix, from, limit, sums)
	list, _ := out.([]any)
	return list, err
}

// Close closes the connections.
func (s *redisStore) Close() error {
	if err := s.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fault.Wrap("store.close", fault.Unavailable, "the connections to Redis could not be closed", err)
	}
	return nil
}

// explain returns an error that says what to do about Redis's.
func (s *redisStore) explain(op string, ctx context.Context, err error) error {
	if ended := stopped(op, ctx); ended != nil {
		return ended
	}
	text := err.Error()
	begins := func(words ...string) bool {
		for _, w := range words {
			if strings.HasPrefix(text, w) || strings.Contains(text, ": "+w) {
				return true
			}
		}
		return false
	}
	var network net.Error
	advice := "Redis at " + s.where + " refused the operation: see the log for what it says"
	switch {
	case errors.Is(err, redis.ErrClosed):
		return ErrClosed
	case begins("WRONGPASS", "NOAUTH", "ERR AUTH", "ERR invalid password", "ERR Protocol error: unauthenticated"):
		advice = "Redis at " + s.where + " does not accept the user and password of its URL"
	case begins("NOPERM"):
		advice = "Redis at " + s.where + " does not give its user what the store needs: SET, GET, DEL, the sorted sets' commands and EVALSHA, on keys that begin with " + s.prefix
	case begins("OOM"):
		advice = "Redis at " + s.where + " is full: give it more memory (maxmemory)"
	case begins("READONLY"):
		advice = "Redis at " + s.where + " is a replica that can't be written: name the primary in the URL"
	case begins("LOADING", "BUSY", "MASTERDOWN"):
		advice = "Redis at " + s.where + " is not ready yet: try again"
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network), errors.Is(err, io.EOF):
		advice = "Redis at " + s.where + " can't be reached: see that it runs, and that the URL's host, port and TLS are right"
	}
	return fault.Wrap(op, fault.Unavailable, advice, err)
}
