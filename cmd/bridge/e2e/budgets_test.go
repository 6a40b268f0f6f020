package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// archive answers with a list that no budget of the tests holds, and with one
// thing.
func archive(t *testing.T) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/one" {
			fmt.Fprint(w, `{"id":1}`)
			return
		}
		entries := make([]string, 150)
		for i := range entries {
			entries[i] = fmt.Sprintf(`{"id":%d,"title":"The entry of number %d"}`, i, i)
		}
		fmt.Fprintf(w, `{"entries":[%s]}`, strings.Join(entries, ","))
	}))
	t.Cleanup(web.Close)
	return fmt.Sprintf(`openapi: 3.1.0
info: {title: Archive, version: "1"}
servers: [{url: %s}]
paths:
  /entries:
    get: {operationId: listEntries, summary: List the entries, responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}}
  /one:
    get: {operationId: getOne, summary: Get one entry, responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}}
`, web.URL)
}

// TestWhatIsTrimmedIsRead has a client read what trimming cut off, in a catalog
// that it searches, and has budgets suggested of what that cost.
func TestWhatIsTrimmedIsRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "archive.yaml", archive(t))
	write(t, dir, "bridge.yaml", `
budget: 2000
store: {sqlite: state.db}
tools: {mode: search, describe: short}
sources: {archive: {openapi: archive.yaml}}
`)
	s := start(t, dir, "serve", "--listen", "127.0.0.1:0")
	s.ready(t)
	session := connect(t, &mcp.StreamableClientTransport{Endpoint: s.url})
	if tools := names(t, session); len(tools) != 4 || tools["search_tools"] == nil || tools["bridge_read"] == nil {
		t.Errorf("%d tools are listed", len(tools))
	}
	if got := textOf(callTool(t, session, "search_tools", map[string]any{"queries": []string{"all entries"}})); !strings.Contains(got, "archive_list_entries") {
		t.Errorf("found %s", got)
	}
	var res *mcp.CallToolResult
	for range 25 {
		res = callTool(t, session, "call_tool", map[string]any{"name": "archive_list_entries"})
		if n := cost(t, res); n > 2000 {
			t.Fatalf("a result of %d tokens", n)
		}
	}
	notice, _ := res.Content[1].(*mcp.TextContent)
	handle := regexp.MustCompile(`bridge_read \{"id":"([^"]+)"\}`).FindStringSubmatch(notice.Text)
	if handle == nil {
		t.Fatalf("no handle in %s", notice.Text)
	}
	if got := textOf(callTool(t, session, "bridge_read", map[string]any{"id": handle[1], "path": "/entries", "from": 147})); !strings.Contains(got, "The entry of number 149") {
		t.Errorf("the rest is %s", got)
	}
	read, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "bridge://result/" + handle[1] + "?search=number+149"})
	if err != nil || len(read.Contents) == 0 || !strings.Contains(read.Contents[0].Text, "149") {
		t.Errorf("as a resource the rest is %+v, %v", read, err)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	s.stop(t)
	out := bridge(t, dir, "budget")
	if out.code != 0 || !strings.Contains(out.stdout, "list_entries") || !regexp.MustCompile(`override:\n        list_entries: \{budget: [0-9]+\} # was 2000`).MatchString(out.stdout) {
		t.Errorf("bridge budget: %d\n%s%s", out.code, out.stdout, out.stderr)
	}
	if out = bridge(t, dir, "budget", "--json", "--since", "2d"); !strings.Contains(out.stdout, `"calls": 25`) {
		t.Errorf("bridge budget --json: %s%s", out.stdout, out.stderr)
	}
}

func TestBudgetsNeedRecords(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "archive.yaml", archive(t))
	for file, want := range map[string]string{
		"sources: {archive: {openapi: archive.yaml}}\n":                                       "store: {sqlite: bridge.db}",
		"store: {sqlite: a.db}\nledger: false\nsources: {archive: {openapi: archive.yaml}}\n": "ledger: false",
	} {
		write(t, dir, "bridge.yaml", file)
		if out := bridge(t, dir, "budget"); out.code == 0 || !strings.Contains(out.stderr, want) {
			t.Errorf("%q: %d, %s", file, out.code, out.stderr)
		}
	}
	write(t, dir, "bridge.yaml", "store: {sqlite: b.db}\nsources: {archive: {openapi: archive.yaml}}\n")
	if out := bridge(t, dir, "budget"); out.code != 0 || !strings.Contains(out.stdout, "No calls were recorded") {
		t.Errorf("no records: %d, %s%s", out.code, out.stdout, out.stderr)
	}
	if out := bridge(t, dir, "budget", "--since", "yesterday"); out.code != 2 || !strings.Contains(out.stderr, "7d") {
		t.Errorf("a wrong time: %d, %s", out.code, out.stderr)
	}
}
