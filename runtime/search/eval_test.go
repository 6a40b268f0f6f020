package search_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/search"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// hold prints the totals of the half that nothing is tuned on. It is for the
// record, when all else is done: who looks at it often tunes by it.
var hold = flag.Bool("hold", false, "print the totals of the untouched half too")

// recalls counts the requests with a right operation among the first 1, 5, 10.
type recalls struct{ n, at1, at5, at10 int }

// count takes in an answer, and returns the place of the first right one, from
// 0, or -1.
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

func (r recalls) five() float64 { return float64(r.at5) / float64(max(1, r.n)) }

func (r recalls) String() string {
	p := func(k int) float64 { return float64(k) / float64(max(1, r.n)) }
	return fmt.Sprintf("%4d | %.3f | %.3f | %.3f", r.n, p(r.at1), p(r.at5), p(r.at10))
}

func rightNames(c *catalog, one task) []string {
	var names []string
	for _, r := range one.Right {
		names = append(names, c.name(one.Document, r))
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

// finder is a way to search a catalog.
type finder func(query string, limit int) []string

// measure asks each request of its document's catalog, or of the whole.
func measure(tasks []task, half string, all map[string]*catalog, find func(*catalog) finder) recalls {
	var r recalls
	for _, one := range tasks {
		if c := all[one.Document]; c != nil && one.Half == half {
			r.count(find(c)(one.Request, 10), rightNames(c, one))
		}
	}
	return r
}

// engines are what is compared: how each searches the catalog of one document.
func engines(all map[string]*catalog) (plain, ours func(*catalog) finder) {
	plains, indexes := map[*catalog]*bm25{}, map[*catalog]*search.Index{}
	for _, c := range all {
		if indexes[c] == nil { // one catalog may stand for several documents
			plains[c], indexes[c] = newBM25(c.tools), search.New(c.documents)
		}
	}
	plain = func(c *catalog) finder { return plains[c].search }
	ours = func(c *catalog) finder {
		return func(q string, limit int) []string { return namesOf(indexes[c].Search([]string{q}, limit)) }
	}
	return plain, ours
}

// TestRecall prints how often a right tool is found, next to plain BM25, and
// fails where it is found less often than it was.
func TestRecall(t *testing.T) {
	natural, own := tasksOf(t, "natural.jsonl"), tasksOf(t, "ownwords.jsonl")
	all := catalogs(t, natural, own)
	plain, ours := engines(all)
	whole := merged(all)
	allPlain, allOurs := engines(whole)
	t.Log("requests | half | catalog | engine | n | @1 | @5 | @10")
	for _, set := range []struct {
		name  string
		tasks []task
		floor float64 // of recall@5 on the tune half, each in its document's catalog
	}{{"natural", natural, 0.80}, {"own words", own, 0.95}} {
		for _, half := range []string{"tune", "hold"} {
			if half == "hold" && !*hold {
				continue
			}
			got := measure(set.tasks, half, all, ours)
			t.Logf("%s | %s | one | BM25 | %v", set.name, half, measure(set.tasks, half, all, plain))
			t.Logf("%s | %s | one | ours | %v", set.name, half, got)
			t.Logf("%s | %s | all | BM25 | %v", set.name, half, measure(set.tasks, half, whole, allPlain))
			t.Logf("%s | %s | all | ours | %v", set.name, half, measure(set.tasks, half, whole, allOurs))
			if half == "tune" && len(all) > 20 && got.five() < set.floor {
				t.Errorf("%s: a right tool is among the first five for %.3f of the requests; it was for %.2f", set.name, got.five(), set.floor)
			}
		}
	}
}

// TestRecallOfExamples is TestRecall on the documents of this repository alone,
// so that it runs wherever the code is.
func TestRecallOfExamples(t *testing.T) {
	isHere := func(one task) bool { return strings.HasPrefix(one.Document, "specs/") && one.Half == "tune" }
	var tasks []task
	for _, one := range slices.Concat(tasksOf(t, "natural.jsonl"), tasksOf(t, "ownwords.jsonl")) {
		if isHere(one) {
			tasks = append(tasks, one)
		}
	}
	all := merged(catalogs(t, tasks))
	plain, ours := engines(all)
	before, got := measure(tasks, "tune", all, plain), measure(tasks, "tune", all, ours)
	t.Logf("BM25 %v, ours %v", before, got)
	if got.n < 12 || got.five() < 0.85 || got.five() <= before.five() {
		t.Errorf("of %d requests %.3f have a right tool among the first five, with BM25 %.3f", got.n, got.five(), before.five())
	}
}

// merged is one catalog of all, which each document's tasks are asked of.
func merged(all map[string]*catalog) map[string]*catalog {
	whole := &catalog{}
	byDocument := map[string]*catalog{}
	for _, document := range sortedKeys(all) {
		for i, d := range all[document].documents {
			x := all[document].tools[i]
			d.Source = strings.TrimSuffix(strings.TrimSuffix(document, ".json"), ".yaml")
			d.Name = document + "__" + d.Name
			x.Name = d.Name
			whole.documents, whole.tools = append(whole.documents, d), append(whole.tools, x)
		}
	}
	whole.names = map[string]string{}
	for document, c := range all {
		byDocument[document] = whole
		for operation, name := range c.names {
			whole.names[document+" "+operation] = document + "__" + name
		}
	}
	return byDocument
}

// TestTokens prints what a task costs a model: ten hits with their titles and the
// definitions of the first five, next to the definitions of all tools.
func TestTokens(t *testing.T) {
	all := catalogs(t, tasksOf(t, "natural.jsonl"))
	encoding, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	plain, ours := engines(all)
	for _, document := range sortedKeys(all) {
		c := all[document]
		list := 0
		described, brief := map[string]int{}, map[string]int{}
		for i := range c.tools {
			x := &c.tools[i]
			described[x.Name] = encoding.CountBytes(definition(x))
			brief[x.Name] = encoding.Count(x.Name + ": " + x.Title + "\n")
			list += described[x.Name]
		}
		cost := func(find finder) int {
			sum, n := 0, 0
			for _, one := range tasksOf(t, "natural.jsonl") {
				if one.Document != document || one.Half != "tune" {
					continue
				}
				n++
				for i, name := range find(one.Request, 10) {
					sum += brief[name]
					if i < 5 {
						sum += described[name]
					}
				}
			}
			return sum / max(1, n)
		}
		got := cost(ours(c))
		t.Logf("%s | %d tools | all listed %d tokens | a task by BM25 %d | ours %d", document, len(c.tools), list, cost(plain(c)), got)
		if got > list {
			t.Errorf("%s: searching costs more than the list", document)
		}
	}
}

// definition is a tool as tools/list has it.
func definition(x *tool.Tool) []byte {
	data, err := json.Marshal(map[string]any{"name": x.Name, "title": x.Title, "description": x.Description, "inputSchema": x.Input})
	if err != nil {
		panic(err)
	}
	return data
}
