package shape_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// laid reads a text whose arrays may be tables, by the grammar that the package
// states, and nothing of the package's code.
type laid struct {
	s string
	i int
}

var errLaid = errors.New("not by the grammar")

// readLaid returns the value that a text of a document stands for.
func readLaid(text string) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("%w: %v", errLaid, r)
		}
	}()
	p := &laid{s: text}
	if !json.Valid([]byte(text)) && isTOON(text) {
		return readTOON(text), nil
	}
	if !json.Valid([]byte(text)) && !strings.ContainsAny(text[:1], `[{`) && !strings.HasPrefix(text, "table[") && !strings.HasPrefix(text, "csv[") {
		return p.csv(-1), nil
	}
	v = p.value()
	if p.i != len(text) {
		return nil, fmt.Errorf("%w: more at %d: %.60q", errLaid, p.i, text[p.i:])
	}
	return v, nil
}

func (p *laid) has(prefix string) bool { return strings.HasPrefix(p.s[p.i:], prefix) }

func (p *laid) take(text string) {
	if !p.has(text) {
		panic(fmt.Sprintf("want %q at %.60q", text, p.s[p.i:]))
	}
	p.i += len(text)
}

func (p *laid) number() int {
	n, err := strconv.Atoi(p.until("]"))
	if err != nil {
		panic(err)
	}
	return n
}

// until takes what stands before an end, and the end.
func (p *laid) until(end string) string {
	before, _, ok := strings.Cut(p.s[p.i:], end)
	if !ok {
		panic("no " + end)
	}
	p.i += len(before) + len(end)
	return before
}

func (p *laid) value() any {
	switch {
	case p.has("table["):
		p.take("table[")
		return p.table(p.number())
	case p.has("csv["):
		p.take("csv[")
		n := p.number()
		p.take("\n")
		return p.csv(n)
	case p.has("["):
		if rest := strings.TrimLeft(p.s[p.i+1:], "0123456789"); len(rest) < len(p.s)-p.i-1 && strings.HasPrefix(rest, "]{") {
			p.take("[")
			return p.toon(p.number())
		}
		p.take("[")
		list := []any{}
		for !p.has("]") {
			if len(list) > 0 {
				p.take(",")
			}
			list = append(list, p.value())
		}
		p.take("]")
		return list
	case p.has("{"):
		p.take("{")
		object := map[string]any{}
		for !p.has("}") {
			if len(object) > 0 {
				p.take(",")
			}
			key := p.json().(string)
			p.take(":")
			object[key] = p.value()
		}
		p.take("}")
		return object
	}
	return p.json()
}

// json takes one value of JSON.
func (p *laid) json() any {
	dec := json.NewDecoder(strings.NewReader(p.s[p.i:]))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	p.i += int(dec.InputOffset())
	return v
}

// scalar reads a cell without quotes.
func scalar(text string) any {
	if json.Valid([]byte(text)) && strings.TrimSpace(text) == text {
		return (&laid{s: text}).json()
	}
	return text
}

func (p *laid) table(n int) []any {
	each := "{}"
	if p.has(" each ") {
		p.take(" each ")
		from := p.i
		p.json()
		each = p.s[from:p.i]
	}
	p.take("\n")
	names := p.names()
	list := []any{}
	for range n {
		row := (&laid{s: each}).json().(map[string]any)
		for i, name := range names {
			if i > 0 {
				p.take(",")
			}
			if v, ok := p.cell(); ok {
				put(row, name, v)
			}
		}
		p.take("\n")
		list = append(list, row)
	}
	return list
}

// names takes the line of a table's columns.
func (p *laid) names() [][]string {
	names := [][]string{nil}
	for last := 0; ; {
		if p.has(`"`) {
			names[last] = append(names[last], p.json().(string))
		} else {
			word := p.s[p.i:]
			word = word[:strings.IndexAny(word, ".,\n")]
			p.take(word)
			names[last] = append(names[last], word)
		}
		switch c := p.s[p.i]; c {
		case ',':
			names, last = append(names, nil), last+1
		case '\n':
			p.i++
			return names
		case '.':
		default:
			panic("names")
		}
		p.i++
	}
}

// cell takes a table's cell; false if nothing is there.
func (p *laid) cell() (any, bool) {
	if p.has(",") || p.has("\n") {
		return nil, false
	}
	if strings.ContainsAny(p.s[p.i:p.i+1], `"[{`) {
		return p.json(), true
	}
	word := p.s[p.i:]
	word = word[:strings.IndexAny(word, ",\n")]
	p.take(word)
	return scalar(word), true
}

func put(row map[string]any, name []string, v any) {
	for _, part := range name[:len(name)-1] {
		next, ok := row[part].(map[string]any)
		if !ok {
			next = map[string]any{}
			row[part] = next
		}
		row = next
	}
	row[name[len(name)-1]] = v
}

// csv takes a header and n records; all there are if n is negative.
func (p *laid) csv(n int) []any {
	r := csv.NewReader(strings.NewReader(p.s[p.i:]))
	header, err := r.Read()
	if err != nil {
		panic(err)
	}
	list := []any{}
	for n < 0 || len(list) < n {
		record, err := r.Read()
		if err != nil {
			if n < 0 {
				break
			}
			panic(err)
		}
		row := map[string]any{}
		for i, field := range record {
			if field != "" {
				name := header[i]
				if strings.HasPrefix(name, `"`) {
					name = scalar(name).(string)
				}
				row[name] = scalar(field)
			}
		}
		list = append(list, row)
	}
	p.i += int(r.InputOffset())
	return list
}

// toon takes a table of TOON, after its length.
func (p *laid) toon(n int) []any {
	p.take("{")
	var names []string
	for {
		if p.has(`"`) {
			names = append(names, p.json().(string))
		} else {
			word := p.s[p.i:]
			word = word[:strings.IndexAny(word, ",}")]
			p.take(word)
			names = append(names, word)
		}
		if p.has("}") {
			break
		}
		p.take(",")
	}
	p.take("}:\n")
	list := []any{}
	for range n {
		p.take("  ")
		row := map[string]any{}
		for i, name := range names {
			if i > 0 {
				p.take(",")
			}
			if p.has(`"`) {
				row[name] = p.json()
				continue
			}
			word := p.s[p.i:]
			word = word[:strings.IndexAny(word, ",\n")]
			p.take(word)
			row[name] = scalar(word)
		}
		p.take("\n")
		list = append(list, row)
	}
	return list
}

// meaning is a JSON document's value.
func meaning(t testing.TB, body string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %.300s", err, body)
	}
	return v
}

var layouts = []tool.Layout{tool.LayoutTOON, tool.LayoutCSV, tool.LayoutColumns, tool.LayoutAuto}

// lay shapes a text by a layout alone.
func lay(t testing.TB, s *shape.Shaper, body string, layout tool.Layout, budget int) (string, shape.Report) {
	t.Helper()
	out, report := s.ShapeBy(t.Context(), text(body), shape.Settings{Budget: budget, Shaping: &tool.Shaping{Encoding: layout}})
	return out.Content[0].Text, report
}

func TestLayoutsAsTheyLook(t *testing.T) {
	s := newShaper(t)
	body := `[{"id": 1, "kind": "person", "name": "Anna", "zip": "3001", "geo": {"zone": 1, "city": "Bern"}},` +
		`{"id": 2, "kind": "person", "name": "Ben, B.", "zip": "", "geo": {"zone": 1, "city": "Basel"}},` +
		`{"id": 3, "kind": "person", "name": "Cy \"C\"", "zip": null, "geo": {"zone": 1, "city": "Chur"}, "tags": ["a", "b"]}]`
	flat := `{"escape":"\u0001","total":3,"items":[{"id":1,"name":"Anna","zip":"3001","ok":true},{"id":2,"name":"Ben, B.","zip":"","ok":false},{"id":3,"name":"-","zip":"a: b","ok":null}],"next":"x"}`
	for _, c := range []struct {
		layout     tool.Layout
		body, want string
	}{
		{tool.LayoutColumns, body, "table[3] each {\"kind\":\"person\",\"geo\":{\"zone\":1}}\nid,name,zip,geo.city,tags\n1,Anna,\"3001\",Bern,\n2,\"Ben, B.\",\"\",Basel,\n3,\"Cy \\\"C\\\"\",null,Chur,[\"a\",\"b\"]\n"},
		{tool.LayoutCSV, flat, "{\"escape\":\"\\u0001\",\"total\":3,\"items\":csv[3]\nid,name,zip,ok\n1,Anna,\"\"\"3001\"\"\",true\n2,\"Ben, B.\",\"\"\"\"\"\",false\n3,-,a: b,null\n,\"next\":\"x\"}"},
		{tool.LayoutTOON, flat, "{\"escape\":\"\\u0001\",\"total\":3,\"items\":[3]{id,name,zip,ok}:\n  1,Anna,\"3001\",true\n  2,\"Ben, B.\",\"\",false\n  3,\"-\",\"a: b\",null\n,\"next\":\"x\"}"},
	} {
		got, _ := lay(t, s, c.body, c.layout, 0)
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.layout, got, c.want)
		}
		if v, err := readLaid(got); err != nil || !reflect.DeepEqual(v, meaning(t, c.body)) {
			t.Errorf("%s does not read back: %v", c.layout, err)
		}
	}
}

// rows is a random document that has arrays of more or less equal objects.
func rows(r *rand.Rand) string {
	cells := []string{`"word"`, `"two words, and a comma"`, `""`, `"12"`, `"1e5"`, `"true"`, `"null"`, `"-"`, `" lead"`, `"trail "`, `"a\"b"`, `"\"q"`, `"[x"`, `"{"`, `"l\nf"`, `"c\r\n"`, `"\u0001"`, `"\\"`, `"é你"`, `"2026-01-01T00:00:00Z"`, `"https://example.com/a"`, `"a:b"`, `"007"`,
		`1`, `-0.0`, `1e400`, `12345678901234567890123`, `true`, `false`, `null`, `[]`, `{}`, `[1,"a"]`, `{"x":1}`, `[{"p":1,"q":"longer text"},{"p":2,"q":"longer text"},{"p":3,"q":"longer text"}]`, `"#"`, `"\u00a0"`}
	names := []string{"id", "name", "a.b", "a,b", "a b", `q\"`, "klé", "x", "", "1", "true", "long_name_of_a_member", `n\nl`}
	var b strings.Builder
	array := func() {
		width, calm := 1+r.IntN(6), r.IntN(3)
		first := r.IntN(len(names))
		fixed := make([]string, width)
		for i := range fixed {
			fixed[i] = cells[r.IntN(len(cells))]
		}
		b.WriteByte('[')
		for i := range 2 + r.IntN(12) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('{')
			some := false
			for c := range width {
				if calm == 0 && r.IntN(6) == 0 {
					continue
				}
				if some {
					b.WriteByte(',')
				}
				some = true
				cell := cells[r.IntN(len(cells))]
				switch {
				case c%3 == 1:
					cell = fixed[c]
				case c%3 == 2 && calm == 1:
					cell = fmt.Sprintf(`{"u":%s,"v":%s,"w":{"z":%d}}`, fixed[c], cell, i)
				}
				fmt.Fprintf(&b, `"%s":%s`, names[(first+c)%len(names)], cell)
			}
			b.WriteByte('}')
		}
		b.WriteByte(']')
	}
	if r.IntN(2) == 0 {
		array()
		return b.String()
	}
	b.WriteString(`{"before":[1,2],"list":`)
	array()
	b.WriteString(`,"deep":{"er":[{"k":`)
	array()
	b.WriteString(`}]},"after":null}`)
	return b.String()
}

func checkLaid(t *testing.T, s *shape.Shaper, body string) (tables int) {
	t.Helper()
	plain := encoding(t).Count(compacted(t, body))
	least := plain
	for _, layout := range layouts {
		got, report := lay(t, s, body, layout, 0)
		v, err := readLaid(got)
		if err != nil || !reflect.DeepEqual(v, meaning(t, body)) {
			t.Fatalf("%s loses something: %v\nof %s\nin %s", layout, err, body, got)
		}
		n := encoding(t).Count(got)
		if got != body && n != report.After {
			t.Fatalf("%s costs %d, reports %d", layout, n, report.After)
		}
		if layout != tool.LayoutAuto {
			least = min(least, n)
		} else if strings.HasPrefix(body, "[") && n > least {
			t.Fatalf("auto costs %d, another %d: %s", n, least, got)
		}
		if !json.Valid([]byte(got)) {
			tables++
		}
	}
	return tables
}

func compacted(t testing.TB, body string) string {
	out, _ := newShaper(t).Shape(text(body+strings.Repeat(" ", 1+len(body))), encoding(t).Count(body), nil)
	return out.Content[0].Text
}

func TestLayoutsLoseNothing(t *testing.T) {
	s := newShaper(t)
	r := rand.New(rand.NewPCG(11, 12))
	tables := 0
	for range 700 {
		tables += checkLaid(t, s, rows(r))
	}
	for range 200 {
		tables += checkLaid(t, s, unrepeated(r))
	}
	if tables < 600 {
		t.Errorf("only %d tables", tables)
	}
}

// unrepeated is a random document whose strings are plain and whose keys do not
// repeat.
func unrepeated(r *rand.Rand) string {
	for {
		body := strings.ToValidUTF8(random(r, 20+r.IntN(200)), "?")
		if v, err := readOrdered(body); err == nil && !repeats(v) {
			return body
		}
	}
}

// Rows are cut at their end; what is left reads back as the first of them.
func TestTablesAreCutByRows(t *testing.T) {
	s := newShaper(t)
	for name, body := range payloads(60) {
		whole := meaning(t, body)
		for _, layout := range layouts {
			laidOut, _ := lay(t, s, body, layout, 0)
			full := encoding(t).Count(laidOut)
			for _, budget := range []int{50, 300, 1000, full / 2, full - 1} {
				out, report := s.ShapeBy(t.Context(), text(body), shape.Settings{Budget: budget, Shaping: &tool.Shaping{Encoding: layout}})
				if n := read(t, out); n > budget || n != report.After {
					t.Fatalf("%s, %s: %d of %d, reports %d", name, layout, n, budget, report.After)
				}
				if again, _ := s.ShapeBy(t.Context(), out, shape.Settings{Budget: budget, Shaping: &tool.Shaping{Encoding: layout}}); again != out {
					t.Fatalf("%s, %s at %d: a second time changes it", name, layout, budget)
				}
				got := out.Content[0].Text
				if strings.HasPrefix(got, "[Trimmed") || strings.HasPrefix(got, "[trimmed") {
					continue
				}
				v, err := readLaid(got)
				if err != nil {
					t.Fatalf("%s, %s at %d: %v\n%s", name, layout, budget, err, got)
				}
				if err := part(whole, v, ""); err != nil || len(report.Cut) == 0 {
					t.Fatalf("%s, %s at %d: %v, cut %+v", name, layout, budget, err, report.Cut)
				}
				if missing, told := missing(whole, v, "", nil), cutLines(report.Cut); !slices.Equal(missing, told) {
					t.Fatalf("%s, %s at %d: missing %v, told %v", name, layout, budget, missing, told)
				}
			}
		}
	}
}

// missing returns what a value lacks of the whole, a line for each place, sorted.
func missing(whole, v any, path string, out []string) []string {
	lacks := func(kept, total int, unit string) {
		if kept < total {
			out = append(out, fmt.Sprintf("%s %d/%d %s", path, kept, total, unit))
		}
	}
	switch w := whole.(type) {
	case map[string]any:
		v := v.(map[string]any)
		lacks(len(v), len(w), "keys")
		for k := range v {
			out = missing(w[k], v[k], path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(k), out)
		}
	case []any:
		v := v.([]any)
		lacks(len(v), len(w), "items")
		for i := range v {
			out = missing(w[i], v[i], fmt.Sprint(path, "/", i), out)
		}
	case string:
		lacks(utf8.RuneCountInString(strings.TrimSuffix(v.(string), "…")), utf8.RuneCountInString(w), "characters")
	}
	slices.Sort(out)
	return out
}

func cutLines(cuts []shape.Cut) []string {
	var out []string
	for _, c := range cuts {
		out = append(out, fmt.Sprintf("%s %d/%d %s", c.Path, c.Kept, c.Total, c.Unit))
	}
	slices.Sort(out)
	return out
}

// A larger budget has all the rows of a smaller one, and as many as fit.
func TestALargerBudgetHasMoreRows(t *testing.T) {
	s, enc := newShaper(t), encoding(t)
	body := payloads(200)["flat table"]
	whole, _ := lay(t, s, body, tool.LayoutColumns, 0)
	lines := strings.SplitAfter(whole, "\n")
	last := 0
	for budget := 250; budget < enc.Count(whole); budget += 37 {
		got, report := lay(t, s, body, tool.LayoutColumns, budget)
		n := strings.Count(got, "\n") - 2
		if n < last || report.Cut[0].Kept != n || report.Cut[0].Total != 200 {
			t.Fatalf("%d rows in %d, %d before; cut %+v", n, budget, last, report.Cut)
		}
		last = n
		if more := got + lines[n+2]; enc.Count(more) <= budget-160 {
			t.Fatalf("%d rows in %d, though another would fit", n, budget)
		}
	}
	if last < 150 {
		t.Errorf("%d rows at most", last)
	}
}

// part checks that a value is another with the end of arrays and strings, and
// members of objects left out.
func part(whole, v any, path string) error {
	switch v := v.(type) {
	case map[string]any:
		w, ok := whole.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: an object", path)
		}
		for k := range v {
			if err := part(w[k], v[k], path+"/"+k); err != nil {
				return err
			}
		}
		return nil
	case []any:
		w, ok := whole.([]any)
		if !ok || len(v) > len(w) {
			return fmt.Errorf("%s: a list", path)
		}
		for i := range v {
			if err := part(w[i], v[i], fmt.Sprint(path, "/", i)); err != nil {
				return err
			}
		}
		return nil
	case string:
		w, ok := whole.(string)
		if ok && strings.HasPrefix(w, strings.TrimSuffix(v, "…")) {
			return nil
		}
	}
	if whole != v {
		return fmt.Errorf("%s: %v, not %v", path, v, whole)
	}
	return nil
}

func TestStructuredContentStaysJSON(t *testing.T) {
	s := newShaper(t)
	body := contacts(40)
	for _, budget := range []int{0, 4000, 1500} {
		out, _ := s.ShapeBy(t.Context(), both(body), shape.Settings{Budget: budget, Output: json.RawMessage(contactSchema), Shaping: &tool.Shaping{Encoding: tool.LayoutAuto}})
		if err := satisfies(t, contactSchema, out.Structured); err != nil {
			t.Errorf("in %d: %v", budget, err)
		}
		if got := out.Content[0].Text; json.Valid([]byte(got)) || budget > 0 && read(t, out) > budget {
			t.Errorf("in %d: %d tokens of %.200s", budget, read(t, out), got)
		}
	}
}

func TestNoLayoutIsNoCost(t *testing.T) {
	s := newShaper(t)
	res := both(contacts(3))
	for _, shaping := range []*tool.Shaping{nil, {}, {Encoding: tool.LayoutJSON}} {
		if out, _ := s.ShapeBy(t.Context(), res, shape.Settings{Budget: 1 << 20, Shaping: shaping}); out != res {
			t.Errorf("%+v changes a result", shaping)
		}
	}
	res = text(`[{"id":1},{"id":2}]`)
	if out, _ := s.ShapeBy(t.Context(), res, shape.Settings{Shaping: &tool.Shaping{Encoding: tool.LayoutAuto}}); out != res {
		t.Error("what does not shrink is left as it is")
	}
}

func FuzzLayouts(f *testing.F) {
	r := rand.New(rand.NewPCG(13, 14))
	for i := range 20 {
		f.Add(rows(r), uint64(i))
	}
	s := newShaper(f)
	f.Fuzz(func(t *testing.T, body string, seed uint64) {
		if len(body) > 1<<14 {
			t.Skip()
		}
		if !json.Valid([]byte(body)) { // as most that a fuzzer thinks of
			body = rows(rand.New(rand.NewPCG(seed, uint64(len(body)))))
		}
		if v, err := readOrdered(body); err != nil || repeats(v) || strings.ToValidUTF8(body, "") != body {
			t.Skip()
		}
		checkLaid(t, s, body)
		for _, layout := range layouts {
			out, report := s.ShapeBy(t.Context(), &call.Result{Content: []call.Block{call.Text(body)}}, shape.Settings{Budget: 60, Shaping: &tool.Shaping{Encoding: layout}})
			if n := read(t, out); n > 60 || n != report.After {
				t.Fatalf("%s: %d of 60, reports %d", layout, n, report.After)
			}
		}
	})
}

// A column for each row is no table, and must not be made one in memory.
func TestSparseTablesTakeMemoryByTheSize(t *testing.T) {
	s := newShaper(t)
	var b strings.Builder
	b.WriteByte('[')
	for i := range 300_000 {
		fmt.Fprintf(&b, `{"k%d":1},`, i%250)
	}
	b.WriteString(`{"k":1}]`)
	body := b.String()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, _ := s.ShapeBy(t.Context(), text(body), shape.Settings{Budget: 1000, Shaping: &tool.Shaping{Encoding: tool.LayoutColumns}})
	runtime.ReadMemStats(&after)
	if n := read(t, out); n > 1000 {
		t.Errorf("%d tokens", n)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 60*uint64(len(body)) {
		t.Errorf("%d MB for a document of %d MB", took>>20, len(body)>>20)
	}
}
