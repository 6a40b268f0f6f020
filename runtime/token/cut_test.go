package token_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCountBytesIsCount(t *testing.T) {
	for _, p := range pairs(t) {
		for _, text := range tricky {
			if a, b := p.Count(text), p.CountBytes([]byte(text)); a != b {
				t.Errorf("%s: %q has %d tokens as a string, %d as bytes", p.Name(), text, a, b)
			}
		}
	}
}

func TestInvalidBytesAreReplacementCharacters(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, p := range pairs(t) {
		for range 500 {
			raw := []byte(random(r, 40))
			for range r.IntN(4) {
				raw = append(raw, byte(r.Uint32()))
			}
			clean := string([]rune(string(raw)))
			if a, b := p.CountBytes(raw), p.Count(clean); a != b {
				t.Errorf("%s: %q has %d tokens, %q %d", p.Name(), raw, a, clean, b)
			}
		}
	}
}

func TestCountUpTo(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	texts := append([]string{jsonText(35, 4<<10), strings.Repeat("a", 3000), strings.Repeat("漢字", 700), strings.Repeat("\xff", 700)}, tricky...)
	for range 100 {
		texts = append(texts, random(r, 200))
	}
	for _, p := range pairs(t) {
		for _, text := range texts {
			exact := p.Count(text)
			for _, limit := range []int{-1, 0, 1, exact / 2, exact - 1, exact, exact + 1, len(text), 1 << 40} {
				n, within := p.CountUpTo(text, limit)
				switch {
				case within != (exact <= limit):
					t.Errorf("%s: CountUpTo(%q, %d) = %d, %t, but there are %d tokens", p.Name(), text, limit, n, within, exact)
				case within && n != exact, !within && (n <= limit || n > exact):
					t.Errorf("%s: CountUpTo(%q, %d) = %d, %t; the count is %d", p.Name(), text, limit, n, within, exact)
				}
			}
		}
	}
}

// prefixes has the count of each prefix of a text that ends between two runes.
type prefixes struct {
	ends, counts []int
}

func prefixesOf(p pair, text string) (all prefixes) {
	for i := range text {
		all.ends = append(all.ends, i)
	}
	all.ends = append(all.ends, len(text))
	for _, end := range all.ends {
		all.counts = append(all.counts, p.Count(text[:end]))
	}
	return all
}

// longest is the length of Cut's result, by looking at every place.
func (all prefixes) longest(limit int) int {
	for i := len(all.ends) - 1; i >= 0; i-- {
		if all.counts[i] <= limit {
			return all.ends[i]
		}
	}
	return 0
}

func TestCutIsTheLongestPrefix(t *testing.T) {
	r := rand.New(rand.NewPCG(36, 37))
	texts := append([]string{"a \t x", "  \n   x", " \t \n\v\f word", "word \u2003\u00a0\u2003x", "x   " + strings.Repeat("zq", 300), "x" + strings.Repeat("\u1680\t", 4) + "   " + strings.Repeat("zq", 300), jsonText(38, 600)}, tricky...)
	for range 400 {
		texts = append(texts, random(r, 50))
	}
	for range 200 {
		alphabet := []rune(" \t\n\r\u00a0\u2003x!")
		text := make([]rune, 1+r.IntN(24))
		for i := range text {
			text[i] = alphabet[r.IntN(len(alphabet))]
		}
		texts = append(texts, string(text))
	}
	for _, p := range pairs(t) {
		for _, text := range texts {
			exact, all := p.Count(text), prefixesOf(p, text)
			for limit := -1; limit <= exact; limit = max(limit+1, limit*10/9) {
				if got, want := p.Cut(text, limit), text[:all.longest(limit)]; got != want {
					t.Fatalf("%s: Cut(%q, %d) = %q, not %q", p.Name(), text, limit, got, want)
				}
			}
			if p.Cut(text, exact) != text || p.Cut(text, -1) != "" {
				t.Errorf("%s: Cut(%q) does not end where it should", p.Name(), text)
			}
		}
	}
}

func TestCutOfLongPieces(t *testing.T) {
	for _, p := range pairs(t) {
		for _, h := range hostile(700) {
			exact, all := p.Count(h.text), prefixesOf(p, h.text)
			for _, limit := range []int{1, 2, exact / 3, exact * 3 / 4, exact - 2, exact - 1} {
				if got, want := p.Cut(h.text, limit), all.longest(limit); len(got) != want {
					t.Errorf("%s: %s: Cut at %d has %d bytes, not %d", p.Name(), h.name, limit, len(got), want)
				}
			}
		}
	}
}

func TestCutOfHostileTextsFitsAndFills(t *testing.T) {
	p := pairs(t)[0]
	for _, h := range hostile(64 << 10) {
		const limit = 300
		got := p.Cut(h.text, limit)
		if n := p.Count(got); n > limit || n < limit-2 {
			t.Errorf("%s: %d tokens, want %d", h.name, n, limit)
		}
		if next := h.text[len(got):]; next != "" {
			_, size := utf8.DecodeRuneInString(next)
			if p.Count(h.text[:len(got)+size]) <= limit {
				t.Errorf("%s: one more rune would fit", h.name)
			}
		}
	}
}
