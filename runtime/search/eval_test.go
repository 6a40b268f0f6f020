package search_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/search"
)

// recalls counts the requests with a right operation among the first 1, 5, 10.
type recalls struct{ n, at1, at5, at10 int }

func (r *recalls) count(names, right []string) int {
	r.n++
	rank := slices.IndexFunc(names, func(n string) bool { return slices.Contains(right, n) })
	if rank < 0 {
		return -1
	}
	if rank < 1 {
		r.at1++
	}
	if rank < 5 {
		r.at5++
	}
	if rank < 10 {
		r.at10++
	}
	return rank
}

func (r recalls) String() string {
	p := func(k int) float64 { return float64(k) / float64(max(1, r.n)) }
	return fmt.Sprintf("%4d | %.3f | %.3f | %.3f", r.n, p(r.at1), p(r.at5), p(r.at10))
}

func rightNames(c *catalog, one task) []string {
	var names []string
	for _, r := range one.Right {
		names = append(names, c.names[r])
	}
	return names
}

func namesOf(hits []search.Hit) []string {
	var names []string
	for _, h := range hits {
		names = append(names, h.Name)
	}
	return names
}

func TestScratch(t *testing.T) {
	natural, own := tasksOf(t, "natural.jsonl"), tasksOf(t, "ownwords.jsonl")
	all := catalogs(t, natural, own)
	for _, set := range []struct {
		name  string
		tasks []task
	}{{"natural", natural}, {"own", own}} {
		for _, half := range []string{"tune", "hold"} {
			if half == "hold" && os.Getenv("HOLD") == "" {
				continue
			}
			var base, ours recalls
			for _, one := range set.tasks {
				c := all[one.Document]
				if c == nil || one.Half != half {
					continue
				}
				base.count(newBM25(c.tools).search(one.Request, 10), rightNames(c, one))
				x := search.New(c.documents)
				names := namesOf(x.Search([]string{one.Request}, 10))
				rank := ours.count(names, rightNames(c, one))
				if half == "tune" && (rank < 0 || rank >= 5) && os.Getenv("SHOW") != "" {
					all := namesOf(x.Search([]string{one.Request}, 200))
					at := slices.IndexFunc(all, func(n string) bool { return slices.Contains(rightNames(c, one), n) })
					fmt.Printf("%-30.30s %s\n      right %d %s\n      got %s\n", one.Document, one.Request, at, strings.Join(rightNames(c, one)[:1], " "), strings.Join(names[:min(5, len(names))], "  "))
				}
			}
			fmt.Println(set.name, half, "bm25", base, " ours", ours)
		}
	}
}
