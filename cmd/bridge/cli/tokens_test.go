package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/token"
)

// shop has one tool that costs much and one that costs little.
const shop = `openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example.com"}]
paths:
  /orders:
    post:
      operationId: placeOrder
      description: Places an order. It is sent on the next working day, and can be changed until then.
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [items]
              properties:
                items: {type: array, items: {type: object, properties: {sku: {type: string, description: What is ordered.}, amount: {type: integer, minimum: 1}}}}
                note: {type: [string, "null"], description: "What the customer says of the order, for whoever packs it."}
      responses: {"201": {description: ok}}
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}}
`

// inFolder makes a folder of these files the working one.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// ran runs a command and returns what it printed and its exit code.
func ran(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), args, Streams{strings.NewReader(""), &out, &errs})
	return out.String(), errs.String(), code
}

// TestTokensCountsWhatIsListed holds the figures to the definitions that `bridge
// tools` prints, and the parts to their sums.
func TestTokensCountsWhatIsListed(t *testing.T) {
	inFolder(t, map[string]string{"shop.yaml": shop, "bridge.yaml": `
sources: {shop: {openapi: shop.yaml}, second: {openapi: shop.yaml, tools: {include: [get_order]}}}
tools: {mode: auto, threshold: 100, pinned: ["*_get_order"]}
endpoints: {/mcp/reads: {include: ["*_get_*"], profile: gemini}}
`})
	stdout, stderr, code := ran(t, "tokens", "--json", "--compare")
	var r tokenReport
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	listed, _, _ := ran(t, "tools", "--json")
	var list toolList
	if err := json.Unmarshal([]byte(listed), &list); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	sum := 0
	for _, l := range list.Tools {
		want[l.Name] = l.Tokens
		sum += l.Tokens
	}
	if r.Count != 3 || r.Tokens != sum || len(r.Tools) != 3 {
		t.Errorf("%d tools of %d tokens, want 3 of %d", r.Count, r.Tokens, sum)
	}
	for i, c := range r.Tools {
		p := c.Parts
		if c.Tokens != want[c.Name] || p.Input == 0 || p.Annotations == 0 || p.Description+p.Input+p.Output+p.Annotations+p.Rest != c.Tokens {
			t.Errorf("%+v, want %d tokens", c, want[c.Name])
		}
		if i > 0 && c.Tokens > r.Tools[i-1].Tokens {
			t.Errorf("%s costs more than what stands before it", c.Name)
		}
	}
	if r.Tools[0].Name != "shop_place_order" || r.Sources[0].Name != "shop" || r.Sources[0].Tokens+r.Sources[1].Tokens != sum || r.Sources[1].Count != 1 {
		t.Errorf("costs %+v, sources %+v", r.Tools, r.Sources)
	}
	if len(r.Endpoints) != 1 || r.Endpoints[0].Count != 2 || r.Endpoints[0].Profile != profile.Gemini {
		t.Errorf("endpoints = %+v", r.Endpoints)
	}
	if pinned := want["shop_get_order"] + want["second_get_order"]; !r.Search.Searches || r.Search.Pinned != 2 || r.Search.Tokens <= pinned || r.Search.Tokens > pinned+500 {
		t.Errorf("search = %+v", r.Search)
	}
	if len(r.Profiles) != len(profile.Names()) || r.Profiles[0].Tokens != sum || r.Profiles[3].Tokens == 0 {
		t.Errorf("profiles = %+v", r.Profiles)
	}
}

func TestTokensForPeople(t *testing.T) {
	inFolder(t, map[string]string{"shop.yaml": shop})
	for _, c := range []struct {
		args      string
		code      int
		has, lack []string
	}{
		{"tokens shop.yaml", 0, []string{"2 tools (o200k_base, profile default)", "shop_place_order", "shop_get_order", "would save nothing"}, []string{"… and"}},
		{"tokens shop.yaml --top 1", 0, []string{"shop_place_order", "… and 1 more; --all lists them"}, []string{"shop_get_order"}},
		{"tokens shop.yaml --top 1 --all", 0, []string{"shop_get_order"}, []string{"… and"}},
		{"tokens shop.yaml --encoding cl100k_base --profile openai", 0, []string{"cl100k_base, profile openai"}, nil},
		{"tokens shop.yaml --compare", 0, []string{"PROFILE", "gemini", "cursor"}, nil},
		{"tokens shop.yaml gone.yaml", 2, []string{"shop_place_order", `source "gone"`}, nil},
		{"tokens", 2, []string{"nothing to count"}, nil},
		{"tokens shop.yaml --top -1", 2, []string{"--top takes"}, nil},
		{"tokens shop.yaml --encoding p50k", 2, []string{"o200k_base"}, nil},
	} {
		stdout, stderr, code := ran(t, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("bridge %s: exit code %d, want %d\n%s%s", c.args, code, c.code, stdout, stderr)
		}
		for _, text := range c.has {
			if !strings.Contains(stdout+stderr, text) {
				t.Errorf("bridge %s: no %q in\n%s%s", c.args, text, stdout, stderr)
			}
		}
		for _, text := range c.lack {
			if strings.Contains(stdout, text) {
				t.Errorf("bridge %s: %q in\n%s", c.args, text, stdout)
			}
		}
	}
}

// TestTokensNotes says what figures mean to clients, around their limits.
func TestTokensNotes(t *testing.T) {
	inFolder(t, map[string]string{"shop.yaml": shop, "bridge.yaml": "budget: 30000\nsources: {shop: {openapi: shop.yaml}}\n"})
	stdout, _, _ := ran(t, "tokens")
	if !strings.Contains(stdout, "note: the budget of results is 30000") || strings.Contains(stdout, "ChatGPT") {
		t.Errorf("got\n%s", stdout)
	}
	for tokens, want := range map[int]string{chatGPTLeast: "", chatGPTLeast + 1: "may not all fit", chatGPTMost: "may not all fit", chatGPTMost + 1: "mode: search"} {
		notes := strings.Join(clientNotes(tokenReport{counted: counted{Tokens: tokens}}, config.Default()), "\n")
		if want == "" && notes != "" || !strings.Contains(notes, want) {
			t.Errorf("%d tokens: %q, want %q", tokens, notes, want)
		}
	}
}

// TestGenLimits holds definitions to what they may cost, by flags and by the
// configuration.
func TestGenLimits(t *testing.T) {
	inFolder(t, map[string]string{"go.mod": "module example.com/gateway\n\ngo 1.26\n", "shop.yaml": shop,
		"bridge.yaml": "gen: [{document: shop.yaml, max_tool_tokens: 150}]\n"})
	costs := map[string]int{}
	all := 0
	for _, l := range listedOf(t, "shop.yaml") {
		costs[l.Name] = l.Tokens
		all += l.Tokens
	}
	dear, cheap := costs["shop_place_order"], costs["shop_get_order"]
	if dear <= 150 || cheap >= 150 {
		t.Fatalf("the tools cost %v", costs)
	}
	stdout, stderr, code := ran(t, "gen")
	if code != 1 || !strings.Contains(stderr, "of 1 tool cost more than the 150 tokens") || !strings.Contains(stderr, "shop_place_order") || strings.Contains(stderr, "  shop_get_order:") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if _, err := os.Stat("generated"); err == nil {
		t.Error("what is over a limit was written")
	}
	for _, c := range []struct {
		name       string
		perTool    int
		perCatalog int
		code       int
		tools      []string
	}{
		{"just within", dear, all, 0, nil},
		{"one token over, of all", 0, all - 1, 1, []string{"shop_place_order"}},
		{"no tool fits", 0, 1, 1, []string{"shop_place_order", "shop_get_order"}},
		{"one is over, and all are", dear - 1, cheap - 1, 1, []string{"shop_place_order", "shop_get_order"}},
		{"no limit", 0, 0, 0, nil},
	} {
		stdout, stderr, code := ran(t, "gen", "--json", "--max-tokens", strconv.Itoa(c.perCatalog), "--max-tool-tokens", strconv.Itoa(c.perTool))
		var out toolList
		if err := json.Unmarshal([]byte(stdout), &out); err != nil || code != c.code || (out.Over == nil) != (c.tools == nil) {
			t.Errorf("%s: exit code %d, %v, over %+v\n%s", c.name, code, err, out.Over, stderr)
			continue
		}
		var names []string
		if out.Over != nil {
			for _, o := range out.Over.Tools {
				names = append(names, o.Name)
			}
		}
		if strings.Join(names, " ") != strings.Join(c.tools, " ") {
			t.Errorf("%s: over are %v, want %v", c.name, names, c.tools)
		}
	}
	if _, stderr, code := ran(t, "gen", "shop.yaml", "--check"); code != 1 || !strings.Contains(stderr, "max_tool_tokens") {
		t.Errorf("--check: exit code %d\n%s", code, stderr)
	}
	if _, stderr, code := ran(t, "gen", "--check", "--max-tool-tokens", "0"); code != 0 {
		t.Errorf("a flag goes before the configuration: exit code %d\n%s", code, stderr)
	}
	if _, _, code := ran(t, "gen", "--max-tokens", "-1"); code != 2 {
		t.Errorf("a limit that is none: exit code %d", code)
	}
}

// listedOf lists a document's tools as its adapter has them.
func listedOf(t *testing.T, document string) []listedTool {
	t.Helper()
	stdout, stderr, code := ran(t, "tools", document, "--json")
	var list toolList
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != 0 {
		t.Fatalf("%v\n%s", err, stderr)
	}
	return list.Tools
}

// TestGenLocksShaping brings x-mcp through generation, and says in a diff what a
// change of it means.
func TestGenLocksShaping(t *testing.T) {
	shaped := strings.Replace(shop, "      operationId: getOrder\n", "      operationId: getOrder\n      x-mcp: {budget: 900, fields: [/id, /total], cache: 30s}\n", 1)
	inFolder(t, map[string]string{"go.mod": "module example.com/gateway\n\ngo 1.26\n", "shop.yaml": shaped,
		"later.yaml": strings.Replace(shaped, "/id, /total", "/id", 1)})
	if _, stderr, code := ran(t, "gen", "shop.yaml"); code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	stdout, stderr, code := ran(t, "diff", "generated/shop", "later.yaml", "--name", "shop")
	if code != 1 || !strings.Contains(stdout, "its results no longer have /total") || !strings.Contains(stdout, "1 breaking") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, l := range listedOf(t, "shop.yaml") {
		if reads := l.Name == "shop_get_order"; reads != (l.Shaping != nil) || reads && (l.Shaping.Cache != 30 || l.Budget != 900) {
			t.Errorf("%s is listed with budget %d and %+v", l.Name, l.Budget, l.Shaping)
		}
	}
	stdout, _, code = ran(t, "diff", "shop.yaml", "generated/shop")
	if code != 0 || !strings.Contains(stdout, "nothing changes") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
	files, err := filepath.Glob("generated/shop/*.go")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all += string(data)
	}
	if !strings.Contains(all, `&tool.Shaping{`) || !strings.Contains(all, `[]string{"/id", "/total"}`) {
		t.Errorf("the adapter has no shaping:\n%s", all)
	}
}

// TestTokensAreThoseOfTheLock counts a catalog as bridge.lock does.
func TestTokensAreThoseOfTheLock(t *testing.T) {
	inFolder(t, map[string]string{"go.mod": "module example.com/gateway\n\ngo 1.26\n", "shop.yaml": shop})
	if _, stderr, code := ran(t, "gen", "shop.yaml"); code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	data, err := os.ReadFile("generated/shop/bridge.lock")
	if err != nil {
		t.Fatal(err)
	}
	var locked struct{ Tokens int }
	if err := json.Unmarshal(data, &locked); err != nil {
		t.Fatal(err)
	}
	stdout, _, _ := ran(t, "tokens", "shop.yaml", "--json", "--encoding", token.Encodings()[0])
	var r tokenReport
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || r.Tokens != locked.Tokens {
		t.Errorf("%d tokens, and the lock has %d (%v)", r.Tokens, locked.Tokens, err)
	}
}
