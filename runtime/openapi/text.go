package openapi

import (
	"strings"
	"unicode"
)

// saysSame reports whether a description's first sentence says all that a
// summary does: "List contacts" and "Lists the contacts, newest first." do.
func saysSame(summary, description string) bool {
	if strings.Contains(strings.ToLower(description), strings.ToLower(strings.TrimRight(summary, "."))) {
		return true
	}
	said := map[string]bool{}
	for _, word := range words(firstSentence(description)) {
		said[word] = true
	}
	for _, word := range words(summary) {
		if !said[word] {
			return false
		}
	}
	return true
}

// firstSentence is the text up to a full stop with a blank after it, or to the
// end of the first paragraph.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n\n")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i]
	}
	return text
}

// words lists a text's words in lower case and without the endings of plurals
// and verbs, articles left out.
func words(text string) []string {
	list := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := list[:0]
	for _, word := range list {
		if word != "a" && word != "an" && word != "the" {
			out = append(out, stem(word))
		}
	}
	return out
}

func stem(word string) string {
	for _, ending := range [...]struct{ from, to string }{
		{"ies", "y"}, {"ches", "ch"}, {"shes", "sh"}, {"sses", "ss"}, {"xes", "x"}, {"zes", "ze"}, {"ss", "ss"}, {"us", "us"}, {"s", ""},
	} {
		if root, ok := strings.CutSuffix(word, ending.from); ok && len(root) > 1 {
			return root + ending.to
		}
	}
	return word
}
