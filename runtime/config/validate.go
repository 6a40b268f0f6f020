package config

import (
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// The values that these keys take.
var (
	encodings = []string{"o200k_base", "cl100k_base"}
	levels    = []string{"debug", "info", "warn", "error"}
	formats   = []string{"text", "json"}
	profiles  = []string{"default", "openai", "anthropic", "gemini", "cursor"}
)

// What names look like. A source's name begins its tools' names, which every
// client must take: hence the length and the letters.
var (
	sourceName  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	prefixName  = regexp.MustCompile(`^[a-zA-Z0-9_-]{0,32}$`)
	adapterName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	servedName  = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	// givenName is wider: native servers name their tools by MCP's own rule.
	givenName = regexp.MustCompile(`^[a-zA-Z0-9_./-]{1,128}$`)
)

// builtIn is the source of the gateway's own tools.
const builtIn = "bridge"

// Validate reports every problem at once, as [Parse] does; nil if there is
// none. Parse has done it already: this is for configurations made in Go.
func (c Config) Validate() error { return c.validate(nil).fault("") }

// validate checks the configuration, after decoding it met earlier problems.
func (c Config) validate(earlier problems) problems {
	k := &checker{at: c.at, earlier: earlier}
	k.listen(c.Listen)
	k.budget("budget", c.Budget)
	k.oneOf("encoding", c.Encoding, encodings)
	k.oneOf("profile", c.Profile, profiles)
	k.oneOf("log.level", c.Log.Level, levels)
	k.oneOf("log.format", c.Log.Format, formats)
	k.timeout("timeout", c.Timeout)
	k.instructions("instructions", c.Instructions)
	k.timeout("drain", c.Drain)
	k.stateKey(c.StateKey)
	k.limits(c.Limits)
	k.shape("shape", c.Shape)
	k.catalog("tools", c.Tools)
	k.store(c.Store)
	k.remainders(c.Remainders)
	seen := map[string]bool{}
	for i := range c.Sources {
		s := &c.Sources[i]
		if seen[s.Name] {
			k.fail(join("sources", s.Name), "two sources have this name")
		}
		seen[s.Name] = true
		if s.Name == builtIn {
			k.fail(join("sources", s.Name), "%q is what the gateway calls the source of its own tools; choose another name", builtIn)
		}
		k.source(s)
	}
	paths := map[string]bool{}
	for _, e := range c.Endpoints {
		if paths[e.Path] {
			k.fail(join("endpoints", e.Path), "two endpoints have this path")
		}
		paths[e.Path] = true
		k.endpoint(e)
	}
	for i, g := range c.Gen {
		k.gen(fmt.Sprintf("gen[%d]", i), g)
	}
	return k.problems
}

// gen checks an adapter to be generated.
func (k *checker) gen(path string, g Gen) {
	switch {
	case g.Document == "":
		k.lacks(path, "needs a document: a file, a pattern of files, or a URL")
	case strings.Contains(g.Document, "://"):
		k.url(path+".document", g.Document)
	}
	if g.Profile != "" {
		k.oneOf(path+".profile", g.Profile, profiles)
	}
	if g.Name != "" && !adapterName.MatchString(g.Name) {
		k.fail(path+".name", "must be the name of a Go package, such as crm, is %q", clip(g.Name))
	}
	k.count(path+".max_tokens", g.MaxTokens, MaxThreshold)
	k.count(path+".max_tool_tokens", g.MaxToolTokens, MaxThreshold)
}

// checker collects problems and knows where each key stands.
type checker struct {
	at       map[string]position
	problems problems
	// earlier problems explain why values are missing: see lacks.
	earlier problems
}

// fail notes a problem with the key at a path. Where the key was not given, the
// nearest key around it says the place.
func (k *checker) fail(path, format string, args ...any) {
	var at position
	for near := path; at.name == "" && near != ""; {
		at = k.at[near]
		near = near[:max(strings.LastIndexByte(near, '.'), 0)]
	}
	k.problems.add(at, path, format, args...)
}

// lacks notes that something is missing in the key at a path, unless something
// in it could not be read, which was reported and may be what is missing.
func (k *checker) lacks(path, format string, args ...any) {
	if !k.earlier.within(path) {
		k.fail(path, format, args...)
	}
}

func (k *checker) listen(address string) {
	const want = "must be host:port, such as 127.0.0.1:8080, is %q"
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		k.fail("listen", want, clip(address))
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		k.fail("listen", "has the port %q; a port is a number from 0 (any free one) to 65535", clip(port))
	}
}

// budget checks a budget; 0 stands for one that is not given.
func (k *checker) budget(path string, n int) {
	if n != 0 && (n < MinBudget || n > MaxBudget) {
		k.fail(path, "must be from %d to %d tokens, is %d", MinBudget, MaxBudget, n)
	}
}

// timeout checks a time; 0 stands for one that is not given.
func (k *checker) timeout(path string, t Duration) { k.time(path, t, MaxTimeout) }

// idle checks how long something may stand unused; 0 stands for one that is not
// given.
func (k *checker) idle(path string, t Duration) { k.time(path, t, MaxIdle) }

func (k *checker) time(path string, t, most Duration) {
	if t < 0 || t > most {
		k.fail(path, "must be more than 0s and at most %s, is %s", most, t)
	}
}

func (k *checker) oneOf(path, value string, values []string) {
	if slices.Contains(values, value) {
		return
	}
	k.fail(path, "must be %s, is %q%s", either(values), clip(value), meant(value, values))
}

// either returns "a, b or c".
func either(values []string) string {
	last := len(values) - 1
	if last == 0 {
		return values[0]
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// meant returns the question that helps with a mistyped word; "" if none does.
func meant(word string, candidates []string) string {
	if near := fault.Nearest(word, candidates); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// sorted returns a map's keys in order, so that messages are too.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
