package ledger

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/store"
)

// FuzzKey holds keys to what a store takes and to what they were made of.
func FuzzKey(f *testing.F) {
	f.Add("crm", "list_contacts", 3)
	f.Add("a/b", "%2F\x00\xff", 30)
	f.Add("", strings.Repeat("日", 300), 0)
	f.Fuzz(func(t *testing.T, source, name string, field int) {
		if field < 0 || field >= firstBucket+buckets {
			return
		}
		names := []string{kindTool, source, name}
		text := key("2026-03-30", names, field)
		if len(text) > store.MaxKey || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			t.Fatalf("the key is %q", text)
		}
		got, ok := parseKey(strings.TrimPrefix(text, prefix(kindTool, "2026-03-30")))
		if !ok || got.field != field || len(got.name) != 2 {
			t.Fatalf("%q is read as %+v", text, got)
		}
		if len(source)+len(name) < maxSegment/3 && utf8.ValidString(source) && utf8.ValidString(name) && !slices.Equal(got.name, names[1:]) {
			t.Fatalf("%q is read as %+v", text, got)
		}
	})
}

func TestParseKeyRefusesWhatTheLedgerDidNotWrite(t *testing.T) {
	for _, text := range []string{"", "/", "calls", "a/b", "a/h50", "a/h-1", "a/hxx", "%zz/calls", "a/h001"} {
		if got, ok := parseKey(text); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestBucketsAreInOrder(t *testing.T) {
	last := 0
	for n := 0; n < 1<<18; n++ {
		b := bucketOf(n)
		if b < last || n > top(b) || b > 0 && n <= top(b-1) && top(b-1) < top(b) && b > 2 {
			t.Fatalf("%d is in bucket %d, whose top is %d, after bucket %d", n, b, top(b), last)
		}
		last = b
	}
	if bucketOf(1<<40) != buckets-1 || bucketOf(-1) != 0 {
		t.Error("numbers at the ends have no bucket")
	}
}
