package config

import (
	"net/url"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Bounds and defaults of what is kept of trimmed results.
const (
	DefaultRemainderTTL   = Duration(30 * time.Minute)
	DefaultRemainderBytes = Size(64 << 20)

	minRemainderTTL   = Duration(time.Second)
	minRemainderBytes = Size(1 << 20)
	maxRemainderBytes = Size(1 << 40)
)

// Store says where state is kept that outlives a request: at most one is set, and
// with none it is kept in memory, for as long as the process runs.
type Store struct {
	// SQLite is a file, which is made where it is not there; relative to the
	// configuration.
	SQLite string `yaml:"sqlite,omitempty"`
	// Redis is the URL of a Redis server, "redis://HOST:PORT/DB", or "rediss://" for
	// TLS. Replicas of a gateway share one.
	Redis Reference `yaml:"redis,omitempty"`
}

// Remainders says how long what was trimmed off results can still be read.
type Remainders struct {
	Off bool `yaml:"-"` // "remainders: false": nothing is kept
	// TTL is how long after the call.
	TTL Duration `yaml:"ttl,omitempty"`
	// MaxBytes bounds what is kept in memory of all callers together; what is older
	// goes to the store, or is forgotten.
	MaxBytes Size `yaml:"max_bytes,omitempty"`
}

func (d *decoder) store(into *Store) field {
	return field{"store", mapping, func(v value) {
		d.object(v, []field{d.text("sqlite", &into.SQLite), d.reference("redis", &into.Redis)})
	}}
}

// remainders reads a mapping, or false for none.
func (d *decoder) remainders(into *Remainders) field {
	return field{"remainders", mapping, func(v value) {
		if n := d.follow(v.node); n != nil && n.Kind == yaml.ScalarNode && !isNull(n) {
			switch n.Value {
			case "false":
				into.Off = true
			case "true":
			default:
				d.fail(v, "must be false, or %s with ttl and max_bytes, is %q", mapping, clip(n.Value))
			}
			v.node = nil
		}
		d.object(v, []field{d.duration("ttl", &into.TTL), d.size("max_bytes", &into.MaxBytes)})
		if into.TTL == 0 {
			into.TTL = DefaultRemainderTTL
		}
		if into.MaxBytes == 0 {
			into.MaxBytes = DefaultRemainderBytes
		}
	}}
}

func (k *checker) store(s Store) {
	if s.SQLite != "" && s.Redis != "" {
		k.fail("store", "has both sqlite and redis; state is kept in one place")
	}
	if k.at["store"] != (position{}) && s == (Store{}) {
		k.lacks("store", "needs sqlite (a file) or redis (a URL); leave the key out to keep state in memory")
	}
	if strings.ContainsRune(s.SQLite, 0) || strings.Contains(s.SQLite, "${") {
		k.fail("store.sqlite", "must be a file's path, and takes no ${…} references")
	}
	k.reference("store.redis", s.Redis)
	if raw := string(s.Redis); raw != "" && !strings.Contains(raw, "${") {
		u, err := url.Parse(raw)
		if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" {
			k.fail("store.redis", "must be a URL such as redis://127.0.0.1:6379/0, or rediss://… for TLS; with a password, give all of it as ${env:NAME}")
		}
	}
}

func (k *checker) remainders(r Remainders) {
	if r.Off && (k.at["remainders.ttl"] != (position{}) || k.at["remainders.max_bytes"] != (position{})) {
		k.fail("remainders", "is false, and ttl or max_bytes is given from elsewhere; leave one out")
	}
	if r.TTL != 0 && r.TTL < minRemainderTTL || r.TTL > MaxIdle {
		k.fail("remainders.ttl", "must be from %s to %s, is %s", minRemainderTTL, MaxIdle, r.TTL)
	}
	if r.MaxBytes != 0 && r.MaxBytes < minRemainderBytes || r.MaxBytes > maxRemainderBytes {
		k.fail("remainders.max_bytes", "must be from %s to %s, is %s", minRemainderBytes, maxRemainderBytes, r.MaxBytes)
	}
}
