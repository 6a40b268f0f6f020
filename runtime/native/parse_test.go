package native

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

func FuzzDecodeLine(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"result":{}}`, `[{"jsonrpc":"2.0","method":"x"}]`, `[]`, `hello`, ``, `{`, `{"jsonrpc":"2.0"}`, `[[]]`, "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		msgs, err := decodeLine(line)
		if (err == nil) != (len(msgs) > 0) {
			t.Errorf("%d messages and error %v", len(msgs), err)
		}
		for _, m := range msgs {
			if m == nil {
				t.Error("a message that is none")
			}
		}
	})
}

func FuzzParseTool(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","inputSchema":{"type":"object"}}`, `{"name":"a","inputSchema":null}`, `null`, `7`, `{"name":1}`,
		`{"name":"a","inputSchema":{},"outputSchema":[],"annotations":{"readOnlyHint":"yes"}}`, "{\"name\":\"\\u0000\",\"inputSchema\":{}}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, def []byte) {
		tl, err := parseTool(def)
		if err != nil {
			return
		}
		if tl.Name == "" || !bytes.Equal(tl.Definition, def) {
			t.Errorf("took %q as %+v", def, tl)
		}
		callHeaders(&tl, json.RawMessage(`{"a":1}`))
	})
}

func FuzzRewriteMethod(f *testing.F) {
	f.Add("echo", `{"method":"bridge-raw:tools/call"}`)
	f.Add(`"method":"bridge-raw:`, `{}`)
	f.Fuzz(func(t *testing.T, name, args string) {
		if !json.Valid([]byte(args)) {
			return
		}
		params, err := json.Marshal(&callParams{Name: name, Arguments: json.RawMessage(args)})
		if err != nil {
			return
		}
		for method, want := range map[string]string{rawCallTool: "tools/call", "ping": "ping"} {
			id, _ := jsonrpc.MakeID(float64(1))
			body, err := jsonrpc.EncodeMessage(&jsonrpc.Request{ID: id, Method: method, Params: params})
			if err != nil {
				t.Fatal(err)
			}
			out, raw := rewriteMethod(body)
			msg, err := jsonrpc.DecodeMessage(out)
			if err != nil {
				t.Fatal(err)
			}
			req := msg.(*jsonrpc.Request)
			if req.Method != want || raw != (method != want) || !bytes.Equal(req.Params, params) {
				t.Errorf("%s became %s", body, out)
			}
		}
	})
}

func FuzzStreamBound(f *testing.F) {
	f.Add("data: x\n\ndata: y\n\n", 3)
	f.Add("data: x\r\n\r\n", 1)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 || size > 64 {
			return
		}
		// However the bytes are cut up, the verdict is the same.
		whole := (&stream{limit: 20}).fits([]byte(text))
		s, fits := &stream{limit: 20}, true
		for p := []byte(text); len(p) > 0 && fits; p = p[min(size, len(p)):] {
			fits = s.fits(p[:min(size, len(p))])
		}
		if fits != whole {
			t.Errorf("%q: %v whole, %v in parts of %d", text, whole, fits, size)
		}
	})
}

func TestHeaderValue(t *testing.T) {
	for in, want := range map[string]string{
		"echo": "echo", "a b": "a b", " a": "=?base64?IGE=?=", "ä": "=?base64?w6Q=?=",
		"=?base64?x": "=?base64?PT9iYXNlNjQ/eA==?=", "a\nb": "=?base64?YQpi?=",
	} {
		if got := headerValue(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRedactorHidesLongestFirst(t *testing.T) {
	r := newRedactor(map[string]string{"A": "secret", "B": "secret-and-more", "C": "on"})
	if got := r.clean("\x1b[31mx secret-and-more y secret z on"); got != "[31mx [redacted] y [redacted] z on" {
		t.Errorf("%q", got)
	}
}

func TestEnvironPassesNoShellFunction(t *testing.T) {
	t.Setenv("SHELL", "() { :; }; echo hi")
	if got := strings.Join(environ(map[string]string{"Z": "1"}), "\n"); strings.Contains(got, "SHELL=") || !strings.HasSuffix(got, "Z=1") && !strings.Contains(got, "Z=1\n") {
		t.Errorf("%s", got)
	}
}
