package openapi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

const head = "openapi: 3.0.3\ninfo: {title: Hostile, version: '1'}\nservers: [{url: 'https://example.com'}]\n"

// TestHostile lowers documents that are made to hurt, within a bound of time,
// and with a sound result or a clear error.
func TestHostile(t *testing.T) {
	cases := map[string]string{
		"exponential references":      exponential(`{type: object, properties: {a: {$ref: 'NEXT'}, b: {$ref: 'NEXT'}}}`, 60),
		"exponential allOf":           exponential(`{allOf: [{$ref: 'NEXT'}, {$ref: 'NEXT'}, {type: object, properties: {p: {type: string}}}]}`, 60),
		"exponential allOf in fields": exponential(`{type: object, properties: {a: {allOf: [{$ref: 'NEXT'}, {required: [x]}]}, b: {allOf: [{$ref: 'NEXT'}, {required: [y]}]}}}`, 40),
		"exponential unions":          exponential(`{oneOf: [{$ref: 'NEXT'}, {$ref: 'NEXT'}]}`, 60),
		"allOf of itself":             exponential(`{allOf: [{$ref: '#/components/schemas/S0'}, {$ref: 'NEXT'}]}`, 3),
		"merge into itself":           exponential(`{type: object, properties: {a: {allOf: [{$ref: '#/components/schemas/S0'}, {required: [x]}]}, b: {allOf: [{$ref: 'NEXT'}, {required: [x]}]}}}`, 12),
		"reference to itself":         head + "paths: {/a: {$ref: '#/paths/~1a'}, /b: {get: {$ref: '#/paths/~1b/get'}}}\n",
		"parameters that loop":        head + "paths: {/a: {get: {parameters: [{$ref: '#/paths/~1a/get/parameters/0'}], responses: {}}}}\n",
		"alias bomb":                  aliases(12, 10),
		"wide aliases":                aliases(2, 200),
		"an anchor in itself":         head + "paths: &p {/a: {get: {x: *p}}}\n",
		"deep arrays":                 head + "x: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n",
		"deep JSON":                   `{"openapi":"3.0.0","x":` + strings.Repeat("[", 1_000_000) + "}",
		"deep schemas":                `{"openapi": "3.0.0", "paths": {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": ` + strings.Repeat(`{"items": `, 400) + "{}" + strings.Repeat("}", 400) + "}]}}}}",
		"a huge enum":                 head + "paths: {/a: {get: {parameters: [{name: q, in: query, schema: {type: string, enum: [" + list(100_000) + "]}}], responses: {}}}}\n",
		"a huge description":          head + "paths: {/a: {get: {description: '" + strings.Repeat("word ", 1_000_000) + "', responses: {}}}}\n",
		"many operations":             head + "paths:\n" + operations(20_000),
		"many same names":             head + "paths:\n" + strings.ReplaceAll(operations(5_000), "operationId: op", "operationId: same, x-was: op"),
		"a shared fat path item":      shared(400, 300),
		"many parameters":             head + "paths: {/a: {get: {parameters: [" + parameters(20_000) + "], responses: {}}}}\n",
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			doc, err := openapi.Lower(context.Background(), []byte(text), "hostile.yaml", openapi.Options{Responses: true})
			took := time.Since(start)
			if took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if err != nil {
				t.Logf("%v: %v", took.Round(time.Millisecond), err)
				return
			}
			size := 0
			for _, tl := range doc.Tools {
				size += len(tl.Input) + len(tl.Output)
			}
			t.Logf("%v: %d tools, %d diagnostics, %d bytes", took.Round(time.Millisecond), len(doc.Tools), len(doc.Diagnostics), size)
			checkInvariants(t, doc)
		})
	}
}

// exponential makes a chain of schemas, each with several references to NEXT.
func exponential(schema string, depth int) string {
	var b strings.Builder
	b.WriteString(head + "paths: {/a: {post: {requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}}}}}\ncomponents:\n  schemas:\n")
	for i := range depth {
		next := fmt.Sprintf("#/components/schemas/S%d", i+1)
		fmt.Fprintf(&b, "    S%d: %s\n", i, strings.ReplaceAll(schema, "NEXT", next))
	}
	fmt.Fprintf(&b, "    S%d: {type: object, properties: {leaf: {type: string}}}\n", depth)
	return b.String()
}

func aliases(depth, width int) string {
	var b strings.Builder
	b.WriteString(head + "x-0: &a0 {type: object, properties: {p: {type: string}}}\n")
	for i := range depth {
		fmt.Fprintf(&b, "x-%d: &a%d {type: object, properties: {", i+1, i+1)
		for j := range width {
			fmt.Fprintf(&b, "p%d: *a%d, ", j, i)
		}
		b.WriteString("}}\n")
	}
	fmt.Fprintf(&b, "paths: {/a: {post: {requestBody: {required: true, content: {application/json: {schema: *a%d}}}, responses: {}}}}\n", depth)
	return b.String()
}

func list(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "value%d, ", i)
	}
	return b.String()
}

func operations(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  /p%d: {get: {operationId: op%d, responses: {}}}\n", i, i)
	}
	return b.String()
}

func parameters(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{name: 'p[%d]', in: query, schema: {type: string}}, {name: p_%d, in: query, schema: {type: string}}, ", i, i)
	}
	return b.String()
}

func shared(paths, params int) string {
	var b strings.Builder
	b.WriteString(head + "x-item: {get: {responses: {}, parameters: [" + parameters(params) + "]}}\npaths:\n")
	for i := range paths {
		fmt.Fprintf(&b, "  /p%d: {$ref: '#/x-item'}\n", i)
	}
	return b.String()
}

func FuzzLower(f *testing.F) {
	seeds := []string{
		`{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{"/a/{id}":{"get":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":["string","null"]}}],"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S"}}}}}}}},"components":{"schemas":{"S":{"allOf":[{"$ref":"#/components/schemas/S"},{"properties":{"a":false}}]}}}}`,
		head + "paths: {/a: {post: {requestBody: {content: {multipart/form-data: {schema: {properties: {f: {format: binary}}}, encoding: {f: {style: form}}}}}, responses: {}}}}",
		"swagger: '2.0'\npaths: {/a: {post: {parameters: [{in: formData, name: f, type: file}, {in: body, name: b, schema: {type: array}}], responses: {200: {schema: {type: object}}}}}}",
		"openapi: 3.2.0\npaths: {'/a?b=c#d': {query: {x-mcp: {name: 1}, security: [{}]}, additionalOperations: {COPY: {}}}}",
		"openapi: 3.1.0\nx: &a [1]\ny: *a\n<<: {paths: {/x: {get: {parameters: [{name: q, in: query, schema: {$recursiveRef: '#'}}]}}}}",
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 20_000 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		doc, err := openapi.Lower(ctx, data, "fuzz.yaml", openapi.Options{Responses: true})
		if err != nil {
			return
		}
		checkInvariants(t, doc)
	})
}
