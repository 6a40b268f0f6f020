package prose

import (
	"strings"
	"unicode/utf8"
)

// maxLines is how many lines of a text a comment shows; whole texts are in the
// tools' descriptions and schemas.
const maxLines = 16

// Width is the column at which the comments of declarations wrap.
const Width = 80

// Deprecated is the paragraph that marks what a document marks as deprecated
// (go.dev/wiki/Deprecated).
const Deprecated = "Deprecated: The document marks it so."

// Comment returns the paragraphs as a doc comment that wraps before column
// width. Each is clean text (see [Clean]). The comment of no text is "".
func Comment(width int, paragraphs ...string) string {
	var lines []string
	for _, p := range paragraphs {
		block := paragraph(p, width-len("// "))
		if len(block) == 0 {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "//")
		}
		lines = append(lines, block...)
	}
	return strings.Join(lines, "\n")
}

// paragraph returns the lines of one paragraph, each with its "//". Lines that
// begin a list item stand as gofmt wants them.
func paragraph(text string, width int) []string {
	var lines []string
	for _, chunk := range chunks(text) {
		first, next := "// ", "// "
		if item, ok := strings.CutPrefix(chunk, "- "); ok {
			chunk, first, next = item, "//   - ", "//     "
		}
		for i, line := range wrap(chunk, width-len(first)+len("// ")) {
			if i == 0 {
				line = first + line
			} else {
				line = next + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// chunks splits a paragraph into the runs of text that flow together: list items,
// and what stands before and between them.
func chunks(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case len(out) == 0 || strings.HasPrefix(line, "- "):
			out = append(out, line)
		default:
			out[len(out)-1] += " " + line
		}
	}
	return out
}

// wrap breaks text at blanks into lines of at most width characters; a word that
// is longer has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line, length := "", 0
	for word := range strings.FieldsSeq(text) {
		if line == "" {
			word = harmless(word)
		}
		n := utf8.RuneCountInString(word)
		if line != "" && length+1+n > width {
			lines = append(lines, line)
			line, length = "", 0
			word = harmless(word)
			n = utf8.RuneCountInString(word)
		}
		if line != "" {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+n
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// harmless changes a word that would mean something to Go or to gofmt at the
// start of a comment's line: a build constraint, a heading, a list item.
func harmless(word string) string {
	switch {
	case strings.HasPrefix(word, "+build"):
		return "'" + word + "'"
	case strings.Trim(word, "#") == "", word == "-", word == "*", word == "+", word == "•":
		return "'" + word + "'"
	case strings.HasSuffix(word, ".") || strings.HasSuffix(word, ")"):
		if n := word[:len(word)-1]; n != "" && strings.Trim(n, "0123456789") == "" {
			return n + ":"
		}
	}
	return word
}

// Shorten returns the paragraphs that fit in the lines that a comment may have,
// at least the first.
func Shorten(paragraphs []string) []string {
	left := maxLines
	for i, p := range paragraphs {
		left -= len(paragraph(p, Width)) + 1
		if left < 0 && i > 0 {
			return paragraphs[:i]
		}
	}
	return paragraphs
}
