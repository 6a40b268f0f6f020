package openapi_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// TestMutations breaks the golden documents at random places, by a fixed seed,
// in the ways that documents are broken: a value of another type, one that is
// missing, a reference to somewhere else. What must hold must hold still.
func TestMutations(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join("testdata", "golden", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := archive.Files[0].Data
		random := rand.New(rand.NewPCG(1, 2))
		for round := range rounds {
			var doc map[string]any
			if err := yaml.Unmarshal(text, &doc); err != nil {
				break // has duplicate keys on purpose
			}
			for range 1 + round%5 {
				mutate(random, doc)
			}
			broken, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			got, err := openapi.Lower(context.Background(), broken, "doc.json", openapi.Options{Responses: true})
			if err != nil {
				continue
			}
			checkInvariants(t, got)
			if t.Failed() {
				t.Fatalf("%s, round %d: %s", filepath.Base(path), round, broken)
			}
		}
	}
}

// mutate changes one value somewhere in a document.
func mutate(random *rand.Rand, doc map[string]any) {
	var at any = doc
	for range 2 + random.IntN(12) {
		switch v := at.(type) {
		case map[string]any:
			keys := sortedKeys(v)
			if len(keys) == 0 {
				return
			}
			key := keys[random.IntN(len(keys))]
			if random.IntN(6) == 0 && key != "openapi" && key != "swagger" && key != "paths" {
				v[key] = strange(random)
				return
			}
			at = v[key]
		case []any:
			if len(v) == 0 {
				return
			}
			i := random.IntN(len(v))
			if random.IntN(4) == 0 {
				v[i] = strange(random)
				return
			}
			at = v[i]
		default:
			return
		}
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func strange(random *rand.Rand) any {
	values := []any{nil, true, false, 0, -1, 1e300, "", "text", "$ref", []any{}, []any{1, nil}, map[string]any{}, map[string]any{"type": "array"},
		map[string]any{"$ref": "#/components/schemas/Tree"}, map[string]any{"$ref": "#/paths"}, map[string]any{"$ref": "#"}, map[string]any{"$ref": 1},
		map[string]any{"allOf": []any{map[string]any{"$ref": "#"}, map[string]any{"type": "object"}}}, map[string]any{"oneOf": true}, []any{map[string]any{"$ref": "#/info"}}}
	return values[random.IntN(len(values))]
}
