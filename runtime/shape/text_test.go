package shape_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
)

func webPage(paragraphs int) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html lang="en"><head><title>Guide</title><style>body{margin:0}</style><script>var secret = "in a script";</script></head><body><nav><ul><li><a href="/home">Home</a></li></ul></nav><main><h1>Install</h1><table><thead><tr><th>OS</th><th>Command</th></tr></thead><tbody><tr><td>Linux</td><td><code>apt install x</code></td></tr></tbody></table>`)
	for i := range paragraphs {
		fmt.Fprintf(&b, `<div class="section section-%d" data-id="%d"><h2 id="s%d">Step %d</h2><p>Run the <b>command</b> and <a href="https://example.com/%d">read</a> what it says.</p></div>`, i, i, i, i, i)
	}
	return b.String() + `</main></body></html>`
}

func TestHTMLBecomesMarkdownWhereItDoesNotFit(t *testing.T) {
	s := newShaper(t)
	page := webPage(60)
	whole := encoding(t).Count(page)
	if out, _ := s.Shape(text(page), whole, nil); out.Content[0].Text != page {
		t.Error("a page that fits is left as it is")
	}
	out, report := checkFits(t, s, text(page), whole-1, nil)
	got := out.Content[0].Text
	for _, part := range []string{"# Install", "## Step 59", "**command**", "[read](https://example.com/59)", "| Linux", "`apt install x`"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in %.600s", part, got)
		}
	}
	if strings.Contains(got, "secret") || strings.Contains(got, "margin") || strings.Contains(got, "<div") {
		t.Errorf("what is no text is still there: %.600s", got)
	}
	if notice := out.Content[1].Text; !strings.Contains(notice, "of HTML (as Markdown)") || len(report.Cut) != 1 {
		t.Errorf("notice %s", notice)
	}
	t.Logf("HTML %d tokens, Markdown %d", whole, report.After)
	resource := call.Block{Type: "resource", Raw: json.RawMessage(`{"type":"resource","resource":{"uri":"a://b","mimeType":"text/html","text":` + quote("<p>first</p>"+strings.Repeat("<div><span>x</span></div>", 400)) + `}}`)}
	out, _ = checkFits(t, s, &call.Result{Content: []call.Block{resource}}, 900, nil)
	if got := string(out.Content[0].Raw); strings.Contains(got, "span") || !strings.Contains(got, "first") {
		t.Errorf("a resource of that media type: %.300s", got)
	}
}

func TestHostileHTML(t *testing.T) {
	s := newShaper(t)
	for name, page := range map[string]string{
		"deep":      "<html>" + strings.Repeat("<div><b><i>", 100_000),
		"tables":    "<html>" + strings.Repeat("<table><tr><td>", 900) + "x",
		"lists":     "<html>" + strings.Repeat("<ul><li>", 900) + "x",
		"quotes":    "<html>" + strings.Repeat("<blockquote>", 900) + "x",
		"quoted":    "<html>" + strings.Repeat("<blockquote>", 300) + strings.Repeat("<p>a</p>", 200_000),
		"listed":    "<html>" + strings.Repeat("<ul><li>", 200) + strings.Repeat("<li>a</li>", 150_000),
		"open":      "<html>" + strings.Repeat("<p>", 100_000) + "x",
		"unclosed":  "<html><" + strings.Repeat("a ", 100_000),
		"comment":   "<!-- " + strings.Repeat("-", 100_000),
		"formats":   "<html>" + strings.Repeat("<b>x<i>y</b>z", 3000),
		"emphasis":  "<html><p>" + strings.Repeat("*_`", 50_000),
		"wide row":  "<html><table>" + strings.Repeat("<tr>"+strings.Repeat("<td>x", 100), 100),
		"script":    "<html><script>" + strings.Repeat("x", 100_000),
		"colspan":   `<html><table><tr><td colspan="100000000" rowspan="100000">x</td></tr></table>` + strings.Repeat("word ", 3000),
		"list item": `<html><ol start="999999999999999999999">` + strings.Repeat("<li>x", 3000),
	} {
		start := time.Now()
		checkFits(t, s, text(page), 500, nil)
		took := time.Since(start)
		t.Logf("%s: %v", name, took)
		if took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestRepeatedLinesAreFolded(t *testing.T) {
	s := newShaper(t)
	var log strings.Builder
	for i := range 400 {
		fmt.Fprintf(&log, "2026-11-23T04:%02d:%02d.123Z WARN  connection to 10.0.0.7:5432 refused, retrying\n", i/60, i%60)
	}
	log.WriteString("2026-11-23T04:10:00.000Z ERROR gave up\n")
	for range 50 {
		log.WriteString("panic: nil map\n  in worker\n  in pool\n")
	}
	log.WriteString("Exception in thread \"main\" java.lang.IllegalStateException: no\n")
	for i := range 60 {
		fmt.Fprintf(&log, "\tat com.example.Service%d.call(Service.java:%d)\n", i, i)
	}
	out, report := checkFits(t, s, text(log.String()), 700, nil)
	want := "2026-11-23T04:00:00.123Z WARN  connection to 10.0.0.7:5432 refused, retrying\n… 399 more like this\n" +
		"2026-11-23T04:10:00.000Z ERROR gave up\npanic: nil map\n  in worker\n  in pool\n… these 3 lines 49 more times\n" +
		"Exception in thread"
	got := out.Content[0].Text
	if !strings.HasPrefix(got, want) || !strings.Contains(got, "… 49 more frames\n\tat com.example.Service57") {
		t.Errorf("got %s", got)
	}
	total := len([]rune(log.String()))
	if c := report.Cut[0]; c.Total != total || c.Unit != "characters" || c.Kept <= 0 || c.Kept > 2000 {
		t.Errorf("cut %+v of %d", c, total)
	}
}

func TestStacksOfManyLanguages(t *testing.T) {
	s := newShaper(t)
	for name, format := range map[string]string{
		"node": "    at Object.fn%d (/srv/app/lib/file.js:10:5)\n", "python": "  File \"/srv/app/file.py\", line 10, in fn%d\n    return call()\n",
		"go": "main.fn%d(0x1)\n\t/srv/app/main.go:10 +0x1d\n", "ruby": "\tfrom /srv/app/file.rb:10:in `fn%d'\n", "native": "#%[1]d  0x00007f in fn%[1]d () from /lib/x.so\n",
	} {
		head := "error: it failed\n"
		if name == "go" {
			head = "goroutine 1 [running]:\nmain.first()\n\t/srv/app/main.go:9 +0x1d\n"
		}
		body := head + lines(200, strings.TrimSuffix(format, "\n"))
		out, _ := checkFits(t, s, text(body), encoding(t).Count(body)/2, nil)
		if got := out.Content[0].Text; !strings.Contains(got, "more frames\n") || !strings.Contains(got, "fn199") || !strings.Contains(got, "fn0") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(31, 32))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestBase64IsElidedInAllTexts(t *testing.T) {
	s := newShaper(t)
	data := base64.StdEncoding.EncodeToString(noise(30_000))
	var pem strings.Builder
	pem.WriteString("-----BEGIN CERTIFICATE-----\n")
	for i := 0; i+64 <= 20_000; i += 64 {
		pem.WriteString(data[i:i+64] + "\n")
	}
	pem.WriteString("-----END CERTIFICATE-----\n")
	for name, c := range map[string]struct{ body, want string }{
		"text":     {"before " + data + " after", "before [40.0 KB of base64 elided] after"},
		"markdown": {"# Title\n\n![x](data:image/png;base64," + data + ")\n\nend\n", "![x](data:image/png;base64,[40.0 KB of base64 elided])\n\nend"},
		"ndjson":   {`{"id":1,"data":"` + data + "\"}\n{\"id\":2}\n", "{\"id\":1,\"data\":\"[40.0 KB of base64 elided]\"}\n{\"id\":2}\n"},
		"csv":      {"id,name,data\n" + lines(5, "%d,Anna,x") + "9,Ben," + data + "\n", "9,Ben,[40.0 KB of base64 elided]\n"},
		"json":     {`{"id":1,"data":"data:image/png;base64,` + data + `"}`, `{"id":1,"data":"[40.0 KB of base64 elided]"}`},
		"html":     {`<html><body><p>Text</p><img alt="pic" src="data:image/png;base64,` + data + `"></body></html>`, "Text"},
		"pem":      {"the key:\n" + pem.String(), "-----BEGIN CERTIFICATE-----\n[20.3 KB of base64 elided]\n-----END CERTIFICATE-----\n"},
	} {
		out, report := checkFits(t, s, text(c.body), 200, nil)
		got := out.Content[0].Text
		if !strings.Contains(got, c.want) || strings.Contains(got, data[:20]) {
			t.Errorf("%s: got %.300s", name, got)
		}
		if len(report.Cut) == 0 || len(out.Content) != 2 {
			t.Errorf("%s: cut %+v", name, report.Cut)
		}
	}
}

// Every form keeps its promises in any budget, and shows something in 50 tokens.
func TestFormsInTinyBudgets(t *testing.T) {
	s := newShaper(t)
	forms := map[string]string{
		"html": webPage(30), "ndjson": lines(300, `{"id":%d,"name":"line"}`), "csv": "id,name,notes\n" + lines(300, "%d,Anna,x y"),
		"log": lines(300, "2026-11-23T04:00:00Z level=info msg=\"request %d done\""), "markdown": "# Title\n\n" + lines(300, "Paragraph %d goes on."),
		"repeats": strings.Repeat("the same line again\n", 500), "base64": base64.StdEncoding.EncodeToString(noise(9000)),
		"json": contacts(30), "prose": strings.Repeat("It was a dark and stormy night. ", 300),
	}
	for name, body := range forms {
		for budget := 1; budget < 150; budget++ {
			out, _ := checkFits(t, s, text(body), budget, nil)
			if budget >= 50 && (len(out.Content) != 2 || out.Content[0].Text == "") {
				t.Errorf("%s in %d: %+v", name, budget, out.Content)
			}
		}
	}
	every := &call.Result{}
	for _, body := range forms {
		every.Content = append(every.Content, call.Text(body))
	}
	for _, budget := range []int{50, 200, 1000, 5000} {
		if _, report := checkFits(t, s, every, budget, nil); budget >= 1000 && report.After*100 < budget*85 {
			t.Errorf("all forms under one budget: %d of %d", report.After, budget)
		}
	}
}
