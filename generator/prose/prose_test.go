package prose_test

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/generator/prose"
)

func TestLead(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"ListContacts", "List contacts", "ListContacts lists contacts."},
		{"ListContacts", "Lists the contacts. All of them.", "ListContacts lists the contacts. All of them."},
		{"Upsert", "Create or update a deal", "Upsert creates or updates a deal."},
		{"Copy", "Copy a file", "Copy copies a file."},
		{"Find", "Search for people!", "Find searches for people!"},
		{"Contact", "A person", "Contact is a person."},
		{"Sort", "Which comes first", "Sort says which comes first."},
		{"Stats", "Statistics of a list", "Stats: Statistics of a list."},
		{"Contact", "Contact of a deal", "Contact of a deal."},
		{"Items", "- one\n- two", "Items:\n- one\n- two"},
	}
	for _, c := range cases {
		if got := prose.Lead(c.name, c.text); got != c.want {
			t.Errorf("Lead(%q, %q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	cases := map[string][]string{
		"One.\r\n\r\nTwo\nlines.":                             {"One.", "Two\nlines."},
		"<p>Lists <b>all</b>.</p><p>See <a href=\"/x\">x</a>": {"Lists all.", "See x"},
		"<ul><li>a</li><li>b</li></ul>":                       {"- a\n- b"},
		"* a\n* b\n1. c":                                      {"- a\n- b\n- c"},
		"## Head\n\n**Note:** [docs](https://a.b)":            {"Head", "Note: docs (https://a.b)"},
		"a < b && c > d":                                      {"a < b && c > d"},
		"in\u202evisible\x00 \u200b":                          {"invisible"},
		"&lt;p&gt; stays text":                                {"<p> stays text"},
		"---\n\n```go\nx := 1\n```":                           {"x := 1"},
		"":                                                    nil,
	}
	for in, want := range cases {
		if got := prose.Clean(in); !slices.Equal(got, want) {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCommentWraps(t *testing.T) {
	got := prose.Comment(30, "A text that is longer than one line is.", "Then:\n- an item that also is longer\n- b")
	want := `// A text that is longer than
// one line is.
//
// Then:
//   - an item that also is
//     longer
//   - b`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := prose.Comment(30); got != "" {
		t.Errorf("no text gave %q", got)
	}
}

// Whatever a text says, its comment is a comment and nothing more: the file has
// the one declaration that follows it, and no directive.
func FuzzComment(f *testing.F) {
	for _, seed := range []string{"*/ x", "//go:embed x", "+build ignore", "a\n//line x:1\nb", "\u2028func init() {}", "# h\n\n- x\n  1. y", "&#10;x", "<p>//go:build x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		paragraphs := prose.Clean(text)
		if len(paragraphs) > 0 {
			paragraphs[0] = prose.Lead("X", paragraphs[0])
		}
		comment := prose.Comment(prose.Width, append(paragraphs, prose.Line(text))...)
		for line := range strings.SplitSeq(comment, "\n") {
			if line != "" && line != "//" && !strings.HasPrefix(line, "// ") || strings.HasPrefix(line, "// +build") {
				t.Errorf("%q is a line of a comment of %q", line, text)
			}
		}
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n\n"+comment+"\nvar X int\n", parser.ParseComments)
		if err != nil || len(file.Decls) != 1 {
			t.Errorf("the comment of %q holds code: %v\n%s", text, err, comment)
		}
	})
}
