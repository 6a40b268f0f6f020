package profile_test

import (
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/token"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxDocument is how large a document may be, in bytes, that every run of the
// tests reads; name the corpus in BRIDGE_CORPUS to read all.
const maxDocument = 600 << 10

// corpus lists the real documents: those of BRIDGE_CORPUS, or beside the
// repository. Without any the test is skipped.
func corpus(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("BRIDGE_CORPUS")
	most := int64(math.MaxInt64)
	if dir == "" {
		most = maxDocument
		dir = filepath.Join("..", "..", "..", "shared", "specs")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus of real documents here; name its folder in BRIDGE_CORPUS")
	}
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)) {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() <= most {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestCorpus adapts every tool of every real document to every profile and
// prints what the definitions cost.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("reads large documents")
	}
	encoding, err := token.Open("o200k_base")
	if err != nil {
		t.Fatal(err)
	}
	count := os.Getenv("BRIDGE_CORPUS") != ""
	t.Logf("%-36s %6s %9s  %v", "document", "tools", "as is", profile.Names())
	for _, path := range corpus(t) {
		doc, err := openapi.Load(t.Context(), path, openapi.Options{})
		if err != nil || len(doc.Tools) == 0 {
			continue // the lowering's own tests say why
		}
		var costs []int
		var took []time.Duration
		plain := 0
		for _, name := range profile.Names() {
			p := named(t, name)
			cost := 0
			start := time.Now()
			for _, tl := range doc.Tools {
				shown := shownOf(t, tl)
				if name == profile.Default && count {
					plain += costOf(t, encoding, shown)
				}
				adapted, err := p.Apply(shown)
				if err != nil {
					t.Errorf("%s: %s: %v", path, name, err)
					continue
				}
				checkAdapted(t, name, adapted)
				if count {
					cost += costOf(t, encoding, adapted)
				}
			}
			took = append(took, time.Since(start).Round(time.Millisecond))
			costs = append(costs, cost)
		}
		t.Logf("%-36s %6d %9d  %v %v", filepath.Base(path), len(doc.Tools), plain, costs, took)
	}
}

func named(t testing.TB, name string) profile.Profile {
	t.Helper()
	p, err := profile.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shownOf is a tool as the gateway shows it, but for the profile.
func shownOf(t *testing.T, tl tool.Tool) tool.Tool {
	t.Helper()
	output, err := tool.Tolerant(tl.Output)
	if err != nil {
		t.Fatal(err)
	}
	tl.Output = output
	return tl
}

func costOf(t *testing.T, encoding *token.Encoding, tl tool.Tool) int {
	t.Helper()
	tl.Operation = nil
	text, err := json.Marshal(tl)
	if err != nil {
		t.Fatal(err)
	}
	return encoding.CountBytes(text)
}
