package openapi_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

func TestFilesAreWhatADocumentIsReadFrom(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"api.yaml":     "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths:\n  /a: {$ref: 'parts/a.yaml'}\n  /b: {$ref: 'gone.yaml'}\n",
		"parts/a.yaml": "get: {operationId: a, responses: {'200': {description: ok}}}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := openapi.Load(t.Context(), filepath.Join(dir, "api.yaml"), openapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "api.yaml"), filepath.Join(dir, "gone.yaml"), filepath.Join(dir, "parts", "a.yaml")}
	if !reflect.DeepEqual(doc.Files, want) {
		t.Errorf("files = %q, want %q", doc.Files, want)
	}
}
