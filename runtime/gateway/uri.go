package gateway

import (
	"encoding/hex"
	"strings"
)

// What clients see of a source that is mounted under a prefix, PREFIX:
//
//	tool, prompt   get              PREFIX_get
//	resource       file:///a        MARK+file:///a
//	template       file:///{path}   MARK+file:///{path}
//	view           ui://clock/x     ui://MARK/clock/x
//	no scheme      a/b              MARK+:a/b
//	task           786f             MARK+786f
//
// MARK is the prefix in the characters that a URI's scheme may have (RFC 3986,
// section 3.1), in lower case, as clients may write schemes so: letters a to z,
// digits and "-" stand for themselves, every other byte is "." and two
// hexadecimal digits, and what would not begin with a letter begins with "x..".
// No "+" is ever in it, so that each form reads back in one way only.
//
// Hosts of MCP Apps know views by their scheme, which is why ui:// stays in
// front. What is mounted without a prefix is the same on both sides, byte for
// byte.

const (
	viewScheme = "ui://"
	noPrefix   = ""
)

// mark returns a prefix in the characters of a scheme; "" for no prefix.
func mark(prefix string) string {
	if prefix == noPrefix {
		return ""
	}
	var b strings.Builder
	if !isLower(prefix[0]) {
		b.WriteString("x..")
	}
	for i := range len(prefix) {
		c := prefix[i]
		if isLower(c) || '0' <= c && c <= '9' || c == '-' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('.')
		b.WriteString(hex.EncodeToString([]byte{c}))
	}
	return b.String()
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// outURI returns a source's URI, or template of URIs, as clients see it.
func outURI(mark, uri string) string {
	if mark == "" || uri == "" {
		return uri
	}
	if rest, ok := strings.CutPrefix(uri, viewScheme); ok {
		return viewScheme + mark + "/" + rest
	}
	if !hasScheme(uri) {
		return mark + "+:" + uri
	}
	return mark + "+" + uri
}

// inURI returns the mark in a URI as a client wrote it, and the URI as the
// source has it. The mark is "" where the URI has none.
func inURI(uri string) (mark, own string) {
	if rest, ok := strings.CutPrefix(uri, viewScheme); ok {
		if mark, rest, ok = strings.Cut(rest, "/"); ok && isMark(mark) {
			return mark, viewScheme + rest
		}
		return "", uri
	}
	mark, rest, ok := strings.Cut(uri, "+")
	if mark = strings.ToLower(mark); !ok || !isMark(mark) {
		return "", uri
	}
	if own, bare := strings.CutPrefix(rest, ":"); bare {
		return mark, own
	}
	if !hasScheme(rest) {
		return "", uri
	}
	return mark, rest
}

// outTask and inTask do for the ids of tasks what outURI and inURI do for URIs.
func outTask(mark, id string) string {
	if mark == "" {
		return id
	}
	return mark + "+" + id
}

func inTask(id string) (mark, own string) {
	mark, own, ok := strings.Cut(id, "+")
	if !ok || !isMark(mark) {
		return "", id
	}
	return mark, own
}

// isMark reports whether s may be a mark.
func isMark(s string) bool {
	if s == "" || !isLower(s[0]) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.'
	}) < 0
}

// hasScheme reports whether a URI, or a template of URIs, begins with a scheme
// that is written out.
func hasScheme(uri string) bool {
	scheme, _, ok := strings.Cut(uri, ":")
	if !ok || scheme == "" || !isLetter(scheme[0]) {
		return false
	}
	return strings.IndexFunc(scheme, func(r rune) bool {
		return r > 0x7f || !isLetter(byte(r)) && (r < '0' || r > '9') && r != '+' && r != '-' && r != '.'
	}) < 0
}

func isLetter(c byte) bool { return isLower(c | 0x20) }

// outName returns the name of a source's prompt as clients see it. Nothing
// restricts these names as models' interfaces restrict those of tools, so it is
// the server's own behind the prefix.
func outName(prefix, own string) string {
	if prefix == noPrefix {
		return own
	}
	return prefix + "_" + own
}
