package search

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

//go:embed thesaurus.txt
var thesaurusText string

// sense is a word or phrase that another may stand for, and how surely. Both
// are stems, a phrase's with spaces between.
type sense struct {
	stems  string
	surety float32
}

const (
	sameSurety = 0.92 // "a = b"
	mayBe      = 0.72 // "a > b"
	// longestPhrase is the most words of a phrase.
	longestPhrase = 4
)

// thesaurus returns what each word or phrase may stand for, read once.
var thesaurus = sync.OnceValue(func() map[string][]sense { return readThesaurus(thesaurusText) })

func readThesaurus(text string) map[string][]sense {
	t := map[string][]sense{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if from, to, directed := strings.Cut(line, ">"); directed {
			relate(t, stemsOf(from, ","), stemsOf(to, ","), mayBe)
			continue
		}
		same := stemsOf(line, "=,")
		relate(t, same, same, sameSurety)
	}
	return t
}

func relate(t map[string][]sense, from, to []string, surety float32) {
	for _, a := range from {
		for _, b := range to {
			if a != b {
				t[a] = append(t[a], sense{b, surety})
			}
		}
	}
}

// stemsOf reads one side of a line.
func stemsOf(text, separators string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if s := stemmed(words.Split(nil, strings.ReplaceAll(part, "_", " "))); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// stemmed joins the stems of a phrase's words.
func stemmed(phrase []string) string {
	stems := make([]string, len(phrase))
	for i, w := range phrase {
		stems[i] = words.Stem(w)
	}
	return strings.Join(stems, " ")
}
