package tool

import "strings"

// BaseType returns a media type without its parameters, in lower case.
func BaseType(mediaType string) string {
	base, _, _ := strings.Cut(mediaType, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

// IsJSON reports whether a media type holds one JSON value: application/json and
// its other names, all that end in +json (RFC 6839, section 3.1), and what is no
// media type but has JSON in its name, as documents and upstreams give at times.
func IsJSON(mediaType string) bool {
	base := BaseType(mediaType)
	_, sub, ok := strings.Cut(base, "/")
	if !ok {
		return strings.Contains(base, "json")
	}
	return sub == "json" || sub == "x-json" || strings.HasSuffix(sub, "+json")
}

// IsToken reports whether s is a token (RFC 9110, section 5.6.2), as methods and
// the names of headers are.
func IsToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
