package config

import "strings"

// Bounds of the limits.
const (
	minStateKey       = 32 // characters
	minBody           = 64 << 10
	maxBody           = 1 << 30
	maxClientSessions = 1_000_000
	maxConcurrent     = 100_000
	maxSourceSessions = 10_000
)

// isolations are who may have a session of a server to itself.
var isolations = []string{"caller"}

func (k *checker) limits(l Limits) {
	if l.MaxBody != 0 && (l.MaxBody < minBody || l.MaxBody > maxBody) {
		k.fail("limits.max_body", "must be from %d to %d bytes, is %d", minBody, maxBody, l.MaxBody)
	}
	k.count("limits.max_sessions", l.MaxSessions, maxClientSessions)
	k.count("limits.max_concurrent", l.MaxConcurrent, maxConcurrent)
	k.idle("limits.session_timeout", l.SessionTimeout)
	k.timeout("limits.ask_timeout", l.AskTimeout)
}

// count checks a number of things; 0 stands for one that is not given.
func (k *checker) count(path string, n, most int) {
	if n < 0 || n > most {
		k.fail(path, "must be from 1 to %d, is %d", most, n)
	}
}

// stateKey checks the key that seals request state, as far as it can be told
// before references in it are resolved.
func (k *checker) stateKey(key Reference) {
	k.reference("state_key", key)
	if key != "" && !strings.Contains(string(key), "${") && len(key) < minStateKey {
		k.fail("state_key", "must have at least %d characters, of a random secret; `openssl rand -hex 32` makes one", minStateKey)
	}
}
