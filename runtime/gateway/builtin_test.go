package gateway_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/remainder"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestWhatIsBuiltInIsWhereThereIsUseForIt mounts what reads trimmed results.
func TestWhatIsBuiltInIsWhereThereIsUseForIt(t *testing.T) {
	_, url := upstream(t, "one", "two")
	opts := complete(t, gateway.Options{})
	keeper := remainder.New(remainder.Options{Counter: opts.Counter})
	g, base := serveWith(t, gateway.Options{
		Mounts: []gateway.Mount{{Source: source(t, "a", url), Prefix: "a"}, {Source: keeper, BuiltIn: true}},
		Endpoints: []gateway.Endpoint{
			{Path: "/mcp/some", Include: []string{"a_one"}},
			{Path: "/mcp/without", Exclude: []string{shape.ReadTool}},
			{Path: "/mcp/none", Include: []string{"nonesuch"}},
			{Path: "/mcp/search", Tools: gateway.Listing{Mode: gateway.ListSearch}},
		}})
	settled(t, g)
	for path, want := range map[string]string{
		"/mcp":         "a_one a_two bridge_read",
		"/mcp/some":    "a_one bridge_read",
		"/mcp/without": "a_one a_two",
		"/mcp/none":    "",
		"/mcp/search":  "search_tools describe_tools call_tool bridge_read",
	} {
		client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
		session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: base + path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := listed(t, session); got != want {
			t.Errorf("at %s there are %q, want %q", path, got, want)
		}
		templates, err := session.ListResourceTemplates(t.Context(), nil)
		if strings.Contains(want, "bridge_read") && (err != nil || len(templates.ResourceTemplates) != 1) {
			t.Errorf("at %s the templates are %+v, %v", path, templates, err)
		}
		if !strings.Contains(want, "bridge_read") && err == nil && len(templates.ResourceTemplates) > 0 {
			t.Errorf("at %s the templates are %+v, and there is nothing to read", path, templates)
		}
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	}
	if status := g.Status(); len(status) != 1 || status[0].Name != "a" {
		t.Errorf("sources are told of as %+v", status)
	}
}

// TestTheSameIsReadAgain has a session read what it was told only once.
func TestTheSameIsReadAgain(t *testing.T) {
	api := &shop{things: 10}
	keeper := remainder.New(remainder.Options{Counter: complete(t, gateway.Options{}).Counter})
	g, url := serveWith(t, gateway.Options{Keep: keeper.Hook(),
		Mounts: []gateway.Mount{shopMount(t, api, &tool.Shaping{Dedupe: true}), {Source: keeper, BuiltIn: true}}})
	settled(t, g)
	session := connectAs(t, url, "2025-11-25")
	_, first := text(t, session, "shop_list", nil, nil)
	_, again := text(t, session, "shop_list", nil, nil)
	handle := regexp.MustCompile(`bridge_read \{"id":"([^"]+)"\}`).FindStringSubmatch(again)
	if handle == nil || len(again) >= len(first) {
		t.Fatalf("the second answer is %s", again)
	}
	if _, read := text(t, session, shape.ReadTool, map[string]any{"id": handle[1]}, nil); !strings.Contains(read, `"id":9`) {
		t.Errorf("read again: %s", read)
	}
	other := connectAs(t, url, "2025-11-25")
	if res, read := text(t, other, shape.ReadTool, map[string]any{"id": handle[1]}, nil); !res.IsError {
		t.Errorf("another session reads %s", read)
	}
}

// TestWhatIsBuiltInAnswersForItsOwnSchemeAlone asks for resources that nobody has.
func TestWhatIsBuiltInAnswersForItsOwnSchemeAlone(t *testing.T) {
	_, url := upstream(t, "one")
	keeper := remainder.New(remainder.Options{Counter: complete(t, gateway.Options{}).Counter})
	g, base := serve(t, gateway.Mount{Source: source(t, "a", url), Prefix: "a"}, gateway.Mount{Source: keeper, BuiltIn: true})
	settled(t, g)
	send := older(t, base)
	for uri, want := range map[string]string{
		"x":                      `there is no resource \"x\"; list the resources`,
		"ui://b/x":               `"data":{"uri":"ui://b/x"}`,
		"bridge://result/AAAA":   "id",
		"BRIDGE://result/AAAA":   "id",
		"names+bridge://result/": `there is no resource`,
	} {
		got := send("POST", `{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":"`+uri+`"}}`)
		if !strings.Contains(got, want) || strings.Contains(got, "list the resources") == strings.HasPrefix(strings.ToLower(uri), "bridge:") {
			t.Errorf("%s: %s", uri, got)
		}
	}
}

// TestNoNoteNamesAToolThatIsNotThere has a result cut where bridge_read is excluded.
func TestNoNoteNamesAToolThatIsNotThere(t *testing.T) {
	opts := complete(t, gateway.Options{})
	keeper := remainder.New(remainder.Options{Counter: opts.Counter})
	opts.Keep = gateway.Readable(keeper.Hook())
	opts.Shaper = shape.New(shape.Options{Counter: opts.Counter, Keep: opts.Keep})
	opts.Mounts = []gateway.Mount{shopMount(t, &shop{things: 1000}, nil), {Source: keeper, BuiltIn: true}}
	opts.Endpoints = []gateway.Endpoint{{Path: "/mcp/without", Budget: 300, Exclude: []string{shape.ReadTool}}, {Path: "/mcp/with", Budget: 300}}
	g := gateway.New(opts)
	g.Start(t.Context())
	t.Cleanup(func() { _ = g.Close() })
	settled(t, g)
	for path, want := range map[string]bool{"/mcp/with": true, "/mcp/without": false} {
		res, err := g.Call(t.Context(), &call.Call{Name: "shop_list", Endpoint: path})
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for _, b := range res.Content {
			told += b.Text
		}
		if strings.Contains(told, shape.ReadTool) != want || !strings.Contains(told, "Trimmed") {
			t.Errorf("at %s: %s", path, told)
		}
	}
}
