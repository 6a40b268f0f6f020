package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestHandWritten checks, through the binary and an MCP client, what is written
// by hand in generated/crm/custom.go: hooks, a composite tool, a hidden one.
func TestHandWritten(t *testing.T) {
	dir := t.TempDir()
	upstream := start(t, repo, "mock", "specs/crm.yaml", "--listen", "127.0.0.1:0")
	write(t, dir, "bridge.yaml", "sources: {crm: {adapter: crm, url: \""+upstream.url+"\", credential: {bearer: demo}}}\n")
	session := connect(t, &mcp.StreamableClientTransport{Endpoint: start(t, dir, "serve", "--listen", "127.0.0.1:0").url})

	tools := names(t, session)
	if tools["crm_delete_company"] != nil || tools["crm_onboard_contact"] == nil || tools["crm_create_contact"] == nil {
		t.Errorf("among %d tools, delete_company must be hidden and onboard_contact shown", len(tools))
	}
	created := structuredOf(t, callTool(t, session, "crm_create_contact", map[string]any{
		"first_name": "Grace", "last_name": "Hopper", "email": "Grace@Example.COM", "phone": "+15550123", "status": "archived"}))
	if created["email"] != "grace@example.com" {
		t.Errorf("created %v; want the address in lower case", created)
	}
	again := structuredOf(t, callTool(t, session, "crm_create_contact", map[string]any{
		"first_name": "G.", "last_name": "Hopper", "email": "GRACE@example.com"}))
	if again["id"] != created["id"] {
		t.Errorf("a second contact was created: %v and %v", created, again)
	}
	if got := structuredOf(t, callTool(t, session, "crm_get_contact", map[string]any{"contact_id": created["id"]})); got["phone"] != "*******23" || got["created_at"] == nil {
		t.Errorf("got %v; want all of it but the phone number", got)
	}

	onboarded := structuredOf(t, callTool(t, session, "crm_onboard_contact", map[string]any{
		"first_name": "Ada", "last_name": "Byron", "email": "Ada@Engines.example", "note": "Met at the fair.", "deal": "Engines", "amount": 1200}))
	contact := structuredOf(t, callTool(t, session, "crm_get_contact", map[string]any{"contact_id": onboarded["contact_id"]}))
	notes := textOf(callTool(t, session, "crm_list_notes", map[string]any{"contact_id": onboarded["contact_id"]}))
	deal := structuredOf(t, callTool(t, session, "crm_get_deal", map[string]any{"deal_id": onboarded["deal_id"]}))
	if contact["email"] != "ada@engines.example" || !strings.Contains(notes, "Met at the fair.") || deal["name"] != "Engines" {
		t.Errorf("onboarding made %v, %s, %v", contact, notes, deal)
	}
	refused := callTool(t, session, "crm_onboard_contact", map[string]any{
		"first_name": "A", "last_name": "B", "email": "a@acme.example", "note": "x", "deal": "y"})
	if !refused.IsError || !strings.Contains(textOf(refused), "colleague") {
		t.Errorf("a colleague became a contact: %s", textOf(refused))
	}
}

// TestGenLeavesHandWritten checks that generating finds what is written by hand,
// and never changes it.
func TestGenLeavesHandWritten(t *testing.T) {
	dir := t.TempDir()
	document := write(t, dir, "specs/crm.yaml", readFile(t, filepath.Join(repo, "specs", "crm.yaml")))
	write(t, dir, "go.mod", "module example.com/acme\n\ngo 1.26\n")
	gen := func(code int, want string, flags ...string) {
		t.Helper()
		got := bridge(t, dir, append([]string{"gen", document}, flags...)...)
		if got.code != code || !strings.Contains(got.stdout+got.stderr, want) {
			t.Errorf("gen %v: exit %d, want %d and %q in\n%.2000s%s", flags, got.code, code, want, got.stdout, got.stderr)
		}
	}
	const custom = "package crm\n\nfunc customize(a *rest.Adapter) {}\n"
	gen(0, "35 tools")
	write(t, dir, "generated/crm/custom.go", custom)
	gen(1, "+	customize(&a)", "--check")
	gen(0, "35 tools")
	gen(0, "", "--check")
	if got := readFile(t, filepath.Join(dir, "generated", "crm", "custom.go")); got != custom {
		t.Errorf("the hand-written file became %q", got)
	}

	write(t, dir, "bridge.yaml", "sources: {acme: {adapter: acme, url: \"http://127.0.0.1:1\"}}\n")
	write(t, dir, "generated/acme/custom.go", "package acme\n\nfunc customize() {}\n")
	write(t, dir, "specs/acme.yaml", readFile(t, document))
	if got := bridge(t, dir, "tools", "--log-level", "debug"); got.code != 0 || !strings.Contains(got.stderr, "written by hand in it do not run") {
		t.Errorf("an interpreted adapter must say what it lacks: %+v", got)
	}

	write(t, dir, "generated/crm/custom.go", "package crm\n\nfunc customize(a *rest.Adapter) {\n")
	gen(2, "custom.go:3:", "--check")
	write(t, dir, "generated/crm/custom.go", custom)
	write(t, dir, "generated/crm/contacts.go", "package crm // by hand\n")
	gen(2, "contacts.go is written by hand")
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func structuredOf(t *testing.T, res *mcp.CallToolResult) map[string]any {
	t.Helper()
	data, err := json.Marshal(res.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil || out == nil {
		t.Fatalf("%s is no object: %v", data, err)
	}
	return out
}
