package rest

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/scan"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// isTextType reports whether a media type, without parameters, is text.
func isTextType(base string) bool {
	if strings.HasPrefix(base, "text/") || strings.HasSuffix(base, "+xml") || strings.HasSuffix(base, "+yaml") || isLinesType(base) {
		return true
	}
	switch base {
	case "application/xml", "application/yaml", "application/x-yaml", "application/toml", "application/javascript",
		"application/ecmascript", "application/x-www-form-urlencoded", "application/sql", "application/graphql",
		"application/csv", "application/rtf", "application/x-sh", "application/pgp-signature":
		return true
	}
	return false
}

// toText returns a body as UTF-8: converted from the charset that the media type
// declares, without a byte order mark, and with U+FFFD for bytes that are none.
func toText(mediaType string, body []byte) string {
	if charset := declaredCharset(mediaType); charset != "" {
		if enc, err := htmlindex.Get(charset); err == nil {
			if decoded, err := enc.NewDecoder().Bytes(body); err == nil {
				body = decoded
			}
		}
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if utf8.Valid(body) {
		return scan.View(body) // it was read for this result alone
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}

// declaredCharset returns the charset of a media type, unless it is UTF-8.
func declaredCharset(mediaType string) string {
	if strings.IndexByte(mediaType, ';') < 0 {
		return ""
	}
	charset := strings.ToLower(mediaParameter(mediaType, "charset"))
	if charset == "utf-8" || charset == "utf8" || charset == "us-ascii" {
		return ""
	}
	return charset
}

// isHTML reports whether a text is a page, by its type or its beginning.
func isHTML(mediaType, text string) bool {
	if base := tool.BaseType(mediaType); base == "text/html" || base == "application/xhtml+xml" {
		return true
	}
	start := strings.ToLower(strings.TrimSpace(text[:min(len(text), 256)]))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// htmlText reduces a page to its title and what a reader would see.
func htmlText(page string) string {
	page = page[:min(len(page), 64<<10)]
	var title, text strings.Builder
	into := &text
	for page != "" {
		before, after, found := strings.Cut(page, "<")
		into.WriteString(before)
		if !found {
			break
		}
		tag, rest, _ := strings.Cut(after, ">")
		page = rest
		switch name, _, _ := strings.Cut(strings.ToLower(fault.Clip(tag, 20)), " "); name {
		case "title":
			into = &title
		case "/title":
			into = &text
		case "script", "style":
			end := indexFold(page, "</"+name)
			if end < 0 {
				end = len(page)
			}
			page = page[end:]
		}
		into.WriteByte(' ')
	}
	head, body := squeeze(html.UnescapeString(title.String())), squeeze(html.UnescapeString(text.String()))
	if head != "" && !strings.HasPrefix(body, head) {
		body = strings.TrimSpace(head + "\n" + body)
	}
	return strings.ToValidUTF8(body, "")
}

// indexFold is strings.Index for an ASCII marker in whatever case.
func indexFold(s, marker string) int {
	for i := 0; i+len(marker) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(marker)], marker) {
			return i
		}
	}
	return -1
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
