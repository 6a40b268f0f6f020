package search

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

// place is where in a document a word stands; a term's places are a set of bits.
type place = uint16

const (
	inObject   place = 1 << iota // the last word of the path, or what a name's verb governs
	inParent                     // the words of the path before
	inTitle                      // the title, or the description's first sentence where there is none
	inName                       // the name
	inTag                        // the tags, and the source
	inArgument                   // the names of the arguments
	inLead                       // the description's first sentence
	inBody                       // whatever else is said
	inField                      // the names inside the arguments
	inResult                     // the names inside the result

	placeCount = 10
)

// strong are the places whose words may be found by meaning; elsewhere a word
// is found by itself alone.
const strong = inObject | inParent | inTitle | inName | inTag | inArgument | inField | inResult

// posting is a term in a document.
type posting struct {
	document uint32
	places   place
}

// entry is a document in the index.
type entry struct {
	name, group string
	action      intent
	verb        uint32 // the term of the verb of its title or name; none if none
	meaning     vector // of its title, path and name together
	object      string // the last word of its path, or its group
	main        action // the likeliest
	plural      bool   // its object is several things
	deprecated  bool
	depth       uint8   // how many things its path goes through
	mass        float32 // what all its important words weigh
}

const none = ^uint32(0)

// builder takes documents apart.
type builder struct {
	terms   map[string]uint32
	names   []string // by term
	stems   map[string]string
	lists   [][]posting         // by term
	texts   map[string][]uint32 // the terms of short texts, which come again and again
	stop    map[string]bool
	scratch []string
	places  []place  // of the document at hand, by term
	used    []uint32 // the terms of the document at hand
}

func (b *builder) stem(word string) string {
	if s, ok := b.stems[word]; ok {
		return s
	}
	s := words.Stem(word)
	b.stems[word] = s
	return s
}

func (b *builder) term(stem string) uint32 {
	if t, ok := b.terms[stem]; ok {
		return t
	}
	t := uint32(len(b.names))
	stem = strings.Clone(stem) // it may be a part of a long text
	b.terms[stem] = t
	b.names = append(b.names, stem)
	b.lists = append(b.lists, nil)
	b.places = append(b.places, 0)
	return t
}

// put notes the words of a text at a place of the document at hand.
func (b *builder) put(text string, at place) {
	if text == "" {
		return
	}
	terms, ok := b.texts[text]
	if !ok {
		terms = b.termsOf(text)
		if len(text) <= maxArgument {
			b.texts[text] = terms
		}
	}
	for _, t := range terms {
		if b.places[t] == 0 {
			b.used = append(b.used, t)
		}
		b.places[t] |= at
	}
}

// termsOf are the terms of a text but for the stop words.
func (b *builder) termsOf(text string) []uint32 {
	var terms []uint32
	b.scratch = words.Split(b.scratch[:0], text)
	for _, w := range b.scratch {
		if len(w) > 1 && !b.stop[w] {
			terms = append(terms, b.term(b.stem(w)))
		}
	}
	return terms
}

// New builds the index of a catalog. It takes some tens of milliseconds for
// thousands of tools, and keeps no reference to the documents.
func New(documents []Document) *Index {
	b := &builder{terms: map[string]uint32{}, stems: map[string]string{}, texts: map[string][]uint32{}, stop: stopWords()}
	x := &Index{entries: make([]entry, len(documents))}
	for i := range documents {
		x.entries[i] = b.add(uint32(i), &documents[i])
	}
	x.finish(b)
	return x
}

// add takes one document apart.
func (b *builder) add(number uint32, d *Document) entry {
	e := entry{name: strings.Clone(d.Name), verb: none, deprecated: d.Deprecated || saysDeprecated(d)}
	p := pathOf(d.Path)
	lead, body := sentence(strings.TrimPrefix(limit(d.Description, maxDescription), d.Title))
	title := cmp.Or(d.Title, lead)
	b.put(p.object, inObject)
	for _, parent := range p.parents {
		b.put(parent, inParent)
	}
	b.put(p.parameters, inArgument)
	b.put(title, inTitle)
	b.put(d.Name, inName)
	for _, tag := range d.Tags {
		b.put(tag, inTag)
	}
	b.put(d.Source, inTag)
	for i, a := range d.Arguments {
		if i == maxArguments {
			break
		}
		b.put(limit(a.Name, maxArgument), inArgument)
		b.put(limit(a.Description, maxArgument), inBody)
	}
	for _, name := range d.Fields {
		b.put(limit(name, maxArgument), inField)
	}
	for _, name := range d.Results {
		b.put(limit(name, maxArgument), inResult)
	}
	b.put(lead, inLead)
	b.put(body, inBody)
	b.act(&e, d, &p, title)
	e.group, e.depth = p.group(d), uint8(min(255, len(p.parents)))
	e.object = cmp.Or(strings.Clone(p.object), e.group)
	e.main = e.action.likeliest()
	for _, t := range b.used {
		b.lists[t] = append(b.lists[t], posting{number, b.places[t]})
		b.places[t] = 0
	}
	b.used = b.used[:0]
	return e
}

// saysDeprecated knows the documents that say so in words alone.
func saysDeprecated(d *Document) bool {
	return strings.Contains(d.Title, "DEPRECATED") || strings.Contains(limit(d.Description, 80), "DEPRECATED") ||
		strings.HasPrefix(d.Description, "Deprecated")
}

// act finds out what the tool does: its method and path say one thing, the
// first verb of its title and of its name another.
func (b *builder) act(e *entry, d *Document, p *path, title string) {
	e.action = ofMethod(d.Method, p.item)
	if d.Method == "" {
		e.action = ofAnnotations(d)
	}
	e.plural = p.plural
	said := false
	for _, text := range []string{title, lastPart(d.Name)} {
		b.scratch = words.Split(b.scratch[:0], text)
		for i, w := range b.scratch {
			if i == 3 {
				break
			}
			means, ok := verbOf(b.stem(w))
			if !ok {
				continue
			}
			if e.verb == none {
				e.verb = b.term(b.stem(w))
			}
			if !said {
				e.action.mix(&means, d.Method)
				said = true
			}
			break
		}
	}
	if p.object == "" {
		e.plural = pluralTitle(title)
	}
}

// finish turns what was gathered into the index's arrays.
func (x *Index) finish(b *builder) {
	n := len(b.names)
	x.terms, x.stems = b.terms, b.names
	x.starts = make([]uint32, n+1)
	total := 0
	for _, l := range b.lists {
		total += len(l)
	}
	x.postings = make([]posting, 0, total)
	x.idf = make([]float32, n)
	x.known = make([]bool, n)
	x.meanings = make([]vector, n)
	x.letters = make([]uint32, n)
	for t, list := range b.lists {
		x.starts[t] = uint32(len(x.postings))
		x.postings = append(x.postings, list...)
		x.letters[t] = lettersOf(b.names[t])
		x.idf[t] = idf(len(list), len(x.entries))
		if slices.ContainsFunc(list, func(p posting) bool { return p.places&strong != 0 }) {
			x.meanings[t], x.known[t] = lookup(b.names[t])
			x.strong = append(x.strong, uint32(t))
			if x.known[t] {
				x.signs = append(x.signs, sign{x.meanings[t].signs, uint32(t)})
			}
		}
	}
	x.starts[n] = uint32(len(x.postings))
	x.apply(tuned)
}

// idf is how much a word tells that stands in so many of the documents: 1 for
// one of many, toward 0 for all.
func idf(in, of int) float32 {
	if in == 0 {
		return 0
	}
	return float32(math.Log(1+(float64(of)-float64(in)+0.5)/(float64(in)+0.5)) / math.Log(1+float64(of)/1.5))
}

// apply takes the settings, and with them sums up the important words of each document, and what they mean.
func (x *Index) apply(s settings) {
	x.set, x.place, x.important = s, byPlaces(s.place), byPlaces(s.important)
	x.tell = make([]float32, len(x.idf))
	for t := range x.idf {
		x.tell[t] = float32(math.Pow(float64(x.idf[t]), float64(s.idfPower)))
	}
	for i := range x.entries {
		x.entries[i].mass = 0
	}
	directions := make([]direction, len(x.entries))
	for t := range x.stems {
		for _, p := range x.postings[x.starts[t]:x.starts[t+1]] {
			w := x.idf[t] * x.important[p.places]
			x.entries[p.document].mass += w
			if x.known[t] {
				directions[p.document].add(&x.meanings[t], w)
			}
		}
	}
	for i := range x.entries {
		x.entries[i].meaning = directions[i].vector()
	}
}
