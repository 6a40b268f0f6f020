package face_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const (
	modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`
	askedMeta  = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}`
)

func olderHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}}
}

func modernHeader(method, name string) http.Header {
	h := olderHeader()
	h.Set(protocol.HeaderVersion, protocol.R20260728)
	h.Set(protocol.HeaderMethod, method)
	if name != "" {
		h.Set(protocol.HeaderName, name)
	}
	return h
}

// answer is a response that was read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprint(a.status, " ", a.body) }

func send(ctx context.Context, t testing.TB, s *served, method, url string, header http.Header, body string) answer {
	t.Helper()
	res := open(ctx, t, s, method, url, header, body)
	if res == nil {
		return answer{}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil && ctx.Err() == nil {
		t.Error(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func open(ctx context.Context, t testing.TB, s *served, method, url string, header http.Header, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return nil
	}
	req.Header = header
	res, err := s.http.Client().Do(req)
	if err != nil {
		if ctx.Err() == nil {
			t.Error(err)
		}
		return nil
	}
	return res
}

// modern sends a request of 2026-07-28.
func modern(t testing.TB, s *served, method, name, params string) answer {
	t.Helper()
	return send(t.Context(), t, s, http.MethodPost, s.url, modernHeader(method, name),
		`{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`)
}

// older is a session.
type older struct {
	t      testing.TB
	s      *served
	header http.Header
}

func openOlder(t testing.TB, s *served, revision, capabilities string) *older {
	t.Helper()
	o := &older{t, s, olderHeader()}
	a := o.send(http.MethodPost, `{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"`+revision+`","capabilities":`+capabilities+`,"clientInfo":{"name":"x","version":"1"}}}`)
	o.header.Set(protocol.HeaderSession, a.header.Get(protocol.HeaderSession))
	if got := o.send(http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/initialized"}`); got.status != http.StatusAccepted {
		t.Fatal(a, got)
	}
	return o
}

func (o *older) send(method, body string) answer {
	return send(o.t.Context(), o.t, o.s, method, o.s.url, o.header.Clone(), body)
}

func (o *older) call(id, tool, more string) answer {
	return o.send(http.MethodPost, callOf(id, tool, more))
}

func callOf(id, tool, more string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `"` + more + `}}`
}

func TestModernRequestsAreHeldToTheirHeaders(t *testing.T) {
	s := serve(t, face.Options{})
	const params = `{"name":"echo",` + modernMeta + `}`
	for _, c := range []struct {
		name         string
		header       string // name=value, or several values with & between; an empty one deletes it
		method, body string
		status       int
		want         string
	}{
		{"well", "", "tools/call", params, 200, `"resultType":"complete"`},
		{"base64", "Mcp-Name==?base64?ZWNobw==?=", "tools/call", params, 200, `"resultType":"complete"`},
		{"no base64", "Mcp-Name==?base64?§?=", "tools/call", params, 400, "-32020"},
		{"no method", "Mcp-Method=", "tools/call", params, 400, "-32020"},
		{"another method", "Mcp-Method=tools/list", "tools/call", params, 400, "-32020"},
		{"two names", "Mcp-Name=echo", "tools/call", `{"name":"echo","name":"other",` + modernMeta + `}`, 400, "-32602"},
		{"two names, one escaped", "Mcp-Name=echo", "tools/call", `{"name":"echo","n\u0061me":"other",` + modernMeta + `}`, 400, "-32602"},
		{"two headers", "Mcp-Name=echo&other", "tools/call", params, 400, "is there twice"},
		{"no name", "Mcp-Name=", "tools/call", params, 400, "-32020"},
		{"another name", "Mcp-Name=other", "tools/call", params, 400, "-32020"},
		{"no version", "MCP-Protocol-Version=", "tools/call", params, 400, "-32020"},
		{"two versions", "MCP-Protocol-Version=2026-07-28&2026-07-28", "tools/call", params, 400, "is there twice"},
		{"another version", "MCP-Protocol-Version=2025-11-25", "tools/call", params, 400, "-32020"},
		{"a later version", "MCP-Protocol-Version=2030-01-01", "tools/call", strings.Replace(params, "2026-07-28", "2030-01-01", 1), 400, `"supported":["2026-07-28","2025-11-25"`},
		{"no version in the body", "", "tools/call", `{"name":"echo","_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}`, 400, "-32602"},
		{"no capabilities", "", "tools/call", `{"name":"echo","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}`, 400, "-32602"},
		{"no meta", "", "tools/call", `{"name":"echo"}`, 400, "-32602"},
		{"unknown method", "", "nonesuch", `{` + modernMeta + `}`, 404, "-32601"},
		{"a method of older revisions", "", "initialize", `{` + modernMeta + `}`, 404, "-32601"},
		{"a capability is missing", "Mcp-Name=elicit", "tools/call", `{"name":"elicit",` + modernMeta + `}`, 400, `-32021,"message":"the client does not support elicitation, which this call needs: use a client that does","data":{"requiredCapabilities":{"elicitation":{}}}`},
		{"its own type", "Mcp-Name=typed", "tools/call", `{"name":"typed",` + modernMeta + `}`, 200, `"result":{"content":[],"resultType":"task"}}`},
		{"an empty result", "Mcp-Name=empty", "tools/call", `{"name":"empty",` + modernMeta + `}`, 200, `"result":{"resultType":"complete"  }}`},
		{"another's requestState", "Mcp-Name=state", "tools/call", `{"name":"state","requestState":"theirs",` + modernMeta + `}`, 200, `state theirs`},
		{"discover", "", "server/discover", `{` + modernMeta + `}`, 200, `"ttlMs":60000,"cacheScope":"public"`},
		{"no JSON", "", "tools/call", `{`, 400, "-32700"},
		{"two types", "Content-Type=text/plain", "tools/call", params, 415, "application/json"},
		{"JSON alone", "Accept=application/json", "tools/call", params, 406, "text/event-stream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := modernHeader(c.method, "echo")
			if name, value, ok := strings.Cut(c.header, "="); ok {
				header.Del(name)
				for part := range strings.SplitSeq(value, "&") {
					if part != "" {
						header.Add(name, part)
					}
				}
			}
			got := send(t.Context(), t, s, http.MethodPost, s.url, header, `{"jsonrpc":"2.0","id":1,"method":"`+c.method+`","params":`+c.body+`}`)
			if got.status != c.status || !strings.Contains(got.body, c.want) || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("got %v, want %d %s", got, c.status, c.want)
			}
		})
	}
}

func TestModernStreams(t *testing.T) {
	s := serve(t, face.Options{})
	got := modern(t, s, "tools/call", "log", `{"name":"log",`+strings.TrimSuffix(modernMeta, "}")+`,"io.modelcontextprotocol/logLevel":"warning"}}`)
	if got.header.Get("Content-Type") != "text/event-stream" || strings.Contains(got.body, `"debug"`) || !strings.Contains(got.body, `from \"warning\" on`) || !strings.Contains(got.body, `"level":"error"`) ||
		strings.Count(got.body, "data: ") != 2 || strings.Contains(got.body, "id: ") {
		t.Errorf("%v %s", got.header, got)
	}
	if got := modern(t, s, "tools/call", "log", `{"name":"log",`+modernMeta+`}`); strings.Contains(got.body, "data:") {
		t.Errorf("nobody asked for log messages: %s", got)
	}
}

func TestModernClosingCancels(t *testing.T) {
	s := serve(t, face.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan answer, 1)
	go func() {
		gone <- send(ctx, t, s, http.MethodPost, s.url, modernHeader("tools/call", "wait"), callOf("1", "wait", ","+modernMeta))
	}()
	within(t, s.desk.began, "it did not begin")
	cancel()
	within(t, s.desk.ended, "it was not cancelled")
	within(t, gone, "the client waits")
}

// retry makes a call of "elicit" again.
func retry(t *testing.T, s *served, caller, tool, state, more string) answer {
	t.Helper()
	header := modernHeader("tools/call", tool)
	header.Set("X-Caller", caller)
	return send(t.Context(), t, s, http.MethodPost, s.url, header, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"requestState":"`+state+`","name":"`+tool+`",`+askedMeta+more+`}}`)
}

func stateOf(t *testing.T, a answer) string {
	t.Helper()
	result, _ := protocol.Member([]byte(a.body), "result")
	state := protocol.MemberString(result, "requestState")
	if state == "" || protocol.MemberString(result, "resultType") != "input_required" {
		t.Fatalf("%s asks nothing", a)
	}
	return state
}

func TestAParkedCallIsItsCallersAlone(t *testing.T) {
	s := serve(t, face.Options{})
	first := retry(t, s, "ann", "elicit", "", "")
	state := stateOf(t, first)
	if !strings.Contains(first.body, `"inputRequests":{"q1":{"method":"elicitation/create","params":{"message":"sure?"`) {
		t.Error(first)
	}
	const yes = `,"inputResponses":{"q1":{"action":"accept"}}`
	for name, got := range map[string]answer{
		"another caller":    retry(t, s, "bob", "elicit", state, yes),
		"other arguments":   retry(t, s, "ann", "elicit", state, yes+`,"arguments":{"x":1}`),
		"another tool":      retry(t, s, "ann", "twice", state, yes),
		"an invented state": retry(t, s, "ann", "elicit", state[:len(state)-1]+"!", yes),
	} {
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, "-32602") {
			t.Errorf("%s: %s", name, got)
		}
	}
	again := retry(t, s, "ann", "elicit", state, `,"inputResponses":{}`)
	second := stateOf(t, again)
	if second == state {
		t.Error("a state is used once")
	}
	if got := retry(t, s, "ann", "elicit", second, yes); !strings.Contains(got.body, `{\"action\":\"accept\"}`) || !strings.Contains(got.body, `"resultType":"complete"`) {
		t.Error(got)
	}
	if got := retry(t, s, "ann", "elicit", second, yes); got.status != http.StatusBadRequest {
		t.Errorf("it has been answered: %s", got)
	}
}

func TestQuestionsAtOnceAreOneRound(t *testing.T) {
	s := serve(t, face.Options{})
	first := retry(t, s, "", "both", "", "")
	state := stateOf(t, first)
	if strings.Count(first.body, `"method"`) != 2 {
		t.Error(first)
	}
	if got := retry(t, s, "", "both", state, `,"inputResponses":{"q1":{"action":"accept"},"q2":{"action":"decline"}}`); !strings.Contains(got.body, "accept") || !strings.Contains(got.body, "decline") {
		t.Error(got)
	}
}

func TestAParkedCallExpires(t *testing.T) {
	s := serve(t, face.Options{AskTimeout: 20 * time.Millisecond})
	state := stateOf(t, retry(t, s, "", "elicit", "", ""))
	until(t, "it expired", func() bool {
		return retry(t, s, "", "elicit", state, `,"inputResponses":{}`).status == http.StatusBadRequest
	})
}

// TestNothingIsParkedForWhoHasLeft has the server close just when a call asks,
// and its questions are gathered: were it parked then, Close would wait for it.
func TestNothingIsParkedForWhoHasLeft(t *testing.T) {
	s := serve(t, face.Options{})
	answers := make(chan answer, 1)
	go func() { answers <- retry(t, s, "", "announced", "", "") }()
	within(t, s.desk.began, "it did not begin")
	closed := make(chan struct{})
	go func() { _ = s.Close(); close(closed) }()
	if got := within(t, answers, "no answer"); strings.Contains(got.body, "input_required") {
		t.Error(got)
	}
	within(t, closed, "Close waits for a client that was sent away")
}

func TestNotificationsAreBoundedAndEndWithTheirSession(t *testing.T) {
	s := serve(t, face.Options{MaxConcurrent: 1})
	o := openOlder(t, s, "2025-06-18", `{}`)
	const wait = `{"jsonrpc":"2.0","method":"notifications/wait"}`
	first := make(chan answer, 1)
	go func() { first <- o.send(http.MethodPost, wait) }()
	within(t, s.desk.began, "it did not begin")
	if got := o.send(http.MethodPost, wait); got.status != http.StatusAccepted {
		t.Error(got)
	}
	if n := len(s.desk.began); n != 0 {
		t.Errorf("%d more are under way", n)
	}
	o.send(http.MethodDelete, "")
	if why := within(t, s.desk.ended, "it goes on"); !strings.Contains(why, "the session has ended") {
		t.Error(why)
	}
	within(t, first, "no answer")
}

func TestListening(t *testing.T) {
	s := serve(t, face.Options{})
	res := open(t.Context(), t, s, http.MethodPost, s.url, modernHeader("subscriptions/listen", ""),
		`{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a://b"]},`+modernMeta+`}}`)
	defer res.Body.Close()
	events := protocol.NewEvents(res.Body, 1<<16)
	next := func() string {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		return string(e.Data)
	}
	if got := next(); !strings.Contains(got, `"method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a://b"]},"_meta":{"io.modelcontextprotocol/subscriptionId":"l"}}`) {
		t.Error(got)
	}
	s.Publish(protocol.PromptsChanged, nil)
	s.Publish(protocol.ResourceUpdated, []byte(`{"uri":"a://b"}`))
	if got := next(); !strings.Contains(got, `{"uri":"a://b","_meta":{"io.modelcontextprotocol/subscriptionId":"l"}}`) {
		t.Error(got)
	}
	done := make(chan struct{})
	go func() { s.Drain(t.Context()); close(done) }()
	if got := next(); !strings.Contains(got, `"id":"l","result":{"resultType":"complete","_meta":`) {
		t.Error(got)
	}
	within(t, done, "Drain did not return")
	if got := modern(t, s, "tools/call", "echo", `{"name":"echo",`+modernMeta+`}`); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "stopping") {
		t.Error(got)
	}
	until(t, "nobody watches", func() bool { return s.desk.watching("a://b") == 0 })
	if got := modern(t, s, "subscriptions/listen", "", `{"notifications":{"resourceSubscriptions":["a://forbidden"]},`+modernMeta+`}`); got.status != http.StatusBadRequest {
		t.Error(got)
	}
}

func TestSessions(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-06-18", `{}`)
	if got := o.call("1", "echo", ""); got.status != 200 || got.header.Get("Content-Type") != "application/json" || strings.Contains(got.body, "resultType") {
		t.Error(got)
	}
	for name, c := range map[string]struct {
		change func(http.Header)
		method string
		body   string
		status int
		want   string
	}{
		"no session":         {func(h http.Header) { h.Del("Mcp-Session-Id") }, "POST", callOf("1", "echo", ""), 400, "-32600"},
		"unknown session":    {func(h http.Header) { h.Set("Mcp-Session-Id", "x") }, "POST", callOf("1", "echo", ""), 404, "-32600"},
		"another caller":     {func(h http.Header) { h.Set("X-Caller", "eve") }, "POST", callOf("1", "echo", ""), 404, "-32600"},
		"another's stream":   {func(h http.Header) { h.Set("X-Caller", "eve") }, "GET", "", 404, "-32600"},
		"another's end":      {func(h http.Header) { h.Set("X-Caller", "eve") }, "DELETE", "", 404, "-32600"},
		"another version":    {func(h http.Header) { h.Set("MCP-Protocol-Version", "2025-11-25") }, "POST", callOf("1", "echo", ""), 400, "2025-06-18"},
		"no version":         {func(h http.Header) { h.Set("MCP-Protocol-Version", "1") }, "POST", callOf("1", "echo", ""), 400, "-32022"},
		"unknown method":     {func(http.Header) {}, "POST", `{"jsonrpc":"2.0","id":1,"method":"x"}`, 200, "-32601"},
		"ping":               {func(http.Header) {}, "POST", `{"jsonrpc":"2.0","id":1,"method":"ping"}`, 200, `"result":{}`},
		"initialize twice":   {func(http.Header) {}, "POST", `{"jsonrpc":"2.0","id":1,"method":"server/discover"}`, 200, `-32601`},
		"a batch":            {func(http.Header) {}, "POST", `[` + callOf("1", "echo", "") + `]`, 400, "-32600"},
		"wrong level":        {func(http.Header) {}, "POST", `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}}`, 200, "-32602"},
		"an answer":          {func(http.Header) {}, "POST", `{"jsonrpc":"2.0","id":99,"result":{}}`, 202, ""},
		"GET without stream": {func(h http.Header) { h.Set("Accept", "application/json") }, "GET", "", 406, ""},
		"unknown event":      {func(h http.Header) { h.Set("Last-Event-ID", "77-1") }, "GET", "", 400, ""},
		"GET alone":          {func(h http.Header) { h.Del("Mcp-Session-Id") }, "GET", "", 405, ""},
		"PUT":                {func(http.Header) {}, "PUT", "", 405, ""},
	} {
		header := o.header.Clone()
		c.change(header)
		if got := send(t.Context(), t, s, c.method, s.url, header, c.body); got.status != c.status || !strings.Contains(got.body, c.want) || c.status == 405 && got.header.Get("Allow") == "" {
			t.Errorf("%s: %s, want %d %s", name, got, c.status, c.want)
		}
	}
	if got := o.send(http.MethodDelete, ""); got.status != http.StatusNoContent {
		t.Error(got)
	}
	if got := o.call("1", "echo", ""); got.status != http.StatusNotFound {
		t.Error(got)
	}
	if n := s.desk.over[o.header.Get("Mcp-Session-Id")]; n != 1 || s.Sessions() != 0 {
		t.Errorf("ended %d times, %d sessions are left", n, s.Sessions())
	}
}

func TestBatches(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-03-26", `{}`)
	got := o.send(http.MethodPost, `[`+callOf("1", "echo", "")+`,{"jsonrpc":"2.0","method":"x/y"},17,`+callOf("2", "progress", "")+`]`)
	if got.status != 200 || !strings.HasPrefix(got.body, "[{") || strings.Count(got.body, `"jsonrpc"`) != 3 {
		t.Error(got)
	}
	got = o.send(http.MethodPost, `[`+callOf("3", "echo", "")+`,`+callOf("4", "progress", `,"_meta":{"progressToken":1}`)+`]`)
	if got.header.Get("Content-Type") != "text/event-stream" || strings.Count(got.body, "data: {") != 3 {
		t.Error(got)
	}
	if got := o.send(http.MethodPost, `[]`); got.status != 400 {
		t.Error(got)
	}
	if got := o.send(http.MethodPost, `[{"jsonrpc":"2.0","method":"x/y"}]`); got.status != 202 {
		t.Error(got)
	}
}

// TestACutStreamIsResumed loses the connection of a call, and comes back for
// its answer.
func TestACutStreamIsResumed(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-11-25", `{"elicitation":{}}`)
	ctx, cancel := context.WithCancel(t.Context())
	res := open(ctx, t, s, http.MethodPost, s.url, o.header.Clone(), callOf("1", "elicit", ""))
	events := protocol.NewEvents(res.Body, 1<<16)
	prime, err := events.Next()
	if err != nil || prime.ID == "" || len(prime.Data) != 0 || prime.Retry == 0 {
		t.Fatalf("%+v %v", prime, err)
	}
	asked, err := events.Next()
	if err != nil || !strings.Contains(string(asked.Data), "elicitation/create") {
		t.Fatalf("%+v %v", asked, err)
	}
	m, err := protocol.Parse(bytes.Clone(asked.Data))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	_ = res.Body.Close()
	// The server may see it later than the client: what it sends meanwhile is
	// kept as well.
	if got := o.send(http.MethodPost, `{"jsonrpc":"2.0","id":`+string(m.ID)+`,"result":{"action":"accept"}}`); got.status != http.StatusAccepted {
		t.Error(got)
	}
	header := o.header.Clone()
	header.Set("Last-Event-ID", prime.ID)
	got := send(t.Context(), t, s, http.MethodGet, s.url, header, "")
	if got.status != 200 || !strings.Contains(got.body, "elicitation/create") || !strings.Contains(got.body, `{\"action\":\"accept\"}`) {
		t.Error(got)
	}
}

func TestADisconnectCancelsNothing(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-06-18", `{}`)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan answer, 1)
	go func() {
		gone <- send(ctx, t, s, http.MethodPost, s.url, o.header.Clone(), callOf("1", "wait", ""))
	}()
	within(t, s.desk.began, "it did not begin")
	cancel()
	within(t, gone, "the client waits")
	if got := o.call("1", "echo", ""); !strings.Contains(got.body, "is under way") {
		t.Errorf("the id is in use: %s", got)
	}
	o.send(http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	if got := within(t, s.desk.ended, "it was not cancelled"); !strings.Contains(got, "cancelled the request") {
		t.Error(got)
	}
}

func TestSessionsMakeRoomAndExpire(t *testing.T) {
	s := serve(t, face.Options{MaxSessions: 2, SessionTimeout: 200 * time.Millisecond})
	first, second := openOlder(t, s, "2025-06-18", `{}`), openOlder(t, s, "2025-06-18", `{}`)
	first.call("1", "echo", "")
	openOlder(t, s, "2025-06-18", `{}`)
	if a, b := first.call("1", "echo", ""), second.call("1", "echo", ""); a.status != 200 || b.status != 404 {
		t.Errorf("the longest idle one must go: %s, %s", a, b)
	}
	until(t, "they expired", func() bool { return s.Sessions() == 0 })
	s.desk.mu.Lock()
	defer s.desk.mu.Unlock()
	if len(s.desk.over) != 3 {
		t.Errorf("ended: %v", s.desk.over)
	}
	for id, n := range s.desk.over {
		if n != 1 {
			t.Errorf("%s ended %d times", id, n)
		}
	}
}

func TestRequestsAreBounded(t *testing.T) {
	s := serve(t, face.Options{MaxConcurrent: 1, MaxBody: 1000})
	o := openOlder(t, s, "2025-06-18", `{}`)
	first := make(chan answer, 1)
	go func() { first <- o.call("1", "wait", "") }()
	within(t, s.desk.began, "it did not begin")
	if got := o.call("2", "echo", ""); !strings.Contains(got.body, "too many requests") {
		t.Error(got)
	}
	close(s.desk.release)
	if got := within(t, first, "no answer"); !strings.Contains(got.body, "it is done") {
		t.Error(got)
	}
	if got := o.call("3", "echo", `,"x":"`+strings.Repeat("x", 1000)+`"`); got.status != http.StatusRequestEntityTooLarge {
		t.Error(got)
	}
}

func TestDrainEndsWhatOutlastsIt(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-06-18", `{}`)
	answers := make(chan answer, 2)
	go func() { answers <- o.call("1", "wait", "") }()
	go func() { answers <- modern(t, s, "tools/call", "wait", `{"name":"wait",`+modernMeta+`}`) }()
	within(t, s.desk.began, "")
	within(t, s.desk.began, "")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	s.Drain(ctx)
	for range 2 {
		if got := within(t, answers, "no answer"); !strings.Contains(got.body, "may have taken effect") {
			t.Error(got)
		}
	}
	if s.Sessions() != 0 {
		t.Error("sessions are left")
	}
}

func TestADeletedSessionEndsItsCalls(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-06-18", `{}`)
	got := make(chan answer, 1)
	go func() { got <- o.call("1", "wait", "") }()
	within(t, s.desk.began, "it did not begin")
	o.send(http.MethodDelete, "")
	if a := within(t, got, "no answer"); !strings.Contains(a.body, "the session has ended") {
		t.Error(a)
	}
}

func TestLogLevels(t *testing.T) {
	s := serve(t, face.Options{})
	o := openOlder(t, s, "2025-06-18", `{}`)
	if got := o.call("1", "log", ""); strings.Count(got.body, "data: {") != 3 || !strings.Contains(got.body, `from \"\" on`) || strings.Contains(got.body, "data: \n") {
		t.Errorf("all levels, and no event without data: %s", got)
	}
	o.send(http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"error"}}`)
	if got := o.call("2", "log", ""); strings.Count(got.body, "data: {") != 2 || !strings.Contains(got.body, `from \"error\" on`) {
		t.Errorf("errors alone: %s", got)
	}
}

// mute is a desk that can't say what it serves.
type mute struct{ *desk }

func (mute) Describe(context.Context, *face.Request) face.Description { panic("oh no") }

func TestPanicsEndTheirRequestAlone(t *testing.T) {
	s := face.New(face.Options{Handler: mute{newDesk()}})
	defer s.Close()
	var out bytes.Buffer
	in := strings.Join([]string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{}}}`,
		`{"jsonrpc":"2.0","id":2,"method":"server/discover","params":{` + modernMeta + `}}`,
		callOf("3", "panic", ","+modernMeta), callOf("4", "echo", ","+modernMeta),
	}, "\n")
	if err := s.Serve(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{`"id":1,"error":{"code":-32603,`, `"id":2,"error":{"code":-32603,`, `"id":3,"error":{"code":-32603,`, `"id":4,"result":`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s lacks %s", &out, want)
		}
	}
	if s.Sessions() != 0 {
		t.Error("a session is left that was not opened")
	}
}

func TestLinesThatAreNoMessages(t *testing.T) {
	s := serve(t, face.Options{MaxBody: 1000})
	var out bytes.Buffer
	in := strings.Join([]string{
		`{`, ``, `[]`, callOf("1", "echo", ""), `{"x":"` + strings.Repeat("x", 3000) + `"}`,
		callOf("2", "echo", ","+modernMeta), `{"jsonrpc":"2.0","id":3,"method":"ping"}`,
	}, "\n")
	if err := s.Serve(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{`"id":null,"error":{"code":-32700`, `"id":null,"error":{"code":-32600`, `"id":1,"error":{"code":-32600`, "over 1000 bytes",
		`"id":2,"result":{"resultType":"complete"`, `"id":3,"result":{}`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s lacks %s", &out, want)
		}
	}
}
