package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/lint"
)

// TestHostileDocuments lints documents that are small to write and large to walk
// naively. Each must end well within the time that a person waits.
func TestHostileDocuments(t *testing.T) {
	const head = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\nservers: [{url: 'https://x.example'}]\n"
	var lattice, bomb, flags, texts strings.Builder
	lattice.WriteString(head + "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S0_0'}}}}, responses: {}}}}\ncomponents:\n  schemas:\n")
	for level := range 12 {
		for i := range 12 {
			fmt.Fprintf(&lattice, "    S%d_%d: {type: object, properties: {", level, i)
			for j := range 12 {
				fmt.Fprintf(&lattice, "p%d: {$ref: '#/components/schemas/S%d_%d'}, ", j, (level+1)%12, j)
			}
			lattice.WriteString("}}\n")
		}
	}
	bomb.WriteString(head + "paths: {}\nx-a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := range 5 {
		fmt.Fprintf(&bomb, "x-a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i, i, i, i, i)
	}
	bomb.WriteString("components: {schemas: {A: {type: array, example: *a5, items: {type: array, items: {type: integer}}}, B: {type: string, example: *a5}}}\n")
	flags.WriteString(head + "paths: {/a: {get: {responses: {}, parameters: [")
	for i := range 6000 {
		fmt.Fprintf(&flags, "{name: no_x%d, in: query, schema: {type: boolean}}, ", i)
	}
	flags.WriteString("]}}}\n")
	texts.WriteString(head + "paths:\n")
	for i := range 4000 {
		fmt.Fprintf(&texts, "  /a%d: {get: {description: 'the same %s', responses: {}}}\n", i, strings.Repeat("<b", 400))
	}
	for name, document := range map[string]string{"lattice": lattice.String(), "bomb": bomb.String(), "flags": flags.String(), "texts": texts.String()} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.yaml")
			if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			findings := check(t, file, lint.Options{Prefix: "p"})
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it took %v", took)
			} else {
				t.Logf("%d findings in %v", len(findings), took)
			}
		})
	}
}
