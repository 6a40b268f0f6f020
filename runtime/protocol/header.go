package protocol

import (
	"encoding/base64"
	"strings"
)

// Around base64 in the value of Mcp-Name and Mcp-Param-* (2026-07-28,
// basic/transports; SEP-2243).
const (
	base64Prefix = "=?base64?"
	base64Suffix = "?="
)

// EncodeHeader returns a text as the value of Mcp-Name or Mcp-Param-*: as it is
// if it is printable ASCII without space around it, else as =?base64?…?=. So is
// what would be read as that.
func EncodeHeader(text string) string {
	if plain(text) && !isBase64(text) {
		return text
	}
	return base64Prefix + base64.StdEncoding.EncodeToString([]byte(text)) + base64Suffix
}

// DecodeHeader returns the text that such a value stands for; false if its
// base64 is malformed.
func DecodeHeader(value string) (string, bool) {
	if !isBase64(value) {
		return value, true
	}
	text, err := base64.StdEncoding.DecodeString(value[len(base64Prefix) : len(value)-len(base64Suffix)])
	return string(text), err == nil
}

func isBase64(value string) bool {
	return len(value) >= len(base64Prefix)+len(base64Suffix) &&
		strings.HasPrefix(value, base64Prefix) && strings.HasSuffix(value, base64Suffix)
}

func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(text)-1) {
			return false
		}
	}
	return true
}
