package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/cmd/bridge/e2e/process"
)

// step is one thing that whole.mjs does, and what must be in what comes of it.
type step struct {
	Do       string `json:"do"`
	With     any    `json:"with,omitempty"`
	Until    string `json:"until,omitempty"`
	Progress bool   `json:"progress,omitempty"`
	want     []string
}

type object = map[string]any

// wholeSeen is what whole.mjs prints.
type wholeSeen struct {
	Results []struct {
		Result json.RawMessage
		Error  string
	}
	Asked   []string
	Notices []struct {
		Method string
		Params json.RawMessage
	}
}

// whole runs the steps and checks each.
func whole(t *testing.T, job object, steps []step) wholeSeen {
	t.Helper()
	job["steps"] = steps
	raw, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "whole.mjs", string(raw))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.String())
	}
	var seen wholeSeen
	if err := json.Unmarshal(out, &seen); err != nil || len(seen.Results) != len(steps) {
		t.Fatalf("%v in %s", err, out)
	}
	for i, s := range steps {
		got := string(seen.Results[i].Result) + seen.Results[i].Error
		for _, want := range s.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s %v: lacks %q in %.600s", s.Do, s.With, want, got)
			}
		}
	}
	return seen
}

// everythingSteps go through the npm package server-everything, mounted as "ev".
func everythingSteps(modern bool) []step {
	watched := "ev+demo://resource/dynamic/text/1"
	steps := []step{
		{Do: "listTools", want: []string{`"ev_echo"`, `"ev_get-sum"`}},
		{Do: "callTool", With: object{"name": "ev_echo", "arguments": object{"message": "hello"}}, want: []string{"Echo: hello"}},
		{Do: "listResources", want: []string{`"ev+demo://resource/static/document/`}},
		{Do: "listResourceTemplates", want: []string{`"ev+demo://resource/dynamic/text/{resourceId}"`}},
		{Do: "readResource", With: object{"uri": watched}, want: []string{`"uri":"` + watched + `"`, "Resource 1"}},
		{Do: "listPrompts", want: []string{`"ev_simple-prompt"`, `"ev_completable-prompt"`}},
		{Do: "getPrompt", With: object{"name": "ev_args-prompt", "arguments": object{"city": "Bonn"}}, want: []string{"Bonn"}},
		{Do: "complete", With: object{"ref": object{"type": "ref/prompt", "name": "ev_completable-prompt"},
			"argument": object{"name": "department", "value": "En"}}, want: []string{"Engineering"}},
		{Do: "complete", With: object{"ref": object{"type": "ref/prompt", "name": "ev_completable-prompt"},
			"argument": object{"name": "name", "value": "A"}, "context": object{"arguments": object{"department": "Engineering"}}}, want: []string{"Alice"}},
		{Do: "callTool", With: object{"name": "ev_get-resource-links", "arguments": object{"count": 2}}, want: []string{`"uri":"ev+demo://resource/dynamic/`}},
		{Do: "callTool", Progress: true, With: object{"name": "ev_trigger-long-running-operation", "arguments": object{"duration": 0.2, "steps": 2}}, want: []string{"completed"}},
		{Do: "callTool", With: object{"name": "ev_trigger-elicitation-request", "arguments": object{}}, want: []string{"Ada"}},
		{Do: "callTool", With: object{"name": "ev_trigger-sampling-request", "arguments": object{"prompt": "hi"}}, want: []string{"sampled by e2e"}},
		{Do: "readResource", With: object{"uri": "ev+demo://nowhere"}, want: []string{"not found"}},
		{Do: "callTool", With: object{"name": "ev_nothing", "arguments": object{}}, want: []string{"ev_nothing"}},
	}
	if modern {
		return append(steps, step{Do: "listen", With: object{"resourceSubscriptions": []string{watched}}},
			step{Do: "callTool", With: object{"name": "ev_toggle-subscriber-updates", "arguments": object{}}, Until: "notifications/resources/updated"})
	}
	return append(steps, step{Do: "subscribeResource", With: object{"uri": watched}},
		step{Do: "callTool", With: object{"name": "ev_toggle-subscriber-updates", "arguments": object{}}, Until: "notifications/resources/updated"},
		step{Do: "unsubscribeResource", With: object{"uri": watched}})
}

// checkWhole checks what the steps of everythingSteps leave besides results.
func checkWhole(t *testing.T, seen wholeSeen) {
	t.Helper()
	for _, method := range []string{"elicitation/create", "sampling/createMessage"} {
		if !slices.Contains(seen.Asked, method) {
			t.Errorf("the client was not asked %s: %v", method, seen.Asked)
		}
	}
	var progress, updated int
	for _, n := range seen.Notices {
		switch n.Method {
		case "progress":
			progress++
		case "notifications/resources/updated":
			updated++
			if !strings.Contains(string(n.Params), `"ev+demo://`) {
				t.Errorf("an update names %s", n.Params)
			}
		}
	}
	// The older client drops what comes in one piece with the result.
	if progress == 0 || updated == 0 {
		t.Errorf("%d notices of progress, %d of updates", progress, updated)
	}
}

// TestWholeServer puts the MCP project's server for testing clients behind Bridge
// and goes through all of it: each transport, either era.
func TestWholeServer(t *testing.T) {
	needNode(t)
	here, err := filepath.Abs("node_modules/@modelcontextprotocol/server-everything/dist/index.js")
	if err != nil {
		t.Fatal(err)
	}
	config := write(t, t.TempDir(), "bridge.yaml", fmt.Sprintf("sources: {ev: {command: [node, %q]}}\n", here))
	own := object{"transport": "stdio", "command": binary, "args": []string{"serve", "-c", config, "--stdio"}}
	for _, c := range []struct {
		name, revision string
		job            func(url string) object
	}{
		{"streamable HTTP", "2025-11-25", func(url string) object { return object{"transport": "http", "url": url} }},
		{"streamable HTTP", "2026-07-28", func(url string) object { return object{"transport": "http", "url": url} }},
		{"HTTP+SSE", "2025-11-25", func(url string) object {
			return object{"transport": "sse", "url": strings.TrimSuffix(url, "/mcp") + "/sse"}
		}},
		{"mcp-remote", "2025-11-25", func(url string) object {
			return object{"transport": "stdio", "command": "node", "env": object{"MCP_REMOTE_CONFIG_DIR": t.TempDir()},
				"args": []string{"node_modules/mcp-remote/dist/proxy.js", url, "--transport", "http-only"}}
		}},
		{"stdio", "2025-11-25", func(string) object { return maps.Clone(own) }},
		{"stdio", "2026-07-28", func(string) object { return maps.Clone(own) }},
	} {
		t.Run(c.name+", "+c.revision, func(t *testing.T) {
			s := start(t, filepath.Dir(config), "serve", "--listen", "127.0.0.1:0")
			s.ready(t)
			job := c.job(s.url)
			job["revision"] = c.revision
			checkWhole(t, whole(t, job, everythingSteps(c.revision == "2026-07-28")))
			if t.Failed() {
				t.Logf("the gateway's log ends with:\n%s", tail(s.log.String()))
			}
		})
	}
}

func tail(text string) string { return text[max(0, len(text)-3000):] }

// TestAcrossEras has clients of one era in front of the Go SDK's server for the
// conformance suite in the other: what is asked in the newer way is answered in
// the older, and the other way round.
func TestAcrossEras(t *testing.T) {
	needNode(t)
	program, err := process.Build(t.TempDir(), "github.com/modelcontextprotocol/go-sdk/conformance/everything-server")
	if err != nil {
		t.Fatal(err)
	}
	older := []step{
		{Do: "callTool", With: object{"name": "sdk_test_elicitation", "arguments": object{"message": "who?"}}, want: []string{"action=accept", "Ada"}},
		{Do: "callTool", With: object{"name": "sdk_test_sampling", "arguments": object{"prompt": "hi"}}, want: []string{"sampled by e2e"}},
	}
	newer := []step{
		{Do: "callTool", With: object{"name": "sdk_test_input_required_result_elicitation", "arguments": object{}}, want: []string{"Ada"}},
		{Do: "callTool", With: object{"name": "sdk_test_input_required_result_sampling", "arguments": object{}}, want: []string{"sampled by e2e"}},
		{Do: "callTool", With: object{"name": "sdk_test_input_required_result_list_roots", "arguments": object{}}, want: []string{"e2e"}},
		{Do: "callTool", With: object{"name": "sdk_test_input_required_result_multi_round", "arguments": object{}}, want: []string{`"content":`}},
		{Do: "getPrompt", With: object{"name": "sdk_test_input_required_result_prompt"}, want: []string{`"messages":`}},
	}
	common := []step{
		{Do: "readResource", With: object{"uri": "sdk+test://static-text"}, want: []string{`"uri":"sdk+test://static-text"`, "static text resource"}},
		{Do: "getPrompt", With: object{"name": "sdk_test_prompt_with_embedded_resource", "arguments": object{"resourceUri": "test://x"}}, want: []string{`"uri":"sdk+test://x"`}},
		{Do: "callTool", Progress: true, With: object{"name": "sdk_test_tool_with_progress", "arguments": object{}}, want: []string{`"content":`}},
		{Do: "callTool", With: object{"name": "sdk_test_error_handling", "arguments": object{}}, want: []string{`"isError":true`}},
	}
	for _, stateless := range []bool{false, true} {
		address := process.FreeAddress(t)
		process.Start(t, t.TempDir(), program, "-http", address, fmt.Sprintf("-stateless=%t", stateless)).Serves(t, "http://"+address+"/")
		dir := t.TempDir()
		write(t, dir, "bridge.yaml", fmt.Sprintf("sources: {sdk: {mcp: %q}}\n", "http://"+address+"/"))
		s := start(t, dir, "serve", "--listen", "127.0.0.1:0")
		s.ready(t)
		steps := slices.Concat(common, map[bool][]step{false: older, true: newer}[stateless])
		for _, revision := range []string{"2025-11-25", "2026-07-28"} {
			t.Run(fmt.Sprintf("%s, stateless server %t", revision, stateless), func(t *testing.T) {
				whole(t, object{"transport": "http", "url": s.url, "revision": revision}, steps)
				if t.Failed() {
					t.Logf("the gateway's log ends with:\n%s", tail(s.log.String()))
				}
			})
		}
	}
}

// TestMCPApps reads the views that tools name, by the names that clients see.
func TestMCPApps(t *testing.T) {
	needNode(t)
	app, err := filepath.Abs("node_modules/@modelcontextprotocol/server-basic-vanillajs/dist/index.js")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "bridge.yaml", fmt.Sprintf("sources:\n  one: {command: [node, %q, --stdio]}\n  two: {command: [node, %q, --stdio]}\n", app, app))
	s := start(t, dir, "serve", "--listen", "127.0.0.1:0")
	s.ready(t)
	for _, revision := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(revision, func(t *testing.T) {
			job := object{"transport": "http", "url": s.url, "revision": revision}
			seen := whole(t, job, []step{{Do: "listTools", want: []string{"resourceUri"}}})
			var list struct {
				Tools []struct {
					Name string
					Meta struct {
						UI struct{ ResourceURI string }
					} `json:"_meta"`
				}
			}
			if err := json.Unmarshal(seen.Results[0].Result, &list); err != nil {
				t.Fatal(err)
			}
			var reads []step
			for _, tool := range list.Tools {
				if tool.Name == "bridge_read" {
					continue // which has no view
				}
				uri := tool.Meta.UI.ResourceURI
				prefix, _, _ := strings.Cut(tool.Name, "_")
				if !strings.HasPrefix(uri, "ui://"+prefix+"/") {
					t.Errorf("%s names the view %q", tool.Name, uri)
				}
				reads = append(reads, step{Do: "readResource", With: object{"uri": uri},
					want: []string{`"uri":"` + uri + `"`, "text/html;profile=mcp-app", "<html"}})
			}
			if len(reads) < 2 {
				t.Fatalf("%d tools with views", len(reads))
			}
			whole(t, job, reads)
		})
	}
}

// inspect runs the inspector's command line against a URL.
func inspect(t *testing.T, node, url string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	all := append([]string{"node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", "--cli", url}, args...)
	cmd := exec.CommandContext(ctx, node, all...)
	cmd.Env = append(cmd.Environ(), "HOME="+t.TempDir())
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("inspector %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestInspector drives Bridge with the inspector's command line.
func TestInspector(t *testing.T) {
	needNode(t)
	node := process.Node(t, "../conformance")
	here, err := filepath.Abs("node_modules/@modelcontextprotocol/server-everything/dist/index.js")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "bridge.yaml", fmt.Sprintf("sources: {ev: {command: [node, %q]}}\n", here))
	s := start(t, dir, "serve", "--listen", "127.0.0.1:0")
	s.ready(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--method", "tools/list", "--strict"}, `"ev_echo"`},
		{[]string{"--method", "tools/call", "--tool-name", "ev_echo", "--tool-arg", "message=hello"}, "Echo: hello"},
		{[]string{"--method", "resources/list"}, `"ev+demo://resource/static/`},
		{[]string{"--method", "resources/read", "--uri", "ev+demo://resource/dynamic/text/1"}, "Resource 1"},
		{[]string{"--method", "prompts/get", "--prompt-name", "ev_simple-prompt"}, "simple prompt"},
		{[]string{"--method", "tools/list", "--transport", "sse"}, `"ev_echo"`},
	} {
		url := s.url
		if slices.Contains(c.args, "sse") {
			url = strings.TrimSuffix(s.url, "/mcp") + "/sse"
		}
		if out := inspect(t, node, url, c.args...); !strings.Contains(out, c.want) {
			t.Errorf("inspector %v: lacks %q in %.800s", c.args, c.want, out)
		}
	}
}
