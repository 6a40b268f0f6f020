package token_test

import (
	"strings"
	"testing"
)

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

// FuzzBlock compares counting in blocks with counting piece by piece, with the
// text at the start, in the middle and at the end of blocks.
func FuzzBlock(f *testing.F) {
	for _, text := range tricky {
		f.Add(text, uint8(7))
	}
	for _, text := range []string{
		"don't 'tis it'S I'LLbe ''s 5's", "{\n  \"a\": [\n\t1,\r\n22,333,4444],\n\n}//\n/x", "camelCaseHTTPServer x__y ...  a   (b) -1", "a'é\" é 1é ,é\n", "\x00\x7fa \x00 \x1f",
	} {
		f.Add(text, uint8(61))
	}
	filler := strings.Repeat(`{"id": 12345, "name":"Walnut side-table",`+"\n"+`  "aB":[true, 0.5]} It is so. `, 4)
	all := pairs(f)
	f.Fuzz(func(t *testing.T, text string, at uint8) {
		for _, p := range all {
			for _, long := range []string{text + filler, filler[:min(int(at), len(filler))] + text + filler, filler + text} {
				if got, want := p.Count(long), p.CountSingly(long); got != want {
					t.Fatalf("%s: %q has %d tokens in blocks, %d piece by piece", p.Name(), long, got, want)
				}
			}
			if len(text) < 500 {
				p.check(t, filler[:min(int(at), len(filler))]+text+filler)
			}
		}
	})
}
