package gateway_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// scripted is a server that answers each method with what the test says, and
// keeps what it was asked.
type scripted struct {
	name         string
	capabilities string
	answers      map[string]string
	notices      chan call.Notice

	mu    sync.Mutex
	asked []string
}

func newScripted(name, capabilities string, answers map[string]string) *scripted {
	return &scripted{name: name, capabilities: capabilities, answers: answers, notices: make(chan call.Notice, 8)}
}

func (s *scripted) Name() string                { return s.name }
func (s *scripted) Close() error                { return nil }
func (s *scripted) Notices() <-chan call.Notice { return s.notices }
func (s *scripted) Tools(context.Context) ([]tool.Tool, error) {
	definition := json.RawMessage(`{"name":"do","inputSchema":{"type":"object"}}`)
	return []tool.Tool{{Name: "do", Input: object, Definition: definition}}, nil
}
func (s *scripted) Features(context.Context) (tool.Features, error) {
	return tool.Features{Capabilities: json.RawMessage(s.capabilities), Prompts: []json.RawMessage{json.RawMessage(`{"name":"p"}`)},
		Resources: []json.RawMessage{json.RawMessage(`{"uri":"a:b","name":"b"}`)}}, nil
}
func (s *scripted) Invoke(_ context.Context, c *call.Call) (*call.Result, error) {
	extra, err := json.Marshal(c.Extra)
	if err != nil {
		return nil, err
	}
	raw, err := s.answer(protocol.CallTool, extra, c.Meta)
	if err != nil {
		return nil, err
	}
	return call.ParseResult(raw)
}
func (s *scripted) Request(_ context.Context, r *call.Request) (json.RawMessage, error) {
	return s.answer(r.Method, r.Params, r.Meta)
}

func (s *scripted) answer(method string, params, meta json.RawMessage) (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, method+" "+string(params)+" "+string(meta))
	answer, ok := s.answers[method]
	if !ok {
		return nil, protocol.Errorf(protocol.CodeInvalidParams, "unknown to %s", s.name)
	}
	return json.RawMessage(answer), nil
}

// last returns what the server was asked last.
func (s *scripted) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		return ""
	}
	return s.asked[len(s.asked)-1]
}

const tasksCapability = `{"tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}}`

func TestTasksGoBackToTheirSource(t *testing.T) {
	answers := map[string]string{
		protocol.CallTool:   `{"task":{"taskId":"42","status":"working"},"resultType":"task","content":[]}`,
		protocol.GetTask:    `{"taskId":"42","status":"completed","result":{"content":[{"type":"resource_link","uri":"a:b","name":"b"}]}}`,
		protocol.TaskResult: `{"content":[],"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"42"}}}`,
		protocol.ListTasks:  `{"tasks":[{"taskId":"42"}]}`,
		protocol.CancelTask: `{"taskId":"42","status":"cancelled"}`,
	}
	one, two := newScripted("one", tasksCapability, answers), newScripted("two", tasksCapability, answers)
	g, url := serve(t, gateway.Mount{Source: one, Prefix: "one"}, gateway.Mount{Source: two, Prefix: "two"})
	settled(t, g)
	send := older(t, url)
	ask := func(method, params string) string {
		return send("POST", `{"jsonrpc":"2.0","id":2,"method":"`+method+`","params":`+params+`}`)
	}
	if got := ask("tools/call", `{"name":"two_do","task":{"ttl":60000},"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"two+7"}}}`); !strings.Contains(got, `"taskId":"two+42"`) ||
		!strings.Contains(two.last(), `"ttl":60000`) || !strings.Contains(two.last(), `{"taskId":"7"}`) {
		t.Errorf("the call answered %s; the source got %s", got, two.last())
	}
	for method, want := range map[string]string{
		"tasks/get": `"uri":"two+a:b"`, "tasks/result": `"taskId":"two+42"`, "tasks/cancel": `"taskId":"two+42"`} {
		got := ask(method, `{"taskId":"two+42","more":1}`)
		if !strings.Contains(got, want) || !strings.Contains(two.last(), `"taskId":"42"`) || !strings.Contains(two.last(), `"more":1`) {
			t.Errorf("%s answered %s; the source got %s", method, got, two.last())
		}
	}
	if got := ask("tasks/list", `{}`); !strings.Contains(got, `"tasks":[{"taskId":"one+42"},{"taskId":"two+42"}]`) {
		t.Errorf("the tasks are %s", got)
	}
	if got := ask("tasks/get", `{"taskId":"nonesuch"}`); !strings.Contains(got, `"code":-32602`) {
		t.Errorf("an unknown task: %s", got)
	}
	if _, got := post(t, url, "server/discover", "", `{`+modernMeta+`}`, nil); strings.Contains(got, `"tasks"`) {
		t.Errorf("these tasks are none of 2026-07-28: %s", got)
	}
}

func TestStatesOfServersAreSealed(t *testing.T) {
	source := newScripted("one", `{"prompts":{},"resources":{}}`, map[string]string{
		protocol.CallTool:     `{"resultType":"input_required","requestState":"inner","inputRequests":{"a":{"method":"elicitation/create","params":{}}}}`,
		protocol.GetPrompt:    `{"resultType":"input_required","requestState":"inner","inputRequests":{}}`,
		protocol.ReadResource: `{"resultType":"input_required","requestState":"inner","inputRequests":{}}`,
	})
	g, url := serve(t, gateway.Mount{Source: source, Prefix: "one"})
	settled(t, g)
	for method, params := range map[string][2]string{
		"tools/call":     {"one_do", `"name":"one_do","arguments":{"x":1}`},
		"prompts/get":    {"one_p", `"name":"one_p"`},
		"resources/read": {"one+a:b", `"uri":"one+a:b"`},
	} {
		_, body := post(t, url, method, params[0], `{`+params[1]+`,`+modernMeta+`}`, nil)
		state := protocol.MemberString(member(t, body, "result"), "requestState")
		if state == "" || strings.Contains(body, "inner") || !strings.Contains(body, `"resultType":"input_required"`) {
			t.Errorf("%s: the state is not sealed: %s", method, body)
		}
		if strings.Contains(body, "ttlMs") {
			t.Errorf("%s: what is not complete is not kept: %s", method, body)
		}
		_, body = post(t, url, method, params[0], `{`+params[1]+`,"inputResponses":{"a":{"action":"accept"}},"requestState":"`+state+`",`+modernMeta+`}`, nil)
		if !strings.Contains(source.last(), `"requestState":"inner"`) || !strings.Contains(source.last(), `"inputResponses":{"a":{"action":"accept"}}`) {
			t.Errorf("%s: the source got %s, the client %s", method, source.last(), body)
		}
		_, body = post(t, url, method, params[0], `{`+params[1]+`,"requestState":"forged",`+modernMeta+`}`, nil)
		if !strings.Contains(body, `"code":-32602`) || !strings.Contains(body, "start over") {
			t.Errorf("%s: a forged state: %s", method, body)
		}
	}
}

func member(t *testing.T, object, name string) json.RawMessage {
	t.Helper()
	value, ok := protocol.Member([]byte(object), name)
	if !ok {
		t.Fatalf("%s has no %s", object, name)
	}
	return value
}

func TestResultsPassUnharmed(t *testing.T) {
	read := `{"contents":[{"uri":"a:b","text":"x","unknown":{"z":1.50,"a":[]}}],"odd":1}`
	source := newScripted("plain", `{"resources":{}}`, map[string]string{protocol.ReadResource: read,
		protocol.CallTool: `{"content":[{"type":"hologram","data":1.50}],"strange":{"b":1,"a":2}}`})
	g, url := serve(t, gateway.Mount{Source: source})
	settled(t, g)
	send := older(t, url)
	if got := send("POST", `{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"a:b"}}`); !strings.Contains(got, `"result":`+read) {
		t.Errorf("resources/read: %s", got)
	}
	if got := send("POST", `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"do"}}`); !strings.Contains(got, `{"type":"hologram","data":1.50}`) || !strings.Contains(got, `"strange":{"b":1,"a":2}`) {
		t.Errorf("tools/call: %s", got)
	}
	_, got := post(t, url, "resources/read", "a:b", `{"uri":"a:b",`+modernMeta+`}`, nil)
	for _, want := range []string{`"resultType":"complete"`, `"ttlMs":0`, `"cacheScope":"private"`, `"unknown":{"z":1.50,"a":[]}`} {
		if !strings.Contains(got, want) {
			t.Errorf("2026-07-28: %s lacks %s", got, want)
		}
	}
}

func TestParamsThatAreWrongAreSaidToBe(t *testing.T) {
	source := newScripted("one", `{"prompts":{},"resources":{},"completions":{},"tasks":{}}`, map[string]string{protocol.CallTool: `{"content":[]}`})
	g, url := serve(t, gateway.Mount{Source: source})
	settled(t, g)
	send := older(t, url)
	for _, request := range [][2]string{
		{"tools/call", `{}`}, {"tools/call", `{"name":7}`}, {"tools/call", `{"name":"do","arguments":[]}`}, {"tools/call", `{"name":"do","arguments":"x"}`},
		{"tools/list", `{"cursor":7}`}, {"resources/read", `{}`}, {"resources/read", `{"uri":null}`}, {"prompts/get", `{"name":{}}`},
		{"completion/complete", `{}`}, {"completion/complete", `{"ref":{"type":"ref/prompt","uri":"a:b"}}`}, {"completion/complete", `{"ref":7}`}, {"tasks/get", `{}`},
	} {
		got := send("POST", `{"jsonrpc":"2.0","id":2,"method":"`+request[0]+`","params":`+request[1]+`}`)
		if !strings.Contains(got, `"code":-32602`) {
			t.Errorf("%s %s: %s", request[0], request[1], got)
		}
	}
	if got := send("POST", `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"do"}}`); !strings.HasPrefix(got, "202") || source.last() != "" {
		t.Errorf("a call that wants no answer is none: %s; the source got %q", got, source.last())
	}
}

// TestUnlistedResourcesAreLookedForInOrder asks two servers without a prefix for
// what neither lists.
func TestUnlistedResourcesAreLookedForInOrder(t *testing.T) {
	one := newScripted("one", `{"resources":{}}`, nil)
	two := newScripted("two", `{"resources":{}}`, map[string]string{protocol.ReadResource: `{"contents":[{"uri":"x:y","text":"of two"}]}`})
	apart := newScripted("apart", `{"resources":{}}`, two.answers)
	g, url := serve(t, gateway.Mount{Source: apart, Prefix: "apart"}, gateway.Mount{Source: one}, gateway.Mount{Source: two})
	settled(t, g)
	send := older(t, url)
	if got := send("POST", `{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"x:y"}}`); !strings.Contains(got, "of two") || !strings.Contains(one.last(), "x:y") {
		t.Errorf("got %s; the first was asked %q", got, one.last())
	}
	if got := apart.last(); got != "" {
		t.Errorf("a source with a prefix was asked %q", got)
	}
	two.mu.Lock()
	two.answers = nil
	two.mu.Unlock()
	if got := send("POST", `{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":"x:y"}}`); !strings.Contains(got, `"code":-32002`) || !strings.Contains(got, "there is no resource") {
		t.Errorf("what nobody has: %s", got)
	}
}
