package generator_test

import (
	"path/filepath"
	"testing"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/rest"
)

// BenchmarkLoad measures what an adapter of a large document costs when a
// gateway starts.
func BenchmarkLoad(b *testing.B) {
	for _, name := range []string{"stripe-2025.json", "github-old-ogen.json"} {
		b.Run(name, func(b *testing.B) {
			doc, err := openapi.Load(b.Context(), filepath.Join(corpusDir(b), name), openapi.Options{})
			if err != nil {
				b.Skip(err)
			}
			l, err := lock.Build(doc.Tools, lock.Options{})
			if err != nil {
				b.Fatal(err)
			}
			text, err := l.Marshal()
			if err != nil {
				b.Fatal(err)
			}
			a := rest.Adapter{Name: "api", Lock: string(text)}
			for _, t := range doc.Tools {
				t.Input, t.Output = nil, nil
				a.Tools = append(a.Tools, t)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Load(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
