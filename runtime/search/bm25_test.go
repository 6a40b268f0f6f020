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
	in      map[string][]counted
	lengths []float64
	mean    float64
}

// counted is how often a word stands in a tool.
type counted struct{ tool, times int }

func newBM25(tools []tool.Tool) *bm25 {
	b := &bm25{in: map[string][]counted{}}
	for i := range tools {
		list := words.Split(nil, textOf(&tools[i]))
		count := map[string]int{}
		for _, w := range list {
			count[w]++
		}
		for w, n := range count {
			b.in[w] = append(b.in[w], counted{i, n})
		}
		b.names = append(b.names, tools[i].Name)
		b.lengths = append(b.lengths, float64(len(list)))
		b.mean += float64(len(list)) / float64(len(tools))
	}
	return b
}

func textOf(x *tool.Tool) string {
	text := []string{x.Name, x.Title, x.Description}
	var input struct {
		Properties map[string]struct{ Description string }
	}
	_ = json.Unmarshal(x.Input, &input)
	for name, a := range input.Properties {
		text = append(text, name, a.Description)
	}
	return strings.Join(text, " ")
}

func (b *bm25) search(query string, limit int) []string {
	scores := make([]float64, len(b.names))
	for _, w := range words.Split(nil, query) {
		n := float64(len(b.in[w]))
		idf := math.Log(1 + (float64(len(b.names))-n+0.5)/(n+0.5))
		for _, c := range b.in[w] {
			tf := float64(c.times)
			scores[c.tool] += idf * tf * 2.2 / (tf + 1.2*(0.25+0.75*b.lengths[c.tool]/b.mean))
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
