package native_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/native"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// person is the client of a test: it answers what it is asked.
type person struct {
	retries bool
	lacks   string        // a method that it does not know
	refusal error         // what it says then; nil for words of its own
	hold    chan struct{} // if set, it answers when this is closed

	mu    sync.Mutex
	asked []string // methods and params
	told  []string
}

func (p *person) Capabilities() json.RawMessage {
	return json.RawMessage(`{"elicitation":{"form":{}},"sampling":{},"roots":{}}`)
}
func (p *person) Retries() bool { return p.retries }

func (p *person) Ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error) {
	p.mu.Lock()
	p.asked = append(p.asked, method+" "+string(params))
	p.mu.Unlock()
	if method == p.lacks && p.refusal != nil {
		return nil, p.refusal
	}
	if method == p.lacks {
		return nil, fault.New("test", fault.Unsupported, "the client can't do that")
	}
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	switch method {
	case protocol.Elicit:
		return json.RawMessage(`{"action":"accept","content":{"name":"Ada"}}`), nil
	case protocol.ListRoots:
		return json.RawMessage(`{"roots":[{"uri":"file:///home"}]}`), nil
	}
	return json.RawMessage(`{"role":"assistant","model":"m","content":{"type":"text","text":"word"}}`), nil
}

func (p *person) Notify(_ context.Context, method string, params json.RawMessage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, method+" "+string(params))
	return nil
}

func (p *person) heard() (asked, told []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked), slices.Clone(p.told)
}

func TestServerAsksTheCallsClient(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			p := &person{}
			c := toolCall("ask", `{}`)
			c.Client = p
			res, err := s.Invoke(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"state-1", `"Ada"`, "file:///home", `"word"`} {
				if !strings.Contains(res.Content[0].Text, want) {
					t.Errorf("%s is missing in %s", want, res.Content[0].Text)
				}
			}
			asked, _ := p.heard()
			slices.Sort(asked)
			if len(asked) != 3 || !strings.Contains(asked[0], `"message":"Who are you?"`) || !strings.Contains(asked[2], `"maxTokens":7`) {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

func TestQuestionsThatNobodyCanAnswer(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			if res, err := s.Invoke(t.Context(), toolCall("ask", `{}`)); err == nil && !res.IsError {
				t.Errorf("without a client: %+v", res)
			}
			c := toolCall("ask", `{}`)
			c.Client = &person{lacks: protocol.Elicit}
			if res, err := s.Invoke(t.Context(), c); err == nil && !res.IsError {
				t.Errorf("of a client that lacks it: %+v, %v", res, err)
			}
			if got, err := invoke(t, s, "echo", `{}`); err != nil || got != `{}` {
				t.Errorf("the next call: %q, %v", got, err)
			}
		})
	}
}

func TestClientThatRetriesGetsTheQuestion(t *testing.T) {
	s := kinds[3].open(t, newGate())
	p := &person{retries: true}
	c := toolCall("ask", `{}`)
	c.Client = p
	res, err := s.Invoke(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if asked, _ := p.heard(); len(asked) > 0 || string(res.Extra["resultType"]) != `"input_required"` {
		t.Fatalf("asked %q, result %+v", asked, res.Extra)
	}
	c.Extra = map[string]json.RawMessage{
		"inputResponses": json.RawMessage(`{"who":{"action":"decline"}}`), "requestState": res.Extra["requestState"],
	}
	if res, err = s.Invoke(t.Context(), c); err != nil || !strings.HasPrefix(res.Content[0].Text, "state-1") || !strings.Contains(res.Content[0].Text, "decline") {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestThinkingTakesItsTime holds a call's clock while a person thinks.
func TestThinkingTakesItsTime(t *testing.T) {
	for _, k := range kinds[1:3] {
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate(), func(o *native.Options) { o.CallTimeout = 300_000_000 })
			p := &person{hold: make(chan struct{})}
			c := toolCall("ask", `{}`)
			c.Client = p
			done := make(chan error, 1)
			go func() {
				_, err := s.Invoke(t.Context(), c)
				done <- err
			}()
			until(t, "the question", func() bool { asked, _ := p.heard(); return len(asked) > 0 })
			// Another call that hangs for its whole time says that the time is over.
			if _, err := s.Invoke(t.Context(), toolCall("wait", `{}`)); fault.KindOf(err) != fault.Timeout {
				t.Errorf("error %v", err)
			}
			close(p.hold)
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// asker is a server of 2025-06-18 on standard output that asks in ways that no
// SDK does: with members that no one knows, out of the blue, and with several
// calls under way.
func asker() {
	out := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	var pending []string // calls that wait for their answer
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		m, err := protocol.Parse(in.Bytes())
		if err != nil {
			continue
		}
		switch {
		case m.Method == "initialize":
			out(`{"jsonrpc":"2.0","id":"early","method":"elicitation/create","params":{"message":"anyone?"}}`)
			out(`{"jsonrpc":"2.0","id":"roots","method":"roots/list"}`)
			out(`{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t","status":"working","odd":[1.50]}}`)
			out(`{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"asker","version":"0"}}}`, m.ID)
		case m.Method == "tools/call":
			pending = append(pending, string(m.ID))
			tool := protocol.MemberString(m.Params, "name")
			switch meta, _ := protocol.Member(m.Params, "_meta"); tool {
			case "ask":
				out(`{"jsonrpc":"2.0","id":"q%d","method":"elicitation/create","params":{"message":"Who?","zeta":{"b":1.50,"a":null}}}`, len(pending))
			case "wait":
				if token, ok := protocol.Member(meta, "progressToken"); ok {
					out(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":%s}}`, token)
				}
			case "ask by token":
				token, _ := protocol.Member(meta, "progressToken")
				out(`{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Who?","_meta":{"progressToken":%s}}}`, token)
			}
		case m.Method != "" && m.ID != nil:
			out(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"method not found"}}`, m.ID)
		case string(m.ID) == `"early"` || string(m.ID) == `"roots"`:
			fmt.Fprintln(os.Stderr, "answered:", in.Text())
		case m.IsResponse():
			for _, id := range pending {
				text, _ := json.Marshal(in.Text())
				out(`{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":%s}]}}`, id, text)
			}
			pending = nil
		}
	}
}

func TestQuestionsOverOneConnection(t *testing.T) {
	var l logs
	s := command(t, "asker", l.option)
	p := &person{}
	c := toolCall("ask", `{}`)
	c.Client = p
	res, err := s.Invoke(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if asked, _ := p.heard(); len(asked) != 1 || asked[0] != `elicitation/create {"message":"Who?","zeta":{"b":1.50,"a":null}}` {
		t.Errorf("asked %q", asked)
	}
	if want := `"result":{"action":"accept","content":{"name":"Ada"}}`; !strings.Contains(res.Content[0].Text, want) {
		t.Errorf("the server got %s", res.Content[0].Text)
	}
	until(t, "the refusal of what was asked too early", func() bool {
		text := l.String()
		return strings.Contains(text, "nobody to ask") && strings.Contains(text, `\"roots\":[]`)
	})
	if n := <-s.Notices(); n.Method != "notifications/tasks/status" || string(n.Params) != `{"taskId":"t","status":"working","odd":[1.50]}` || n.Source != "moody" {
		t.Errorf("notice %+v", n)
	}
}

func TestQuestionsWithSeveralCallsUnderWay(t *testing.T) {
	s := command(t, "asker")
	var wg sync.WaitGroup
	other := &person{}
	wg.Go(func() {
		c := toolCall("wait", `{}`)
		c.Client = other
		if _, err := s.Invoke(t.Context(), c); err != nil {
			t.Error(err)
		}
	})
	until(t, "the session", func() bool { return s.State().Status == native.Connected })
	p := &person{}
	c := toolCall("ask by token", `{}`)
	c.Client, c.Progress = p, func(context.Context, call.Progress) {}
	if _, err := s.Invoke(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	asked, _ := p.heard()
	if wrong, _ := other.heard(); len(asked) != 1 || len(wrong) != 0 {
		t.Errorf("asked %q and, wrongly, %q", asked, wrong)
	}
}

// TestQuestionWhileAnotherWaits has a person who never answers, which must not
// keep a server from asking others.
func TestQuestionWhileAnotherWaits(t *testing.T) {
	s := command(t, "asker")
	silent := &person{hold: make(chan struct{})}
	defer close(silent.hold)
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wg.Go(func() {
		c := toolCall("ask", `{}`)
		c.Client = silent
		_, _ = s.Invoke(ctx, c)
	})
	until(t, "the first question", func() bool { asked, _ := silent.heard(); return len(asked) == 1 })
	p := &person{}
	c := toolCall("ask", `{}`)
	c.Client = p
	if _, err := s.Invoke(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if asked, _ := p.heard(); len(asked) != 1 {
		t.Errorf("the second person was asked %q", asked)
	}
}

// TestQuestionAfterACallThatWasGivenUp may be about that call, and is then not for
// another caller's client.
func TestQuestionAfterACallThatWasGivenUp(t *testing.T) {
	s := command(t, "asker")
	ctx, cancel := context.WithCancel(t.Context())
	began, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		c := toolCall("wait", `{}`)
		c.Caller.ID, c.Client = "ann", &person{}
		c.Progress = func(context.Context, call.Progress) { close(began) }
		_, err := s.Invoke(ctx, c)
		wantFault(t, err, fault.Canceled)
	}()
	<-began
	cancel()
	<-ended
	for try, questions := range []int{0, 1} { // at the second, the server has answered all before
		p := &person{}
		c := toolCall("ask", `{}`)
		c.Caller.ID, c.Client = "bob", p
		res, err := s.Invoke(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if asked, _ := p.heard(); len(asked) != questions || strings.Contains(res.Content[0].Text, "nobody to ask") != (questions == 0) {
			t.Errorf("%d: asked %q, answered %s", try, asked, res.Content[0].Text)
		}
	}
}

// TestFloodOfPings is of a server that does not read what it is answered.
func TestFloodOfPings(t *testing.T) {
	var l logs
	s := command(t, "pinger", l.option)
	c := toolCall("x", `{}`)
	most := 0
	c.Client, c.Progress = &person{}, func(context.Context, call.Progress) { most = runtime.NumGoroutine() }
	if _, err := s.Invoke(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if most == 0 || most > 1000 {
		t.Errorf("%d goroutines", most)
	}
	if !strings.Contains(l.String(), "requests of the server are left out") {
		t.Errorf("log %s", l.String())
	}
}

// pinger pings far more than a pipe holds answers to, when it is called.
func pinger() {
	answer(func(method string, params json.RawMessage) (result, rpcError string) {
		switch method {
		case "initialize":
			return `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"pinger","version":"0"}}`, ""
		case "tools/call":
			for i := range 50_000 {
				fmt.Printf(`{"jsonrpc":"2.0","id":%d,"method":"ping"}`+"\n", i)
			}
			fmt.Printf(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":%s}}`+"\n", protocol.SplitMeta(params).ProgressToken)
			return `{"content":[]}`, ""
		}
		return "", `{"code":-32601,"message":"method not found"}`
	})
}

func TestLogMessagesReachTheirCall(t *testing.T) {
	for _, k := range kinds {
		if k.name == "http stateless json" {
			continue // its answers have no place for them
		}
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			if _, err := s.Request(t.Context(), &call.Request{Method: protocol.SetLevel, Params: json.RawMessage(`{"level":"debug"}`)}); err != nil {
				t.Fatal(err)
			}
			p := &person{}
			c := toolCall("log", `{}`)
			c.Client = p
			if _, err := s.Invoke(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if _, told := p.heard(); len(told) != 1 || !strings.Contains(told[0], "about the call") {
				t.Errorf("told %q", told)
			}
		})
	}
}

// leveled is a person who says from which level on he wants log messages.
type leveled struct {
	person
	level string
}

func (p *leveled) LogLevel() string { return p.level }

func TestServerLogsWhatTheCallsClientWants(t *testing.T) {
	for _, k := range kinds {
		if k.name == "http stateless json" {
			continue // its answers have no place for them
		}
		t.Run(k.name, func(t *testing.T) {
			s := k.open(t, newGate())
			for _, c := range []struct {
				level string
				heard int
			}{{"", 0}, {"emergency", 0}, {"info", 1}} {
				p := &leveled{level: c.level}
				cl := toolCall("log", `{}`)
				cl.Client = p
				if _, err := s.Invoke(t.Context(), cl); err != nil {
					t.Fatal(err)
				}
				if _, told := p.heard(); len(told) != c.heard {
					t.Errorf("from %q on: told %q", c.level, told)
				}
			}
		})
	}
}

func TestServersErrorReachesItsClientWhole(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			_, err := k.open(t, newGate()).Request(t.Context(), &call.Request{Method: protocol.ReadResource, Params: json.RawMessage(`{"uri":"note:///nothing"}`)})
			var rpc *protocol.Error
			if !errors.As(err, &rpc) || rpc.Code != protocol.CodeResourceNotFound && rpc.Code != protocol.CodeInvalidParams || !strings.Contains(string(rpc.Data), "note:///nothing") {
				t.Errorf("error %v, %+v", err, rpc)
			}
		})
	}
}
