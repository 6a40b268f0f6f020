package protocol_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in, want string // want is what Append writes; "" for a message that is refused
		code     int
		id       string
	}{
		{in: `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, want: `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`},
		{in: " {\"method\" : \"a\\u0062\",\n\"params\": {\"x\": [1, 2]} , \"extra\":true,\"id\":\"7\",\"jsonrpc\":\"2.0\"}\n",
			want: `{"jsonrpc":"2.0","id":"7","method":"ab","params":{"x": [1, 2]}}`},
		{in: `{"jsonrpc":"2.0","method":"n","params":null}`, want: `{"jsonrpc":"2.0","method":"n"}`},
		{in: `{"jsonrpc":"2.0","id":-1.5e3,"result":{}}`, want: `{"jsonrpc":"2.0","id":-1.5e3,"result":{}}`},
		{in: `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}`, want: `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}`},
		{in: `{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"\n","data":[0]}}`, want: `{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"\n","data":[0]}}`},

		{in: ``, code: protocol.CodeParse},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a"`, code: protocol.CodeParse},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a"} x`, code: protocol.CodeParse},
		{in: `{"jsonrpc":"2.0","id":01,"method":"a"}`, code: protocol.CodeParse},
		{in: `[`, code: protocol.CodeParse},
		{in: `[]`, code: protocol.CodeInvalidRequest},
		{in: `[{"jsonrpc":"2.0","id":1,"method":"a"}]`, code: protocol.CodeInvalidRequest},
		{in: `"hello"`, code: protocol.CodeInvalidRequest},
		{in: `{"id":1,"method":"a"}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"1.0","id":1,"method":"a"}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","id":{},"method":"a"}`, code: protocol.CodeInvalidRequest},
		{in: `{"jsonrpc":"2.0","id":null,"method":"a"}`, code: protocol.CodeInvalidRequest},
		{in: `{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a","params":{"name":"x","n\u0061me":"y"}}`, code: protocol.CodeInvalidParams, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a","params":{"":0,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"9":0}}`, code: protocol.CodeInvalidParams, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a","params":{"":0,"":1}}`, code: protocol.CodeInvalidParams, id: "1"},
		{in: "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\xff\"}", code: protocol.CodeParse},
		{in: `{"jsonrpc":"2.0","id":1,"method":""}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"method":3}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}`, code: protocol.CodeInvalidParams, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a","result":{}}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","result":{}}`, code: protocol.CodeInvalidRequest},
		{in: `{"jsonrpc":"2.0","id":1,"error":"no"}`, code: protocol.CodeInvalidRequest, id: "1"},
		{in: `{"jsonrpc":"2.0","id":1,"method":"a","params":` + strings.Repeat(`{"a":`, 2000) + `1` + strings.Repeat(`}`, 2000) + `}`, code: protocol.CodeParse},
	} {
		m, err := protocol.Parse([]byte(c.in))
		if c.code == 0 {
			if err != nil {
				t.Errorf("%s: %v", c.in, err)
			} else if got := string(m.Append(nil)); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
			}
			continue
		}
		var e *protocol.Error
		if !errors.As(err, &e) || e.Code != c.code || string(m.ID) != c.id {
			t.Errorf("%.80s: got %v, id %s; want code %d, id %s", c.in, err, m.ID, c.code, c.id)
		}
	}
}

func TestParseBatch(t *testing.T) {
	const call = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	for _, c := range []struct {
		in         string
		batch      bool
		good, bad  int
		wholeError bool
	}{
		{in: call, good: 1},
		{in: `[` + call + `, 1, ` + call + `]`, batch: true, good: 2, bad: 1},
		{in: `[]`, batch: true, wholeError: true},
		{in: `[` + call + `,]`, batch: true, wholeError: true},
		{in: `[` + call + strings.Repeat(`,`+call, 3) + `]`, batch: true, wholeError: true},
		{in: `{}`, wholeError: true},
	} {
		good, bad := 0, 0
		batch, err := protocol.ParseBatch([]byte(c.in), 3, func(_ protocol.Message, err error) {
			if err == nil {
				good++
			} else {
				bad++
			}
		})
		if batch != c.batch || good != c.good || bad != c.bad || (err != nil) != c.wholeError {
			t.Errorf("%s: batch %v, %d good, %d bad, %v", c.in, batch, good, bad, err)
		}
	}
}

func TestSplitMeta(t *testing.T) {
	m := protocol.SplitMeta([]byte(`{"name":"x","_meta":{"progressToken":"p","io.modelcontextprotocol/protocolVersion":"2026-07-28",
		"a/b": {"c":1}, "io.modelcontextprotocol/clientInfo":{"name":"n"},"io.modelcontextprotocol/clientCapabilities":{},
		"io.modelcontextprotocol/logLevel":"info","io.modelcontextprotocol/related-task":{"taskId":"1"}}}`))
	if string(m.ProgressToken) != `"p"` || m.Revision != protocol.R20260728 || string(m.ClientInfo) != `{"name":"n"}` ||
		string(m.Capabilities) != `{}` || m.LogLevel != "info" {
		t.Errorf("%+v", m)
	}
	if want := `{"a/b":{"c":1},"io.modelcontextprotocol/related-task":{"taskId":"1"}}`; string(m.Own) != want {
		t.Errorf("own: got %s, want %s", m.Own, want)
	}
	if m := protocol.SplitMeta([]byte(`{"_meta":{"progressToken":1}}`)); m.Own != nil || string(m.ProgressToken) != "1" {
		t.Errorf("%+v", m)
	}
	if m := protocol.SplitMeta(nil); m.Own != nil {
		t.Errorf("%+v", m)
	}
}

func TestObjects(t *testing.T) {
	object := []byte(` {"a" : 1, "b\n":{"c":2},"a":3} `)
	if v, ok := protocol.Member(object, "b\n"); !ok || string(v) != `{"c":2}` {
		t.Errorf("b: %s", v)
	}
	for got, want := range map[string]string{
		string(protocol.Without(nil, object, "a")):              `{"b\n":{"c":2}}`,
		string(protocol.With(nil, object, "a", []byte("9"))):    `{"a":9,"b\n":{"c":2}}`,
		string(protocol.With(nil, nil, "a", []byte("9"))):       `{"a":9}`,
		string(protocol.With(nil, []byte(`{}`), `"`, object)):   `{"\"":` + string(object) + `}`,
		string(protocol.OneLine([]byte("{\r\n\"a\":\"\\n\"}"))): "{  \"a\":\"\\n\"}",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","_meta":{"progressToken":1}}}`,
		`{"jsonrpc":"2.0","id":"é\ud83d\ude00","result":{"a":[1,-2.5e+3,true,false,null,"\u0000"]}}`,
		`{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"m","data":{}}}`, `[1]`, `{"a":1,"a":2}`, "{\"id\":0.}", `"\ud800"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < protocol.MaxDepth && protocol.Valid(data) != json.Valid(data) {
			t.Fatalf("valid: %v, encoding/json has %v", protocol.Valid(data), json.Valid(data))
		}
		m, err := protocol.Parse(data)
		var e *protocol.Error
		if errors.As(err, &e) && (e.Code == protocol.CodeParse) == (json.Valid(data) && utf8.Valid(data)) && len(data) < protocol.MaxDepth {
			t.Fatalf("%v, though it is valid: %v", err, json.Valid(data))
		}
		if err != nil {
			return
		}
		var want struct {
			ID, Params, Result json.RawMessage
			Method             string
		}
		out := m.Append(nil)
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatalf("%s is written as %s: %v", data, out, err)
		}
		again, err := protocol.Parse(out)
		if err != nil || again.Method != m.Method && strings.ToValidUTF8(m.Method, "") == m.Method || !bytes.Equal(again.Params, m.Params) || !bytes.Equal(again.Result, m.Result) || !bytes.Equal(again.ID, m.ID) {
			t.Fatalf("%s is read again as %+v: %v", out, again, err)
		}
		protocol.SplitMeta(m.Params)
	})
}

func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `{"\ud83d\ude00\ud800x":{"b":[1,{"c":null}]}}`, ` { "a" : "b" , "c":2} `, `{"a":1`, `[1]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want map[string]json.RawMessage
		valid := json.Unmarshal(data, &want) == nil && len(data) < protocol.MaxDepth && want != nil
		got := map[string]json.RawMessage{}
		for key, value := range protocol.Members(data) {
			got[strings.ToValidUTF8(string(key), "\ufffd")] = value
		}
		if !valid || !bytes.Equal(bytes.ToValidUTF8(data, nil), data) {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%s: got %v, want %v", data, got, want)
		}
		for key, value := range want {
			if !bytes.Equal(got[key], value) {
				t.Fatalf("%s: %q: got %s, want %s", data, key, got[key], value)
			}
			var text string
			if json.Unmarshal(value, &text) == nil && value[0] == '"' {
				if s, ok := protocol.String(value); !ok || s != text {
					t.Fatalf("%s: got %q, want %q", value, s, text)
				}
			}
		}
		if !json.Valid(protocol.Without(nil, data, "a")) || !json.Valid(protocol.With(nil, data, "a", []byte("1"))) {
			t.Fatal("changed to no JSON")
		}
	})
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\n\x00\x7f\xff\u2028é")
	f.Fuzz(func(t *testing.T, text string) {
		var got string
		if err := json.Unmarshal(protocol.AppendString(nil, text), &got); err != nil || got != strings.ToValidUTF8(text, "\ufffd") && got != string([]rune(text)) {
			t.Fatalf("%q is read as %q: %v", text, got, err)
		}
	})
}

func FuzzHeader(f *testing.F) {
	for _, seed := range []string{"x", " x", "é", "=?base64?eA==?=", "=?base64??=", "=?base64?=", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value := protocol.EncodeHeader(text)
		if got, ok := protocol.DecodeHeader(value); !ok || got != text {
			t.Fatalf("%q as %q is read as %q", text, value, got)
		}
		protocol.DecodeHeader(text)
	})
}

func BenchmarkParse(b *testing.B) {
	data := []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm_get_contact","arguments":{"id":"42","text":"` + strings.Repeat("a", 400) +
		`"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		m, err := protocol.Parse(data)
		if err != nil || protocol.SplitMeta(m.Params).Revision == "" {
			b.Fatal(err)
		}
	}
}
