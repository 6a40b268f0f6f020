package openapi_test

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

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// BenchmarkLower lowers the largest real documents, where they are present, and
// one that is made up. Beside time and memory it reports how many times those of
// kin-openapi's bare load of the same bytes they are: "×time" and "×bytes".
func BenchmarkLower(b *testing.B) {
	b.Run("synthetic", func(b *testing.B) { benchmarkLower(b, "synthetic.json", synthetic(1000)) })
	for _, name := range []string{"stripe-2025.json", "kubernetes-swagger2-1.36.json", "github-old-ogen.json", "openai.yaml", "langfuse.yaml"} {
		b.Run(name, func(b *testing.B) {
			for _, path := range corpus(b) {
				if filepath.Base(path) != name {
					continue
				}
				data, err := os.ReadFile(path)
				if err != nil {
					b.Fatal(err)
				}
				benchmarkLower(b, path, data)
				return
			}
			b.Skip("this document is not in the corpus")
		})
	}
}

func benchmarkLower(b *testing.B, path string, data []byte) {
	kinTime, kinBytes := measure(b, func() error { return loadByKin(data) })
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var total time.Duration
	var allocated uint64
	n := 0
	for b.Loop() {
		took, bytes := measure(b, func() error {
			_, err := openapi.Lower(context.Background(), data, path, openapi.Options{})
			return err
		})
		total += took
		allocated += bytes
		n++
	}
	b.ReportMetric(float64(total)/float64(n)/float64(kinTime), "×time")
	b.ReportMetric(float64(allocated)/float64(n)/float64(kinBytes), "×bytes")
}

// measure returns the time that do takes, and the bytes that it allocates.
func measure(b *testing.B, do func() error) (time.Duration, uint64) {
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
	return took, after.TotalAlloc - before.TotalAlloc
}

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

// synthetic makes a document of so many resources, each with five operations and
// three schemas that refer to each other, about as large APIs have them.
func synthetic(resources int) []byte {
	var paths, schemas bytes.Buffer
	for i := range resources {
		if i > 0 {
			paths.WriteByte(',')
			schemas.WriteByte(',')
		}
		ref := fmt.Sprintf(`{"$ref":"#/components/schemas/Thing%d"}`, i)
		ok := `"responses":{"200":{"description":"It worked.","content":{"application/json":{"schema":` + ref + `}}},"404":{"description":"There is no such thing."}}`
		body := `"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/NewThing` + fmt.Sprint(i) + `"}}}}`
		id := `"parameters":[{"name":"id","in":"path","required":true,"description":"Which thing.","schema":{"type":"string"}}]`
		fmt.Fprintf(&paths, `"/things%d":{"get":{"operationId":"listThing%d","summary":"List the things","description":"Lists the things, newest first, a page at a time.","parameters":[{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":100,"default":10}},{"name":"cursor","in":"query","schema":{"type":"string"}}],"responses":{"200":{"description":"A page.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page%d"}}}}}},"post":{"operationId":"createThing%d","description":"Creates a thing.",%s,%s}},`, i, i, i, i, body, ok)
		fmt.Fprintf(&paths, `"/things%d/{id}":{%s,"get":{"operationId":"getThing%d",%s},"put":{"operationId":"putThing%d",%s,%s},"delete":{"operationId":"deleteThing%d","responses":{"204":{"description":"It is gone."}}}}`, i, id, i, ok, i, body, ok, i)
		fmt.Fprintf(&schemas, `"Page%d":{"type":"object","required":["data"],"properties":{"data":{"type":"array","items":%s},"next":{"type":"string","nullable":true}}},`, i, ref)
		fmt.Fprintf(&schemas, `"NewThing%d":{"type":"object","required":["name"],"properties":{"name":{"type":"string","maxLength":100,"description":"What people call it."},"kind":{"type":"string","enum":["small","large","other"]},"size":{"type":"number","minimum":0},"tags":{"type":"array","items":{"type":"string"}},"parent":{"$ref":"#/components/schemas/Thing%d"}}},`, i, (i+1)%resources)
		fmt.Fprintf(&schemas, `"Thing%d":{"type":"object","description":"A thing as it is stored.","properties":{"id":{"type":"string","readOnly":true},"created":{"type":"string","format":"date-time"},"name":{"type":"string"},"meta":{"type":"object","additionalProperties":{"type":"string"}},"owner":{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string","format":"email"}}}}}`, i)
	}
	return fmt.Appendf(nil, `{"openapi":"3.0.3","info":{"title":"Synthetic","version":"1"},"servers":[{"url":"https://api.example.com"}],"paths":{%s},"components":{"schemas":{%s}}}`, paths.Bytes(), schemas.Bytes())
}
