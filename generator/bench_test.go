package generator_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// corpusDir is the folder of the real documents: beside the repository, or
// BRIDGE_CORPUS. What needs one is skipped without.
func corpusDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("BRIDGE_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "specs")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus of real documents here; name its folder in BRIDGE_CORPUS")
	}
	return dir
}

// BenchmarkGenerate measures the largest real documents, lowering aside.
func BenchmarkGenerate(b *testing.B) {
	for _, name := range []string{"stripe-2025.json", "github-old-ogen.json"} {
		b.Run(name, func(b *testing.B) {
			doc, err := openapi.Load(b.Context(), filepath.Join(corpusDir(b), name), openapi.Options{})
			if err != nil {
				b.Skip(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := generator.Generate(doc.Tools, generator.Options{Package: "api", API: doc.API}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
