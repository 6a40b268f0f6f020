package rest

import (
	"net/url"
	"strings"
)

// An escaper appends s to b in the form that one place of a request takes.
type escaper func(b []byte, s string) []byte

// escaping is how names and values are written in one place; allowReserved
// concerns values only.
type escaping struct{ name, value escaper }

const (
	// unreserved characters stand for themselves everywhere (RFC 3986, 2.3).
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	// queryReserved is what allowReserved leaves alone in a query: the reserved
	// characters that neither end the query nor part it into pairs, nor are
	// read as a blank, nor are barred from queries (RFC 3986, 3.4).
	queryReserved = unreserved + ":/?@!$'()*,;="
	// pathReserved is what allowReserved leaves alone in a path segment.
	pathReserved = unreserved + ":@!$&'()*+,;="
	// pathLiteral is what may stand in a path's template.
	pathLiteral = pathReserved + "/"
)

// charset is a set of bytes.
type charset [256]bool

func newCharset(chars string) *charset {
	var set charset
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return &set
}

// escapers of the places of a request; all are constant tables.
var (
	strictSet  = newCharset(unreserved)
	querySet   = newCharset(queryReserved)
	pathSet    = newCharset(pathReserved)
	literalSet = newCharset(pathLiteral)
)

func (set *charset) escape(b []byte, s string, keepTriples bool) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if set[c] || keepTriples && isTriple(s[i:]) {
			b = append(b, c)
			continue
		}
		b = append(b, '%', hex[c>>4], hex[c&15])
	}
	return b
}

// isTriple reports whether s begins with a percent-encoded byte.
func isTriple(s string) bool {
	return len(s) >= 3 && s[0] == '%' && isHex(s[1]) && isHex(s[2])
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// escapeStrict percent-encodes all but unreserved characters.
func escapeStrict(b []byte, s string) []byte { return strictSet.escape(b, s, false) }

// escapeQuery leaves what allowReserved leaves in a query; bytes that are
// percent-encoded already stay so (RFC 6570, 3.2.3).
func escapeQuery(b []byte, s string) []byte { return querySet.escape(b, s, true) }

// escapePath leaves what allowReserved leaves in a path segment.
func escapePath(b []byte, s string) []byte { return pathSet.escape(b, s, true) }

// escapeLiteral mends the literal part of a path's template.
func escapeLiteral(b []byte, s string) []byte { return literalSet.escape(b, s, true) }

// escapeNothing is for headers, which take values as they are.
func escapeNothing(b []byte, s string) []byte { return append(b, s...) }

// leavesSegment reports whether a value in a path could reach outside of the
// place it was meant for: it is, or has in it, a dot segment, however often it
// is percent-encoded (RFC 3986, 5.2.4).
func leavesSegment(s string) bool {
	for range 4 {
		if s == "." {
			return true
		}
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '/' || r == '\\' }) {
			if part == ".." {
				return true
			}
		}
		decoded, err := url.PathUnescape(s)
		if err != nil || decoded == s {
			return false
		}
		s = decoded
	}
	return true // encoded over and over: no honest value is
}
