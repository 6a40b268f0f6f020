package token_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

type hostileText struct{ name, text string }

// hostile returns texts of about size bytes, each of which is one piece or has
// pieces that are hard to tell apart.
func hostile(size int) []hostileText {
	r := rand.New(rand.NewPCG(11, 12))
	from := func(alphabet string) string {
		runes := []rune(alphabet)
		var b strings.Builder
		for b.Len() < size {
			b.WriteRune(runes[r.IntN(len(runes))])
		}
		return b.String()
	}
	again := func(s string) string { return strings.Repeat(s, size/len(s)) }
	return []hostileText{
		{"one letter", again("a")},
		{"one capital", again("A")},
		{"spaces", again(" ")},
		{"newlines", again("\n")},
		{"digits", from("0123456789")},
		{"random letters", from("abcdefghijklmnopqrstuvwxyz")},
		{"random capitals", from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")},
		{"punctuation", from("!?.,;:-_=+*#&%$()[]{}<>")},
		{"one mark", again("=")},
		{"Han", from("的一是不了人我在有他这为之大来以个中上们漢字仮名交")},
		{"emoji", from("😀👍🏽❤🎉🚀")},
		{"marks", from("\u0301\u0302\u0303")},
		{"invalid", again("\xff")},
		{"cut runes", again("\xe2\x82")},
		{"base64", from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")},
		{"Han before capitals", again("漢ABCDEFGHIJ")},
		{"capitals after Han", "漢" + again("A")},
		{"spaces and newline", again(" ") + "\n" + again(" ") + "x"},
		{"nbsp", again("\u00a0")},
		{"special tokens", again("<|endoftext|>")},
	}
}

// TestHostileTexts bounds the time of what tiktoken-go needs minutes for. The
// bound is generous, for slow and busy machines, but far below quadratic.
func TestHostileTexts(t *testing.T) {
	e, small, large := open(t, "o200k_base"), hostile(64<<10), hostile(1<<20)
	took := func(text string) time.Duration {
		start := time.Now()
		e.Count(text)
		return time.Since(start)
	}
	for i := range large {
		a, b := took(small[i].text), took(large[i].text)
		if b > time.Second && b > 64*a {
			t.Errorf("%s: 64 KB took %v, 1 MB %v", large[i].name, a, b)
		}
	}
}

// TestHostileCounts compares counts where the oracle can still follow.
func TestHostileCounts(t *testing.T) {
	for _, p := range pairs(t) {
		for _, h := range hostile(3 << 10) {
			p.check(t, h.text)
		}
	}
}
