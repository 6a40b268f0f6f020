package search

// Settings are for the tests that look for better ones.
type Settings = settings

// Tuned are the settings in use.
func Tuned() Settings { return tuned }

// With is an index of the same catalog with other settings.
func (x *Index) With(s Settings) *Index {
	y := &Index{entries: append([]entry(nil), x.entries...), terms: x.terms, stems: x.stems, starts: x.starts, postings: x.postings,
		idf: x.idf, meanings: x.meanings, known: x.known, letters: x.letters, strong: x.strong, signs: x.signs}
	y.apply(s)
	return y
}

// Numbers are all that can be changed.
func (s *Settings) Numbers() []*float32 {
	all := []*float32{&s.idfPower, &s.plain, &s.near, &s.nearScale, &s.nearAlone, &s.sameKind, &s.common, &s.coverage, &s.action, &s.verb, &s.meaning, &s.number, &s.depth, &s.old}
	for i := range s.place {
		all = append(all, &s.place[i], &s.important[i])
	}
	return all
}

// Bare are the same settings without the thesaurus.
func (s Settings) Bare() Settings { s.bare = true; return s }
