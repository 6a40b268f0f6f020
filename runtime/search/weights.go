package search

// settings are the numbers of the ranking, found by trial on the half of the
// test requests that is for it (TestTune).
type settings struct {
	// What a place says of a document's subject, by bit.
	place [placeCount]float32
	// What a place's words weigh when it is asked how much of the document the
	// request spoke of.
	important [placeCount]float32
	idfPower  float32 // how much rare words of the catalog count over common ones
	plain     float32 // what plain verbs count as words
	near      float32 // the least cosine at which words are taken as near
	nearScale float32 // what near words count, next to the same word
	nearAlone float32 // the same, where the catalog has neither the word nor what the thesaurus has for it
	common    float32 // how much the rarity of a word in English counts
	coverage  float32 // how much of the document the request spoke of
	action    float32 // whether it does what was asked
	verb      float32 // whether its very verb was said
	meaning   float32 // how near the two are as a whole
	number    float32 // one or several
	depth     float32 // off, for each thing that its path goes through
	old       float32 // off, where it is deprecated
	sameKind  float32 // off, for each hit before that does the same to the same kind of thing
	bare      bool    // without the thesaurus, for tests
}

var tuned = settings{
	//         object parent title name tag argument lead body field result
	place:     [placeCount]float32{0.25, 0.1, 0.45, 0.75, 0.5, 0.2, 0.5, 0.12, 0.03, 0.24},
	important: [placeCount]float32{0.29, 0.04, 0.44, 0.25, 0, 0.01, 0.07, 0.01, 0.03, 0.12},
	idfPower:  0.3,
	plain:     0.2,
	near:      0.25,
	nearScale: 0.03,
	nearAlone: 0.08,
	common:    0.9,
	coverage:  0.3,
	action:    0.23,
	verb:      0.02,
	meaning:   0.057,
	number:    0.026,
	depth:     0.005,
	old:       0.03,
	sameKind:  0.03,
}

// byPlaces combines what places weigh into a table of all their sets: the more
// places, the nearer to 1.
func byPlaces(one [placeCount]float32) [1 << placeCount]float32 {
	var all [1 << placeCount]float32
	for set := range all {
		rest := float32(1)
		for bit, w := range one {
			if set>>bit&1 != 0 {
				rest *= 1 - w*0.98
			}
		}
		all[set] = 1 - rest
	}
	return all
}
