package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

// path is what a path says of its tool.
type path struct {
	object     string   // its last word
	parents    []string // the words before
	parameters string   // the names in braces
	item       bool     // it ends in a parameter: one of the things
	plural     bool     // it ends in a word of several things
}

// pathOf takes a path apart. Versions and the like are no things.
func pathOf(text string) path {
	var p path
	var names []string
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' })
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			p.parameters += " " + part
			p.item = i == len(parts)-1
			continue
		}
		p.item = false
		if isVersion(part) {
			continue
		}
		names = append(names, part)
	}
	if len(names) == 0 {
		return p
	}
	p.object = names[len(names)-1]
	p.parents = names[:len(names)-1]
	// A path of method names, "/admin.teams.setName", has its things before dots.
	if before, last, ok := strings.Cut(p.object, "."); ok && len(names) == 1 {
		p.parents, p.object = append(p.parents, before), last
	}
	p.plural = !p.item && isPlural(p.object)
	return p
}

// isVersion knows "v1", "v2beta1" and "api".
func isVersion(part string) bool {
	if part == "api" || part == "apis" || part == "rest" {
		return true
	}
	return len(part) > 1 && len(part) < 10 && part[0] == 'v' && part[1] >= '0' && part[1] <= '9'
}

func isPlural(word string) bool {
	return len(word) > 3 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us")
}

// group is the thing that a tool is about, by which hits are grouped: what is
// done to a thing ("/orders/{id}/cancel") belongs to it.
func (p *path) group(d *Document) string {
	names := append(slices.Clone(p.parents), p.object)
	if n := len(names); n > 1 && !p.plural && !p.item {
		if _, verb := verbOf(words.Stem(names[n-1])); verb {
			names = names[:n-1]
		}
	}
	switch {
	case p.object == "" && len(d.Tags) > 0:
		return strings.Clone(d.Tags[0])
	case p.object == "":
		return strings.Clone(d.Source)
	}
	return strings.Join(names[max(0, len(names)-2):], "/")
}

// lastPart is a name without the words before its last dot or double
// underscore, which say where the tool is from.
func lastPart(name string) string {
	if i := strings.LastIndex(name, "__"); i >= 0 {
		name = name[i+2:]
	}
	return name
}

// pluralTitle reports whether a title such as "List all labels" is of several
// things.
func pluralTitle(title string) bool {
	first, _, _ := strings.Cut(title, " ")
	return strings.HasPrefix(strings.ToLower(first), "list") || strings.HasPrefix(strings.ToLower(first), "search")
}

// sentence cuts a text after its first sentence or line.
func sentence(text string) (first, rest string) {
	text = strings.TrimSpace(text)
	end := len(text)
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		end = i
	}
	if i := strings.Index(text, ". "); i >= 0 && i < end {
		end = i
	}
	return text[:end], text[end:]
}

// limit cuts a text to at most n bytes, between two runes.
func limit(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
