package search_test

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/search"
)

// fiveThousand is a catalog of 5,000 tools: those of the corpus, again and again
// under other sources.
func fiveThousand(b *testing.B) []search.Document {
	all := catalogs(b, tasksOf(b, "natural.jsonl"))
	var documents []search.Document
	for round := 0; len(documents) < 5000; round++ {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			for _, d := range all[name].documents {
				d.Source = fmt.Sprint(name, round)
				d.Name = fmt.Sprint(d.Source, "__", d.Name)
				documents = append(documents, d)
			}
		}
	}
	return documents[:5000]
}

func BenchmarkNew(b *testing.B) {
	documents := fiveThousand(b)
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := search.New(documents)
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		x = search.New(documents)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	runtime.KeepAlive(x)
}

func BenchmarkFromTool(b *testing.B) {
	all := catalogs(b, tasksOf(b, "natural.jsonl"))
	n := 0
	for b.Loop() {
		n = 0
		for _, c := range all {
			for i := range c.tools {
				search.FromTool("", "", &c.tools[i])
				n++
			}
		}
	}
	b.ReportMetric(float64(n), "tools")
}

// BenchmarkSearch searches for the requests of the test set, in turn.
func BenchmarkSearch(b *testing.B) {
	tasks := tasksOf(b, "natural.jsonl")
	x := search.New(fiveThousand(b))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.Search([]string{tasks[i%len(tasks)].Request}, 10)
		i++
	}
}
