package search_test

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/search/words"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// bm25 is what the search is measured against: Okapi BM25 (k1 = 1.2, b = 0.75)
// over name, title, description and arguments, each word as it stands.
type bm25 struct {
	names   []string
	counts  []map[string]int
	lengths []float64
	in      map[string]int
	mean    float64
}

func newBM25(tools []tool.Tool) *bm25 {
	b := &bm25{in: map[string]int{}}
	for _, d := range tools {
		text := []string{d.Name, d.Title, d.Description}
		var input struct {
			Properties map[string]struct{ Description string }
		}
		_ = json.Unmarshal(d.Input, &input)
		for name, a := range input.Properties {
			text = append(text, name, a.Description)
		}
		count := map[string]int{}
		list := words.Split(nil, strings.Join(text, " "))
		for _, w := range list {
			if count[w] == 0 {
				b.in[w]++
			}
			count[w]++
		}
		b.names = append(b.names, d.Name)
		b.counts = append(b.counts, count)
		b.lengths = append(b.lengths, float64(len(list)))
		b.mean += float64(len(list)) / float64(len(tools))
	}
	return b
}

func (b *bm25) search(query string, limit int) []string {
	scores := make([]float64, len(b.names))
	for _, w := range words.Split(nil, query) {
		n := float64(b.in[w])
		idf := math.Log(1 + (float64(len(b.names))-n+0.5)/(n+0.5))
		for i, count := range b.counts {
			tf := float64(count[w])
			scores[i] += idf * tf * 2.2 / (tf + 1.2*(0.25+0.75*b.lengths[i]/b.mean))
		}
	}
	order := make([]int, 0, len(scores))
	for i, s := range scores {
		if s > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(scores[j], scores[i]) })
	var names []string
	for _, i := range order[:min(limit, len(order))] {
		names = append(names, b.names[i])
	}
	return names
}
