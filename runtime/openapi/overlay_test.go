package openapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
)

const small = head + "paths: {/a: {get: {operationId: a, responses: {}}}, /b: {get: {operationId: b, responses: {}}}}\n"

const removesB = "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions: [{target: \"$.paths['/b']\", remove: true}]\n"

func written(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "overlay.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOverlayFromURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(removesB)) // the test fails if it can't
	}))
	defer server.Close()
	doc, err := openapi.Lower(context.Background(), []byte(small), "doc.yaml", openapi.Options{Overlays: []string{server.URL + "/overlay.yaml"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Tools) != 1 || doc.Tools[0].Name != "a" || doc.Operations != 1 {
		t.Errorf("%d tools of %d operations", len(doc.Tools), doc.Operations)
	}
}

// TestOverlayUnreadable gives what is no overlay: the document is not lowered
// without what the user asked for.
func TestOverlayUnreadable(t *testing.T) {
	cases := map[string]struct {
		location string
		kind     fault.Kind
		says     string
	}{
		"no file":         {"nothing.yaml", fault.NotFound, "nothing.yaml"},
		"a directory":     {t.TempDir(), fault.Invalid, "the overlay's file"},
		"no syntax":       {written(t, "{overlay: ["), fault.Invalid, "overlay.yaml:1"},
		"a document":      {written(t, small), fault.Invalid, "no Overlay document"},
		"another version": {written(t, "overlay: 2.0.0\nactions: []\n"), fault.Unsupported, "1.0 and 1.1"},
		"no actions":      {written(t, "overlay: 1.0.0\n"), fault.Invalid, "actions"},
		"doubling": {written(t, "overlay: 1.1.0\nactions: [{target: $, update: {x: {}}}"+
			strings.Repeat(", {target: $, update: {y: {}}}, {target: $.y, copy: $}, {target: $.x, copy: $}", 40)+"]"), fault.TooLarge, "overlays"},
	}
	for name, c := range cases {
		_, err := openapi.Lower(context.Background(), []byte(small), "doc.yaml", openapi.Options{Overlays: []string{c.location}})
		if err == nil || fault.KindOf(err) != c.kind || !strings.Contains(fault.Message(err), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOverlayTouchesOnePlace updates one of two places that a YAML alias makes
// the same.
func TestOverlayTouchesOnePlace(t *testing.T) {
	const doc = head + "paths: {/a: &a {get: {responses: {}}}, /b: *a}\n"
	overlay := written(t, "overlay: 1.0.0\nactions: [{target: \"$.paths['/b'].get\", update: {operationId: other}}]\n")
	got, err := openapi.Lower(context.Background(), []byte(doc), "doc.yaml", openapi.Options{Overlays: []string{overlay}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Tools[0].Name != "get_a" || got.Tools[1].Name != "other" {
		t.Errorf("%s and %s", got.Tools[0].Name, got.Tools[1].Name)
	}
}
