package gateway

import (
	"encoding/json"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

func TestResultsAreRewritten(t *testing.T) {
	cases := []struct{ name, method, in, want string }{
		{"contents", protocol.ReadResource, `{"contents":[{"uri":"a:b","text":"a:b","x":{"uri":"a:b"}}],"ttlMs":1}`, `{"contents":[{"uri":"p+a:b","text":"a:b","x":{"uri":"a:b"}}],"ttlMs":1}`},
		{"a prompt", protocol.GetPrompt, `{"messages":[{"role":"user","content":{"type":"resource_link","uri":"a:b","icons":[{"src":"a:b"}]}}]}`, `{"messages":[{"role":"user","content":{"type":"resource_link","uri":"p+a:b","icons":[{"src":"a:b"}]}}]}`},
		{"a prompt of blocks", protocol.GetPrompt, `{"messages":[{"content":[{"type":"text","uri":"a:b"},{"type":"resource","resource":{"uri":"a:b"}}]}]}`, `{"messages":[{"content":[{"type":"text","uri":"a:b"},{"type":"resource","resource":{"uri":"p+a:b"}}]}]}`},
		{"a task", protocol.GetTask, `{"taskId":"1","status":"completed","result":{"content":[{"type":"resource_link","uri":"a:b"}]}}`, `{"taskId":"p+1","status":"completed","result":{"content":[{"type":"resource_link","uri":"p+a:b"}]}}`},
		{"tasks", protocol.ListTasks, `{"tasks":[{"taskId":"1","n":1.0}]}`, `{"tasks":[{"taskId":"p+1","n":1.0}]}`},
		{"a task's result", protocol.TaskResult, `{"content":[],"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"1"},"k":1}}`, `{"content":[],"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"p+1"},"k":1}}`},
		{"a completion", protocol.Complete, `{"completion":{"values":["a:b"]}}`, `{"completion":{"values":["a:b"]}}`},
		{"other forms", protocol.ReadResource, `{"contents":{"uri":7},"_meta":[1],"big":12345678901234567890}`, `{"contents":{"uri":7},"_meta":[1],"big":12345678901234567890}`},
		{"no object", protocol.ReadResource, `7`, `7`},
	}
	for _, c := range cases {
		if got := newDialect("p").result(c.method, json.RawMessage(c.in)); string(got) != c.want {
			t.Errorf("%s: %s became %s, want %s", c.name, c.in, got, c.want)
		}
		if got := newDialect("").result(c.method, json.RawMessage(c.in)); string(got) != c.in {
			t.Errorf("%s: without a prefix %s became %s", c.name, c.in, got)
		}
	}
}

func TestCallsResultsAreRewritten(t *testing.T) {
	in := `{"content":[{"type":"text","text":"a:b"},{"type":"resource_link","uri":"a:b"}],"resultType":"task","taskId":"1","task":{"taskId":"1"},"odd":{"taskId":"1"},"_meta":{"ui":{"resourceUri":"ui://h/x"}}}`
	res, err := call.ParseResult(json.RawMessage(in))
	if err != nil {
		t.Fatal(err)
	}
	got, err := newDialect("p").called(res).AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]json.RawMessage
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	for member, want := range map[string]string{
		"content": `[{"type":"text","text":"a:b"},{"type":"resource_link","uri":"p+a:b"}]`, "taskId": `"p+1"`, "task": `{"taskId":"p+1"}`,
		"odd": `{"taskId":"1"}`, "_meta": `{"ui":{"resourceUri":"ui://p/h/x"}}`, "resultType": `"task"`,
	} {
		if string(back[member]) != want {
			t.Errorf("%s is %s, want %s", member, back[member], want)
		}
	}
	if again, err := res.AppendJSON(nil); err != nil || string(again) != in {
		t.Errorf("the server's own result was changed: %s, %v", again, err)
	}
}

// FuzzRewrite holds that whatever a server sends, rewriting it gives JSON again,
// of the same members but for what is rewritten, and changes nothing without a
// prefix.
func FuzzRewrite(f *testing.F) {
	f.Add(`{"contents":[{"uri":"a:b","_meta":{"ui":{"resourceUri":"ui://a"}}}]}`)
	f.Add(`{"taskId":"1","tasks":[{"taskId":"\u0031"}],"result":{"content":[{"type":"resource"}]}}`)
	f.Add(`{"messages":[{"content":[{"type":"resource_link","uri":1}]}],"a\"b":[]}`)
	f.Fuzz(func(t *testing.T, in string) {
		if !protocol.Valid([]byte(in)) {
			return
		}
		with, without := newDialect("p"), newDialect("")
		for method := range with.results {
			got := with.result(method, json.RawMessage(in))
			if !protocol.Valid(got) {
				t.Fatalf("%s: %s became %s", method, in, got)
			}
			if same := without.result(method, json.RawMessage(in)); string(same) != in {
				t.Fatalf("%s: without a prefix %s became %s", method, in, same)
			}
		}
	})
}
