package fault

import "strings"

// Clip cuts text from outside for a message or the log: what is over limit
// bytes is left out, at the border of a character, and "…" stands for it.
func Clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
