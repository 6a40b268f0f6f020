package corpus_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const metaPrefix = "https://json-schema.org/draft/2020-12/"

// metaSchema returns the meta-schema of JSON Schema 2020-12, which the library
// that checks with it has among its sources.
var metaSchema = sync.OnceValues(func() (*jsonschema.Resolved, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/google/jsonschema-go").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "jsonschema", "meta-schemas", "draft2020-12")
	read := func(u *url.URL) (*jsonschema.Schema, error) {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(u.String(), metaPrefix))+".json"))
		if err != nil {
			return nil, err
		}
		var s jsonschema.Schema
		return &s, json.Unmarshal(data, &s)
	}
	root, err := read(&url.URL{Scheme: "https", Host: "json-schema.org", Path: "/draft/2020-12/schema"})
	if err != nil {
		return nil, err
	}
	return root.Resolve(&jsonschema.ResolveOptions{BaseURI: metaPrefix + "schema", Loader: read})
})

// rootCombinators make some clients refuse a tool, and the tools beside it.
var rootCombinators = []string{"oneOf", "anyOf", "allOf", "not", "if", "then", "else", "enum", "const", "$ref", "$dynamicRef"}

// checkTools checks all tools' names and schemas.
func checkTools(t *testing.T, prefix string, doc *openapi.Document) {
	t.Helper()
	names := map[string]bool{}
	known := map[string]bool{}
	for i := range doc.Tools {
		tl := &doc.Tools[i]
		served := prefix + "_" + tl.Name
		if names[served] || !tool.ValidName(served) {
			t.Errorf("the name %q is not valid, or not the only one", served)
		}
		names[served] = true
		if err := tl.Validate(); err != nil {
			t.Error(err)
		}
		checkSchema(t, tl.Name+" input", tl.Input, known)
		if tl.Output != nil {
			checkSchema(t, tl.Name+" output", tl.Output, known)
		}
	}
}

// checkSchema holds a tool's schema to the meta-schema and to what clients take.
// Definitions that are known are not checked again.
func checkSchema(t *testing.T, what string, raw json.RawMessage, known map[string]bool) {
	t.Helper()
	meta, err := metaSchema()
	if err != nil {
		t.Fatal(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if _, err := schema.Resolve(nil); err != nil {
		t.Errorf("%s has a reference to nothing, or a pattern that is none: %v", what, err)
	}
	var root map[string]json.RawMessage
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatal(err)
	}
	if string(root["type"]) != `"object"` {
		t.Errorf("%s: the root has type %s", what, root["type"])
	}
	for _, key := range rootCombinators {
		if root[key] != nil {
			t.Errorf("%s: the root has %q", what, key)
		}
	}
	var defs map[string]json.RawMessage
	_ = json.Unmarshal(root["$defs"], &defs) // it was read above
	delete(root, "$defs")
	for name, def := range defs {
		if text := name + string(def); !known[text] {
			known[text] = true
			checkMeta(t, what+" "+name, meta, def)
		}
	}
	rest, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	checkMeta(t, what, meta, rest)
}

func checkMeta(t *testing.T, what string, meta *jsonschema.Resolved, raw json.RawMessage) {
	t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Errorf("%s: %v", what, err)
	} else if err := meta.Validate(value); err != nil {
		t.Errorf("%s is no JSON Schema 2020-12: %v", what, err)
	}
}
