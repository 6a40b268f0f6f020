package remainder_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/remainder"
)

func TestAllPagesTogetherAreTheDocument(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		doc := map[string]any{"data": document(r, 3), "more": document(r, 2)}
		raw, err := json.MarshalIndent(doc, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		handle := keep(t, k, texts(string(raw)))
		budget := 160 + r.IntN(600)
		got := value(t, k, remainder.ReadRequest{Handle: handle, Budget: budget})
		if !equal(t, got, raw) {
			t.Fatalf("seed %d, budget %d: read\n%.2000s\nof\n%.2000s", seed, budget, got, raw)
		}
	}
}

func TestAllPagesTogetherAreTheText(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	r := rand.New(rand.NewPCG(7, 7))
	for _, text := range []string{
		strings.Repeat("a line of a log, with a number\n", 400), strings.Repeat("x", 20_000), strings.Repeat("日本語🎉", 500),
		word(r, 30_000), "id,name\n" + strings.Repeat("1,one\r\n", 900), strings.Repeat(`{"a":1,"b":"two"}`+"\n", 500), strings.Repeat("\n", 3000),
	} {
		handle := keep(t, k, texts(text))
		for _, budget := range []int{100, 500, 5000} {
			req := remainder.ReadRequest{Handle: handle, Budget: budget}
			if got := string(value(t, k, req)); got != text {
				t.Fatalf("at %d tokens: read %d bytes of %d of %.40q", budget, len(got), len(text), text)
			}
			var lines strings.Builder
			for req.Lines = "1-"; ; {
				p := read(t, k, req)
				lines.WriteString(p.text)
				if p.Next == nil {
					break
				}
				req = *p.Next
				req.Budget = budget
			}
			if lines.String() != text {
				t.Fatalf("by lines at %d tokens: read %d bytes of %d of %.40q", budget, lines.Len(), len(text), text)
			}
		}
	}
}

func TestPagesFillTheirBudget(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	var items []string
	for i := range 4000 {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"person %d","email":"p%d@example.com"}`, i, i, i))
	}
	handle := keep(t, k, texts("["+strings.Join(items, ",")+"]"))
	for _, budget := range []int{1000, 5000, 20_000} {
		p := read(t, k, remainder.ReadRequest{Handle: handle, Budget: budget})
		if n := encoding(t).Count(p.text) + encoding(t).Count(p.notice); n < budget*95/100 {
			t.Errorf("of %d tokens %d are used", budget, n)
		}
	}
}

const small = `{"id":7,"items":[{"name":"Ada"},{"name":"Grace Hopper"},{"name":"Linus"}],"a/b":{"~":"tilde"},"note":"Hello, World","empty":{}}`

func TestReadByPathAndRange(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	handle := keep(t, k, texts(small))
	for _, c := range []struct {
		req  remainder.ReadRequest
		want string
	}{
		{remainder.ReadRequest{}, small},
		{remainder.ReadRequest{Path: "/"}, small},
		{remainder.ReadRequest{Path: "items"}, `[{"name":"Ada"},{"name":"Grace Hopper"},{"name":"Linus"}]`},
		{remainder.ReadRequest{Path: "/items/1"}, `{"name":"Grace Hopper"}`},
		{remainder.ReadRequest{Path: "/items/1/name"}, `Grace Hopper`},
		{remainder.ReadRequest{Path: "/items", From: 1}, `[{"name":"Grace Hopper"},{"name":"Linus"}]`},
		{remainder.ReadRequest{Path: "/items", From: 1, Count: 1}, `[{"name":"Grace Hopper"}]`},
		{remainder.ReadRequest{From: 3, Count: 1}, `{"note":"Hello, World"}`},
		{remainder.ReadRequest{Path: "/a~1b/~0"}, `tilde`},
		{remainder.ReadRequest{Path: "/note", From: 7, Count: 3}, `Wor`},
		{remainder.ReadRequest{Path: "/id"}, `7`},
		{remainder.ReadRequest{Path: "/empty"}, `{}`},
		{remainder.ReadRequest{Handle: " BRIDGE://RESULT/" + strings.ToUpper(handle) + " "}, small},
	} {
		if c.req.Handle == "" {
			c.req.Handle = handle
		}
		if p := read(t, k, c.req); p.text != c.want {
			t.Errorf("%+v: read %s; want %s", c.req, p.text, c.want)
		}
	}
}

func TestPagesSayWhatIsNext(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	handle := keep(t, k, texts(small, "a text\nof lines"))
	p := read(t, k, remainder.ReadRequest{Handle: handle, Path: "/items", Count: 2})
	if want := `[/items: items 0 to 1 of 3. Next: bridge_read {"id":"` + handle + `","path":"/items","from":2,"count":2}]`; p.notice != want {
		t.Errorf("the notice is %s; want %s", p.notice, want)
	}
	p = read(t, k, remainder.ReadRequest{Handle: handle})
	if want := `[Next, text of 15 bytes: bridge_read {"id":"` + handle + `","block":2}]`; p.notice != want {
		t.Errorf("the notice is %s; want %s", p.notice, want)
	}
	big := keep(t, k, texts(`{"a":1,"body":"`+strings.Repeat("word ", 2000)+`","z":2}`))
	p = read(t, k, remainder.ReadRequest{Handle: big, Budget: 300})
	if p.text != `{"a":1,"z":2}` || !strings.Contains(p.notice, "read by path: /body (string of 10000 characters)") {
		t.Errorf("the page is %s with %s", p.text, p.notice)
	}
}

func TestSearch(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	doc := keep(t, k, texts(small))
	log := keep(t, k, texts("one\ntwo\nERROR: disk\nfour\nfive\nan error again\n"))
	for _, c := range []struct {
		req  remainder.ReadRequest
		want string
	}{
		{remainder.ReadRequest{Handle: doc, Search: "hopper"}, "/items/1/name: Grace Hopper"},
		{remainder.ReadRequest{Handle: doc, Search: "NAME", Count: 2}, "/items/0/name (string)\n/items/1/name (string)"},
		{remainder.ReadRequest{Handle: doc, Search: "linus", Path: "/items/2"}, "/items/2/name: Linus"},
		{remainder.ReadRequest{Handle: doc, Search: "7"}, "/id: 7"},
		{remainder.ReadRequest{Handle: log, Search: "error"}, "2- two\n3: ERROR: disk\n4- four\n5- five\n6: an error again"},
		{remainder.ReadRequest{Handle: log, Search: "error", From: 1}, "5- five\n6: an error again"},
	} {
		if p := read(t, k, c.req); p.text != c.want {
			t.Errorf("%+v: found\n%s\nwant\n%s", c.req, p.text, c.want)
		}
	}
	if p := read(t, k, remainder.ReadRequest{Handle: doc, Search: "nothing"}); !strings.Contains(p.text, `"nothing" does not occur`) {
		t.Errorf("a search in vain says %s", p.text)
	}
	many := keep(t, k, texts(`[`+strings.Repeat(`"the same",`, 3000)+`"end"]`))
	seen := 0
	for next := (&remainder.ReadRequest{Handle: many, Search: "same"}); next != nil; {
		next.Budget = 900
		p := read(t, k, *next)
		seen += strings.Count(p.text, "\n") + 1
		next = p.Next
	}
	if seen != 3000 {
		t.Errorf("pages of matches have %d; want 3000", seen)
	}
}

func TestReadErrorsSayWhatToDo(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	handle := keep(t, k, texts(small, "text"))
	nine := 9
	two := 2
	for _, c := range []struct {
		req  remainder.ReadRequest
		kind fault.Kind
		want string
	}{
		{remainder.ReadRequest{Handle: "nope"}, fault.Invalid, "give the 26 letters"},
		{remainder.ReadRequest{Handle: strings.Repeat("q", 26)}, fault.NotFound, "Call the tool again"},
		{remainder.ReadRequest{Path: "/item"}, fault.NotFound, `did you mean "items"?`},
		{remainder.ReadRequest{Path: "/unlike"}, fault.NotFound, "its keys are id, items, a/b, note, empty"},
		{remainder.ReadRequest{Path: "/items/3"}, fault.NotFound, "/items is array of 3 items"},
		{remainder.ReadRequest{Path: "/items/01"}, fault.NotFound, "array of 3 items"},
		{remainder.ReadRequest{Path: "/note/x"}, fault.NotFound, "/note is string of 12 characters"},
		{remainder.ReadRequest{Path: "/a~b"}, fault.Invalid, `"~" is written "~0"`},
		{remainder.ReadRequest{Path: "/items", From: 3}, fault.Invalid, "past the end of /items, which is array of 3 items"},
		{remainder.ReadRequest{Path: "/note", From: 12}, fault.Invalid, "past the end"},
		{remainder.ReadRequest{From: -1}, fault.Invalid, "negative"},
		{remainder.ReadRequest{Block: &nine}, fault.NotFound, "no block 9: it has 1 (object of 5 keys), 2 (text of 4 bytes)"},
		{remainder.ReadRequest{Block: &two, Path: "/a"}, fault.Invalid, "leave the path out"},
		{remainder.ReadRequest{Block: &two, Lines: "3-2"}, fault.Invalid, "are no range"},
		{remainder.ReadRequest{Block: &two, Lines: "x"}, fault.Invalid, "are no range"},
		{remainder.ReadRequest{Block: &two, Lines: "2"}, fault.Invalid, "line 2 is past the end: there are 1 lines"},
		{remainder.ReadRequest{Lines: "1-2"}, fault.Invalid, "has no lines"},
		{remainder.ReadRequest{Lines: "1-2", From: 1}, fault.Invalid, "not several"},
		{remainder.ReadRequest{Budget: 10}, fault.Invalid, "at least 100"},
		{remainder.ReadRequest{Search: strings.Repeat("x", 257)}, fault.Invalid, "at most 256"},
		{remainder.ReadRequest{Path: strings.Repeat("/x", 4000)}, fault.Invalid, "at most 4096"},
	} {
		if c.req.Handle == "" {
			c.req.Handle = handle
		}
		_, err := k.Read(t.Context(), alice, c.req)
		if fault.KindOf(err) != c.kind || !strings.Contains(fault.Message(err), c.want) {
			t.Errorf("%+v: %v; want %q", c.req, err, c.want)
		}
	}
}

func TestPartsOfAResult(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	image := call.Image(bytes.Repeat([]byte{1, 2, 3}, 1000), "image/png")
	link := call.Block{Type: "resource_link", Raw: json.RawMessage(`{"type":"resource_link","uri":"x://y","name":"n"}`)}
	embedded := call.Block{Type: "resource", Raw: json.RawMessage(`{"type":"resource","resource":{"uri":"x://y","text":"[1, 2]"}}`)}
	handle := keep(t, k, &call.Result{
		Content:    []call.Block{call.Text("a summary"), call.Text(`[ 1,2 ]`), image, link, embedded},
		Structured: json.RawMessage(`{"result":[1,2]}`),
	})
	var got []string
	for next := (&remainder.ReadRequest{Handle: handle}); next != nil; {
		next.Budget = 400
		p := read(t, k, *next)
		got = append(got, fmt.Sprint(p.Block, " ", p.text))
		next = p.Next
	}
	want := []string{
		`0 {"result":[1,2]}`, `1 a summary`,
		`3 [block 3 is image image/png, 3000 bytes; a client can read it as the resource bridge://result/` + handle + `?block=3]`,
		`4 {"type":"resource_link","uri":"x://y","name":"n"}`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the parts are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	shown := keep(t, k, &call.Result{Content: []call.Block{call.Text("{\"a\": 1}")}, Structured: json.RawMessage(`{"a":1}`)})
	if p := read(t, k, remainder.ReadRequest{Handle: shown}); p.Block != 1 || p.Next != nil {
		t.Errorf("structured content that a block shows is read twice: %+v", p)
	}
}

// TestHostileDocuments reads what would take minutes if each level of a document
// were gone over by itself.
func TestHostileDocuments(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	const depth = 5000
	inner := `"` + strings.Repeat("payload ", 500_000) + `"`
	arrays := strings.Repeat("[", depth) + inner + strings.Repeat("]", depth)
	objects := strings.Repeat(`{"a":`, depth) + inner + strings.Repeat("}", depth)
	for path, doc := range map[string]string{strings.Repeat("/0", 2000): arrays, strings.Repeat("/a", 2000): objects} {
		handle := keep(t, k, texts(doc))
		read(t, k, remainder.ReadRequest{Handle: handle, Path: path[:200], Budget: 1000})
		if p := read(t, k, remainder.ReadRequest{Handle: handle, Search: "payload", Budget: 1000}); p.Total != 1 {
			t.Errorf("%d matches; want 1", p.Total)
		}
		_, err := k.Read(t.Context(), alice, remainder.ReadRequest{Handle: handle, Path: path, Budget: 1000})
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
	}
}

func TestLinesBeyondAllNumbers(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	handle := keep(t, k, texts("one\ntwo\nthree\n"))
	for _, lines := range []string{"2-9223372036854775807", "9223372036854775807", "2-99999999999999999999", "9223372036854775807-9223372036854775807"} {
		if _, err := k.Read(t.Context(), alice, remainder.ReadRequest{Handle: handle, Lines: lines}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("lines %q: %v; want an error of kind invalid", lines, err)
		}
	}
	if p := read(t, k, remainder.ReadRequest{Handle: handle, Lines: "2-2147483647"}); p.text != "two\nthree\n" {
		t.Errorf("read %q", p.text)
	}
}

// What takes time by the square of its size does not end in the time of a test.
func TestReadingTakesTimeByTheSize(t *testing.T) {
	k := newKeeper(t, remainder.Options{})
	blocks := make([]string, 20_000)
	for i := range blocks {
		blocks[i] = `{"a":1}`
	}
	many := texts(blocks...)
	many.Structured = json.RawMessage(`{"list":[` + strings.Repeat(`"0123456789",`, 200_000) + `0]}`)
	read(t, k, remainder.ReadRequest{Handle: keep(t, k, many)})

	key := strings.Repeat("k", 1<<20)
	deep := texts(`{"` + key + `":[` + strings.Repeat("1,", 500_000) + `{"needle":true}]}`)
	p := read(t, k, remainder.ReadRequest{Handle: keep(t, k, deep), Search: "needle"})
	if !strings.Contains(p.text, "boolean") {
		t.Errorf("found %q", p.text)
	}
}
