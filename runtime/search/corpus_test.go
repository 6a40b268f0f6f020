package search_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/search"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// task is a line of the test sets: what a person asks of a document, and the
// operations that would do.
type task struct {
	Document, Request string
	Right             []string // "GET /contacts"
	Half              string   // "tune" or "hold"
}

func tasksOf(t testing.TB, file string) []task {
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []task
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var one task
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// catalog is a document of the corpus as the search takes it.
type catalog struct {
	documents []search.Document
	tools     []tool.Tool
	names     map[string]string // by "GET /contacts"
}

// name is the tool of an operation; in a catalog of several documents, of the
// one named.
func (c *catalog) name(document, operation string) string {
	if name, ok := c.names[operation]; ok {
		return name
	}
	return c.names[document+" "+operation]
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// where a document of the test sets is.
func locate(document string) string {
	if strings.HasPrefix(document, "specs/") {
		return filepath.Join("..", "..", document)
	}
	return filepath.Join(cmp.Or(os.Getenv("BRIDGE_CORPUS"), filepath.Join("..", "..", "..", "shared", "specs")), document)
}

// catalogs lowers the documents of the tasks, leaving out those that are not
// there.
func catalogs(t testing.TB, sets ...[]task) map[string]*catalog {
	all := map[string]*catalog{}
	for _, one := range slices.Concat(sets...) {
		path := locate(one.Document)
		if _, done := all[one.Document]; done {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			all[one.Document] = nil
			continue
		}
		d, err := openapi.Load(context.Background(), path, openapi.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := &catalog{tools: d.Tools, names: map[string]string{}}
		for i := range d.Tools {
			o := d.Tools[i].Operation
			c.documents = append(c.documents, search.FromTool(d.Tools[i].Name, "", &d.Tools[i]))
			c.names[o.Method+" "+o.Path] = d.Tools[i].Name
		}
		all[one.Document] = c
	}
	for document, c := range all {
		if c == nil {
			delete(all, document)
		}
	}
	return all
}
