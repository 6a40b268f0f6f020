package openapi

import (
	"strings"
	"testing"
)

// tree reads JSON for a test.
func tree(t testing.TB, text string) *node {
	t.Helper()
	n, err := readJSON(text, &file{name: "test"}, newReporter())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestQuery holds the queries of RFC 9535 against what they must select. Its
// documents are after the RFC's own tables (sections 1.5, 2.3 and 2.4).
func TestQuery(t *testing.T) {
	const (
		store = `{"store":{"book":[{"category":"reference","author":"A","price":8.95},{"category":"fiction","author":"B","price":12.99},{"category":"fiction","isbn":"0-553","price":8.99},{"category":"fiction","isbn":"0-395","price":22.99}],"bicycle":{"price":399}}}`
		names = `{"o":{"j j":{"k.k":3}},"'":{"@":2},"\u263a":1,"x-a":[5]}`
		list  = `["a","b","c","d","e","f","g"]`
		mixed = `{"a":[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}],"o":{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}},"e":"f"}`
	)
	cases := []struct{ doc, query, want string }{
		{store, "$.store.book[*].author", `"A" "B"`},
		{store, "$..author", `"A" "B"`},
		{store, "$.store.*.price", `399`},
		{store, "$.store..price", `8.95 12.99 8.99 22.99 399`},
		{store, "$..book[2].isbn", `"0-553"`},
		{store, "$..book[-1].price", `22.99`},
		{store, "$..book[0,1].author", `"A" "B"`},
		{store, "$..book[:2].author", `"A" "B"`},
		{store, "$..book[?@.isbn].isbn", `"0-553" "0-395"`},
		{store, "$..book[?@.price<10].price", `8.95 8.99`},
		{names, "$.o['j j']['k.k']", `3`},
		{names, `$.o["j j"]["k.k"]`, `3`},
		{names, `$["'"]["@"]`, `2`},
		{names, `$['\'']['@']`, `2`},
		{names, `$['\u263a']`, `1`},
		{names, "$.☺", `1`},
		{names, "$.x-a[0]", `5`},
		{names, "$ ['x-a'] [ 0 ]", `5`},
		{names, "$.nothing", ``},
		{list, "$[1]", `"b"`},
		{list, "$[-2]", `"f"`},
		{list, "$[9]", ``},
		{list, "$[1:3]", `"b" "c"`},
		{list, "$[5:]", `"f" "g"`},
		{list, "$[1:5:2]", `"b" "d"`},
		{list, "$[5:1:-2]", `"f" "d"`},
		{list, "$[::-1]", `"g" "f" "e" "d" "c" "b" "a"`},
		{list, "$[1:5:0]", ``},
		{list, "$[?@ == 'c' || @ > 'e']", `"c" "f" "g"`},
		{mixed, "$.a[?@.b == 'kilo']", `{"b":"kilo"}`},
		{mixed, "$.a[?(@.b == 'kilo')]", `{"b":"kilo"}`},
		{mixed, "$.a[?@>3.5]", `5 4 6`},
		{mixed, "$.a[?@.b]", `{"b":"j"} {"b":"k"} {"b":{}} {"b":"kilo"}`},
		{mixed, "$[?@.*]", `[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}] {"p":1,"q":2,"r":3,"s":5,"t":{"u":6}}`},
		{mixed, "$[?@[?@.b]]", `[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]`},
		{mixed, "$.o[?@<3, ?@<3]", `1 2 1 2`},
		{mixed, `$.a[?@<2 || @.b == "k"]`, `1 {"b":"k"}`},
		{mixed, `$.a[?match(@.b, "[jk]")]`, `{"b":"j"} {"b":"k"}`},
		{mixed, `$.a[?search(@.b, "[jk]")]`, `{"b":"j"} {"b":"k"} {"b":"kilo"}`},
		{mixed, "$.o[?@>1 && @<4]", `2 3`},
		{mixed, "$.o[?@.u || @.x]", `{"u":6}`},
		{mixed, "$.a[?@.b == $.x]", `3 5 1 2 4 6`},
		{mixed, "$.a[?@ == @][0]", ``},
		{mixed, "$.a[?!@.b && !(@ < 5)]", `5 6`},
		{mixed, "$.a[?length(@.b) == 4]", `{"b":"kilo"}`},
		{mixed, "$[?count(@.*) == 5].p", `1`},
		{mixed, "$[?value(@..u) == 6].p", `1`},
		{mixed, "$.a[?@.b != 'j' && @.b]", `{"b":"k"} {"b":{}} {"b":"kilo"}`},
		{mixed, "$..[0]", `3`},
		{`{"a":null,"b":[null]}`, "$[?@ == null]", `null`},
		{`{"a":null}`, "$.a.b", ``},
		{`[1, 1.0, 1e0, true, "1"]`, "$[?@ == 1]", `1 1.0 1e0`},
		{`[[1],[1,2]]`, "$[?@ <= @]", `[1] [1,2]`},
	}
	for _, c := range cases {
		q, err := parseQuery(c.query)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		root := tree(t, c.doc)
		var got []string
		for _, l := range (&evaluator{root: root, limit: maxVisits}).run(q, nil) {
			got = append(got, string(l.node.json()))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s selects %s, not %s", c.query, strings.Join(got, " "), c.want)
		}
	}
}

// TestQueryErrors gives what is no query, or one that no value can come of.
func TestQueryErrors(t *testing.T) {
	for _, text := range []string{
		"", "a", "@.a", "$.", "$..", "$a", "$. a", "$.1", "$[", "$[]", "$['a", "$['a\\x']", "$[a]", "$[1,]", "$[01]", "$[-0]", "$[1.0]", "$[9007199254740992]",
		"$[?]", "$[?@.a == ]", "$[?'a']", "$[?true]", "$[?@.* == 1]", "$[?@..a == 1]", "$[?count(1) == 1]", "$[?length(@.*) == 1]", "$[?length(@) ]",
		"$[?match(@.a, 'x') == true]", "$[?match(@.a)]", "$[?match(@.a, '[')]", "$[?nothing(@)]", "$[?(@.a]", "$[?!@.a == 1]", "$[?@.a = 1]", "$.a ", "$.a[0]b",
		"$" + strings.Repeat("[?@", 100) + strings.Repeat("]", 100), "$[?" + strings.Repeat("(", 100) + "@" + strings.Repeat(")", 100) + "]", "$." + strings.Repeat("a", maxQuery),
	} {
		if q, err := parseQuery(text); err == nil {
			t.Errorf("%.60q is taken for a query: %+v", text, q)
		}
	}
}

// TestQueryIsBounded runs a query whose work grows with a power of the document.
func TestQueryIsBounded(t *testing.T) {
	q, err := parseQuery("$..[?@..[?@..[?@..x]]]")
	if err != nil {
		t.Fatal(err)
	}
	e := &evaluator{root: tree(t, strings.Repeat("[", 400)+"1"+strings.Repeat("]", 400)), limit: maxVisits}
	e.run(q, nil)
	if !e.exhausted() {
		t.Errorf("it ended after %d visits: choose a worse one", e.visits)
	}
	if e.visits > maxVisits+10_000 {
		t.Errorf("%d visits", e.visits)
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"$.a[?@.b == 'c']", "$..[0,'a',1:2:3,*,?!(@.a||count($..b)>1)]", `$[?match(@, "a.*")]`} {
		f.Add(s)
	}
	root := tree(f, `{"a":[{"b":"c"},{"b":[1,2,{"c":null}]}],"d":{"a":true}}`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseQuery(text)
		if err != nil {
			return
		}
		for _, l := range (&evaluator{root: root, limit: 100_000}).run(q, nil) {
			marked([]*located{l})
			for at := l; at.parent != nil; at = at.parent {
				up := at.parent.node
				if at.place < len(up.members) && up.members[at.place].value == at.node || at.place < len(up.list) && up.list[at.place] == at.node {
					continue
				}
				t.Fatalf("%q: the place of a node is not where it is", text)
			}
		}
	})
}
