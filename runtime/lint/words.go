package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// wordsOf splits a name or a text into lower-case words of letters and digits.
func wordsOf(text string) []string {
	return strings.FieldsFunc(tool.SnakeName(text), func(r rune) bool { return r == '_' })
}

var markup = regexp.MustCompile(`<[^<>]{0,200}>`)

// plain is a text without HTML tags and surrounding space.
func plain(text string) string {
	return strings.TrimSpace(markup.ReplaceAllString(text, " "))
}

// fillers are words that say nothing of what a tool does.
var fillers = setOf("a", "an", "the", "of", "for", "to", "by", "in", "on", "with", "and", "or", "this", "that", "these",
	"is", "are", "be", "given", "specified", "specific", "single", "its", "your", "from", "api", "endpoint", "operation", "resource", "existing", "new")

// sameVerbs are verbs that name the same act.
var sameVerbs = map[string]string{
	"retrieve": "get", "fetch": "get", "return": "get", "read": "get", "show": "get", "view": "get", "gets": "get", "obtain": "get",
	"remove": "delete", "destroy": "delete", "add": "create", "make": "create", "edit": "update", "modify": "update", "change": "update",
}

// meaning is the sorted set of a text's telling words, in the singular.
func meaning(text string) []string {
	var out []string
	for _, w := range wordsOf(text) {
		if fillers[w] {
			continue
		}
		w = singular(w)
		if same, ok := sameVerbs[w]; ok {
			w = same
		}
		out = append(out, w)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// singular returns the singular of an English noun, as well as a few rules can.
func singular(word string) string {
	if one, ok := irregular[word]; ok {
		return one
	}
	switch {
	case len(word) < 4 || keepS[word]:
		return word
	case strings.HasSuffix(word, "ies"):
		return word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "sses"), strings.HasSuffix(word, "xes"), strings.HasSuffix(word, "ches"), strings.HasSuffix(word, "shes"):
		return word[:len(word)-2]
	case strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "us"), strings.HasSuffix(word, "is"):
		return word
	case strings.HasSuffix(word, "s"):
		return word[:len(word)-1]
	}
	return word
}

// irregular are plurals that no rule here makes.
var irregular = map[string]string{"people": "person", "children": "child", "indices": "index", "vertices": "vertex", "aliases": "alias", "statuses": "status", "caches": "cache"}

// keepS are words whose "s" is no plural.
var keepS = setOf("status", "news", "series", "access", "address", "analytics", "dns", "sms", "https", "aws", "settings", "metrics", "always", "has", "was", "does", "species", "statistics", "stats")

func isPlural(word string) bool { return singular(word) != word || word == "settings" }

// article puts "a" or "an" before a phrase.
func article(phrase string) string {
	if phrase != "" && strings.ContainsRune("aeio", rune(phrase[0])) || strings.HasPrefix(phrase, "un") && !strings.HasPrefix(phrase, "uni") {
		return "an " + phrase
	}
	return "a " + phrase
}

func setOf(words ...string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}

// overlaps reports whether two lists have a word in common.
func overlaps(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// count is a number of things in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// enumerate lists names for a message, no more than a few.
func enumerate(names []string) string {
	const most = 6
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
