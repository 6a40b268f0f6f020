package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is the most bytes of a word: what is longer is no word but data.
const longest = 32

// Split appends the words of a text to dst, in lower case: runs of letters and
// digits, cut where a name changes case ("orgID" is "org", "id"; "HTTPServer" is
// "http", "server"). A possessive ending goes ("user's" is "user"), other
// apostrophes are left out ("don't" is "dont"), accents stay. What has more than
// 32 bytes without a cut is left out.
func Split(dst []string, text string) []string {
	for len(text) > 0 {
		start := strings.IndexFunc(text, isWord)
		if start < 0 {
			return dst
		}
		text = text[start:]
		n := runOf(text)
		dst = splitRun(dst, text[:n])
		text = text[n:]
	}
	return dst
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// runOf is the length of the letters, digits and inner apostrophes that text
// begins with.
func runOf(text string) int {
	for i, r := range text {
		if isWord(r) || unicode.Is(unicode.Mn, r) {
			continue
		}
		if isApostrophe(r) {
			if next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):]); unicode.IsLetter(next) {
				continue
			}
		}
		return i
	}
	return len(text)
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' }

// splitRun cuts one run where its case changes.
func splitRun(dst []string, run string) []string {
	for _, mark := range []string{"'s", "’s", "'S", "’S"} {
		run = strings.TrimSuffix(run, mark)
	}
	start := 0
	var last rune
	for i, r := range run {
		if i > start && cutsBefore(last, r, run[i:]) && (i-start > 1 || !unicode.IsUpper(last)) {
			dst = appendWord(dst, run[start:i])
			start = i
		}
		last = r
	}
	return appendWord(dst, run[start:])
}

// cutsBefore reports whether a word begins with r, which rest begins with:
// after a lower-case letter or digit, or as the last of several capitals. The
// caller keeps a lone first capital with what follows it ("OAuth").
func cutsBefore(last, r rune, rest string) bool {
	if !unicode.IsUpper(r) {
		return false
	}
	if unicode.IsLower(last) || unicode.IsDigit(last) {
		return true
	}
	next, _ := utf8.DecodeRuneInString(rest[utf8.RuneLen(r):])
	// "IDs" is one word: what follows must be more than a plural's ending.
	if !unicode.IsUpper(last) || !unicode.IsLower(next) {
		return false
	}
	plural := strings.HasPrefix(rest[utf8.RuneLen(r):], "s") && !startsLower(rest[utf8.RuneLen(r)+1:])
	return !plural
}

func startsLower(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(r)
}

func appendWord(dst []string, word string) []string {
	if word == "" || len(word) > longest {
		return dst
	}
	word = strings.ToLower(word)
	if strings.ContainsAny(word, "'’") {
		word = strings.NewReplacer("'", "", "’", "").Replace(word)
	}
	if word == "" || len(word) > longest {
		return dst
	}
	return append(dst, withoutNumber(word))
}

// withoutNumber takes the number off a word of at least three letters that ends
// in one: "oauth2" is "oauth", while "v2" and "k8s" stay.
func withoutNumber(word string) string {
	letters := strings.TrimRight(word, "0123456789")
	if len(letters) >= 3 && len(letters) < len(word) && strings.IndexFunc(letters, unicode.IsDigit) < 0 {
		return letters
	}
	return word
}
