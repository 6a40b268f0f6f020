package shape

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/token"
)

// tiny is a small random document.
func tiny(r *rand.Rand, depth int) string {
	switch k := r.IntN(8); {
	case depth > 2 || k < 2:
		return []string{`1`, `"a few words"`, `null`, `true`, `3.14159`, `"x"`, `[]`, `{}`, `"` + strings.Repeat("long text ", 15) + `"`}[r.IntN(9)]
	case k < 5:
		var b strings.Builder
		for i := range r.IntN(5) {
			fmt.Fprintf(&b, `,"%s%d":%s`, []string{"id", "name", "url", "z"}[r.IntN(4)], i, tiny(r, depth+1))
		}
		return "{" + strings.TrimPrefix(b.String(), ",") + "}"
	default:
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteString("," + tiny(r, depth+1))
		}
		return "[" + strings.TrimPrefix(b.String(), ",") + "]"
	}
}

// Of tiny documents all beginnings of the order are tried: what is found is the
// longest that fits, and one step more never does.
func TestTheLongestThatFitsByBruteForce(t *testing.T) {
	enc, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{Counter: enc})
	r := rand.New(rand.NewPCG(61, 62))
	tried, shorter := 0, 0
	for range 200 {
		body := tiny(r, 0)
		t0, err := parse(body)
		if err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		for _, d := range []*document{{tree: t0, text: 0}, {tree: t0, text: 0, structured: true}, {tree: t0, text: none, structured: true}} {
			for limit := 1; limit < 2*enc.Count(body); limit++ {
				p := printer{s: s, d: d, g: newGrowth(t0, nil, nil)}
				if !p.fits(1, limit) {
					continue
				}
				got := p.most(1, limit)
				if !p.fits(got, limit) || got < p.g.steps && p.fits(got+1, limit) {
					t.Fatalf("%d of %d steps in %d tokens of %s", got, p.g.steps, limit, body)
				}
				want := got
				for k := got + 1; k <= p.g.steps; k++ {
					if p.fits(k, limit) {
						want = k
					}
				}
				tried++
				if got < want {
					shorter++
				}
			}
		}
	}
	t.Logf("%d tries, %d not the longest", tried, shorter)
	if tried < 3000 || shorter*500 > tried {
		t.Errorf("of %d %d are not the longest", tried, shorter)
	}
}

// The order is the same for every budget, and each of its beginnings is a valid
// document that has all of the one before.
func TestBeginningsOfTheOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(63, 64))
	for range 300 {
		body := tiny(r, 0)
		t0, err := parse(body)
		if err != nil {
			t.Fatal(err)
		}
		g := newGrowth(t0, nil, nil)
		for g.grow(g.bytes + 1<<20) {
		}
		before := 0
		for k := int32(1); k <= g.steps; k++ {
			out := g.render(nil, 0, k, inStructured)
			if _, err := parse(string(out)); err != nil {
				t.Fatalf("%d steps of %s: %s", k, body, out)
			}
			if len(out) < before {
				t.Fatalf("%d steps of %s are shorter than one less: %s", k, body, out)
			}
			before = len(out)
		}
		if out := g.render(nil, 0, g.steps, inStructured); string(out) != string(t0.text) {
			t.Fatalf("all steps make %s of %s", out, t0.text)
		}
		if cuts := g.cuts(nil, 0, g.steps, ""); len(cuts) != 0 {
			t.Fatalf("all steps cut %v", cuts)
		}
	}
}
