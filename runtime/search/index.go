package search

import (
	"slices"
	"sync"
)

// Index finds the tools of one catalog. It never changes, and may be searched
// from many goroutines at once.
type Index struct {
	entries  []entry
	terms    map[string]uint32
	stems    []string // by term
	starts   []uint32 // where a term's postings begin, by term
	postings []posting
	idf      []float32
	meanings []vector
	known    []bool   // whether a term has a meaning
	letters  []uint32 // of each term
	strong   []uint32 // the terms that may be found by more than themselves
	signs    []sign   // those with a meaning

	set       settings
	place     [1 << placeCount]float32
	important [1 << placeCount]float32
	tell      []float32

	works sync.Pool
}

// sign is the signs of a term's meaning.
type sign struct {
	signs [2]uint64
	term  uint32
}

// Hit is a tool that was found.
type Hit struct {
	Name string
	// Group is the thing that the tool is about, such as "contacts/notes"; tools
	// of one group belong together.
	Group string
	// Score is comparable within one answer only; the first hit's is 1.
	Score float32
}

// fuse is the constant of reciprocal rank fusion: the larger, the less the first
// ranks stand out.
const fuse = 8

// Search returns at most limit tools that the queries are about, the best first.
// Several queries are several ways to say one thing, or several parts of one
// task: what ranks high for any of them ranks high. Words of any case, order and
// form will do, and slips of the pen.
func (x *Index) Search(queries []string, limit int) []Hit {
	if limit <= 0 || len(x.entries) == 0 {
		return nil
	}
	w, _ := x.works.Get().(*work)
	if w == nil {
		w = &work{}
	}
	defer x.works.Put(w)
	ranked := x.rankAll(queries, w)
	hits := make([]Hit, 0, min(limit, len(ranked)))
	for _, s := range ranked[:min(limit, len(ranked))] {
		e := &x.entries[s.document]
		hits = append(hits, Hit{e.name, e.group, s.score / ranked[0].score})
	}
	return hits
}

// rankAll ranks by all queries; the answer is only good until the next search
// with w.
func (x *Index) rankAll(queries []string, w *work) []scored {
	if len(queries) > maxQueries {
		queries = queries[:maxQueries]
	}
	if len(queries) == 1 {
		r := parse(queries[0], &x.set)
		w.ranked = x.rank(&r, w, w.ranked)
		return w.ranked
	}
	fused := map[uint32]float32{}
	for _, q := range queries {
		r := parse(q, &x.set)
		w.ranked = x.rank(&r, w, w.ranked)
		for i, s := range w.ranked {
			fused[s.document] += 1 / float32(fuse+i)
		}
	}
	all := make([]scored, 0, len(fused))
	for d, s := range fused {
		all = append(all, scored{d, s})
	}
	slices.SortFunc(all, better)
	return all
}

// Group is the hits about one thing.
type Group struct {
	Name string
	Hits []Hit
}

// Groups puts hits about the same thing together, in the order of the best of
// each.
func Groups(hits []Hit) []Group {
	var groups []Group
	at := map[string]int{}
	for _, h := range hits {
		i, known := at[h.Group]
		if !known {
			i = len(groups)
			at[h.Group] = i
			groups = append(groups, Group{Name: h.Group})
		}
		groups[i].Hits = append(groups[i].Hits, h)
	}
	return groups
}
