package e2e_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// poor is a document that lowers well and says little.
const poor = `openapi: 3.1.0
info: {title: Poor, version: '1'}
servers: [{url: 'https://poor.example'}]
paths:
  /v1/orders:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'200': {description: x, content: {application/json: {schema: {type: array, items: {type: string}}}}}}
  /v1/orders/{order_id}/cancel:
    post:
      parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: x}}
`

// TestLintMends goes the way of an API's owner: lint, write the overlay, see its
// effect in the tools, and lint again with it.
func TestLintMends(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "poor.yaml", poor)
	first := bridge(t, dir, "lint", "poor.yaml", "--write-overlay", "mend.yaml")
	if first.code != 0 {
		t.Fatalf("warnings alone must not fail: %d\n%s%s", first.code, first.stdout, first.stderr)
	}
	for _, want := range []string{"poor.yaml:6:5: warning:", "[no-description]", `mend: $.paths['/v1/orders'].get {"operationId":"listOrders"}`, "3 warnings, 2 notes; --write-overlay FILE mends 5"} {
		if !strings.Contains(first.stdout, want) {
			t.Errorf("the findings lack %q:\n%s", want, first.stdout)
		}
	}
	if before := bridge(t, dir, "tools", "poor.yaml"); !strings.Contains(before.stdout, "poor_get_v1_orders") {
		t.Errorf("the tools before:\n%s%s", before.stdout, before.stderr)
	}
	after := bridge(t, dir, "tools", "poor.yaml", "--overlay", "mend.yaml")
	for _, want := range []string{"poor_list_orders", "poor_cancel_order"} {
		if !strings.Contains(after.stdout, want) {
			t.Errorf("the overlay gives no tool %s:\n%s%s", want, after.stdout, after.stderr)
		}
	}
	again := bridge(t, dir, "lint", "poor.yaml", "--overlay", "mend.yaml", "--json", "--write-overlay", "more.json")
	var report struct {
		Findings []struct {
			Severity, Code, File string
			Action               *struct{ Target string }
		}
		Errors, Warnings, Infos int
	}
	if err := json.Unmarshal([]byte(again.stdout), &report); err != nil || again.code != 0 {
		t.Fatalf("%v, exit code %d\n%s%s", err, again.code, again.stdout, again.stderr)
	}
	for _, f := range report.Findings {
		if f.Code == "no-description" || f.Code == "no-operation-id" || f.Code == "destructive-unmarked" {
			t.Errorf("%s should be mended", f.Code)
		}
	}
}

// TestLintExitCodes holds lint to its exit codes.
func TestLintExitCodes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "poor.yaml", poor)
	write(t, dir, "bad.yaml", strings.Replace(poor, "  /v1/orders:", "  /v1/orders/{:", 1))
	write(t, dir, "broken.yaml", "openapi: [")
	write(t, dir, "mine.yaml", "overlay: 1.0.0\ninfo: {title: mine, version: '1'}\nactions: [{target: $.info, update: {title: x}}]\n")
	crm := filepath.Join(repo, "specs", "crm.yaml")
	cases := []struct {
		name string
		args []string
		code int
		text string
	}{
		{"the example is clean", []string{crm, "--strict"}, 0, "0 errors, 0 warnings"},
		{"warnings", []string{"poor.yaml"}, 0, "[no-description]"},
		{"warnings are strict", []string{"poor.yaml", "--strict"}, 1, "[no-description]"},
		{"disabled", []string{"poor.yaml", "--strict", "--disable", "no-description,destructive-unmarked"}, 0, "0 warnings"},
		{"an operation that is no tool", []string{"bad.yaml"}, 1, "error:"},
		{"a broken document", []string{"broken.yaml"}, 2, "broken.yaml"},
		{"no document", []string{"nowhere.yaml"}, 2, "nowhere.yaml"},
		{"one overlay for two documents", []string{"poor.yaml", crm, "--write-overlay", "x.yaml"}, 2, "one document"},
		{"an overlay that is there", []string{"poor.yaml", "--write-overlay", "mine.yaml"}, 2, "own edits"},
		{"an overlay that is not", []string{"poor.yaml", "--overlay", "nowhere.yaml"}, 2, "nowhere.yaml"},
		{"nothing at all", nil, 2, "bridge lint --help"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := bridge(t, dir, append([]string{"lint"}, c.args...)...)
			if got.code != c.code || !strings.Contains(got.stdout+got.stderr, c.text) {
				t.Errorf("exit code %d, want %d and %q:\n%s%s", got.code, c.code, c.text, got.stdout, got.stderr)
			}
		})
	}
}
