package search_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/search"
)

var tune = flag.Int("tune", 0, "look for better settings, on the tune half alone, in so many `trials`")

// judged is a request of the tune half with its index.
type judged struct {
	one    task
	right  []string
	fold   int
	weight float64
}

// TestTune looks for better settings by changing a few at a time and keeping
// what is better. It prints what it finds, and how well what was found on four
// fifths of the requests does on the others: by that one sees whether it has
// learnt something or learnt them by heart.
func TestTune(t *testing.T) {
	if *tune == 0 {
		t.Skip("only with -tune")
	}
	natural, own := tasksOf(t, "natural.jsonl"), tasksOf(t, "ownwords.jsonl")
	all := catalogs(t, natural, own)
	var set []judged
	for i, tasks := range [][]task{natural, own} {
		for _, one := range tasks {
			if c := all[one.Document]; c != nil && one.Half == "tune" {
				set = append(set, judged{one, rightNames(c, one), len(set) % 5, []float64{1, 0.5}[i]})
			}
		}
	}
	indexes := map[string]*search.Index{}
	for d, c := range all {
		indexes[d] = search.New(c.documents)
	}
	for fold := range 5 {
		found := climb(indexes, slices.DeleteFunc(slices.Clone(set), func(j judged) bool { return j.fold == fold }), *tune/5, uint64(fold))
		rest := slices.DeleteFunc(slices.Clone(set), func(j judged) bool { return j.fold != fold })
		before, _ := value(indexes, rest, search.Tuned())
		after, _ := value(indexes, rest, found)
		fmt.Printf("fold %d: on the others %.4f before, %.4f after\n", fold, before, after)
	}
	found := climb(indexes, set, *tune, 99)
	b, bare := value(indexes, set, found.Bare())
	fmt.Printf("bare %.4f %v\n", b, bare)
	v, r := value(indexes, set, found)
	fmt.Printf("%.4f %v\n%#v\n", v, r, found)
}

// climb tries settings near the best so far.
func climb(indexes map[string]*search.Index, set []judged, trials int, seed uint64) search.Settings {
	rng := rand.New(rand.NewPCG(seed, 1))
	best := search.Tuned()
	highest := both(indexes, set, best)
	for range trials {
		next := best
		numbers := next.Numbers()
		for range 1 + rng.IntN(3) {
			n := numbers[rng.IntN(len(numbers))]
			*n = max(0, *n*float32(1+0.35*rng.NormFloat64())+float32(0.01*rng.NormFloat64()))
		}
		if v := both(indexes, set, next); v > highest {
			best, highest = next, v
		}
	}
	return best
}

// both is the value with and without the thesaurus: what was tried with it
// alone would trust it more than it deserves for requests that nobody had in
// mind who wrote it.
func both(indexes map[string]*search.Index, set []judged, s search.Settings) float64 {
	with, _ := value(indexes, set, s)
	without, _ := value(indexes, set, s.Bare())
	return 0.6*with + 0.4*without
}

// value is how good settings are: mostly whether a right operation is among
// the first five, and smoothly how far up.
func value(indexes map[string]*search.Index, set []judged, s search.Settings) (float64, recalls) {
	var r recalls
	sum, total := 0.0, 0.0
	tried := map[string]*search.Index{}
	for _, d := range slices.Sorted(maps.Keys(indexes)) {
		tried[d] = indexes[d].With(s)
	}
	for _, j := range set {
		rank := r.count(namesOf(tried[j.one.Document].Search([]string{j.one.Request}, 30)), j.right)
		total += j.weight
		if rank >= 0 {
			v := 0.5 / float64(1+rank)
			if rank < 5 {
				v += 0.35
			}
			if rank < 10 {
				v += 0.15
			}
			sum += j.weight * v
		}
	}
	return sum / total, r
}
