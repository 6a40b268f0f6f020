package openapi_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// TestSummaryAndDescription shows when a summary is left out of a tool's
// description, as the title has it anyway.
func TestSummaryAndDescription(t *testing.T) {
	cases := []struct{ summary, description, want string }{
		{"List contacts", "Lists the contacts, newest first.", "Lists the contacts, newest first."},
		{"List companies", "Lists each company. More.", "Lists each company. More."},
		{"Search", "Searches everything.", "Searches everything."},
		{"Get a contact.", "Returns it.", "Get a contact.\n\nReturns it."},
		{"Delete contact", "Removes it. Delete no contact twice.", "Delete contact\n\nRemoves it. Delete no contact twice."},
		{"Get status", "Gets the status", "Gets the status"},
		{"List contacts", "", "List contacts"},
		{"", "Only this.", "Only this."},
		{"a", "b", "b"}, // an article alone says nothing
	}
	for _, c := range cases {
		op, err := json.Marshal(map[string]any{"summary": c.summary, "description": c.description})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi.Lower(context.Background(), []byte(`{"openapi":"3.0.3","paths":{"/a":{"get":`+string(op)+`}}}`), "doc.json", openapi.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Tools[0]; got.Description != c.want || got.Title != c.summary {
			t.Errorf("%q, %q: title %q, description %q", c.summary, c.description, got.Title, got.Description)
		}
	}
}
