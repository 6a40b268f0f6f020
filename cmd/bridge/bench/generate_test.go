package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// corpusFile returns the path of a real document, or skips what asked for it.
func corpusFile(tb testing.TB, name string) string {
	tb.Helper()
	dir := os.Getenv("BRIDGE_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "specs")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		tb.Skip("this document is not here; BRIDGE_CORPUS names the folder of real documents")
	}
	return path
}

// BenchmarkGenerate turns the largest documents into adapters: lowering and
// generation. "×time" and "×bytes" are time and allocated memory in multiples of
// kin-openapi's bare load of the same bytes. The two take turns, and the best of
// each counts, so that what else the machine does flatters neither.
func BenchmarkGenerate(b *testing.B) {
	b.Run("synthetic", func(b *testing.B) { benchmarkGenerate(b, "synthetic.json", synthetic(1000)) })
	for _, name := range []string{"stripe-2025.json", "github-old-ogen.json", "kubernetes-swagger2-1.36.json", "openai.yaml"} {
		b.Run(name, func(b *testing.B) {
			path := corpusFile(b, name)
			data, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			benchmarkGenerate(b, path, data)
		})
	}
}

func benchmarkGenerate(b *testing.B, path string, data []byte) {
	kin, ours := cost{time: time.Hour}, cost{time: time.Hour}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		ours = ours.least(measure(b, func() error { return generate(b.Context(), path, data) }))
		b.StopTimer()
		kin = kin.least(measure(b, func() error { return loadByKin(data) }))
		b.StartTimer()
	}
	b.ReportMetric(float64(ours.time)/float64(kin.time), "×time")
	b.ReportMetric(float64(ours.bytes)/float64(kin.bytes), "×bytes")
}

func generate(ctx context.Context, path string, data []byte) error {
	doc, err := openapi.Lower(ctx, data, path, openapi.Options{})
	if err != nil {
		return err
	}
	_, err = generator.Generate(doc.Tools, generator.Options{Package: "api", API: doc.API})
	return err
}

// cost is what a piece of work takes.
type cost struct {
	time  time.Duration
	bytes uint64 // allocated
}

func (c cost) least(other cost) cost {
	if other.time < c.time {
		return other
	}
	return c
}

func measure(b *testing.B, do func() error) cost {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return cost{took, after.TotalAlloc - before.TotalAlloc}
}

// loadByKin reads a document as kin-openapi does, and no more.
func loadByKin(data []byte) error {
	if bytes.Contains(data[:min(len(data), 300)], []byte(`"swagger"`)) {
		var v2 openapi2.T
		if err := json.Unmarshal(data, &v2); err != nil {
			return err
		}
		_, err := openapi2conv.ToV3(&v2)
		return err
	}
	_, err := openapi3.NewLoader().LoadFromData(data)
	return err
}

// synthetic makes a document of so many resources, each with four operations, a
// tag and two schemas that refer to each other.
func synthetic(resources int) []byte {
	var paths, schemas bytes.Buffer
	for i := range resources {
		if i > 0 {
			paths.WriteByte(',')
			schemas.WriteByte(',')
		}
		common := fmt.Sprintf(`"tags":["group %d"],"responses":{"200":{"description":"The item.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Item%d"}}}}}`, i%40, i)
		body := fmt.Sprintf(`"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/NewItem%d"}}}}`, i)
		id := `"parameters":[{"name":"id","in":"path","required":true,"description":"Which item.","schema":{"type":"string"}}]`
		fmt.Fprintf(&paths, `"/items%d":{"post":{"operationId":"createItem%d","description":"Creates an item and answers with it.",%s,%s}},`, i, i, body, common)
		fmt.Fprintf(&paths, `"/items%d/{id}":{%s,"get":{"operationId":"getItem%d",%s},"put":{"operationId":"putItem%d",%s,%s},"delete":{"operationId":"deleteItem%d","tags":["group %d"],"responses":{"204":{"description":"It is gone."}}}}`, i, id, i, common, i, body, common, i, i%40)
		fmt.Fprintf(&schemas, `"NewItem%d":{"type":"object","required":["name"],"properties":{"name":{"type":"string","maxLength":100,"description":"What people call it."},"kind":{"type":"string","enum":["small","large","other"]},"tags":{"type":"array","items":{"type":"string"}},"parent":{"$ref":"#/components/schemas/Item%d"}}},`, i, (i+1)%resources)
		fmt.Fprintf(&schemas, `"Item%d":{"type":"object","description":"An item as it is stored.","properties":{"id":{"type":"string","readOnly":true},"created":{"type":"string","format":"date-time"},"name":{"type":"string","nullable":true},"owner":{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string","format":"email"}}}}}`, i)
	}
	return fmt.Appendf(nil, `{"openapi":"3.0.3","info":{"title":"Synthetic","version":"1"},"servers":[{"url":"https://api.example.com"}],"paths":{%s},"components":{"schemas":{%s}}}`, paths.Bytes(), schemas.Bytes())
}
