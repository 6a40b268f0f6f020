package shape_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
)

func text(texts ...string) *call.Result {
	r := &call.Result{}
	for _, t := range texts {
		r.Content = append(r.Content, call.Text(t))
	}
	return r
}

func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

func TestLogsKeepHeadAndTail(t *testing.T) {
	out, report := checkFits(t, newShaper(t), text(lines(2000, "2026-11-23T04:00:00Z level=info msg=\"request %d done\"")), 1000, nil)
	got := out.Content[0].Text
	for _, part := range []string{"request 0 done", "request 1999 done\"\n", "[… 1,9"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in %s", part, got)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(got), "\n") {
		if !strings.HasPrefix(line, "2026-") && !strings.HasPrefix(line, "[…") {
			t.Errorf("not a whole line: %q", line)
		}
	}
	if report.After < 950 || report.Cut[0].Unit != "characters" || report.Cut[0].Kept == 0 {
		t.Errorf("%d tokens, cut %+v", report.After, report.Cut)
	}
}

func TestMarkdownKeepsTheHead(t *testing.T) {
	out, _ := checkFits(t, newShaper(t), text("# Title\n\n"+lines(2000, "Paragraph %d goes on.\n")), 1000, nil)
	if got := out.Content[0].Text; !strings.HasPrefix(got, "# Title") || !strings.HasSuffix(got, "cut …]\n") {
		t.Errorf("got %s", got)
	}
}

func TestGiantLine(t *testing.T) {
	s := newShaper(t)
	for name, line := range map[string]string{
		"words": strings.Repeat("word ", 100_000), "one word": strings.Repeat("a", 300_000), "wide": strings.Repeat("漢字", 100_000),
		"invalid UTF-8": strings.Repeat("ab\xff\xfe", 50_000), "spaces": strings.Repeat(" ", 300_000),
	} {
		_, report := checkFits(t, s, text(line), 1000, nil)
		if report.After < 900 {
			t.Errorf("%s: %d of 1000", name, report.After)
		}
	}
}

func TestNDJSONKeepsWholeLines(t *testing.T) {
	s := newShaper(t)
	body := lines(1000, `{"id": %d,  "name": "line"}`)
	out, report := checkFits(t, s, text(body), 600, nil)
	got := strings.Split(strings.TrimSuffix(out.Content[0].Text, "\n"), "\n")
	for i, line := range got {
		if want := fmt.Sprintf(`{"id":%d,"name":"line"}`, i); line != want {
			t.Fatalf("line %d is %s", i, line)
		}
	}
	if c := report.Cut[0]; c.Kept != len(got) || c.Total != 1000 || c.Unit != "items" || len(got) < 30 {
		t.Errorf("cut %+v, %d lines", c, len(got))
	}
	fits := encoding(t).Count(strings.ReplaceAll(strings.ReplaceAll(body, ": ", ":"), ",  ", ",")) + 1
	if out, report = checkFits(t, s, text(body), fits+200, nil); len(report.Cut) != 0 || len(out.Content) != 1 {
		t.Errorf("compaction is enough: %+v", report)
	}
}

func TestCSVKeepsHeaderAndWholeRows(t *testing.T) {
	out, report := checkFits(t, newShaper(t), text("id,name,notes\n"+lines(1000, "%d,Anna,\"two\nlines\"")), 600, nil)
	rows, err := csv.NewReader(strings.NewReader(out.Content[0].Text)).ReadAll()
	if err != nil || rows[0][0] != "id" || len(rows) < 20 {
		t.Fatalf("%v in %s", err, out.Content[0].Text)
	}
	if c := report.Cut[0]; c.Kept != len(rows)-1 || c.Total != 1000 {
		t.Errorf("cut %+v of %d rows", c, len(rows)-1)
	}
}

func TestBase64IsElidedFirst(t *testing.T) {
	s := newShaper(t)
	data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\x00\x01binary"), 300_000))
	body := `{"id":1,"file":"` + data + `","name":"report"}`
	out, report := checkFits(t, s, both(body), 300, nil)
	want := `{"id":1,"file":"[3.2 MB of base64 elided]","name":"report"}`
	if out.Content[0].Text != want || string(out.Structured) != want {
		t.Errorf("got %.300s", out.Content[0].Text)
	}
	if c := report.Cut[0]; c.Path != "/file" || c.Total != len(data) {
		t.Errorf("cut %+v", c)
	}
	output := `{"type":"object","required":["id"],"properties":{"file":{"type":"string","contentEncoding":"base64"}}}`
	out, _ = checkFits(t, s, both(body), 300, json.RawMessage(output))
	if got := string(out.Structured); got != `{"id":1,"name":"report"}` {
		t.Errorf("what may not be replaced is dropped: %.300s", got)
	}
}

func TestBlocksShareABudget(t *testing.T) {
	s := newShaper(t)
	big := lines(3000, "some words of text, line %d")
	out, report := checkFits(t, s, text(big, "small", big, contacts(200)), 2000, nil)
	if len(out.Content) != 5 || out.Content[1].Text != "small" {
		t.Fatalf("%d blocks", len(out.Content))
	}
	for _, i := range []int{0, 2, 3} {
		if n := encoding(t).Count(out.Content[i].Text); n < 450 || n > 900 {
			t.Errorf("block %d has %d tokens", i, n)
		}
	}
	if report.After < 1900 {
		t.Errorf("%d of 2000", report.After)
	}
	if notice := out.Content[4].Text; !strings.Contains(notice, "block 4 /items ") {
		t.Errorf("notice: %s", notice)
	}
	many := &call.Result{}
	for i := range 500 {
		many.Content = append(many.Content, call.Text(strings.Repeat(fmt.Sprint("block ", i, " "), 10)))
	}
	out, report = checkFits(t, s, many, 1000, nil)
	if c := report.Cut[0]; c.Unit != "blocks" || c.Total != 500 || len(out.Content) < 20 {
		t.Errorf("%d blocks, cut %+v", len(out.Content), c)
	}
}

func picture(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMediaIsCountedByItsOwnRule(t *testing.T) {
	s := newShaper(t)
	for _, c := range []struct {
		name  string
		block call.Block
		want  int
	}{
		{"image by its pixels", call.Image(picture(t, 750), "image/png"), 750},
		{"a large image is scaled down", call.Image(picture(t, 4000), "image/png"), 1600},
		{"an image that can't be read", call.Image([]byte("?"), "image/webp"), 1600},
		{"a second of audio", call.Audio(make([]byte, 16000), "audio/mpeg"), 32},
		{"other bytes", call.Blob("file:///a", make([]byte, 3000), "application/zip"), 750},
	} {
		res := &call.Result{Content: []call.Block{c.block}}
		out, report := s.Shape(res, c.want, nil)
		if report.Before != c.want || out != res {
			t.Errorf("%s: %d, want %d", c.name, report.Before, c.want)
		}
		out, report = s.Shape(res, c.want-1, nil)
		if len(out.Content) == 0 || out.Content[0].Type != "text" || report.After >= c.want {
			t.Errorf("%s: a block that does not fit becomes a note: %+v", c.name, out.Content)
		}
		if c.want > 100 && !strings.Contains(out.Content[0].Text, "left out") {
			t.Errorf("%s: note %q", c.name, out.Content[0].Text)
		}
	}
}

func TestOtherBlocks(t *testing.T) {
	s := newShaper(t)
	link := call.Block{Type: "resource_link", Raw: json.RawMessage(`{"type":"resource_link","uri":"file:///a","name":"a"}`)}
	resource := call.Block{Type: "resource", Raw: json.RawMessage(`{"type":"resource","annotations":{"priority":1},"resource":{"uri":"file:///b","_meta":{"k":1},"text":` + quote(lines(900, "line %d")) + `}}`)}
	unknown := call.Block{Type: "hologram", Raw: json.RawMessage(`{"type":"hologram","data":"` + strings.Repeat("x y ", 3000) + `"}`)}
	out, _ := checkFits(t, s, &call.Result{Content: []call.Block{link, resource, unknown}}, 700, nil)
	if string(out.Content[0].Raw) != string(link.Raw) {
		t.Errorf("the link: %s", out.Content[0].Raw)
	}
	var got struct {
		Annotations struct{ Priority int }
		Resource    struct {
			URI, Text string
			Meta      map[string]int `json:"_meta"`
		}
	}
	mustDecode(t, string(out.Content[1].Raw), &got)
	if got.Annotations.Priority != 1 || got.Resource.Meta["k"] != 1 || got.Resource.URI != "file:///b" || !strings.Contains(got.Resource.Text, "lines cut") {
		t.Errorf("the resource: %s", out.Content[1].Raw)
	}
	if !strings.Contains(out.Content[2].Text, "hologram (12.0 KB) left out") {
		t.Errorf("the unknown block: %s", out.Content[2].Text)
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestHostileDocuments(t *testing.T) {
	s := newShaper(t)
	deep := strings.Repeat(`{"a":[`, 50_000) + strings.Repeat(`]}`, 50_000)
	wide := `{` + strings.TrimSuffix(strings.Repeat(`"k":1,`, 60_000), ",") + `}`
	cases := map[string]string{
		"deep": deep, "same key": wide, "huge key": `{"` + strings.Repeat("k", 1<<18) + `":1,"b":2}`,
		"huge string": `["` + strings.Repeat(`\u00e9`, 1<<16) + `"]`, "huge number": `[` + strings.Repeat("9", 1<<18) + `,1]`,
		"invalid UTF-8":   `{"a":"` + strings.Repeat("\xff\xc0", 1<<16) + `"}`,
		"lone surrogates": `["` + strings.Repeat(`\ud800`, 1<<15) + `"]`, "empties": `[` + strings.TrimSuffix(strings.Repeat("{},[],", 1<<15), ",") + `]`,
		"quotes": `"` + strings.Repeat(`\"`, 1<<17) + `"`, "nearly JSON": `[` + strings.Repeat("1,", 1<<17), "csv of one quote": "a,b,c\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n\"" + strings.Repeat("x\n", 1<<17),
	}
	for name, body := range cases {
		start := time.Now()
		for _, budget := range []int{3, 100, 2000} {
			res := text(body)
			if json.Valid([]byte(body)) {
				res = both(body)
			}
			out, _ := checkFits(t, s, res, budget, nil)
			checkFits(t, s, res, budget, json.RawMessage(contactSchema))
			if budget == 2000 && len(out.Content) == 0 {
				t.Errorf("%s: nothing left", name)
			}
		}
		t.Logf("%s: %v", name, time.Since(start))
	}
}

// What takes time by the square of its size does not end in the time of a test.
func TestBlankLinesAndLongStacksTakeTimeByTheSize(t *testing.T) {
	s := newShaper(t)
	for name, body := range map[string]string{
		"blank lines":  "head\n" + strings.Repeat("\n \n\t\n", 300_000) + "tail\n",
		"wide spaces":  strings.Repeat(strings.Repeat(" ", 1<<18)+"x\n", 12),
		"a long stack": strings.Repeat("\tat "+strings.Repeat("a.", 20)+"\n", 100_000),
	} {
		out, _ := s.Shape(text(body), 500, nil)
		if n := read(t, out); n > 500 {
			t.Errorf("%s: %d tokens", name, n)
		}
	}
}

// A value for every two bytes is no document any more: it would take some hundred
// times its size.
func TestTooManyValuesAreText(t *testing.T) {
	s := newShaper(t)
	body := "[" + strings.Repeat("1,", 5<<20) + "1]"
	out, report := s.Shape(text(body), 200, nil)
	if n := read(t, out); n > 200 || len(report.Cut) == 0 || report.Cut[0].Unit != "characters" {
		t.Errorf("%d tokens, cut %+v", n, report.Cut)
	}
}
