package call_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// results are results as servers write them, and as none should.
var results = []string{
	`{"content":[]}`,
	`{}`,
	` {"content" : [ ] } `,
	`{"content":null,"isError":null,"_meta":null,"structuredContent":null}`,
	`{"content":[{"type":"text","text":"hi"}]}`,
	`{"content":[{"type":"text","text":"hi"}],"resultType":"complete"}`,
	`{"content":[{"text":"a\"b\\c\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\ud83d\ud83dx\udc00\u2028","type":"text"}],"isError":true}`,
	`{"content":[{"type":"text","text":"ü\u2028` + "\u2028\u2029\x7f" + `","annotations":{"priority":0.5},"_meta":{"a":1}}]}`,
	`{"content":[{"type":"hologram","text":"…","depth":3},{"type":"image","data":"AAAA","mimeType":"image/png"},null]}`,
	`{"content":[{"type":"text","text":null}],"structuredContent":{"b":1,"a":[1,2.5e-3,-0,true,null,"x"]}}`,
	"{\n \"content\": [\n {\"type\":\"text\",\n\"text\":\"a\"}],\r\n\"structuredContent\": {\n\"a\": 1}\n}",
	`{"_meta":{"a":{"b":1},"c":null},"content":[{"type":"text","text":"x"}],"task":{"id":"7"},"a":1,"z":[]}`,
	`{"content":[{"ty\u0070e":"text","te\u0078t":"x","extr\u0061":1}],"cont\u0065nt":[{"type":"text","text":"last"}]}`,
	`{"isError":true,"isError":false,"a":1,"a":2,"_meta":{"x":1,"x":2}}`,
	`{"content":[{"type":"text","text":"one","text":"two","type":"text"}]}`,
	"{\"content\":[{\"type\":\"text\",\"text\":\"\xff\xfe bad \xe2\x80\"}],\"x\":\"\xff\"}",
	`null`, `[]`, `5`, `"x"`, ``, `{`, `{"content":[}`, `{"content":5}`, `{"content":[5]}`, `{"isError":1}`, `{"_meta":[]}`,
	`{"content":[{"type":5}]}`, `{"content":[{"type":"text","text":5}]}`, `{"a":01}`, `{"a":1.}`, `{"a":1e}`, `{"a":-}`, `{"a":+1}`,
	`{"a":"` + "\x01" + `"}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"0\u1`, `{"a":"0\`, `{"a":tru}`, `{"a":1,}`, `{"a":1}x`, `{"a" 1}`, `{a:1}`, `{"a":"x}`, `{"a":"x\`,
	`{"a":` + strings.Repeat("[", 9998) + strings.Repeat("]", 9998) + `}`, `{"a":` + strings.Repeat("[", 20000) + `}`,
}

// oracle reads a result by encoding/json alone.
func oracle(raw []byte) (*call.Result, error) {
	raw = valid(raw)
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("null")
	}
	r := &call.Result{}
	var blocks []json.RawMessage
	for name, into := range map[string]any{"content": &blocks, "isError": &r.IsError, "_meta": &r.Meta, "structuredContent": &r.Structured} {
		if value, ok := members[name]; ok {
			if err := json.Unmarshal(value, into); err != nil {
				return nil, err
			}
			delete(members, name)
		}
	}
	if string(r.Structured) == "null" {
		r.Structured = nil
	}
	for _, raw := range blocks {
		b, err := oracleBlock(raw)
		if err != nil {
			return nil, err
		}
		r.Content = append(r.Content, b)
	}
	r.Extra = members
	return r, nil
}

func oracleBlock(raw json.RawMessage) (b call.Block, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return b, err
	}
	if kind, ok := members["type"]; ok {
		if err := json.Unmarshal(kind, &b.Type); err != nil {
			return b, err
		}
	}
	text := members["text"]
	if b.Type != "text" || text == nil || string(text) == "null" {
		b.Raw = raw
		return b, nil
	}
	if err := json.Unmarshal(text, &b.Text); err != nil {
		return b, err
	}
	delete(members, "type")
	delete(members, "text")
	if len(members) > 0 {
		b.Extra, err = json.Marshal(members)
	}
	return b, err
}

// oracleWrite writes a result by encoding/json alone.
func oracleWrite(t *testing.T, r *call.Result) []byte {
	t.Helper()
	members := map[string]any{}
	for name, value := range r.Extra {
		members[name] = value
	}
	content := []any{}
	for _, b := range r.Content {
		if b.Raw != nil {
			content = append(content, b.Raw)
			continue
		}
		block := map[string]json.RawMessage{}
		if len(b.Extra) > 0 {
			if err := json.Unmarshal(b.Extra, &block); err != nil {
				t.Fatal(err)
			}
		}
		block["type"], block["text"] = json.RawMessage(`"text"`), quoted(t, b.Text)
		content = append(content, block)
	}
	members["content"] = content
	delete(members, "structuredContent")
	delete(members, "isError")
	delete(members, "_meta")
	if r.Structured != nil {
		members["structuredContent"] = r.Structured
	}
	if r.IsError {
		members["isError"] = true
	}
	if len(r.Meta) > 0 {
		members["_meta"] = r.Meta
	}
	out, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// quoted is encoding/json's string without the escapes for HTML.
func quoted(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// valid has U+FFFD for each byte that is not valid UTF-8.
func valid(raw []byte) []byte { return []byte(string([]rune(string(raw)))) }

// plainly makes two results comparable: what is empty is nil, JSON is compact,
// and the order of members is none.
func plainly(t *testing.T, r *call.Result) any {
	t.Helper()
	out := []any{r.IsError, tree(t, r.Structured)}
	for _, b := range r.Content {
		out = append(out, b.Type, b.Text, tree(t, b.Raw), tree(t, b.Extra))
	}
	for _, members := range []map[string]json.RawMessage{r.Meta, r.Extra} {
		all := map[string]any{}
		for name, value := range members {
			all[name] = tree(t, value)
		}
		out = append(out, all)
	}
	return out
}

func tree(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	if raw == nil {
		return "none"
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	return v
}

func FuzzResult(f *testing.F) {
	for _, s := range results {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := call.ParseResult(bytes.Clone(raw))
		want, wantErr := oracle(raw)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: error %v, by encoding/json %v", raw, err, wantErr)
		}
		if err != nil {
			return
		}
		if g, w := plainly(t, got), plainly(t, want); !reflect.DeepEqual(g, w) {
			t.Fatalf("%q is read as\n%v\nby encoding/json as\n%v", raw, g, w)
		}
		holdWritten(t, got) // as it came
		changed := *got
		changed.IsError = !changed.IsError
		holdWritten(t, &changed) // anew
		more := *got
		more.Extra = maps.Clone(got.Extra)
		if more.Extra == nil {
			more.Extra = map[string]json.RawMessage{}
		}
		more.Extra["added"] = json.RawMessage(`{"x": 1}`)
		holdWritten(t, &more) // as it came, with more
	})
}

// holdWritten holds what a result writes to what encoding/json writes of it, and
// to one line of valid UTF-8.
func holdWritten(t *testing.T, r *call.Result) {
	t.Helper()
	out, err := r.AppendJSON([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	out, ok := bytes.CutPrefix(out, []byte("before"))
	if !ok || !utf8.Valid(out) || bytes.ContainsAny(out, "\r\n") {
		t.Fatalf("what was there is gone, or it is no line of UTF-8: %q", out)
	}
	if got, want := tree(t, out), tree(t, oracleWrite(t, r)); !reflect.DeepEqual(got, want) {
		t.Fatalf("written as\n%s\nby encoding/json\n%s", out, oracleWrite(t, r))
	}
}

func FuzzText(f *testing.F) {
	for _, s := range append(results, "<&>", "\x00\x1f\x7f", "12345678é\"", "\u2028\u2029\xe2\x80") {
		f.Add(s)
	}
	long := strings.Repeat("\"id\": \"é\\\x01\",\n of some length ", 5) // text is gone over in blocks
	f.Fuzz(func(t *testing.T, text string) {
		for _, text := range []string{text, text + long, long[:len(text)%len(long)] + text + long} {
			got, err := call.Text(text).AppendJSON(nil)
			if want := `{"type":"text","text":` + string(quoted(t, text)) + `}`; err != nil || string(got) != want {
				t.Fatalf("%v\ngot  %s\nwant %s", err, got, want)
			}
		}
	})
}

func TestWhatWasReplacedIsNeverWrittenAsItCame(t *testing.T) {
	const wire = `{"_meta":{"m":1},"content":[{"type":"text","text":"old","annotations":{"a":1}},{"type":"image","data":"old"}],"structuredContent":{"s":"old"},"isError":true,"resultType":"old"}`
	for name, change := range map[string]func(*call.Result){
		"text":       func(r *call.Result) { r.Content[0].Text = "new" },
		"type":       func(r *call.Result) { r.Content[1].Raw = json.RawMessage(`{"type":"audio"}`) },
		"extra":      func(r *call.Result) { r.Content[0].Extra = nil },
		"blocks":     func(r *call.Result) { r.Content = append(r.Content, call.Text("new")) },
		"fewer":      func(r *call.Result) { r.Content = r.Content[:1] },
		"order":      func(r *call.Result) { r.Content[0], r.Content[1] = r.Content[1], r.Content[0] },
		"structured": func(r *call.Result) { r.Structured = nil },
		"error":      func(r *call.Result) { r.IsError = false },
		"meta":       func(r *call.Result) { r.Meta["m"] = json.RawMessage("2") },
		"more meta":  func(r *call.Result) { r.Meta["n"] = json.RawMessage("2") },
		"member":     func(r *call.Result) { r.Extra["resultType"] = json.RawMessage(`"new"`) },
		"gone":       func(r *call.Result) { r.Extra = nil },
		"swapped": func(r *call.Result) {
			delete(r.Extra, "resultType")
			r.Extra["other"] = json.RawMessage("1")
		},
		"added": func(r *call.Result) { r.Extra["other"] = json.RawMessage("1") },
	} {
		r, err := call.ParseResult(json.RawMessage(wire))
		if err != nil {
			t.Fatal(err)
		}
		if out, _ := r.AppendJSON(nil); string(out) != wire {
			t.Fatalf("as it came: %s", out)
		}
		change(r)
		out, err := r.AppendJSON(nil)
		if err != nil || string(out) == wire || !reflect.DeepEqual(tree(t, out), tree(t, oracleWrite(t, r))) {
			t.Errorf("%s: %v, %s", name, err, out)
		}
	}
}

func TestMembersHaveAnOrder(t *testing.T) {
	r := &call.Result{Content: []call.Block{{Type: "text", Text: "<x>", Extra: json.RawMessage("{\n\"b\":1}")}}, Structured: json.RawMessage(`{"z":1,"a":2}`), IsError: true,
		Meta: map[string]json.RawMessage{"b": json.RawMessage("1"), "a": json.RawMessage("2")}, Extra: map[string]json.RawMessage{"y": json.RawMessage("1"), "x": json.RawMessage("2")}}
	const want = `{"content":[{"type":"text","text":"<x>", "b":1}],"structuredContent":{"z":1,"a":2},"isError":true,"_meta":{"a":2,"b":1},"x":2,"y":1}`
	if out, err := r.AppendJSON(nil); err != nil || string(out) != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, out, want)
	}
}

func BenchmarkResult(b *testing.B) {
	text := strings.Repeat(`{"id":"c_1","name":"Ada Lovelace","email":"ada@example.com","age":36},`, 430)
	raw, err := (&call.Result{Content: []call.Block{call.Text(text)}, Extra: map[string]json.RawMessage{"resultType": json.RawMessage(`"complete"`)}}).AppendJSON(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		b.ReportAllocs()
		for b.Loop() {
			_, _ = call.ParseResult(raw)
		}
	})
	b.Run("append", func(b *testing.B) {
		r := &call.Result{Content: []call.Block{call.Text(text)}}
		b.SetBytes(int64(len(raw)))
		b.ReportAllocs()
		var dst []byte
		for b.Loop() {
			dst, _ = r.AppendJSON(dst[:0])
		}
	})
}
