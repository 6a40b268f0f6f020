package openapi

import (
	"encoding/json"
	"testing"
)

// FuzzString writes any text as JSON; a JSON reader must read the same text.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "é☺\U0001F600", "\u2028\u2029", "<&>", "\xff\xc3 broken", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got, want string
		written := appendString(nil, s)
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatalf("%q: %v", written, err)
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q is written as %q", s, written)
		}
	})
}
