package shape_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const page = `{"items":[{"id":1,"name":"Anna","address":{"city":"Bern","zip":null},"tags":[]},{"id":2,"name":"","address":{},"etag":"x"}],"total":2,"next":null,"a/b":{"~":7}}`

func TestFieldsAndDrop(t *testing.T) {
	s := newShaper(t)
	for _, c := range []struct {
		name    string
		shaping tool.Shaping
		fields  []string
		want    string
	}{
		{"one member", tool.Shaping{Fields: []string{"/total"}}, nil, `{"total":2}`},
		{"of each element", tool.Shaping{Fields: []string{"/items/*/id", "/next"}}, nil, `{"items":[{"id":1},{"id":2}],"next":null}`},
		{"an element keeps its place", tool.Shaping{Fields: []string{"/items/*/tags"}}, nil, `{"items":[{"tags":[]},{}]}`},
		{"by index", tool.Shaping{Fields: []string{"/items/1/id"}}, nil, `{"items":[{"id":2}]}`},
		{"by index and of each", tool.Shaping{Fields: []string{"/items/1", "/items/*/id"}}, nil, `{"items":[{"id":1},{"id":2,"name":"","address":{},"etag":"x"}]}`},
		{"escapes", tool.Shaping{Fields: []string{"/a~1b/~0"}}, nil, `{"a/b":{"~":7}}`},
		{"of every key", tool.Shaping{Fields: []string{"/*/*/address/city"}}, nil, `{"items":[{"address":{"city":"Bern"}},{}]}`},
		{"a shorter pointer wins", tool.Shaping{Fields: []string{"/items/*/address/city", "/items/*/address"}}, nil, `{"items":[{"address":{"city":"Bern","zip":null}},{"address":{}}]}`},
		{"the whole", tool.Shaping{Fields: []string{""}}, nil, page},
		{"the caller's", tool.Shaping{}, []string{"/total"}, `{"total":2}`},
		{"the caller's, of the tool's", tool.Shaping{Fields: []string{"/items/*/id", "/items/*/name"}}, []string{"/items/*/name", "/total"}, `{"items":[{"name":"Anna"},{"name":""}]}`},
		{"nulls", tool.Shaping{Drop: tool.Drop{Nulls: true}}, nil, `{"items":[{"id":1,"name":"Anna","address":{"city":"Bern"},"tags":[]},{"id":2,"name":"","address":{},"etag":"x"}],"total":2,"a/b":{"~":7}}`},
		{"empties", tool.Shaping{Drop: tool.Drop{Empty: true}}, nil, `{"items":[{"id":1,"name":"Anna","address":{"city":"Bern","zip":null}},{"id":2,"etag":"x"}],"total":2,"next":null,"a/b":{"~":7}}`},
		{"keys", tool.Shaping{Drop: tool.Drop{Keys: []string{"address", "a/b", "items"}}}, nil, `{"total":2,"next":null}`},
		{"all", tool.Shaping{Fields: []string{"/items"}, Drop: tool.Drop{Nulls: true, Empty: true, Keys: []string{"id"}}}, nil, `{"items":[{"name":"Anna","address":{"city":"Bern"}},{"etag":"x"}]}`},
	} {
		out, report := s.ShapeBy(t.Context(), both(page), shape.Settings{Shaping: &c.shaping, Fields: c.fields})
		if got := out.Content[0].Text; got != c.want || string(out.Structured) != c.want || len(out.Content) != 1 {
			t.Errorf("%s:\ngot  %s\nand  %s\nwant %s", c.name, got, out.Structured, c.want)
		}
		if report.After != read(t, out) || report.Before != read(t, both(page)) {
			t.Errorf("%s: %+v", c.name, report)
		}
		again, _ := s.ShapeBy(t.Context(), out, shape.Settings{Shaping: &c.shaping, Fields: c.fields})
		if c.name != "by index" && (again.Content[0].Text != c.want || string(again.Structured) != c.want) {
			t.Errorf("%s: a second time it becomes %s", c.name, again.Content[0].Text)
		}
	}
}

func TestFieldsThatAreNotThere(t *testing.T) {
	s := newShaper(t)
	out, _ := s.ShapeBy(t.Context(), both(page), shape.Settings{Fields: []string{"/nowhere", "no pointer"}})
	if out.Content[0].Text != page || string(out.Structured) != page {
		t.Errorf("all of it is shown: %s", out.Content[0].Text)
	}
	if note := out.Content[1].Text; !strings.Contains(note, "/items, /total, /next, /a~1b") {
		t.Errorf("the note says what is there: %s", note)
	}
	failed := &call.Result{IsError: true, Content: []call.Block{call.Text(`{"message":"no"}`)}}
	if out, _ := s.ShapeBy(t.Context(), failed, shape.Settings{Fields: []string{"/id"}}); out != failed {
		t.Error("what failed is told in full")
	}
}

func TestJQ(t *testing.T) {
	s := newShaper(t)
	for _, c := range []struct{ name, program, text, structured string }{
		{"an object", `{n: .total, ids: [.items[].id]}`, `{"ids":[1,2],"n":2}`, `{"ids":[1,2],"n":2}`},
		{"no object", `[.items[].name]`, `["Anna",""]`, ``},
		{"several", `.items[] | {id}`, "{\"id\":1}\n{\"id\":2}", ``},
		{"nothing", `empty`, ``, ``},
		{"nothing of the environment", `[env, $ENV]|map(length)`, `[0,0]`, ``},
	} {
		out, _ := s.ShapeBy(t.Context(), both(page), shape.Settings{Shaping: &tool.Shaping{JQ: c.program}})
		if out.Content[0].Text != c.text || string(out.Structured) != c.structured || len(out.Content) != 1 {
			t.Errorf("%s: got %q and %s", c.name, out.Content[0].Text, out.Structured)
		}
	}
	spelled := `[1e400,12345678901234567890,1.50,"\ud800"]`
	if out, _ := s.ShapeBy(t.Context(), text(spelled), shape.Settings{Shaping: &tool.Shaping{JQ: `.[:3]`}}); out.Content[0].Text != `[1e400,12345678901234567890,1.50]` {
		t.Errorf("numbers keep their spelling: %s", out.Content[0].Text)
	}
	out, _ := s.ShapeBy(t.Context(), text("{\"a\":1,\"b\":2}\n{\"a\":3}\nno JSON\n"), shape.Settings{Shaping: &tool.Shaping{JQ: `select(.a > 2) | .a`}})
	if got := out.Content[0].Text; got != "3\nno JSON\n" {
		t.Errorf("line by line: %q", got)
	}
}

func TestJQThatFails(t *testing.T) {
	s := newShaper(t)
	for name, program := range map[string]string{
		"syntax": `.[`, "type": `.total | keys`, "file": `input`, "no end": `def f: f; f`, "no end of outputs": `repeat(1)`,
		"large": `reduce range(40) as $i (.; [., .])`, "error": `error("x")`, "import": `import "a" as a; .`, "deep": `reduce range(3000) as $i (1; [.])`, "unknown": `nosuch`,
	} {
		start := time.Now()
		res := both(page)
		out, _ := s.ShapeBy(t.Context(), res, shape.Settings{Shaping: &tool.Shaping{JQ: program}})
		if out.Content[0].Text != page || string(out.Structured) != page || len(out.Content) != 2 || !strings.Contains(out.Content[1].Text, "jq program") {
			t.Errorf("%s: %+v", name, out.Content)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	if shape.CheckJQ(`.a`) != nil || shape.CheckJQ(`.[`) == nil || shape.CheckJQ(`nosuch`) == nil {
		t.Error("CheckJQ is wrong")
	}
}

func TestShapingKeepsTheSchema(t *testing.T) {
	s := newShaper(t)
	output := `{"type":"object","required":["items","next"],"properties":{"next":{"type":["string","null"]},"items":{"type":"array","items":{"type":"object","required":["id","zip"],"properties":{"id":{"type":"integer"},"zip":{"type":["string","null"]},"name":{"type":"string"},"note":{"type":["string","null"]}}}}}}`
	body := `{"items":[{"id":1,"zip":null,"name":"Anna","note":null},{"id":2,"zip":"1","name":"Ben"}],"next":null}`
	for _, c := range []struct {
		name             string
		shaping          tool.Shaping
		text, structured string
	}{
		{"only optional nulls", tool.Shaping{Drop: tool.Drop{Nulls: true}},
			`{"items":[{"id":1,"name":"Anna"},{"id":2,"zip":"1","name":"Ben"}]}`, `{"items":[{"id":1,"zip":null,"name":"Anna"},{"id":2,"zip":"1","name":"Ben"}],"next":null}`},
		{"only optional members", tool.Shaping{Fields: []string{"/items/*/name"}},
			`{"items":[{"name":"Anna"},{"name":"Ben"}]}`, `{"items":[{"id":1,"zip":null,"name":"Anna"},{"id":2,"zip":"1","name":"Ben"}],"next":null}`},
		{"what is not asked for", tool.Shaping{Fields: []string{"/next"}}, `{"next":null}`, `{"items":[],"next":null}`},
		{"jq that fits", tool.Shaping{JQ: `{items: .items[:1], next}`},
			`{"items":[{"id":1,"name":"Anna","note":null,"zip":null}],"next":null}`, `{"items":[{"id":1,"name":"Anna","note":null,"zip":null}],"next":null}`},
		{"jq that does not", tool.Shaping{JQ: `.items[0].name`}, `"Anna"`, body},
	} {
		out, _ := s.ShapeBy(t.Context(), both(body), shape.Settings{Output: json.RawMessage(output), Shaping: &c.shaping})
		if out.Content[0].Text != c.text || string(out.Structured) != c.structured {
			t.Errorf("%s:\ngot  %s\nand  %s", c.name, out.Content[0].Text, out.Structured)
		}
		if err := satisfies(t, output, out.Structured); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestShapingOfWrappedLists(t *testing.T) {
	s := newShaper(t)
	body := `[{"id":1,"x":null},{"id":2}]`
	res := &call.Result{Content: []call.Block{call.Text(body)}, Structured: json.RawMessage(`{"result":` + body + `}`)}
	for _, shaping := range []tool.Shaping{{Fields: []string{"/*/id"}}, {JQ: "map({id})"}, {Drop: tool.Drop{Nulls: true}}} {
		out, _ := s.ShapeBy(t.Context(), res, shape.Settings{Shaping: &shaping})
		if got := out.Content[0].Text; got != `[{"id":1},{"id":2}]` || string(out.Structured) != `{"result":`+got+`}` {
			t.Errorf("%+v: %s and %s", shaping, got, out.Structured)
		}
	}
}

func TestShapingComesBeforeTrimming(t *testing.T) {
	s := newShaper(t)
	c := &call.Call{Budget: 2000, Fields: []string{"/items/*/id"}, Tool: &tool.Tool{Shaping: &tool.Shaping{Encoding: tool.LayoutAuto}}}
	h := s.Middleware()(func(context.Context, *call.Call) (*call.Result, error) { return text(contacts(300)), nil })
	out, err := h(t.Context(), c)
	if err != nil || len(out.Content) != 1 || !strings.HasPrefix(out.Content[0].Text, "{\"items\":csv[300]\nid\n0\n1\n") && !strings.HasPrefix(out.Content[0].Text, "{\"items\":table[300]\nid\n0\n1\n") {
		t.Fatalf("%v: %+v", err, out)
	}
	if out.Tokens.After >= 2000 || out.Tokens.Before < 20_000 || out.Tokens.After != read(t, out) {
		t.Errorf("tokens %+v", out.Tokens)
	}
}

// FuzzFields holds the projection to a simple one over maps.
func FuzzFields(f *testing.F) {
	r := rand.New(rand.NewPCG(41, 42))
	for i := range 10 {
		f.Add(unrepeated(r), "/*", "/a~1b/*/id", uint64(i))
	}
	f.Add(page, "/items/*/id", "/items/1", uint64(0))
	f.Add(page, "/*/*/*", "/total/x", uint64(0))
	s := newShaper(f)
	f.Fuzz(func(t *testing.T, body, a, b string, seed uint64) {
		if !json.Valid([]byte(body)) { // as most that a fuzzer thinks of
			body = rows(rand.New(rand.NewPCG(seed, uint64(len(body)))))
		}
		v, err := readOrdered(body)
		if len(body) > 1<<14 || err != nil || repeats(v) || strings.ToValidUTF8(body, "") != body {
			t.Skip()
		}
		if a == "" || b == "" || strings.Count(a+b, "/") > 60 {
			t.Skip()
		}
		checkProjection(t, s, body, a, b)
	})
}

// checkProjection holds fields to a projection over maps, and reports whether
// there was anything at them.
func checkProjection(t *testing.T, s *shape.Shaper, body string, pointers ...string) bool {
	t.Helper()
	var asked [][]string
	for _, p := range pointers {
		if rest, ok := strings.CutPrefix(p, "/"); ok {
			asked = append(asked, strings.Split(rest, "/"))
		}
	}
	out, _ := s.ShapeBy(t.Context(), text(body), shape.Settings{Fields: pointers})
	want, some := project(meaning(t, body), asked)
	if noted := len(out.Content) > 1; noted == some {
		t.Fatalf("%q of %s: something is there: %v, noted: %v", pointers, body, some, noted)
	}
	if got := meaning(t, out.Content[0].Text); some && !reflect.DeepEqual(got, want) {
		t.Fatalf("%q of %s\ngot  %v\nwant %v", pointers, body, got, want)
	}
	return some
}

func TestFieldsOfRandomDocuments(t *testing.T) {
	s := newShaper(t)
	r := rand.New(rand.NewPCG(43, 44))
	segments := []string{"*", "*", "list", "deep", "er", "k", "id", "name", "a.b", "x", "0", "1", "2", "q", "before", "u", "w"}
	some := 0
	for range 3000 {
		var pointers []string
		for range 1 + r.IntN(4) {
			p := ""
			for range 1 + r.IntN(5) {
				p += "/" + segments[r.IntN(len(segments))]
			}
			pointers = append(pointers, p)
		}
		if checkProjection(t, s, rows(r), pointers...) {
			some++
		}
	}
	if some < 1000 {
		t.Errorf("only %d found anything", some)
	}
}

// project returns what pointers leave of a value; false for nothing.
func project(v any, asked [][]string) (any, bool) {
	for _, p := range asked {
		if len(p) == 0 {
			return v, true
		}
	}
	below := func(name string) (next [][]string) {
		for _, p := range asked {
			if p[0] == "*" || strings.NewReplacer("~1", "/", "~0", "~").Replace(p[0]) == name {
				next = append(next, p[1:])
			}
		}
		return next
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, m := range v {
			if next := below(k); next != nil {
				if m, ok := project(m, next); ok {
					out[k] = m
				}
			}
		}
		return out, len(out) > 0
	case []any:
		out := []any{}
		for i, e := range v {
			next := below(jsonInt(i))
			if next == nil {
				continue
			}
			e2, ok := project(e, next)
			_, object := e.(map[string]any)
			_, array := e.([]any)
			if ok || object || array {
				out = append(out, e2)
			}
		}
		return out, len(out) > 0
	}
	return nil, false
}

func jsonInt(i int) string { b, _ := json.Marshal(i); return string(b) }

func TestJQThatDoesNotEndIsNotTriedOnEachLine(t *testing.T) {
	s := newShaper(t)
	start := time.Now()
	s.ShapeBy(t.Context(), text(lines(200, `{"a":%d}`)), shape.Settings{Shaping: &tool.Shaping{JQ: `def f: f; f`}})
	if took := time.Since(start); took > 60*time.Second {
		t.Errorf("it took %v", took)
	}
}
