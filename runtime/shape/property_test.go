package shape_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// value is a JSON value with its keys in order.
type value struct {
	keys     []string // of an object
	children []value
	scalar   any
	kind     json.Delim // '{', '[' or 0
}

// ordered reads a document with the standard library.
func ordered(t testing.TB, text string) value {
	t.Helper()
	v, err := readOrdered(text)
	if err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	return v
}

func readOrdered(text string) (value, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	v, err := readValue(dec)
	if err != nil {
		return v, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return v, errors.New("more after the document")
	}
	return v, nil
}

func readValue(dec *json.Decoder) (value, error) {
	token, err := dec.Token()
	if err != nil {
		return value{}, err
	}
	kind, ok := token.(json.Delim)
	if !ok {
		return value{scalar: token}, nil
	}
	v := value{kind: kind}
	for dec.More() {
		if kind == '{' {
			key, err := dec.Token()
			if err != nil {
				return v, err
			}
			v.keys = append(v.keys, key.(string))
		}
		child, err := readValue(dec)
		if err != nil {
			return v, err
		}
		v.children = append(v.children, child)
	}
	_, err = dec.Token()
	return v, err
}

// compare checks that part is whole with things left out, and returns what.
func compare(whole, part value, path string) ([]shape.Cut, error) {
	if whole.kind != part.kind {
		return nil, fmt.Errorf("%s: another type", path)
	}
	switch whole.kind {
	case 0:
		return compareScalar(whole.scalar, part.scalar, path)
	case '[':
		return compareArray(whole, part, path)
	}
	var cuts []shape.Cut
	if len(part.keys) < len(whole.keys) {
		cuts = append(cuts, shape.Cut{Path: path, Kept: len(part.keys), Total: len(whole.keys), Unit: "keys"})
	}
	i := 0
	for j, key := range part.keys {
		for i < len(whole.keys) && whole.keys[i] != key {
			i++
		}
		if i == len(whole.keys) {
			return nil, fmt.Errorf("%s: key %q is not there, or elsewhere", path, key)
		}
		more, err := compare(whole.children[i], part.children[j], path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
		if err != nil {
			return nil, err
		}
		cuts = append(cuts, more...)
		i++
	}
	return cuts, nil
}

func compareArray(whole, part value, path string) ([]shape.Cut, error) {
	var cuts []shape.Cut
	if len(part.children) > len(whole.children) {
		return nil, fmt.Errorf("%s: more items than there were", path)
	}
	if len(part.children) < len(whole.children) {
		cuts = append(cuts, shape.Cut{Path: path, Kept: len(part.children), Total: len(whole.children), Unit: "items"})
	}
	for i := range part.children {
		more, err := compare(whole.children[i], part.children[i], fmt.Sprint(path, "/", i))
		if err != nil {
			return nil, err
		}
		cuts = append(cuts, more...)
	}
	return cuts, nil
}

func compareScalar(whole, part any, path string) ([]shape.Cut, error) {
	if whole == part {
		return nil, nil
	}
	a, ok1 := whole.(string)
	b, ok2 := part.(string)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("%s: %v became %v", path, whole, part)
	}
	cut := shape.Cut{Path: path, Total: utf8.RuneCountInString(a), Unit: "characters"}
	if strings.HasPrefix(b, "[") && strings.HasSuffix(b, "of base64 elided]") {
		return []shape.Cut{cut}, nil
	}
	b = strings.TrimSuffix(b, "…")
	if !strings.HasPrefix(a, b) {
		return nil, fmt.Errorf("%s: %q is not the beginning of %q", path, b, a)
	}
	cut.Kept = utf8.RuneCountInString(b)
	return []shape.Cut{cut}, nil
}

// repeats reports whether an object has a key twice, which leaves open which of
// them was kept.
func repeats(v value) bool {
	seen := map[string]bool{}
	for _, key := range v.keys {
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	for _, child := range v.children {
		if repeats(child) {
			return true
		}
	}
	return false
}

func TestRandomDocuments(t *testing.T) {
	s := newShaper(t)
	documents := 2500
	if testing.Short() {
		documents = 300
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range documents {
		body := random(r, 5+r.IntN(300))
		full := encoding(t).Count(body)
		budget := 1 + r.IntN(max(1, 2*full))
		res := both(body)
		if i%3 == 0 {
			res.Structured = nil
		}
		out, report := checkFits(t, s, res, budget, nil)
		checkAccounts(t, body, out, report)
	}
}

// checkAccounts checks that what the report says is missing is what is missing.
func checkAccounts(t *testing.T, body string, out *call.Result, report shape.Report) {
	t.Helper()
	if len(out.Content) == 0 || out.Content[0].Text == "" || !json.Valid([]byte(out.Content[0].Text)) {
		return // only a notice, or not even that, had room
	}
	whole := ordered(t, body)
	cuts, err := compare(whole, ordered(t, out.Content[0].Text), "")
	if err != nil && !repeats(whole) {
		t.Fatalf("%v\nbody %s\ntext %s", err, body, out.Content[0].Text)
	}
	if !repeats(whole) && fmt.Sprint(cuts) != fmt.Sprint(report.Cut) {
		t.Fatalf("reported %v\nmissing  %v\nof %s\nin %s", report.Cut, cuts, body, out.Content[0].Text)
	}
	if out.Structured != nil {
		if _, err := compare(whole, ordered(t, string(out.Structured)), ""); err != nil && !repeats(whole) {
			t.Fatalf("structured: %v", err)
		}
	}
}

func TestALargerBudgetKeepsASuperset(t *testing.T) {
	s := newShaper(t)
	r := rand.New(rand.NewPCG(3, 4))
	pairs, smaller := 0, 0
	for range 60 {
		body := random(r, 200+r.IntN(400))
		if repeats(ordered(t, body)) {
			continue
		}
		full := encoding(t).Count(body)
		var last *value
		for budget := 200; budget < full; budget += 1 + full/9 {
			out, _ := checkFits(t, s, &call.Result{Content: []call.Block{call.Text(body)}}, budget, nil)
			now := ordered(t, out.Content[0].Text)
			if last != nil {
				pairs++
				if _, err := compare(now, *last, ""); err != nil {
					smaller++
					t.Logf("%d tokens: %v", budget, err)
				}
			}
			last = &now
		}
	}
	if pairs < 50 || smaller*50 > pairs {
		t.Errorf("of %d larger budgets %d do not keep a superset", pairs, smaller)
	}
}

func TestFill(t *testing.T) {
	s := newShaper(t)
	r := rand.New(rand.NewPCG(5, 6))
	bodies := map[string]string{"contacts": contacts(3000), "strings": `{"a":"` + strings.Repeat("one two three ", 40000) + `"}`}
	for i := range 3 {
		bodies[fmt.Sprint("random ", i)] = random(r, 30000)
	}
	for name, body := range bodies {
		for _, budget := range []int{1000, 2000, 8000, 25000} {
			if encoding(t).Count(body) < 2*budget {
				continue
			}
			for kind, res := range map[string]*call.Result{"both": both(body), "text": {Content: []call.Block{call.Text(body)}}} {
				_, report := checkFits(t, s, res, budget, nil)
				if report.After*100 < budget*95 {
					t.Errorf("%s, %s: %d of %d", name, kind, report.After, budget)
				}
			}
		}
	}
}

// Real documents, as a client could be sent them: those of the corpus.
func TestRealDocuments(t *testing.T) {
	folder := cmp.Or(os.Getenv("BRIDGE_CORPUS"), filepath.Join("..", "..", "..", "shared", "specs"))
	names, _ := filepath.Glob(filepath.Join(folder, "*.json"))
	if len(names) == 0 {
		t.Skip("no corpus: set BRIDGE_CORPUS to a folder of JSON documents")
	}
	s := newShaper(t)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil || !json.Valid(raw) || len(raw) > 4<<20 {
			continue
		}
		body := string(raw)
		full := encoding(t).Count(body)
		for _, budget := range []int{100, 1000, 5000, 25000} {
			if full < 2*budget {
				continue
			}
			out, report := checkFits(t, s, both(body), budget, nil)
			checkAccounts(t, body, out, report)
			if budget >= 1000 && report.After*100 < budget*95 {
				t.Errorf("%s: %d of %d", filepath.Base(name), report.After, budget)
			}
		}
	}
}

// What is kept of a tiny document is as much as could be: no document with one
// more item fits.
func TestAsManyItemsAsFit(t *testing.T) {
	s, enc := newShaper(t), encoding(t)
	for n := 30; n < 60; n++ {
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprint(i * i)
		}
		whole := "[" + strings.Join(items, ",") + "]"
		for budget := 40; budget < enc.Count(whole); budget += 3 {
			out, report := checkFits(t, s, &call.Result{Content: []call.Block{call.Text(whole)}}, budget, nil)
			kept := report.Cut[0].Kept
			more := "[" + strings.Join(items[:kept+1], ",") + "]"
			if room := enc.Count(out.Content[0].Text); enc.Count(more) <= budget/2 || enc.Count(more) <= room {
				t.Fatalf("%d items in %d, though %d fit", kept, budget, kept+1)
			}
		}
	}
}

func FuzzShape(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 20 {
		f.Add(random(r, 50), "second block", 20*i, i%2 == 0)
	}
	f.Add("a,b,c\n1,2,3\n1,2,3\n1,\"\n\",3\n4,5,6\n7,8,9\n", "", 10, false)
	f.Add("{\"a\":1}\n{\"a\": 2}\n{\"b\": [1, 2, 3]}\n", "# Title\n\ntext\n", 12, false)
	s := newShaper(f)
	f.Fuzz(func(t *testing.T, first, second string, budget int, structured bool) {
		if budget <= 0 || len(first)+len(second) > 1<<16 {
			t.Skip()
		}
		res := &call.Result{Content: []call.Block{call.Text(first), call.Text(second)}}
		if structured && json.Valid([]byte(first)) {
			res.Structured = json.RawMessage(first)
		}
		checkFits(t, s, res, budget, nil)
		checkFits(t, s, res, budget, json.RawMessage(contactSchema))
	})
}

// BenchmarkShape trims 1 MB to 5,000 tokens, next to json.Compact on the same
// bytes: of a text, of a text with equal structured content, of one that is
// written otherwise or wrapped; and what it costs where nothing is to do.
func BenchmarkShape(b *testing.B) {
	s := newShaper(b)
	body := compacted(b, contacts(2400))
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(contacts(1600)), "", " "); err != nil {
		b.Fatal(err)
	}
	b.Run("compact", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var out bytes.Buffer
			if err := json.Compact(&out, []byte(body)); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, c := range []struct {
		name     string
		res      *call.Result
		settings shape.Settings
	}{
		{"text", text(body), shape.Settings{Budget: 5000}},
		{"both", both(body), shape.Settings{Budget: 5000}},
		{"pretty", &call.Result{Content: []call.Block{call.Text(pretty.String())}, Structured: json.RawMessage(contacts(1600))}, shape.Settings{Budget: 5000}},
		{"wrapped", &call.Result{Content: []call.Block{call.Text(body)}, Structured: json.RawMessage(`{"result":` + body + `}`)}, shape.Settings{Budget: 5000}},
		{"schema", both(body), shape.Settings{Budget: 5000, Output: json.RawMessage(contactSchema)}},
		{"within", both(body), shape.Settings{Budget: 5_000_000}},
		{"fields", text(body), shape.Settings{Budget: 5000, Fields: []string{"/items/*/id", "/items/*/name"}}},
		{"auto", text(body), shape.Settings{Budget: 5000, Shaping: &tool.Shaping{Encoding: tool.LayoutAuto}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				s.ShapeBy(b.Context(), c.res, c.settings)
			}
		})
	}
}
