package search

import (
	"strings"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

// limits of a request, whoever makes it.
const (
	maxQuery   = 500 // bytes
	maxQueries = 8
	maxWords   = 24 // of a query, after the stop words
)

// ask is a word or phrase of a request.
type ask struct {
	stem   string
	senses []sense
	weight float32
	exact  bool // only its senses count, not the word: it is a phrase
}

// request is a query, taken apart.
type request struct {
	asks   []ask
	intent intent
	verbs  []string // stems
	plural bool
}

// token is a word of a query.
type token struct {
	word, stem string
	taken      bool // by a phrase
}

// parse takes a query apart.
func parse(text string, s *settings) request {
	var r request
	tokens := tokensOf(text)
	r.phrases(tokens)
	r.findIntent(tokens)
	for i := range tokens {
		t := &tokens[i]
		if len(r.asks) >= maxWords {
			break
		}
		senses := thesaurus()[t.stem]
		if stopWords()[t.word] && len(senses) == 0 || len(t.word) < 2 || isNumber(t.word) {
			continue
		}
		weight := float32(1)
		switch {
		case t.taken:
			weight = 0.3
		case stopWords()[t.word]:
			weight = 0.25
		case plainVerbs()[t.stem]:
			weight = s.plain
		}
		r.asks = append(r.asks, ask{stem: t.stem, senses: senses, weight: weight})
		if weight == 1 && isPlural(t.word) && t.stem != t.word {
			r.plural = true
		}
	}
	return r
}

func tokensOf(text string) []token {
	list := words.Split(nil, limit(text, maxQuery))
	tokens := make([]token, len(list))
	for i, w := range list {
		tokens[i] = token{word: w, stem: words.Stem(w)}
	}
	return tokens
}

// phrases finds those that the thesaurus knows, the longest first.
func (r *request) phrases(tokens []token) {
	for i := 0; i < len(tokens); i++ {
		for n := min(longestPhrase, len(tokens)-i); n > 1; n-- {
			stems := make([]string, n)
			for j := range n {
				stems[j] = tokens[i+j].stem
			}
			phrase := strings.Join(stems, " ")
			senses, ok := thesaurus()[phrase]
			if !ok {
				continue
			}
			r.asks = append(r.asks, ask{stem: phrase, senses: senses, weight: 1, exact: true})
			for j := range n {
				tokens[i+j].taken = true
			}
			i += n - 1
			break
		}
	}
}

// politeness is what requests begin with that says nothing.
var politeness = map[string]bool{"please": true, "can": true, "could": true, "you": true, "i": true, "want": true, "need": true, "to": true, "lets": true,
	"would": true, "like": true, "we": true, "now": true, "also": true, "just": true, "help": true, "me": true, "us": true}

// questions begin what asks to be told something.
var questions = map[string]bool{"what": true, "which": true, "who": true, "whose": true, "where": true, "when": true, "why": true, "how": true, "is": true, "are": true,
	"does": true, "did": true, "do": true, "has": true, "have": true, "was": true, "were": true, "whats": true, "whos": true}

// findIntent finds out what is to be done.
func (r *request) findIntent(tokens []token) {
	if asksToKnow(tokens) {
		r.intent = intent{reads: 0.5, lists: 0.5}
		return
	}
	share := float32(1)
	for _, a := range r.asks { // phrases such as "get rid of"
		for _, s := range a.senses {
			if means, ok := verbOf(s.stems); ok {
				r.intent.take(&means, share)
				r.verbs = append(r.verbs, s.stems)
			}
		}
	}
	for i, t := range tokens {
		means, ok := verbOf(t.stem)
		if !ok || t.taken {
			continue
		}
		weight := share
		switch {
		case inflected(&t) || isPlural(t.word) && i > 0:
			weight *= 0.15 // what was or is being done, or a noun
		case i > 0 && !politeness[tokens[i-1].word]:
			weight *= 0.35
		}
		r.intent.take(&means, weight)
		r.verbs = append(r.verbs, t.stem)
		if weight == share {
			share *= 0.5
		}
	}
	if i := &r.intent; share == 1 { // nothing was told to be done
		i.take(&intent{reads: 0.4, lists: 0.6}, 0.25)
	}
	if len(r.verbs) == 0 {
		r.intent = intent{reads: 0.4, lists: 0.6}
	}
	r.intent.normalise()
}

func (i *intent) take(other *intent, weight float32) {
	for a := range i {
		i[a] += weight * other[a]
	}
}

// asksToKnow reports whether a query begins like a question.
func asksToKnow(tokens []token) bool {
	if len(tokens) == 0 {
		return false
	}
	first := tokens[0].word
	if questions[first] {
		return true
	}
	for _, t := range tokens[1:min(3, len(tokens))] { // "on which", "by how many"
		if asking[t.word] && prepositions[first] {
			return true
		}
	}
	return (first == "can" || first == "may") && len(tokens) > 1 && tokens[1].word != "you"
}

var (
	asking       = map[string]bool{"what": true, "which": true, "whom": true, "whose": true, "how": true}
	prepositions = map[string]bool{"at": true, "by": true, "for": true, "from": true, "in": true, "of": true, "on": true, "to": true, "under": true, "with": true, "since": true, "until": true}
)

// isNumber reports whether a word is a number, a date or the like: what it
// stands for is an argument, and no tool's name.
func isNumber(word string) bool { return word[0] >= '0' && word[0] <= '9' && word[len(word)-1] <= '9' }

// inflected reports whether a verb is in a form in which nothing is told to be
// done: "added", "adding", "kept".
func inflected(t *token) bool {
	return strings.HasSuffix(t.word, "ed") || strings.HasSuffix(t.word, "ing") || !strings.HasPrefix(t.word, t.stem[:len(t.stem)-1])
}
