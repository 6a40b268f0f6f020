package shape_test

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/token"
)

var open = sync.OnceValues(func() (*token.Encoding, error) { return token.Open("o200k_base") })

func encoding(t testing.TB) *token.Encoding {
	t.Helper()
	enc, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

func newShaper(t testing.TB) *shape.Shaper {
	return shape.New(shape.Options{Counter: encoding(t)})
}

// read counts, by itself, all text that a model may read of a result without media.
func read(t testing.TB, r *call.Result) int {
	t.Helper()
	enc, n := encoding(t), 0
	for _, b := range r.Content {
		switch {
		case b.Raw == nil:
			n += enc.Count(b.Text)
		default:
			var m struct{ Resource struct{ Text *string } }
			if json.Unmarshal(b.Raw, &m) == nil && m.Resource.Text != nil {
				n += enc.Count(*m.Resource.Text)
			} else {
				n += enc.Count(string(b.Raw))
			}
		}
	}
	if r.Structured != nil {
		n += enc.Count(string(r.Structured))
	}
	return n
}

// both returns the typical result of a REST tool: a body as text and structured.
func both(body string) *call.Result {
	return &call.Result{Content: []call.Block{call.Text(body)}, Structured: json.RawMessage(body)}
}

// snapshot is a deep copy of a result.
func snapshot(r *call.Result) *call.Result {
	out := *r
	out.Content = slices.Clone(r.Content)
	for i := range out.Content {
		out.Content[i].Raw = slices.Clone(out.Content[i].Raw)
	}
	out.Structured, out.Meta = slices.Clone(r.Structured), maps.Clone(r.Meta)
	return &out
}

// checkFits checks what holds for every shaped result, and returns it.
func checkFits(t testing.TB, s *shape.Shaper, res *call.Result, budget int, output json.RawMessage) (*call.Result, shape.Report) {
	t.Helper()
	before := snapshot(res)
	out, report := s.Shape(res, budget, output)
	if !reflect.DeepEqual(before, res) {
		t.Fatal("Shape changed its argument")
	}
	n := read(t, out)
	if n > budget {
		t.Fatalf("costs %d of %d", n, budget)
	}
	if n != report.After {
		t.Fatalf("reports %d, costs %d", report.After, n)
	}
	if out.Structured != nil && !json.Valid(out.Structured) {
		t.Fatalf("structured content is not valid: %.200s", out.Structured)
	}
	if _, err := json.Marshal(out); err != nil {
		t.Fatalf("the result can't be marshalled: %v", err)
	}
	if again, _ := s.Shape(out, budget, output); again != out {
		t.Fatal("shaping a shaped result changes it")
	}
	return out, report
}

func TestWhatFitsIsReturnedAsItIs(t *testing.T) {
	s := newShaper(t)
	for _, body := range []string{`{"a": 1,   "b": "\u00e9"}`, `{}`, `[1e400]`, "not JSON", ""} {
		res := &call.Result{Content: []call.Block{call.Text(body)}}
		for _, budget := range []int{0, len(body) + 1, 1 << 30} {
			if out, report := s.Shape(res, budget, nil); out != res || report.Before != report.After || report.Cut != nil {
				t.Errorf("%q in %d: got %v, %+v", body, budget, out, report)
			}
		}
	}
}

func TestCompactionLosesNothing(t *testing.T) {
	s := newShaper(t)
	pretty := "{\n    \"url\": \"https:\\/\\/example.com\\/a\",\n    \"name\": \"\\u4f60\\u597d\\ud83d\\ude00 \\u0022q\\u0022 \\u0001\\ud800\",\n    \"big\": 1e400,\n    \"dup\": 1,\n    \"dup\": 2\n}"
	want := `{"url":"https://example.com/a","name":"你好😀 \"q\" \u0001\ud800","big":1e400,"dup":1,"dup":2}`
	budget := 2*encoding(t).Count(want) + 1
	out, report := checkFits(t, s, both(pretty), budget, nil)
	if out.Content[0].Text != want || string(out.Structured) != want {
		t.Errorf("got  %s\nwant %s", out.Content[0].Text, want)
	}
	if len(report.Cut) != 0 || len(out.Content) != 1 || out.Meta != nil {
		t.Errorf("nothing was cut, yet: %+v %v", report, out.Meta)
	}
}

func TestTrimmedResultsSayWhatWasCut(t *testing.T) {
	s := newShaper(t)
	res := both(contacts(300))
	res.Meta = map[string]json.RawMessage{"k": json.RawMessage(`1`)}
	out, report := checkFits(t, s, res, 1500, nil)

	if len(out.Content) != 2 {
		t.Fatalf("want the JSON and a notice, got %d blocks", len(out.Content))
	}
	notice := out.Content[1].Text
	for _, part := range []string{"/items ", "of 300 items", "filter", "1,500"} {
		if !strings.Contains(notice, part) {
			t.Errorf("notice has no %q: %s", part, notice)
		}
	}
	var meta struct {
		Before, After int
		Cut           []shape.Cut
	}
	if err := json.Unmarshal(out.Meta[shape.MetaKey], &meta); err != nil || meta.After != report.After || len(meta.Cut) == 0 {
		t.Errorf("meta %s: %v", out.Meta[shape.MetaKey], err)
	}
	if string(out.Meta["k"]) != "1" || len(res.Meta) != 1 {
		t.Error("other meta is lost, or the argument's was changed")
	}
	var text, structured struct {
		Items []json.RawMessage
		Total int
	}
	mustDecode(t, out.Content[0].Text, &text)
	mustDecode(t, string(out.Structured), &structured)
	if len(text.Items) != len(structured.Items) || len(text.Items) == 0 || text.Total != 300 {
		t.Errorf("text has %d items of %d, structured %d", len(text.Items), text.Total, len(structured.Items))
	}
}

func mustDecode(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
}

func TestTinyBudgets(t *testing.T) {
	s := newShaper(t)
	results := map[string]*call.Result{
		"json":   both(contacts(50)),
		"text":   {Content: []call.Block{call.Text(strings.Repeat("plain words\n", 500))}},
		"blocks": {Content: []call.Block{call.Text("a b c d e f g h"), call.Text(contacts(3)), call.Text("x y z x y z")}},
		"error":  {Content: []call.Block{call.Text(contacts(3))}, IsError: true},
		"string": {Content: []call.Block{call.Text(`"` + strings.Repeat("é", 5000) + `"`)}},
	}
	for name, res := range results {
		for budget := 1; budget < 120; budget++ {
			out, _ := checkFits(t, s, res, budget, nil)
			if out.IsError != res.IsError {
				t.Errorf("%s in %d: isError is %v", name, budget, out.IsError)
			}
			checkFits(t, s, res, budget, json.RawMessage(contactSchema))
		}
	}
}

func TestWrappedResult(t *testing.T) {
	s := newShaper(t)
	body := "[" + strings.Repeat(`{"id": 1, "name": "a longer name"}, `, 400) + `{"id": 2}]`
	res := &call.Result{Content: []call.Block{call.Text(body)}, Structured: json.RawMessage(`{"result":` + body + `}`)}
	out, report := checkFits(t, s, res, 600, nil)
	var text []any
	var structured struct{ Result []any }
	mustDecode(t, out.Content[0].Text, &text)
	mustDecode(t, string(out.Structured), &structured)
	if len(text) == 0 || len(text) != len(structured.Result) {
		t.Errorf("text has %d, structured %d", len(text), len(structured.Result))
	}
	if report.Cut[0].Path != "" || report.Cut[0].Total != 401 || report.Cut[0].Unit != "items" {
		t.Errorf("paths are those of the text: %+v", report.Cut[0])
	}
	checkFits(t, s, res, 4, nil)
}

func TestKeyOrderDoesNotPartTextAndStructured(t *testing.T) {
	s := newShaper(t)
	a := `{"b":` + contacts(80) + `,"a":1}`
	b := `{"a":1,"b":` + contacts(80) + `}`
	out, _ := checkFits(t, s, &call.Result{Content: []call.Block{call.Text(a)}, Structured: json.RawMessage(b)}, 1000, nil)
	if len(out.Content[0].Text)-len(out.Structured) > 40 {
		t.Errorf("text %d bytes, structured %d", len(out.Content[0].Text), len(out.Structured))
	}
}

func TestMiddleware(t *testing.T) {
	s := newShaper(t)
	h := call.Chain(func(ctxType, *call.Call) (*call.Result, error) { return both(contacts(100)), nil }, s.Middleware())
	out, err := h(t.Context(), &call.Call{Budget: 700})
	if err != nil || out.Tokens.After > 700 || out.Tokens.After != read(t, out) || out.Tokens.Before != read(t, both(contacts(100))) {
		t.Errorf("tokens %+v, err %v", out.Tokens, err)
	}
	h = call.Chain(func(ctxType, *call.Call) (*call.Result, error) { return nil, context.Canceled }, s.Middleware())
	if _, err := h(t.Context(), &call.Call{}); err == nil {
		t.Error("the error is lost")
	}
}

type ctxType = context.Context
