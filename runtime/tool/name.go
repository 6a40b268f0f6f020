package tool

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// MaxName is the longest name, in bytes, that every client takes for a tool and
// for an argument, the source's prefix included.
const MaxName = 64

// FitsAll is the longest name of a tool, in bytes, the source's prefix included,
// that fits every client beside the name that this gateway has there: Cursor
// takes 60 characters of both together. Names of documents' tools are made to
// fit it.
const FitsAll = 60 - len("bridge")

// hashLen is how many hex digits mark a name that was cut: enough to tell
// thousands of operations apart.
const hashLen = 6

// ValidName reports whether every client takes s as a tool's name:
// ^[a-zA-Z0-9_-]{1,64}$.
func ValidName(s string) bool {
	return s != "" && len(s) <= MaxName && strings.IndexFunc(s, notNameRune) < 0
}

// ValidArg reports whether every client takes s as an argument's key. The rule
// is the one for names, as Anthropic's API checks keys by the same pattern.
func ValidArg(s string) bool { return ValidName(s) }

func notNameRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
}

// SnakeName turns any text into lower-case words joined by "_":
// "listContacts" and "contacts/list-all" become "list_contacts" and
// "contacts_list_all". It returns "" where nothing of s can stand in a name.
func SnakeName(s string) string {
	var b strings.Builder
	runes := []rune(s)
	gap := false
	for i, r := range runes {
		if notNameRune(r) || r == '-' || r == '_' {
			gap = true
			continue
		}
		if b.Len() > 0 && (gap || startsWord(runes, i)) {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// startsWord reports whether an upper-case letter at i begins a word: after a
// lower-case letter or digit ("listContacts"), or before a lower-case letter at
// the end of a run of capitals ("HTTPServer").
func startsWord(runes []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(runes[i]) {
		return false
	}
	if prev := runes[i-1]; unicode.IsLower(prev) || unicode.IsDigit(prev) {
		return true
	}
	return unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// FitName returns name if it is at most limit bytes long; else it is cut and
// closed with a hash of seed. The seed must say what the name stands for (its
// method and path), never its place in a list, so that a name stays the same
// whatever else is added.
func FitName(name, seed string, limit int) string {
	if len(name) <= limit {
		return name
	}
	keep := max(limit-hashLen-1, 0)
	return strings.TrimRight(name[:keep], "_-") + "_" + NameHash(seed)
}

// NameHash returns the short hash that tells names apart.
func NameHash(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])[:hashLen]
}
