package openapi_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

const head = "openapi: 3.0.3\ninfo: {title: Hostile, version: '1'}\nservers: [{url: 'https://example.com'}]\n"

// hostileDocuments are made to hurt.
func hostileDocuments() map[string]func() string {
	return map[string]func() string{
		"exponential references": func() string {
			return exponential(`{type: object, properties: {a: {$ref: 'NEXT'}, b: {$ref: 'NEXT'}}}`, 60)
		},
		"exponential allOf": func() string {
			return exponential(`{allOf: [{$ref: 'NEXT'}, {$ref: 'NEXT'}, {type: object, properties: {p: {type: string}}}]}`, 60)
		},
		"exponential allOf in fields": func() string {
			return exponential(`{type: object, properties: {a: {allOf: [{$ref: 'NEXT'}, {required: [x]}]}, b: {allOf: [{$ref: 'NEXT'}, {required: [y]}]}}}`, 40)
		},
		"exponential unions": func() string { return exponential(`{oneOf: [{$ref: 'NEXT'}, {$ref: 'NEXT'}]}`, 60) },
		"allOf of itself":    func() string { return exponential(`{allOf: [{$ref: '#/components/schemas/S0'}, {$ref: 'NEXT'}]}`, 3) },
		"merge into itself": func() string {
			return exponential(`{type: object, properties: {a: {allOf: [{$ref: '#/components/schemas/S0'}, {required: [x]}]}, b: {allOf: [{$ref: 'NEXT'}, {required: [x]}]}}}`, 12)
		},
		"reference to itself": func() string {
			return head + "paths: {/a: {$ref: '#/paths/~1a'}, /b: {get: {$ref: '#/paths/~1b/get'}}}\n"
		},
		"parameters that loop": func() string {
			return head + "paths: {/a: {get: {parameters: [{$ref: '#/paths/~1a/get/parameters/0'}], responses: {}}}}\n"
		},
		"alias bomb":          func() string { return aliases(12, 10) },
		"wide aliases":        func() string { return aliases(2, 200) },
		"an anchor in itself": func() string { return head + "paths: &p {/a: {get: {x: *p}}}\n" },
		"deep arrays":         func() string { return head + "x: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n" },
		"deep JSON":           func() string { return `{"openapi":"3.0.0","x":` + strings.Repeat("[", 1_000_000) + "}" },
		"deep schemas": func() string {
			return `{"openapi": "3.0.0", "paths": {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": ` + strings.Repeat(`{"items": `, 400) + "{}" + strings.Repeat("}", 400) + "}]}}}}"
		},
		"a huge enum": func() string {
			return head + "paths: {/a: {get: {parameters: [{name: q, in: query, schema: {type: string, enum: [" + list(100_000) + "]}}], responses: {}}}}\n"
		},
		"a huge description": func() string {
			return head + "paths: {/a: {get: {description: '" + strings.Repeat("word ", 1_000_000) + "', responses: {}}}}\n"
		},
		"many operations":                 func() string { return head + "paths:\n" + operations(20_000) },
		"more values than bytes can tell": func() string { return `{"openapi":"3.0.0","x":[` + strings.Repeat("[],", 10_000_000) + "1]}" },
		"as many values as may be":        func() string { return `{"openapi":"3.0.0","paths":{},"x":[` + strings.Repeat("[],", 1_550_000) + "1]}" },
		"as many keys as may be":          func() string { return `{"openapi":"3.0.0","paths":{},"x":{` + keys(1_550_000) + `"k":1}}` },
		"YAML of many values":             func() string { return head + "x: [" + strings.Repeat("1,", 10_000_000) + "]\n" },
		"YAML of as many as may be":       func() string { return head + "paths: {}\nx: [" + strings.Repeat("1,", 1_150_000) + "]\n" },
		"many keys of YAML":               func() string { return head + "paths: {}\nx:\n" + strings.ReplaceAll(" "+keys(580_000), ",", "\n ") },
		"many same names": func() string {
			return head + "paths:\n" + strings.ReplaceAll(operations(5_000), "operationId: op", "operationId: same, x-was: op")
		},
		"a shared fat path item": func() string { return shared(400, 300) },
		"many parameters": func() string {
			return head + "paths: {/a: {get: {parameters: [" + parameters(20_000) + "], responses: {}}}}\n"
		},
	}
}

// Bounds on what a hostile document may take. Time is that of the processor, so
// that the test does not depend on what else the machine does.
const (
	hostileTime   = 5 * time.Second
	hostileMemory = 512 << 20
)

// TestHostile lowers each hostile document in a process of its own, within a
// bound of time and memory, and once more here, for a sound result or a clear
// error.
func TestHostile(t *testing.T) {
	for name, text := range hostileDocuments() {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestHostileAlone$")
			cmd.Env = append(os.Environ(), hostileName+"="+name)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			memory, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(out), "\n", 2)[0]))
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			t.Logf("%v, %d MB", took.Round(time.Millisecond), memory>>20)
			if took > hostileTime || memory > hostileMemory {
				t.Errorf("took %v and %d MB", took, memory>>20)
			}
			doc, err := openapi.Lower(context.Background(), []byte(text()), "hostile.yaml", openapi.Options{Responses: true})
			if err == nil {
				checkInvariants(t, doc)
			}
		})
	}
}

const hostileName = "OPENAPI_HOSTILE_DOCUMENT"

// TestHostileAlone is TestHostile's other process. It prints what memory it got
// of the system, which is at least the most that it held.
func TestHostileAlone(t *testing.T) {
	name := os.Getenv(hostileName)
	if name == "" {
		t.Skip("TestHostile runs it")
	}
	_, err := openapi.Lower(context.Background(), []byte(hostileDocuments()[name]()), "hostile.yaml", openapi.Options{Responses: true})
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Printf("%d\n%v\n", stats.Sys, err)
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

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "\"%d\": 1,", i)
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
