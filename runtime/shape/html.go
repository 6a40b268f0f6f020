package shape

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	tables "github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
)

const (
	// maxHTML is the longest HTML that is converted.
	maxHTML = 2 << 20
	// maxIndented bounds what Markdown puts before the lines of lists and quotes,
	// again at each level, in bytes.
	maxIndented = 32 << 20
)

var startsHTML = regexp.MustCompile(`(?i)^\x{FEFF}?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])`)

// isHTML reports whether a text begins as a page of HTML does.
func isHTML(head string) bool { return startsHTML.MatchString(head[:min(len(head), 2048)]) }

// markdownOf converts a page to Markdown: headings, lists, links, tables and code
// stay, scripts, styles and all other markup go. It returns false for what is too
// large, nests too deep, or has no text.
func markdownOf(page string) (text string, ok bool) {
	if len(page) > maxHTML {
		return "", false
	}
	defer func() {
		if r := recover(); r != nil { // the page comes from outside, the converter is not ours
			text, ok = "", false
		}
	}()
	doc, err := html.Parse(strings.NewReader(page)) // no deeper than 512 elements
	if err != nil || indented(doc, 0) > maxIndented {
		return "", false
	}
	plugins := []converter.Plugin{base.NewBasePlugin(), commonmark.NewCommonmarkPlugin()}
	if o := outlineOf(page); o.tables() {
		plugins = append(plugins, tables.NewTablePlugin(tables.WithCellPaddingBehavior(tables.CellPaddingBehaviorMinimal)))
	}
	out, err := converter.NewConverter(converter.WithPlugins(plugins...)).ConvertNode(doc)
	text = string(out)
	return text, err == nil && strings.TrimSpace(text) != ""
}

// indented is about how much Markdown has of a node once for each list and quote
// that it is in.
func indented(n *html.Node, depth int) int {
	size := (len(n.Data) + 1) * depth
	if n.Type == html.ElementNode && (n.Data == "blockquote" || n.Data == "ul" || n.Data == "ol") {
		depth++
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		size += indented(c, depth)
	}
	return size
}

// outline is what is counted of a page's tables before a converter may see them.
type outline struct {
	cells, rows, width int // rows in all, and the most cells of one
	spans              int // attributes by which cells span others
	wide               bool
}

func outlineOf(page string) outline {
	var o outline
	for i := 0; i+1 < len(page); i++ {
		switch c := page[i+1]; {
		case page[i]|0x20 == 'n' && i >= 6 && strings.EqualFold(page[i-6:i+1], "colspan"),
			page[i]|0x20 == 'n' && i >= 6 && strings.EqualFold(page[i-6:i+1], "rowspan"):
			o.spans++
			o.wide = o.wide || !narrow.MatchString(page[i+1:min(len(page), i+32)])
		case page[i] == '<' && c|0x20 == 't':
			o.tag(page[i+1:])
		}
	}
	return o
}

// narrow is the rest of a span of less than 20.
var narrow = regexp.MustCompile(`^\s*=\s*["']?1?[0-9]["'\s/>]`)

func (o *outline) tag(tag string) {
	switch {
	case is(tag, "td"), is(tag, "th"):
		o.cells++
		o.width = max(o.width, o.cells)
	case is(tag, "tr"):
		o.rows, o.cells = o.rows+1, 0
	}
}

// tables reports whether a page's tables may be converted as such: a converter
// fills their rows up to the same width.
func (o *outline) tables() bool {
	return !o.wide && o.spans <= 256 && o.rows*o.width <= maxCells
}

// maxCells bounds the cells of a page's tables.
const maxCells = 1 << 17

// is reports whether a tag begins with a name.
func is(tag, name string) bool {
	return len(tag) > len(name) && strings.EqualFold(tag[:len(name)], name) && strings.IndexByte(" \t\r\n/>", tag[len(name)]) >= 0
}

// asMarkdown is the unit of a page's cut.
const asMarkdown = "characters of HTML (as Markdown)"

// fitHTML returns as much of a page, as Markdown, as costs at most limit; false if
// it can't be converted.
func (s *Shaper) fitHTML(page string, total, limit int) (string, []Cut, bool) {
	text, ok := markdownOf(page)
	if !ok {
		return "", nil, false
	}
	out, cuts := s.fitText(text, limit, false)
	cut := Cut{Kept: min(runes(text), total), Total: total, Unit: asMarkdown}
	if len(cuts) > 0 {
		cut.Kept = min(cuts[0].Kept, total)
	}
	return out, []Cut{cut}, true
}

// elideBase64 replaces long runs of base64 in a text, also those that go over
// lines of 60 to 76 characters (RFC 2045, RFC 7468), by a word on their size. It
// returns how many characters are gone.
func elideBase64(text string) (string, int) {
	var out strings.Builder
	done, gone := 0, 0
	for i := 0; i < len(text); {
		if !base64Byte[text[i]] {
			i++
			continue
		}
		end := base64End(text, i)
		if run := text[i:end]; len(run) >= minBinary && mixed(run) {
			out.WriteString(text[done:i])
			fmt.Fprint(&out, elision(len(run)))
			done, gone = end, gone+len(run)
		}
		i = end
	}
	if gone == 0 {
		return text, 0
	}
	out.WriteString(text[done:])
	return out.String(), gone
}

var base64Byte = func() (t [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=" {
		t[c] = true
	}
	return t
}()

// base64End returns where a run that begins at from ends.
func base64End(text string, from int) int {
	start, i := from, from
	for ; i < len(text); i++ {
		if base64Byte[text[i]] {
			continue
		}
		next := i + 1
		if text[i] == '\r' && next < len(text) && text[next] == '\n' {
			next++
		} else if text[i] != '\n' {
			break
		}
		if width := i - start; width < 60 || width > 76 || next >= len(text) || !base64Byte[text[next]] || text[next] == '-' {
			break
		}
		start, i = next, next-1
	}
	return i
}

// mixed reports whether a run has letters of both cases and digits, as base64 of
// more than a little has, and words and numbers have not.
func mixed(run string) bool {
	var upper, lower, digit bool
	for i := range min(len(run), 4*minBinary) {
		c := run[i]
		upper = upper || c >= 'A' && c <= 'Z'
		lower = lower || c >= 'a' && c <= 'z'
		digit = digit || c >= '0' && c <= '9'
	}
	return upper && lower && digit
}
