package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// candidates is how many documents are looked at closely.
const candidates = 200

// match is a term of the index that a word of the request may stand for.
type match struct {
	term uint32
	near float32 // 1 for the word itself
}

// work is the memory of a search, used again for the next.
type work struct {
	best    []float32 // of the word at hand, by document
	score   []float32 // of all words, by document
	covered []float32 // by document
	touched []uint32  // those with score > 0
	list    []uint32  // those with best > 0
	spoken  []float32 // how near a word of the request came, by term
	terms   []uint32  // those with spoken > 0
	matches []match
	ranked  []scored
}

// least is the lowest score of a hit.
const least = 1e-6

// scored is a document with its score.
type scored struct {
	document uint32
	score    float32
}

// rank returns the documents that answer a request, the best first.
func (x *Index) rank(r *request, w *work, dst []scored) []scored {
	w.reset(len(x.entries), len(x.stems))
	var total float32
	var meant direction
	for i := range r.asks {
		total += x.ask(&r.asks[i], w, &meant)
	}
	if total == 0 {
		return dst[:0]
	}
	x.cover(w)
	dst = x.pick(w, total, dst[:0])
	meaning := meant.vector()
	for i := range dst {
		dst[i].score = x.closely(dst[i].document, dst[i].score, r, &meaning)
	}
	slices.SortFunc(dst, better)
	x.vary(dst)
	for i := 1; i < len(dst); i++ {
		dst[i].score = min(dst[i].score, dst[i-1].score)
	}
	return dst
}

// better orders by score, then as the documents stood.
func better(a, b scored) int {
	if a.score != b.score {
		return cmp.Compare(b.score, a.score)
	}
	return cmp.Compare(a.document, b.document)
}

// varied is how many of the first documents are put in an order in which each
// next one adds something.
const varied = 40

// vary moves down what is much like what stands before it: the same done
// to things of one name, in another version of the API or under another parent.
// Who looks at the first few then sees more of what may be meant.
func (x *Index) vary(list []scored) {
	top := list[:min(varied, len(list))]
	for i := range top {
		best := i
		for j := i + 1; j < len(top); j++ {
			if better(top[j], top[best]) < 0 {
				best = j
			}
		}
		chosen := top[best]
		copy(top[i+1:best+1], top[i:best])
		top[i] = chosen
		e := &x.entries[chosen.document]
		for j := i + 1; j < len(top); j++ {
			o := &x.entries[top[j].document]
			if o.object == e.object && o.main == e.main {
				top[j].score = max(least, top[j].score-x.set.sameKind)
			}
		}
	}
}

func (w *work) reset(documents, terms int) {
	if len(w.score) < documents {
		w.best, w.score, w.covered = make([]float32, documents), make([]float32, documents), make([]float32, documents)
		w.touched = w.touched[:0]
	}
	for _, d := range w.touched {
		w.score[d], w.covered[d] = 0, 0
	}
	w.touched = w.touched[:0]
	if len(w.spoken) < terms {
		w.spoken, w.terms = make([]float32, terms), w.terms[:0]
	}
	for _, t := range w.terms {
		w.spoken[t] = 0
	}
	w.terms = w.terms[:0]
}

// ask scores all documents by one word of the request, and returns what it
// weighs at most.
func (x *Index) ask(a *ask, w *work, meant *direction) float32 {
	var v vector
	known := false
	if !a.exact {
		v, known = lookup(a.stem)
	}
	weight := a.weight
	if known {
		weight *= 1 - x.set.common + x.set.common*min(1, v.rarity/12)
		meant.add(&v, weight)
	}
	w.matches = x.expand(a, &v, known, w.matches[:0])
	w.list = w.list[:0]
	most := float32(0)
	for _, m := range w.matches {
		if m.near > w.spoken[m.term] {
			if w.spoken[m.term] == 0 {
				w.terms = append(w.terms, m.term)
			}
			w.spoken[m.term] = m.near * min(1, a.weight)
		}
		tell := x.tell[m.term] * m.near
		most = max(most, tell)
		for _, p := range x.postings[x.starts[m.term]:x.starts[m.term+1]] {
			if m.near < 1 && p.places&strong == 0 {
				continue
			}
			c := tell * x.place[p.places]
			if c > w.best[p.document] {
				if w.best[p.document] == 0 {
					w.list = append(w.list, p.document)
				}
				w.best[p.document] = c
			}
		}
	}
	for _, d := range w.list {
		if w.score[d] == 0 {
			w.touched = append(w.touched, d)
		}
		w.score[d] += weight * w.best[d]
		w.best[d] = 0
	}
	if most == 0 {
		return weight * 0.5
	}
	return weight * max(most, 0.3)
}

// expand finds the terms that a word may stand for: itself, what the thesaurus
// has, what the vectors have near, and what it may be a slip or the beginning
// of.
func (x *Index) expand(a *ask, v *vector, known bool, dst []match) []match {
	if t, ok := x.terms[a.stem]; ok && !a.exact {
		dst = append(dst, match{t, 1})
	}
	for _, s := range a.senses {
		if x.set.bare {
			break
		}
		if t, ok := x.terms[s.stems]; ok {
			dst = append(dst, match{t, s.surety})
			continue
		}
		if strings.Contains(s.stems, " ") {
			for part := range strings.SplitSeq(s.stems, " ") {
				if t, ok := x.terms[part]; ok && !stopWords()[part] {
					dst = append(dst, match{t, s.surety * 0.7})
				}
			}
		}
	}
	if known {
		scale := x.set.nearAlone
		if len(dst) > 0 {
			scale = x.set.nearScale
		}
		dst = x.nearby(v, scale, dst)
	}
	if len(dst) == 0 && !a.exact {
		dst = x.slips(a.stem, dst)
	}
	return dst
}

// farSigns is how many of a hundred signs differ where two words have nothing
// to do with each other; half of all do by chance.
const farSigns = 40

// mostNear is how many terms a word may be near to.
const mostNear = 12

// nearby appends the terms whose vectors are near.
func (x *Index) nearby(v *vector, scale float32, dst []match) []match {
	first := len(dst)
	for i := range x.signs {
		s := &x.signs[i]
		if differ(&s.signs, &v.signs) > farSigns {
			continue
		}
		if c := cosine(v, &x.meanings[s.term]); c >= x.set.near && c < 0.999 {
			dst = append(dst, match{s.term, scale * (c - x.set.near + 0.15) / (1.15 - x.set.near)})
		}
	}
	if len(dst)-first > mostNear {
		slices.SortFunc(dst[first:], func(a, b match) int { return cmp.Compare(b.near, a.near) })
		dst = dst[:first+mostNear]
	}
	return dst
}

// cover sums up how much of each document was spoken of.
func (x *Index) cover(w *work) {
	for _, t := range w.terms {
		near := w.spoken[t] * x.idf[t]
		for _, p := range x.postings[x.starts[t]:x.starts[t+1]] {
			if w.score[p.document] > 0 {
				w.covered[p.document] += near * x.important[p.places]
			}
		}
	}
}

// pick keeps the documents with the highest scores so far.
func (x *Index) pick(w *work, total float32, dst []scored) []scored {
	for _, d := range w.touched {
		e := &x.entries[d]
		s := w.score[d] / total
		if e.mass > 0 {
			s += x.set.coverage * min(1, w.covered[d]/e.mass) * min(1, 2*s)
		}
		dst = append(dst, scored{d, s})
	}
	return highest(dst)
}

// highest keeps about as many of the highest scores as are looked at closely,
// without sorting: it counts them by size first.
func highest(list []scored) []scored {
	if len(list) <= candidates {
		return list
	}
	top := float32(0)
	for _, s := range list {
		top = max(top, s.score)
	}
	if top <= 0 {
		return list[:candidates]
	}
	var counts [256]int
	size := func(s float32) int { return int(max(0, s) / top * 255) }
	for _, s := range list {
		counts[size(s.score)]++
	}
	lowest, n := 255, counts[255]
	for lowest > 0 && n+counts[lowest-1] <= candidates {
		lowest--
		n += counts[lowest]
	}
	kept := list[:0]
	for _, s := range list {
		if size(s.score) >= lowest {
			kept = append(kept, s)
		}
	}
	return kept
}

// closely scores a document by what it does and means as a whole.
func (x *Index) closely(document uint32, s float32, r *request, meaning *vector) float32 {
	e := &x.entries[document]
	s += x.set.action * agree(&r.intent, &e.action)
	if e.verb != none && slices.Contains(r.verbs, x.stems[e.verb]) {
		s += x.set.verb
	}
	s += x.set.meaning * max(0, cosine(meaning, &e.meaning))
	if r.intent[lists]+r.intent[reads] > 0.5 && r.plural == e.plural {
		s += x.set.number
	}
	s -= x.set.depth * float32(e.depth)
	if e.deprecated {
		s -= x.set.old
	}
	return max(s, least)
}

// slips finds terms that a word which nothing knows may be a slip of, or short
// for.
func (x *Index) slips(stem string, dst []match) []match {
	if len(stem) < 4 {
		return dst
	}
	most := 1
	if len(stem) >= 8 {
		most = 2
	}
	letters := lettersOf(stem)
	for _, t := range x.strong {
		term := x.stems[t]
		if strings.HasPrefix(term, stem) || len(term) >= 4 && strings.HasPrefix(stem, term) {
			dst = append(dst, match{t, 0.7})
			continue
		}
		if abs(len(term)-len(stem)) > most || bits.OnesCount32(letters^x.letters[t]) > 2*most {
			continue
		}
		if d := distance(stem, term, most); d <= most {
			dst = append(dst, match{t, 0.85 - 0.1*float32(d)})
		}
	}
	return dst
}

func abs(n int) int { return max(n, -n) }

// lettersOf is the set of letters of a word.
func lettersOf(word string) uint32 {
	var set uint32
	for i := range len(word) {
		set |= 1 << (word[i] & 31)
	}
	return set
}

// distance is the number of letters to insert, leave out, replace or swap with
// their neighbours to make one word the other; more than most where it is over
// most.
func distance(a, b string, most int) int {
	if len(a) > 32 || len(b) > 32 {
		return most + 1
	}
	var two, one, now [33]int
	for j := range len(b) + 1 {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(one[j]+1, now[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], two[j-2]+1)
			}
		}
		two, one = one, now
	}
	return one[len(b)]
}
