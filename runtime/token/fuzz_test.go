package token_test

import "testing"

// FuzzCount compares the count with the oracle's, whose time is quadratic in
// the length of a piece and bounds the texts.
func FuzzCount(f *testing.F) {
	for _, text := range tricky {
		f.Add(text)
	}
	all := pairs(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			text = text[:2000]
		}
		for _, p := range all {
			p.check(t, text)
			n := p.Count(text)
			if got, within := p.CountUpTo(text, n); got != n || !within {
				t.Errorf("%s: CountUpTo(%q, %d) = %d, %t", p.Name(), text, n, got, within)
			}
			if cut := p.Cut(text, n/2); p.Count(cut) > n/2 {
				t.Errorf("%s: Cut(%q, %d) is over its limit", p.Name(), text, n/2)
			}
		}
	})
}
