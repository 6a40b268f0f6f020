package mock_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/mock"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// TestCorpus serves real documents, where they are: every GET that takes no
// parameter in its path answers, and never with a failure of the server.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("BRIDGE_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "specs")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	if err != nil || len(files) == 0 {
		t.Skip("no corpus of real documents here")
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".md") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) { smoke(t, file) })
	}
}

func smoke(t *testing.T, file string) {
	if info, err := os.Stat(file); err == nil && info.Size() > 3<<20 && testing.Short() {
		t.Skip("large")
	}
	doc, err := openapi.Load(context.Background(), file, openapi.Options{Responses: true})
	if err != nil {
		t.Skip("not lowered: ", err)
	}
	s, err := mock.New(doc, mock.Options{Seed: 1})
	if len(doc.Tools) == 0 {
		if err == nil {
			t.Error("a document without operations was served")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	a := &api{t: t, mock: s, creds: map[string][]string{}}
	for _, scheme := range doc.API.Schemes {
		if scheme.Key != "" {
			a.creds.Set(scheme.Key, "any")
		}
	}
	a.creds.Set("Authorization", "Bearer any")
	counts := map[int]int{}
	for _, tl := range doc.Tools {
		op := tl.Operation
		if op.Method != "GET" || strings.Contains(op.Path, "{") {
			continue
		}
		r := a.do("GET", strings.ReplaceAll(op.Path, " ", "%20")+"?"+op.Query, "")
		counts[r.status]++
		if r.status >= 500 {
			t.Errorf("GET %s: %d %s", op.Path, r.status, r.body)
		}
	}
	t.Logf("%d tools, GETs by status: %v", len(doc.Tools), counts)
}
