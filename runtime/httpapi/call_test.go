package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/httpapi"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// checkProblem checks that an answer is a problem of a status with a text in it.
func checkProblem(t *testing.T, a answer, status int, detail string) map[string]any {
	t.Helper()
	var p map[string]any
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Errorf("status %d, no JSON: %q", a.StatusCode, a.body)
		return nil
	}
	text, _ := p["detail"].(string)
	if a.StatusCode != status || p["status"] != float64(status) || a.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(text, detail) {
		t.Errorf("got %d %s %s; want a problem of status %d with %q", a.StatusCode, a.Header.Get("Content-Type"), a.body, status, detail)
	}
	return p
}

func text(s string) *call.Result { return &call.Result{Content: []call.Block{call.Text(s)}} }

func TestAnswers(t *testing.T) {
	link := call.Block{Type: "resource_link", Raw: json.RawMessage(`{"type":"resource_link","uri":"x://y"}`)}
	embedded := call.Block{Type: "resource", Raw: json.RawMessage(`{"type":"resource","resource":{"uri":"x://y","mimeType":"text/csv","text":"a,b"}}`)}
	cases := []struct {
		name      string
		result    *call.Result
		mediaType string
		body      string
	}{
		{"structured", &call.Result{Structured: json.RawMessage(`{"z":1, "a":2}`), Content: []call.Block{call.Text("{}")}}, "application/json", `{"z":1, "a":2}`},
		{"text of JSON", text(" [1]\n"), "application/json", `[1]`},
		{"text", text("Grüße"), "text/plain; charset=utf-8", "Grüße"},
		{"text that only begins as JSON", text("[trimmed]"), "text/plain; charset=utf-8", "[trimmed]"},
		{"a number is text", text("42"), "text/plain; charset=utf-8", "42"},
		{"image", &call.Result{Content: []call.Block{call.Image([]byte{0x89, 0, 1}, "image/png")}}, "image/png", "\x89\x00\x01"},
		{"audio", &call.Result{Content: []call.Block{call.Audio([]byte("la"), "audio/wav")}}, "audio/wav", "la"},
		{"file", &call.Result{Content: []call.Block{call.Blob("x://y", []byte("%PDF"), "application/pdf")}}, "application/pdf", "%PDF"},
		{"file of no type", &call.Result{Content: []call.Block{call.Blob("x://y", []byte("?"), "")}}, "application/octet-stream", "?"},
		{"file of a broken type", &call.Result{Content: []call.Block{call.Blob("x://y", []byte("?"), "a\r\nX: y")}}, "application/octet-stream", "?"},
		{"text resource", &call.Result{Content: []call.Block{embedded}}, "text/csv", "a,b"},
		{"link", &call.Result{Content: []call.Block{link}}, "application/json", `{"content":[{"type":"resource_link","uri":"x://y"}]}`},
		{"mixed", &call.Result{Content: []call.Block{call.Text("a"), call.Text("b")}}, "application/json", `{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`},
		{"broken base64", &call.Result{Content: []call.Block{{Type: "image", Raw: json.RawMessage(`{"type":"image","data":"!"}`)}}}, "application/json", `{"content":[{"type":"image","data":"!"}]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, "", nil, func(context.Context, *call.Call) (*call.Result, error) { return c.result, nil })
			a := do(t, "POST", s.URL+"/api/tools/x", "")
			if a.StatusCode != 200 || a.Header.Get("Content-Type") != c.mediaType || a.body != c.body {
				t.Errorf("got %d %s %q; want %s %q", a.StatusCode, a.Header.Get("Content-Type"), a.body, c.mediaType, c.body)
			}
			if len(a.Header.Get(httpapi.HeaderCall)) < 8 || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", a.Header)
			}
		})
	}
}

func TestNothingIs204(t *testing.T) {
	s := serve(t, "", nil, func(context.Context, *call.Call) (*call.Result, error) { return &call.Result{}, nil })
	if a := do(t, "POST", s.URL+"/api/tools/x", ""); a.StatusCode != 204 || a.body != "" {
		t.Errorf("got %d %q", a.StatusCode, a.body)
	}
}

func TestTheWholeResult(t *testing.T) {
	s := serve(t, "", nil, func(_ context.Context, c *call.Call) (*call.Result, error) {
		return &call.Result{Structured: json.RawMessage(`{"a":1}`), Content: []call.Block{call.Text("t")}, IsError: c.Name == "bad"}, nil
	})
	const want = `{"content":[{"type":"text","text":"t"}],"structuredContent":{"a":1}}`
	cases := []struct {
		query, accept string
		full          bool
	}{
		{"?full=true", "", true},
		{"?full=false", "", false},
		{"", httpapi.ResultType, true},
		{"", "text/html, " + httpapi.ResultType + ";q=0.9, */*;q=0.1", true},
		{"", "application/json, " + httpapi.ResultType + ";q=0.5", false},
		{"", httpapi.ResultType + ";q=0", false},
		{"", "*/*", false},
	}
	for _, c := range cases {
		a := do(t, "POST", s.URL+"/api/tools/x"+c.query, "{}", "Accept", c.accept, "Content-Type", "application/json")
		if full := a.Header.Get("Content-Type") == httpapi.ResultType; full != c.full || full && a.body != want || a.StatusCode != 200 {
			t.Errorf("%s Accept: %s gives %d %s %s", c.query, c.accept, a.StatusCode, a.Header.Get("Content-Type"), a.body)
		}
	}
	if a := do(t, "POST", s.URL+"/api/tools/bad?full=true", ""); a.StatusCode != 502 || !strings.Contains(a.body, `"isError":true`) {
		t.Errorf("a whole failure is one all the same: %d %s", a.StatusCode, a.body)
	}
}

func TestTrimmingShows(t *testing.T) {
	s := serve(t, "", nil, func(_ context.Context, c *call.Call) (*call.Result, error) {
		res := text("short")
		res.Tokens = call.Tokens{Before: 7, After: 7}
		if c.Name == "cut" {
			res.Meta = map[string]json.RawMessage{"bridge/trimmed": json.RawMessage(`{"before":9000,"after":500,"cut":[]}`)}
		}
		return res, nil
	})
	for name, want := range map[string][3]string{"cut": {"true", "9000", "500"}, "whole": {"", "7", "7"}} {
		h := do(t, "POST", s.URL+"/api/tools/"+name, "").Header
		got := [3]string{h.Get(httpapi.HeaderTrimmed), h.Get(httpapi.HeaderBefore), h.Get(httpapi.HeaderAfter)}
		if got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestCallIsWhatWasSent(t *testing.T) {
	var got call.Call
	s := serve(t, "", nil, func(_ context.Context, c *call.Call) (*call.Result, error) {
		got = *c
		return text("ok"), nil
	})
	a := do(t, "POST", s.URL+"/api/tools/a%2Fb%20c", ` {"n": 1.10, "s":"ü"} `, "Content-Type", "application/json; charset=UTF-8", "User-Agent", "tester/1")
	if a.StatusCode != 200 || got.Name != "a/b c" || string(got.Arguments) != ` {"n": 1.10, "s":"ü"} ` || got.Endpoint != "/mcp/test" ||
		got.Caller != (call.Caller{ID: "ada", Client: "tester/1"}) || got.ID != a.Header.Get(httpapi.HeaderCall) || got.Client != nil {
		t.Errorf("%d %s: %+v", a.StatusCode, a.body, got)
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	s := serve(t, "", nil, func(context.Context, *call.Call) (*call.Result, error) {
		t.Error("a request that should be refused was carried out")
		return text("ok"), nil
	})
	js := []string{"Content-Type", "application/json"}
	cases := []struct {
		name, query, body string
		headers           []string
		status            int
		detail            string
	}{
		{"form", "", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "application/json"},
		{"empty form", "", "", []string{"Content-Type", "text/plain"}, 415, "application/json"},
		{"no type", "", "{}", nil, 415, "application/json"},
		{"other charset", "", "{}", []string{"Content-Type", "application/json; charset=latin1"}, 415, "application/json"},
		{"type that is none", "", "{}", []string{"Content-Type", "application/json;;="}, 415, "application/json"},
		{"compressed", "", "{}", append([]string{"Content-Encoding", "gzip"}, js...), 415, "Content-Encoding"},
		{"foreign page", "", "{}", append([]string{"Origin", "https://evil.example"}, js...), 403, "another origin"},
		{"foreign page, empty", "", "", []string{"Sec-Fetch-Site", "cross-site"}, 403, "another origin"},
		{"array", "", "[]", js, 400, "JSON object"},
		{"blank", "", " ", js, 400, "no JSON"},
		{"broken", "", `{"a":}`, js, 400, "byte 6"},
		{"two", "", `{}{}`, js, 400, "no JSON"},
		{"not UTF-8", "", "{\"a\":\"\xff\"}", js, 400, "UTF-8"},
		{"deep", "", `{"a":` + strings.Repeat("[", 600) + `"`, js, 400, "512 levels"},
		{"large", "", `{"a":"` + strings.Repeat("x", 1<<10) + `"}`, js, 413, "1024 bytes"},
		{"arguments in the query", "?limit=5", "", nil, 400, "into the body"},
		{"unclear query", "?full=yes", "", nil, 400, `"true" or "false"`},
		{"broken query", "?%zz", "", nil, 400, "query"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := do(t, "POST", s.URL+"/api/tools/x"+c.query, c.body, c.headers...)
			if p := checkProblem(t, a, c.status, c.detail); p["call"] != a.Header.Get(httpapi.HeaderCall) {
				t.Errorf("call %v, header %s", p["call"], a.Header.Get(httpapi.HeaderCall))
			}
		})
	}
}

func TestFailures(t *testing.T) {
	secret := errors.New("dial tcp 10.0.0.7: hunter2")
	inputRequired := &call.Result{Extra: map[string]json.RawMessage{"resultType": json.RawMessage(`"input_required"`)}}
	url := &protocol.Error{Code: protocol.CodeURLElicitation, Message: "sign in first", Data: json.RawMessage(`{"elicitations":[{"url":"https://x.example"}]}`)}
	cases := []struct {
		name   string
		result *call.Result
		err    error
		status int
		kind   string
		detail string
	}{
		{"tool", call.Failure("HTTP 404 Not Found from GET /x"), nil, 502, "tool", "HTTP 404 Not Found"},
		{"wrong arguments", &call.Result{IsError: true, Fault: fault.Invalid, Content: []call.Block{call.Text("limit: got 0")}}, nil, 400, "invalid", "limit: got 0"},
		{"silent tool", &call.Result{IsError: true}, nil, 502, "tool", "did not say why"},
		{"asks", inputRequired, nil, 501, "unsupported", "MCP client"},
		{"asks by an error", nil, fault.New("x", fault.Unsupported, "the server asks its user"), 501, "unsupported", "asks its user"},
		{"sends to a page", nil, fmt.Errorf("call: %w", url), 501, "unsupported", "sign in first"},
		{"unknown name", nil, fault.New("x", fault.NotFound, `there is no tool "x"; did you mean "y"?`), 404, "not_found", `did you mean "y"?`},
		{"internal", nil, secret, 500, "internal", "internal error"},
		{"nothing at all", nil, nil, 500, "internal", "internal error"},
		{"unreachable", nil, fault.Wrap("x", fault.Unavailable, "the server is starting", secret), 503, "unavailable", "starting"},
		{"limited", nil, fault.New("x", fault.RateLimited, "wait"), 429, "rate_limited", "wait"},
		{"unauthorized", nil, fault.New("x", fault.Unauthorized, "log in"), 401, "unauthorized", "log in"},
		{"late", nil, context.DeadlineExceeded, 504, "timeout", "too long"},
		{"wrong, says the server", nil, protocol.Errorf(protocol.CodeInvalidParams, "no such city"), 400, "invalid", "no such city"},
		{"broken server", nil, protocol.Errorf(protocol.CodeInternal, "boom"), 502, "upstream", "boom"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, "", nil, func(context.Context, *call.Call) (*call.Result, error) { return c.result, c.err })
			a := do(t, "POST", s.URL+"/api/tools/x", "")
			p := checkProblem(t, a, c.status, c.detail)
			if p["kind"] != c.kind || p["tool"] != "x" || p["call"] != a.Header.Get(httpapi.HeaderCall) || p["title"] != http.StatusText(c.status) {
				t.Errorf("problem %v", p)
			}
			if strings.Contains(a.body, "hunter2") {
				t.Errorf("the cause shows: %s", a.body)
			}
			if c.status == 401 && a.Header.Get("WWW-Authenticate") == "" {
				t.Error("401 needs a challenge")
			}
		})
	}
}

func TestClientThatLeavesEndsTheCall(t *testing.T) {
	entered, ended := make(chan struct{}), make(chan error, 1)
	s := serve(t, "", nil, func(ctx context.Context, _ *call.Call) (*call.Result, error) {
		close(entered)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	})
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/api/tools/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-entered
		leave()
	}()
	if _, err := http.DefaultTransport.RoundTrip(r); err == nil {
		t.Error("the request should have ended")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended by %v", err)
	}
}
