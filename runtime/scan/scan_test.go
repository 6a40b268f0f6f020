package scan_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

var texts = []string{
	`{"a":[1,-2.5e+3,true,false,null,"x"]}`, ` [ ] `, `"a\"b\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d\ud83dx\udc00"`, `"12345678\"12345678"`,
	`0`, `01`, `1.`, `-`, `1e`, `tru`, `truex`, `[1,]`, `{"a":1,}`, `{"a"}`, `{1:2}`, `"`, `"\`, `"\u12`, `"\ud83d\u"`, `"\x"`, "\"\x01\"", "\"\xff\"", ``, ` `, `1 2`,
	strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
}

// long is text for a string that is longer than a block, much of it escaped.
var long = strings.Repeat(`\"id\":\"it\u00e9m\",\n\\ a plain text of some length `, 4)

// What is JSON, and what a string says, is what encoding/json makes of it, also
// where it stands within what is longer.
func FuzzValid(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text), uint8(3))
	}
	f.Add([]byte(long), uint8(63))
	f.Fuzz(func(t *testing.T, data []byte, at uint8) {
		check(t, data)
		check(t, slices.Concat([]byte{'['}, data, []byte(`,"`+long+`"]`)))
		from := len(long) - min(int(at), len(long))
		check(t, slices.Concat([]byte{'"'}, []byte(long[from:]), data, []byte(long+`"`)))
	})
}

func check(t *testing.T, data []byte) {
	t.Helper()
	if got, want := scan.Valid(data), json.Valid(data); got != want {
		t.Fatalf("%q: %v, by encoding/json %v", data, got, want)
	}
	s := scan.Of(scan.Mended(data))
	if s.Peek() != '"' {
		return
	}
	got, _, ok := s.String(make([]byte, 0, 8))
	var want string
	if err := json.Unmarshal(data, &want); err != nil {
		if ok && s.End() {
			t.Fatalf("%q is taken for a string: %v", data, err)
		}
		return
	}
	if !ok || got != want || !utf8.ValidString(got) {
		t.Fatalf("%q says %q, by encoding/json %q", data, got, want)
	}
	s = scan.Of(scan.Mended(data))
	s.Peek()
	if raw, escaped, _ := s.Text(); scan.Decoded(raw, escaped) != want {
		t.Fatalf("%q says %q in two steps", data, scan.Decoded(raw, escaped))
	}
}

// Members and elements are what encoding/json finds, in the order written; what
// is cut off ends early.
func FuzzMembers(f *testing.F) {
	for _, text := range append(texts, `{"a":1,"b":{"c":[]},"a":2}`, ` { "\ud83d\ude00\ud800x" : "y" } `, `{"a":1,"b"`, `[1,{"a":[2]},"]"]`) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = scan.Mended(data)
		got := map[string]json.RawMessage{}
		for key, value := range scan.Members(data) {
			if !json.Valid(value) {
				t.Fatalf("%q: %q is no value", data, value)
			}
			got[string(key)] = value
		}
		list := slices.Collect(scan.Elements(data))
		if !scan.Valid(data) {
			return
		}
		var object map[string]json.RawMessage
		_ = json.Unmarshal(data, &object) // what is no object has no members
		if !maps.EqualFunc(got, object, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Fatalf("%q: members %q, by encoding/json %q", data, got, object)
		}
		var array []json.RawMessage
		_ = json.Unmarshal(data, &array)
		if !slices.EqualFunc(list, array, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Fatalf("%q: elements %q, by encoding/json %q", data, list, array)
		}
	})
}

func TestDepth(t *testing.T) {
	for _, c := range []struct {
		text  string
		depth int
		valid bool
	}{
		{`1`, 0, true}, {`[]`, 0, false}, {`[1,{}]`, 1, false}, {`[1,{},[]]`, 2, true}, {`[[1],[[2]]]`, 2, false}, {`{"a":{"b":"[[["}}`, 2, true},
	} {
		if got := scan.ValidTo([]byte(c.text), c.depth); got != c.valid {
			t.Errorf("%s to %d levels: %v", c.text, c.depth, got)
		}
	}
}
