package native

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

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
		_ = checkMirrored(tl.Input)
		mirrored(&tl, json.RawMessage(`{"a":1}`))
	})
}

// FuzzRequestIsOneMessage holds a request that is put together of raw parts to
// what it is made of.
func FuzzRequestIsOneMessage(f *testing.F) {
	f.Add("echo", `{}`, `{"a":1}`, true, true)
	f.Add(`"method":"x"`, `{"jsonrpc":"1"}`, ``, false, false)
	f.Fuzz(func(t *testing.T, name, args, meta string, modern, progress bool) {
		if !utf8.ValidString(args) || !utf8.ValidString(meta) || !protocol.IsObject([]byte(args)) || !protocol.Valid([]byte(args)) {
			return
		}
		own, err := forwardedMeta(opCall, json.RawMessage(meta))
		if err != nil {
			return
		}
		src := &Source{}
		src.shared = newLink(src, true)
		sess := &session{src: src, link: src.shared, modern: modern}
		x := &exchange{id: 7, method: protocol.CallTool}
		if progress {
			x.progress = func(context.Context, call.Progress) {}
		}
		c := &call.Call{Tool: &tool.Tool{Name: name}, Extra: map[string]json.RawMessage{"task": json.RawMessage(`{"ttl":1}`), "bad": json.RawMessage(`}`)}}
		m, err := protocol.Parse(sess.appendRequest(nil, x, callMembers(c, json.RawMessage(args)), own))
		if err != nil || string(m.ID) != "7" || m.Method != protocol.CallTool {
			t.Fatalf("%v, %+v", err, m)
		}
		got, _ := protocol.Member(m.Params, "arguments")
		task, _ := protocol.Member(m.Params, "task")
		split := protocol.SplitMeta(m.Params)
		if string(got) != strings.TrimSpace(args) && string(got) != args || string(task) != `{"ttl":1}` {
			t.Errorf("arguments %s, task %s", got, task)
		}
		if (split.Revision == protocol.R20260728) != modern || (split.ProgressToken != nil) != progress {
			t.Errorf("meta %+v", split)
		}
	})
}

func TestRedactorHidesLongestFirst(t *testing.T) {
	r := newRedactor(map[string]string{"A": "secret", "B": "secret-and-more", "C": "on"})
	if got := r.clean("\x1b[31mx secret-and-more y secret z on"); got != "[31mx [redacted] y [redacted] z on" {
		t.Errorf("%q", got)
	}
}

func TestRedactorKeepsWhatItWasGiven(t *testing.T) {
	r := newRedactor(map[string]string{"A": "of the options"})
	for i := range 2 * maxSecrets {
		r.learn("of request " + strconv.Itoa(i))
	}
	if got := r.clean("of the options, of request 1, of request 511"); got != "[redacted], of request 1, [redacted]" {
		t.Errorf("%q", got)
	}
	r.learn("1234567")
	for data, want := range map[string]string{`{"n":1234567}`: ``, `{"n":"1234567"}`: `{"n":"[redacted]"}`, `{"n":1}`: `{"n":1}`} {
		if got := r.protocol(&protocol.Error{Data: json.RawMessage(data)}); string(got.Data) != want {
			t.Errorf("%s is shown as %s", data, got.Data)
		}
	}
}

func TestEnvironPassesNoShellFunction(t *testing.T) {
	t.Setenv("SHELL", "() { :; }; echo hi")
	if got := strings.Join(environ(map[string]string{"Z": "1"}), "\n"); strings.Contains(got, "SHELL=") || !strings.HasSuffix(got, "Z=1") && !strings.Contains(got, "Z=1\n") {
		t.Errorf("%s", got)
	}
}
