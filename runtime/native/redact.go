package native

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const (
	// minSecret is the shortest value that is taken out: a shorter one, such as
	// "true" or "8080", would blank out plain words.
	minSecret = 6
	// maxSecrets bounds how many values of requests are known at a time; the oldest
	// go. Those of the options stay.
	maxSecrets = 256
)

// redactor takes the gateway's secrets out of a server's text and out of errors:
// the values of its environment and of its URL's query, and those of the headers
// and credentials that it was last sent. It is safe for concurrent use.
type redactor struct{ known *secrets }

type secrets struct {
	mu      sync.RWMutex
	values  []string // in the order that they came, the options' first
	lasting int      // how many are the options'
	replace *strings.Replacer
}

func newRedactor(env map[string]string) redactor {
	r := redactor{&secrets{replace: strings.NewReplacer()}}
	for _, v := range env {
		r.learn(v)
	}
	r.keep()
	return r
}

// keep has what is known by now never be forgotten.
func (r redactor) keep() {
	r.known.mu.Lock()
	defer r.known.mu.Unlock()
	r.known.lasting = len(r.known.values)
}

// learnURL takes the values of a URL's query for secrets.
func (r redactor) learnURL(u *url.URL) {
	for _, values := range u.Query() {
		for _, v := range values {
			r.learn(v)
			r.learn(url.QueryEscape(v))
		}
	}
	r.keep()
}

// learnHeader takes a header's value for a secret, and what follows its scheme.
func (r redactor) learnHeader(value string) {
	r.learn(value)
	if _, token, ok := strings.Cut(value, " "); ok {
		r.learn(token)
	}
}

func (r redactor) learn(value string) {
	k := r.known
	if len(value) < minSecret || k.knows(value) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.values = append(k.values, value)
	if len(k.values) > k.lasting+maxSecrets {
		k.values = slices.Delete(k.values, k.lasting, k.lasting+1)
	}
	// Longer values first, so that none hides behind a part of itself.
	sorted := slices.SortedStableFunc(slices.Values(k.values), func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, v := range sorted {
		pairs = append(pairs, v, "[redacted]")
	}
	k.replace = strings.NewReplacer(pairs...)
}

func (k *secrets) knows(value string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Contains(k.values, value)
}

// clean returns text of a server as it may be shown: without secrets, and
// without control characters.
func (r redactor) clean(s string) string {
	return r.hide(strings.Map(func(c rune) rune {
		if c != '\t' && unicode.IsControl(c) {
			return -1
		}
		return c
	}, s))
}

func (r redactor) hide(s string) string {
	r.known.mu.RLock()
	defer r.known.mu.RUnlock()
	return r.known.replace.Replace(s)
}

// protocol returns a server's error without secrets. Data that can't be freed of
// them and stay JSON is left out.
func (r redactor) protocol(e *protocol.Error) *protocol.Error {
	clean := &protocol.Error{Code: e.Code, Message: r.clean(e.Message), Data: e.Data}
	if data := r.hide(string(e.Data)); data != string(e.Data) {
		clean.Data = nil
		if protocol.Valid([]byte(data)) {
			clean.Data = json.RawMessage(data)
		}
	}
	return clean
}

// cause returns an error whose text has no secrets: net/http's has the URL, and
// a server's own may repeat what it was sent.
func (r redactor) cause(err error) error {
	if err == nil {
		return nil
	}
	return &redacted{err, r.hide(err.Error())}
}

type redacted struct {
	err  error
	text string
}

// Error returns the text without secrets.
func (r *redacted) Error() string { return r.text }

// Unwrap returns the error as it was.
func (r *redacted) Unwrap() error { return r.err }
