package openapi_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

const writtenDocument = `openapi: 3.1.0
info: {title: T, version: '1'}
servers: [{url: 'https://x.example'}]
paths:
  /it's:
    get:
      operationId: one
      parameters:
        - $ref: '#/components/parameters/Limit'
  /bad}:
    get: {}
  /far:
    $ref: '#/components/pathItems/Far'
components:
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer}}
  pathItems:
    Far:
      post: {operationId: far}
`

// TestInspect finds each tool's operation again, with its place and the path
// by which an overlay reaches it.
func TestInspect(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(file, []byte(writtenDocument), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, written, err := openapi.Inspect(context.Background(), file, openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Tools) != 2 || len(written.Operations) != 2 {
		t.Fatalf("%d tools and %d operations; want 2 of each", len(doc.Tools), len(written.Operations))
	}
	one, far := written.Operations[0], written.Operations[1]
	if one.Key != "GET /it's" || one.Target != `$.paths['/it\'s'].get` || one.Place().Line != 6 || one.Place().Column != 5 {
		t.Errorf("the first operation is %q, %q at %v", one.Key, one.Target, one.Place())
	}
	if far.Key != "POST /far" || far.Target != "" || far.Node.Get("operationId").Text() != "far" {
		t.Errorf("the operation behind a reference is %q with target %q", far.Key, far.Target)
	}
	limit := one.Node.Get("parameters").Items()[0].Follow()
	if limit.Get("name").Text() != "limit" || limit.KeyPlace("schema").Line != 16 {
		t.Errorf("the parameter behind a reference is %s at %v", limit.JSON(), limit.KeyPlace("schema"))
	}
	if missing := one.Node.Get("nothing").Get("at").Follow(); missing.Exists() || missing.Place() != (openapi.Place{}) || missing.Items() != nil {
		t.Error("what is not there must say so")
	}
}
