package corpus_test

import (
	"context"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/generator"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// FuzzDocument takes whatever bytes from document to Go: they are refused with a
// reason, or become tools that are valid and a package that can be parsed.
func FuzzDocument(f *testing.F) {
	for _, d := range append(under(f, repository+"/specs"), under(f, "testdata")...) {
		data, err := os.ReadFile(d.path)
		if err != nil {
			f.Fatal(err)
		}
		if most := 4 << 10; len(data) <= most { // the fuzzer makes little of large seeds
			f.Add(data)
		}
	}
	for _, seed := range []string{
		`{"openapi":"3.1.0","paths":{"/a/{*/}":{"get":{"summary":"*/ func","tags":["../x","a\u0000b"],"parameters":[{"name":"","in":"query"},{"name":"` + "`" + `","in":"header"}]}}}}`,
		`{"swagger":"2.0","paths":{"/a":{"post":{"parameters":[{"in":"body","name":"b","schema":{"$ref":"#/definitions/A"}}]}}},"definitions":{"A":{"allOf":[{"$ref":"#/definitions/A"}],"properties":{"type":{"enum":["",1,null]}}}}}`,
		"openapi: 3.0.0\npaths: {/x: {put: {operationId: func, requestBody: {content: {'multipart/form-data': {schema: {oneOf: [{}, {type: file}]}}}}}}}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		doc, err := openapi.Lower(ctx, data, "fuzz.yaml", openapi.Options{Prefix: "fuzz"})
		if err != nil {
			if fault.Message(err) == "" {
				t.Errorf("no reason: %v", err)
			}
			return
		}
		for i := range doc.Tools {
			if err := doc.Tools[i].Validate(); err != nil {
				t.Error(err)
			}
		}
		files, err := generator.Generate(doc.Tools, generator.Options{Package: "fuzz", Source: "fuzz.yaml", API: doc.API})
		if err != nil {
			t.Fatalf("the tools can't be generated: %v", err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file.Name, ".go") {
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), file.Name, file.Data, parser.SkipObjectResolution); err != nil {
				t.Errorf("%s: %v", file.Name, err)
			}
		}
	})
}
