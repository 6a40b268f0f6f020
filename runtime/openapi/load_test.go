package openapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestUnusableDocuments shows the one message that each unusable document gets.
func TestUnusableDocuments(t *testing.T) {
	cases := []struct {
		name, text, want string
		kind             fault.Kind
	}{
		{"empty", "", "is empty", fault.Invalid},
		{"blank", " \n\t", "is empty", fault.Invalid},
		{"comment", "# nothing", "no OpenAPI document", fault.Invalid},
		{"HTML", "<!DOCTYPE html><html></html>", "HTML or XML", fault.Invalid},
		{"text", "hello", "it holds a string", fault.Invalid},
		{"array", "[1]", "it holds an array", fault.Invalid},
		{"JSON syntax", "{\"openapi\": \"3.0.0\",\n \"paths\" {}}", "doc:2:10: expected ':' after the key \"paths\"", fault.Invalid},
		{"YAML syntax", "openapi: 3.0.0\npaths: {\n  - x: [", "doc:", fault.Invalid},
		{"AsyncAPI", "asyncapi: 3.0.0", "an AsyncAPI document", fault.Invalid},
		{"other", "name: x", "neither \"openapi\" nor \"swagger\"", fault.Invalid},
		{"old", "swagger: '1.2'", "Swagger 1.2", fault.Unsupported},
		{"future", "openapi: 4.0.0", "OpenAPI \"4.0.0\"", fault.Unsupported},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := openapi.Lower(context.Background(), []byte(c.text), "doc", openapi.Options{})
			if fault.KindOf(err) != c.kind || !strings.Contains(fault.Message(err), c.want) {
				t.Errorf("got %v (%v), want %q", err, fault.KindOf(err), c.want)
			}
		})
	}
}

func TestLoadOfWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	for location, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "no file",
		dir:                             "is a directory",
		"http://127.0.0.1:1/x?key=s3cr": "can't be reached",
	} {
		_, err := openapi.Load(context.Background(), location, openapi.Options{})
		if err == nil || !strings.Contains(fault.Message(err), want) || strings.Contains(fault.Message(err), "s3cr") {
			t.Errorf("%s: got %v, want %q", location, err, want)
		}
	}
}

// TestUnusualVersions are read as what they are meant to be.
func TestUnusualVersions(t *testing.T) {
	for _, version := range []string{"3.1.3", "3.0", "3", "'3.0.0 '", "3.10.0"} {
		doc, err := openapi.Lower(context.Background(), []byte("openapi: "+version+"\npaths: {/a: {get: {responses: {}}}}"), "doc", openapi.Options{})
		if err != nil || len(doc.Tools) != 1 {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// TestURLDocument loads a document and what it refers to over HTTP.
func TestURLDocument(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"p": {"name": "elsewhere", "in": "query", "schema": {"type": "string"}}}`)
	}))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/api/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "openapi: 3.0.0\ninfo: {title: T}\nservers: [{url: /v1}]\npaths: {/a: {get: {operationId: a, parameters: [{$ref: 'shared.json#/p'}, {$ref: '%s/x.json#/p'}], responses: {}}}}\n", other.URL)
	})
	mux.HandleFunc("/api/shared.json", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"p": {"name": "here", "in": "query", "schema": {"type": "string"}}}`)
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/api/openapi.yaml", http.StatusFound)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/private", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	srv := httptest.NewServer(mux)
	defer srv.Close()

	params := func(location string, opts openapi.Options) (string, []openapi.Diagnostic) {
		doc, err := openapi.Load(context.Background(), location, opts)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range doc.Tools[0].Operation.Parameters {
			names = append(names, p.Name)
		}
		return strings.Join(names, " "), doc.Diagnostics
	}
	if got, diags := params(srv.URL+"/api/openapi.yaml", openapi.Options{}); got != "" || len(diags) != 2 {
		t.Errorf("references to other places must be off: %q %v", got, diags)
	}
	allowed := openapi.Options{AllowRemoteRefs: true}
	if got, diags := params(srv.URL+"/moved", allowed); got != "here" || len(diags) != 1 {
		t.Errorf("a document from the network must not reach private addresses of others: %q %v", got, diags)
	}
	file := filepath.Join(t.TempDir(), "doc.yaml")
	text := fmt.Sprintf("openapi: 3.0.0\nservers: [{url: /v1}]\npaths: {/a: {get: {operationId: a, parameters: [{$ref: '%s/x.json#/p'}], responses: {}}}}\n", other.URL)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, diags := params(file, allowed); got != "elsewhere" || len(diags) != 0 {
		t.Errorf("a file may refer to any place where allowed: %q %v", got, diags)
	}
	for path, want := range map[string]string{"/round": "can't be reached", "/private": "401", "/none": "404"} {
		if _, err := openapi.Load(context.Background(), srv.URL+path, openapi.Options{}); err == nil || !strings.Contains(fault.Message(err), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}

// TestSymbolicLinks may not lead out of the document's directory.
func TestSymbolicLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "api"), 0o755); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "secret.yaml")
	doc := filepath.Join(dir, "api", "doc.yaml")
	for name, text := range map[string]string{
		secret: "{name: secret, in: query, schema: {type: string}}",
		doc:    "openapi: 3.0.0\nservers: [{url: /v1}]\npaths: {/a: {get: {parameters: [{$ref: link.yaml}], responses: {}}}}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(secret, filepath.Join(dir, "api", "link.yaml")); err != nil {
		t.Skip("no symbolic links here")
	}
	got, err := openapi.Load(context.Background(), doc, openapi.Options{})
	if err != nil || len(got.Tools[0].Operation.Parameters) != 0 || len(got.Diagnostics) != 1 {
		t.Errorf("%v: %v", err, got)
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := openapi.Lower(ctx, []byte("openapi: 3.0.0\npaths: {/a: {get: {}}}"), "doc", openapi.Options{})
	if fault.KindOf(err) != fault.Canceled {
		t.Errorf("got %v", err)
	}
}

// TestNamesStay shows that an operation keeps its name whatever is added, in
// whatever order.
func TestNamesStay(t *testing.T) {
	name := func(paths string) string {
		doc, err := openapi.Lower(context.Background(), []byte("openapi: 3.0.0\npaths:\n"+paths), "doc", openapi.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, tl := range doc.Tools {
			if tl.Operation.Path == "/mine" {
				return tl.Name
			}
		}
		t.Fatal("no tool")
		return ""
	}
	const mine, twin, other = "  /mine: {get: {operationId: list, responses: {}}}\n", "  /twin: {get: {operationId: list, responses: {}}}\n", "  /other: {get: {operationId: other, responses: {}}}\n"
	if name(mine) != "list" || name(other+mine) != "list" {
		t.Error("another operation must not change a name")
	}
	if a, b := name(mine+twin), name(twin+other+mine); a != b || a == "list" {
		t.Errorf("a colliding name must not depend on order: %q, %q", a, b)
	}
}

// TestNamesOnceGiven shows what becomes of a name when the document changes.
func TestNamesOnceGiven(t *testing.T) {
	const mine = "/mine: {get: {operationId: %s, responses: {}}}"
	cases := []struct {
		name, paths, want, code string
		names                   map[string]string
		rename                  bool
	}{
		{"the operationId changes", fmt.Sprintf(mine, "listAll"), "list", "name-kept", map[string]string{"GET /mine": "list"}, false},
		{"and the new name is asked for", fmt.Sprintf(mine, "listAll"), "list_all", "", map[string]string{"GET /mine": "list"}, true},
		{"x-mcp names it", "/mine: {get: {operationId: list, x-mcp: {name: all}, responses: {}}}", "all", "", map[string]string{"GET /mine": "list"}, false},
		{"nothing changes", fmt.Sprintf(mine, "list"), "list", "", map[string]string{"GET /mine": "list"}, false},
		{"another asks for the name", fmt.Sprintf(mine, "list") + "\n  /twin: {get: {operationId: list, responses: {}}}", "list", "tool-name-collision", map[string]string{"GET /mine": "list"}, false},
		{"the name of one that is gone", fmt.Sprintf(mine, "list"), "list_" + tool.NameHash("GET /mine"), "tool-name-collision", map[string]string{"GET /gone": "list"}, false},
		{"even where new names are asked for", fmt.Sprintf(mine, "list"), "list_" + tool.NameHash("GET /mine"), "tool-name-collision", map[string]string{"GET /gone": "list"}, true},
	}
	for _, c := range cases {
		doc, err := openapi.Lower(context.Background(), []byte("openapi: 3.0.0\nservers: [{url: https://a.example}]\npaths:\n  "+c.paths), "doc", openapi.Options{Names: c.names, Rename: c.rename})
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Tools[0].Name; got != c.want || doc.Names["GET /mine"] != got {
			t.Errorf("%s: named %q, in the ledger %q; want %q", c.name, got, doc.Names["GET /mine"], c.want)
		}
		var codes []string
		for _, d := range doc.Diagnostics {
			codes = append(codes, d.Code)
		}
		if strings.Join(codes, " ") != c.code {
			t.Errorf("%s: diagnostics %v, want %q", c.name, doc.Diagnostics, c.code)
		}
	}
}

// TestRoot resolves references that lead above the document's folder: not by
// default, within Options.Root, and never above that, links included.
func TestRoot(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("secret.yaml", "{type: object, properties: {secret: {type: string}}}\n")
	write("project/common/pet.yaml", "{type: object, properties: {name: {type: string}, owner: {$ref: '../spec/owner.yaml'}}}\n")
	write("project/spec/owner.yaml", "{type: string}\n")
	if err := os.Symlink(filepath.Join(dir, "secret.yaml"), filepath.Join(dir, "project", "common", "link.yaml")); err != nil {
		t.Skip(err)
	}
	doc := filepath.Join(dir, "project", "spec", "doc.yaml")
	cases := map[string]struct {
		root, ref string
		found     bool
	}{
		"by default":             {"", "../common/pet.yaml", false},
		"within the root":        {filepath.Join(dir, "project"), "../common/pet.yaml", true},
		"above the root":         {filepath.Join(dir, "project"), "../../secret.yaml", false},
		"a link out of it":       {filepath.Join(dir, "project"), "../common/link.yaml", false},
		"a root that is no root": {filepath.Join(dir, "project", "common"), "../common/pet.yaml", false},
	}
	for name, c := range cases {
		write("project/spec/doc.yaml", "openapi: 3.0.3\ninfo: {title: T, version: '1'}\nservers: [{url: 'https://example.com'}]\npaths: {/a: {post: {requestBody: {required: true, content: {application/json: {schema: {$ref: '"+c.ref+"'}}}}, responses: {}}}}\n")
		got, err := openapi.Load(context.Background(), doc, openapi.Options{Root: c.root})
		if err != nil {
			t.Fatal(err)
		}
		if found := strings.Contains(string(got.Tools[0].Input), `"owner"`); found != c.found {
			t.Errorf("%s: %s\n%v", name, got.Tools[0].Input, got.Diagnostics)
		}
		if strings.Contains(string(got.Tools[0].Input), "secret") {
			t.Errorf("%s: the secret was read", name)
		}
	}
}
