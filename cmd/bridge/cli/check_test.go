package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/config"
)

// careless is an MCP server of which not all can be used.
func careless(w http.ResponseWriter, r *http.Request) {
	var m struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	body, _ := io.ReadAll(r.Body)
	if json.Unmarshal(body, &m) != nil || m.ID == nil {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer := `"error":{"code":-32601,"message":"no"}`
	switch m.Method {
	case "initialize":
		answer = `"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"careless","version":"1"}}`
	case "tools/list":
		answer = `"result":{"tools":[{"name":"good","inputSchema":{"type":"object"}},{"name":"bad","inputSchema":7}]}`
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, m.ID, answer)
}

// TestCheckTellsWhatIsNotThere looks at a server of which a tool is left out, and
// at stores that can't be used.
func TestCheckTellsWhatIsNotThere(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(careless))
	t.Cleanup(web.Close)
	sources := "sources: {it: {mcp: \"" + web.URL + "\"}}\n"
	shopped := "sources: {shop: {openapi: shop.yaml}}\n"
	inFolder(t, map[string]string{"shop.yaml": shop, "file": "",
		"careless.yaml": sources,
		"redis.yaml":    shopped + "store: {redis: \"redis://127.0.0.1:1/0\"}\n",
		"folder.yaml":   shopped + "store: {sqlite: nosuch/bridge.db}\n",
		"good.yaml":     shopped + "store: {sqlite: bridge.db}\n",
	})
	for file, want := range map[string]string{
		"careless.yaml": "1 of the server's tools are left out",
		"redis.yaml":    "store: ",
		"folder.yaml":   "there is no directory",
		"good.yaml":     "",
	} {
		out, errs, code := ran(t, "serve", "--check", "-c", file)
		if (code != exitOK) != (want != "") || !strings.Contains(errs, want) || strings.Contains(out, "Nothing is wrong") != (want == "") {
			t.Errorf("%s: exit code %d\n%s%s", file, code, out, errs)
		}
	}
}

// TestCheckTellsWhatAListCosts compares the list of all tools with that of the
// tools by which they are found.
func TestCheckTellsWhatAListCosts(t *testing.T) {
	inFolder(t, map[string]string{"shop.yaml": shop, "all.yaml": "sources: {shop: {openapi: shop.yaml}}\n",
		"search.yaml": "sources: {shop: {openapi: shop.yaml}}\ntools: {mode: search, pinned: [shop_get_order]}\n"})
	tokens := map[string]int{}
	for _, file := range []string{"all.yaml", "search.yaml"} {
		out, errs, code := ran(t, "serve", "--check", "--json", "-c", file)
		var found checked
		if err := json.Unmarshal([]byte(out), &found); err != nil || code != exitOK || found.Problems == nil {
			t.Fatalf("%s: exit code %d, %v\n%s%s", file, code, err, out, errs)
		}
		if found.Endpoints[0].Tools != 2 {
			t.Errorf("%s: %+v", file, found.Endpoints)
		}
		tokens[file] = found.Endpoints[0].Tokens
	}
	if tokens["all.yaml"] == 0 || tokens["search.yaml"] == tokens["all.yaml"] {
		t.Errorf("lists cost %v tokens", tokens)
	}
}

// TestAChangeThatIsTakenBackNeedsNoRestart changes a key that takes one to and fro.
func TestAChangeThatIsTakenBackNeedsNoRestart(t *testing.T) {
	var log bytes.Buffer
	a, b := config.Config{Listen: "127.0.0.1:1"}, config.Config{Listen: "127.0.0.1:2"}
	l := &live{started: a, cfg: a, logger: slog.New(slog.NewTextHandler(&log, nil))}
	for i, step := range []struct {
		cfg  config.Config
		told int
	}{{b, 1}, {b, 1}, {a, 1}, {b, 2}} {
		l.warn(step.cfg)
		l.cfg = step.cfg
		if n := strings.Count(log.String(), "key=listen"); n != step.told {
			t.Errorf("after step %d it was told %d times, want %d", i, n, step.told)
		}
	}
}
