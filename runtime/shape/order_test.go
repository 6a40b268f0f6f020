package shape_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/shape"
)

// What is too large to be shown and may not be cut does not keep out what comes
// after it.
func TestWhatIsTooLargeIsPassedOver(t *testing.T) {
	s := newShaper(t)
	output := `{"type":"object","properties":{"blob":{"type":"string","format":"x"}}}`
	body := `{"id":1,"blob":"` + strings.Repeat(long, 200) + `","deep":{"items":` + contacts(200) + `}}`
	out, report := checkFits(t, s, both(body), 1000, json.RawMessage(output))
	if report.After < 950 || !strings.Contains(string(out.Structured), `"name":"Contact 0"`) || strings.Contains(string(out.Structured), "blob") {
		t.Errorf("%d of 1000: %s", report.After, out.Structured)
	}
}

// A container that is shown without what it holds would look empty: it comes
// with something, or not at all.
func TestContainersDoNotLookEmpty(t *testing.T) {
	s := newShaper(t)
	for budget := 60; budget < 1500; budget += 7 {
		out, _ := checkFits(t, s, text(contacts(100)), budget, nil)
		if got := out.Content[0].Text; strings.Contains(got, `"notes":[]`) || strings.Contains(got, `"geo":{}`) || strings.Contains(got, `{}`) && got != "{}" {
			t.Fatalf("in %d: %s", budget, got)
		}
	}
}

// What later blocks leave of the budget goes to the earlier ones.
func TestLeftoversAreSharedOut(t *testing.T) {
	s := newShaper(t)
	res := &call.Result{Content: []call.Block{
		call.Text(lines(3000, "some words of text, line %d")),
		call.Image(nil, "image/webp"), call.Image(nil, "image/webp"),
	}}
	out, _ := s.Shape(res, 1500, nil)
	if n := encoding(t).Count(out.Content[0].Text); n < 1200 {
		t.Errorf("the text has %d of 1500, the images are notes", n)
	}
}

// Keys that say what a thing is come first, links last.
func TestWhatIsWorthHavingComesFirst(t *testing.T) {
	item := `{"self_url":"https://example.com/a/%d","etag":null,"n":1.25,"id":%d}`
	out, _ := checkFits(t, newShaper(t), text(many(item)), 400, nil)
	got := out.Content[0].Text
	if ids, links := strings.Count(got, `"id"`), strings.Count(got, `"self_url"`); ids < 20 || links*4 > ids {
		t.Errorf("%d ids and %d links: %s", ids, links, got)
	}
}

// What is said of a cut in "_meta" costs no tokens, and so must be short by itself.
func TestPointersToCutsAreShort(t *testing.T) {
	s := newShaper(t)
	body := `{"` + strings.Repeat(" ", 400_000) + `":[` + strings.Repeat(`{"a":1,"b":"`+strings.Repeat("x", 90)+`"},`, 5000) + `1]}`
	out, report := checkFits(t, s, both(body), 16_000, nil)
	if n := len(out.Meta[shape.MetaKey]); n > 64<<10 || len(report.Cut) == 0 {
		t.Errorf("%d bytes of _meta for %d cuts", n, len(report.Cut))
	}
}
