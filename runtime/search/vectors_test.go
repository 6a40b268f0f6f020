package search

import (
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

// TestVectorsKnowWhatIsNear compares pairs of words: the first two must be
// nearer than the first and the last.
func TestVectorsKnowWhatIsNear(t *testing.T) {
	for _, line := range []string{"puppy dog invoice", "picture photo tax", "salary pay kitten", "song music database", "delete erase weather", "voucher coupon river"} {
		w := strings.Fields(line)
		var v [3]vector
		for i := range w {
			var ok bool
			if v[i], ok = lookup(words.Stem(w[i])); !ok {
				t.Fatalf("%q has no vector", w[i])
			}
		}
		if near, far := cosine(&v[0], &v[1]), cosine(&v[0], &v[2]); near < far+0.1 {
			t.Errorf("%s and %s are %.2f near, %s and %s %.2f", w[0], w[1], near, w[0], w[2], far)
		}
	}
	if _, ok := lookup("qqqqzzzz"); ok {
		t.Error("there is a vector of what is no word")
	}
}

// TestSignsTellOfNearness holds that what is near is not passed over for its
// signs: of the neighbours of some words hardly any may be.
func TestSignsTellOfNearness(t *testing.T) {
	near, passed := 0, 0
	for _, w := range strings.Fields("dog picture salary song coupon doctor invoice holiday message house") {
		v, _ := lookup(words.Stem(w))
		for i := range layout().stems {
			u := unpack(packed[layout().numbers+i*dimensions/2:][:dimensions/2])
			if cosine(&v, &u) < 0.5 {
				continue
			}
			near++
			if differ(&v.signs, &u.signs) > farSigns {
				passed++
			}
		}
	}
	if near < 100 || passed*20 > near {
		t.Errorf("of %d near words %d are passed over", near, passed)
	}
}

// TestThesaurusLines holds each line to its form: a slip there would be silent.
func TestThesaurusLines(t *testing.T) {
	n := 0
	for line := range strings.Lines(thesaurusText) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if read := readThesaurus(line); len(read) == 0 || strings.Count(line, ">") > 1 || strings.Contains(line, ">") && strings.Contains(line, "=") {
			t.Errorf("line %d, %q, relates nothing", n, line)
		}
		for phrase := range readThesaurus(line) {
			if strings.Count(phrase, " ") >= longestPhrase {
				t.Errorf("line %d: %q is too long to be found", n, phrase)
			}
		}
	}
}
