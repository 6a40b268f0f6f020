package prose

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// maxText is how many bytes of a text are read: far more than a comment shows.
const maxText = 8 << 10

var (
	breaks    = regexp.MustCompile(`(?i)</?(p|br|div|ul|ol|table|tr|h[1-6]|pre|blockquote)\b[^<>]*>`)
	items     = regexp.MustCompile(`(?i)<li\b[^<>]*>`)
	tags      = regexp.MustCompile(`(?i)</?(a|b|i|em|strong|code|span|li|td|th|tbody|thead|sup|sub|u|img|small|kbd|details|summary|var|note)\b[^<>]*>`)
	comments  = regexp.MustCompile(`(?s)<!--.*?-->`)
	links     = regexp.MustCompile(`!?\[([^\[\]]*)\]\(([^()\s]*)[^()]*\)`)
	bullet    = regexp.MustCompile(`^([-*+•]|\d{1,3}[.)])\s+`)
	heading   = regexp.MustCompile(`^#{1,6}\s+|\s+#+$`)
	emphasis  = regexp.MustCompile(`\*\*([^*]+)\*\*|__([^_]+)__`)
	rule      = regexp.MustCompile(`^[-=_*~|:\s]{3,}$`)
	fence     = regexp.MustCompile("^(```|~~~)")
	breakable = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\v", "\n", "\f", "\n")
)

// Clean returns the paragraphs of a document's text as plain text: HTML and
// Markdown marks gone, control and invisible characters gone, list items each on
// a line that begins with "- ".
func Clean(text string) []string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + " …"
	}
	text = breakable.Replace(text)
	text = html.UnescapeString(markup(text))
	var out []string
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			out = append(out, strings.Join(lines, "\n"))
			lines = nil
		}
	}
	for line := range strings.SplitSeq(breakable.Replace(text), "\n") {
		line = strings.TrimSpace(strings.Map(visible, line))
		if line == "" || rule.MatchString(line) || fence.MatchString(line) {
			flush()
			continue
		}
		lines = append(lines, plain(line))
	}
	flush()
	return out
}

// Line returns a document's text as one line.
func Line(text string) string {
	return strings.Join(strings.Fields(strings.Join(Clean(text), " ")), " ")
}

// markup turns what HTML a text has into lines.
func markup(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	text = comments.ReplaceAllString(text, "")
	text = items.ReplaceAllString(text, "\n- ")
	text = breaks.ReplaceAllString(text, "\n\n")
	return tags.ReplaceAllString(text, "")
}

// plain takes the Markdown marks from a line.
func plain(line string) string {
	mark := ""
	if m := bullet.FindString(line); m != "" {
		mark, line = "- ", line[len(m):]
	}
	if strings.Contains(line, "#") {
		line = heading.ReplaceAllString(line, "")
	}
	if strings.Contains(line, "**") || strings.Contains(line, "__") {
		line = emphasis.ReplaceAllString(line, "$1$2")
	}
	if !strings.Contains(line, "](") {
		return mark + line
	}
	line = links.ReplaceAllStringFunc(line, func(link string) string {
		m := links.FindStringSubmatch(link)
		if m[1] == "" || m[1] == m[2] || !strings.Contains(m[2], "://") {
			return m[1]
		}
		return m[1] + " (" + m[2] + ")"
	})
	return mark + line
}

// visible drops the characters that change how text looks and not what it says.
func visible(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r == unicode.ReplacementChar, unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
		return -1
	default:
		return r
	}
}
