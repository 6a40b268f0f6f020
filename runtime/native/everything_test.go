package native_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// TestServerEverything talks to a server that is written with another SDK.
func TestServerEverything(t *testing.T) {
	script, err := filepath.Abs("../../cmd/bridge/e2e/node_modules/@modelcontextprotocol/server-everything/dist/index.js")
	if err != nil {
		t.Fatal(err)
	}
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(script); missing != nil || err != nil {
		t.Skip("the npm packages of the end-to-end tests are not installed here")
	}
	s := open(t, native.Options{Name: "everything", Command: []string{node, script, "stdio"}})
	tools, err := s.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Features(t.Context())
	if err != nil || len(f.Resources) == 0 || len(f.Templates) == 0 || len(f.Prompts) == 0 || f.Instructions == "" {
		t.Errorf("%d resources, %d templates, %d prompts, %v", len(f.Resources), len(f.Templates), len(f.Prompts), err)
	}
	do := func(name, args string, p *person, progress func(context.Context, call.Progress)) string {
		t.Helper()
		for i := range tools {
			if tools[i].Name != name {
				continue
			}
			c := &call.Call{Tool: &tools[i], Arguments: json.RawMessage(args), Progress: progress}
			if p != nil {
				c.Client = p
			}
			res, err := s.Invoke(t.Context(), c)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			raw, err := json.Marshal(res)
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		t.Errorf("there is no tool %s", name)
		return ""
	}
	if got := do("echo", `{"message":"hi"}`, nil, nil); !strings.Contains(got, "Echo: hi") {
		t.Errorf("echo: %s", got)
	}
	if got := do("trigger-elicitation-request", `{}`, &person{}, nil); !strings.Contains(got, "Ada") {
		t.Errorf("elicitation: %s", got)
	}
	if got := do("trigger-sampling-request", `{"prompt":"A word?","maxTokens":10}`, &person{}, nil); !strings.Contains(got, "word") {
		t.Errorf("sampling: %s", got)
	}
	steps := 0
	do("trigger-long-running-operation", `{"duration":0.1,"steps":3}`, nil, func(context.Context, call.Progress) { steps++ })
	if steps == 0 {
		t.Error("no progress")
	}
	uri := protocol.MemberString(f.Resources[0], "uri")
	if got := request(t, s, protocol.ReadResource, string(protocol.AppendString([]byte(`{"uri":`), uri))+"}"); !strings.Contains(got, "contents") {
		t.Errorf("read: %s", got)
	}
}
