package gateway

import (
	"net/url"
	"strings"
	"testing"
)

func TestURIsBothWays(t *testing.T) {
	cases := []struct{ prefix, own, shown string }{
		{"", "file:///a", "file:///a"},
		{"", "ui://clock/x.html", "ui://clock/x.html"},
		{"docs", "file:///a+b", "docs+file:///a+b"},
		{"docs", "git+ssh://host/r", "docs+git+ssh://host/r"},
		{"docs", "urn:isbn:1", "docs+urn:isbn:1"},
		{"docs", "ui://clock/x.html", "ui://docs/clock/x.html"},
		{"docs", "ui://docs/x.html", "ui://docs/docs/x.html"},
		{"docs", "ui:///x", "ui://docs//x"},
		{"docs", "ui://", "ui://docs/"},
		{"docs", "ui:x", "docs+ui:x"},
		{"docs", "a/b", "docs+:a/b"},
		{"docs", ":a", "docs+::a"},
		{"docs", "a b:c", "docs+:a b:c"},
		{"docs", "file:///{path}", "docs+file:///{path}"},
		{"docs", "{scheme}://{path}", "docs+:{scheme}://{path}"},
		{"docs", "x{+more}://a", "docs+:x{+more}://a"},
		{"my_API", "a:b", "my.5f.41.50.49+a:b"},
		{"9to5", "a:b", "x..9to5+a:b"},
		{"_", "a:b", "x...5f+a:b"},
		{"x", "x+a:b", "x+x+a:b"},
	}
	for _, c := range cases {
		m := mark(c.prefix)
		if got := outURI(m, c.own); got != c.shown {
			t.Errorf("%q under %q is shown as %q, want %q", c.own, c.prefix, got, c.shown)
		}
		if c.prefix == "" {
			continue
		}
		if gotMark, own := inURI(c.shown); gotMark != m || own != c.own {
			t.Errorf("%q reads as %q of %q", c.shown, own, gotMark)
		}
	}
}

func TestClientsMayWriteSchemesInCapitals(t *testing.T) {
	if m, own := inURI("DOCS+FILE:///a"); m != "docs" || own != "FILE:///a" {
		t.Errorf("read as %q of %q", own, m)
	}
}

func TestWhatHasNoMarkHasNone(t *testing.T) {
	for _, uri := range []string{"", "+", "file:///a+b:c", "ui://clock", "a+b", "+a:b", "docs +a:b", "ui:///x"} {
		if m, own := inURI(uri); m != "" || own != uri {
			t.Errorf("%q reads as %q of %q", uri, own, m)
		}
	}
}

// FuzzURIs holds that whatever a source has is told in a form that reads back as
// the same thing of the same source, and in no other's.
func FuzzURIs(f *testing.F) {
	for _, prefix := range []string{"docs", "my_API", "9", "x", "_", "x..", "-"} {
		f.Add(prefix, "file:///a")
		f.Add(prefix, "ui://a/b")
		f.Add(prefix, ":")
		f.Add(prefix, "x+y")
	}
	f.Fuzz(func(t *testing.T, prefix, own string) {
		m := mark(prefix)
		if shown := outURI(m, own); prefix != "" && own != "" {
			if gotMark, got := inURI(shown); gotMark != m || got != own {
				t.Fatalf("%q under %q is shown as %q, which reads as %q of %q", own, prefix, shown, got, gotMark)
			}
			if _, err := url.Parse(own); err == nil && strings.Contains(own, "://") && !strings.ContainsAny(own, " %:?#[") {
				if _, err := url.Parse(shown); err != nil {
					t.Fatalf("%q is shown as %q, which is no URI: %v", own, shown, err)
				}
			}
		}
		if shown := outTask(m, own); prefix != "" {
			if gotMark, got := inTask(shown); gotMark != m || got != own {
				t.Fatalf("task %q under %q is shown as %q, which reads as %q of %q", own, prefix, shown, got, gotMark)
			}
		}
	})
}

// FuzzMarks holds that different prefixes have different marks.
func FuzzMarks(f *testing.F) {
	f.Add("a_", "a.5f")
	f.Add("9", "x..9")
	f.Fuzz(func(t *testing.T, a, b string) {
		if a != b && mark(a) == mark(b) {
			t.Fatalf("%q and %q have the mark %q", a, b, mark(a))
		}
		if a != "" && !isMark(mark(a)) {
			t.Fatalf("%q has the mark %q, which is none", a, mark(a))
		}
	})
}
