package config

import (
	"fmt"
	"regexp"
	"strings"
)

// Bounds of what an endpoint says.
const (
	maxInstructions = 16 << 10 // bytes
	maxServerName   = 64       // bytes
	maxServed       = 256      // bytes of a pattern of served names, URIs among them
)

// endpointPath is the form of an endpoint's path: below /mcp, in plain segments.
var endpointPath = regexp.MustCompile(`^/mcp(/[a-zA-Z0-9_-]{1,64}){1,4}$`)

// servedPattern is what an endpoint's include and exclude take. Resources go by
// their URIs.
var servedPattern = regexp.MustCompile(`^[!-Z^-~]+$`)

// endpoint checks a further MCP URL.
func (k *checker) endpoint(e Endpoint) {
	path := join("endpoints", e.Path)
	if !endpointPath.MatchString(e.Path) {
		k.fail(path, "must be a path below /mcp, such as /mcp/support")
	}
	if len(e.Name) > maxServerName || strings.ContainsFunc(e.Name, func(r rune) bool { return r < ' ' }) {
		k.fail(path+".name", "must be one line of at most %d bytes", maxServerName)
	}
	if e.Profile != "" {
		k.oneOf(path+".profile", e.Profile, profiles)
	}
	k.servedPatterns(path+".include", e.Include)
	k.servedPatterns(path+".exclude", e.Exclude)
	k.rename(path+".rename", e.Rename)
	k.budget(path+".budget", e.Budget)
	k.instructions(path+".instructions", e.Instructions)
	k.catalog(path+".tools", e.Tools)
}

func (k *checker) servedPatterns(path string, patterns []string) {
	for i, p := range patterns {
		if len(p) > maxServed || !servedPattern.MatchString(p) {
			k.fail(fmt.Sprintf("%s[%d]", path, i), "must be a name, prefix included, in which * stands for any text and ? for one character, is %q", clip(p))
		}
	}
}

// rename checks names at an endpoint, by served names.
func (k *checker) rename(path string, names map[string]string) {
	renamed := map[string]string{}
	for _, name := range sorted(names) {
		to, path := names[name], join(path, name)
		if !givenName.MatchString(name) {
			k.fail(path, "is no name that is served")
		}
		if !servedName.MatchString(to) {
			k.fail(path, "must be 1 to 64 letters, digits, _ and -, is %q", clip(to))
		}
		if other, ok := renamed[to]; ok {
			k.fail(path, "is also the new name of %s", other)
		}
		renamed[to] = name
	}
}

func (k *checker) instructions(path, text string) {
	if len(text) > maxInstructions {
		k.fail(path, "must be at most %d bytes, which every conversation pays for, is %d", maxInstructions, len(text))
	}
}
