package naming

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// caseless begins an exported identifier whose own first character has no upper
// case: a digit, or a letter of a script without case.
const caseless = "X"

// initialisms are spelled in one case throughout, as Go's own style asks for.
var initialisms = wordSet(`ACL AI API ASCII AWS CDN CIDR CLI CPU CRM CSS CSV DB DNS EOF GCP GPU GUID
	HTML HTTP HTTPS ID IP JSON JWT LDAP MCP MIME NAT OS PDF PEM QPS QR RAM RPC SAML SDK SHA SKU SLA SMS
	SMTP SQL SSE SSH SSL SSO TCP TLS TTL UDP UI UID UTC URI URL UTF8 UUID VAT VM VPC XML XSS YAML`)

// symbols are the characters that tell names apart where they stand alone, as
// in "DateCreated<" or "+1"; all other punctuation only parts words.
var symbols = map[rune]string{
	'<': "LT", '>': "GT", '=': "EQ", '+': "Plus", '*': "Star", '&': "And", '%': "Percent", '!': "Not",
}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// Exported returns the exported identifier for a name: "list_contacts" and
// "listContacts" give "ListContacts", "contact-id" gives "ContactID", "2fa"
// gives "X2fa" and "日本" gives "X日本". It returns fallback where nothing of the
// name can stand in an identifier.
func Exported(name, fallback string) string {
	parts := words(name)
	if len(parts) == 0 {
		return fallback
	}
	shouting := name == strings.ToUpper(name) && (len(parts) > 1 || utf8.RuneCountInString(name) > 3)
	var b strings.Builder
	for _, w := range parts {
		b.WriteString(capitalise(w, shouting))
	}
	out := b.String()
	if first := []rune(out)[0]; !unicode.IsUpper(first) {
		return caseless + out
	}
	return out
}

// capitalise writes one word as part of an identifier. A word in capitals stays
// as it is ("AWS") unless the whole name shouts ("IN_PROGRESS").
func capitalise(word string, shouting bool) string {
	upper := strings.ToUpper(word)
	if initialisms[upper] {
		return upper
	}
	if stem, ok := strings.CutSuffix(upper, "S"); ok && initialisms[stem] && len(stem) > 1 {
		return stem + "s"
	}
	runes := []rune(word)
	if shouting {
		runes = []rune(strings.ToLower(word))
	}
	runes[0] = unicode.ToUpper(runes[0])
	return string(runes)
}

// words splits a name at punctuation and at changes of case.
func words(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if startsWord(runes, i) {
				flush()
			}
			word = append(word, r)
		case r == '-' && i == 0 && len(runes) > 1: // "-1", and "-created_at" of sort orders
			out = append(out, "Minus")
		default:
			flush()
			if s, ok := symbols[r]; ok {
				out = append(out, s)
			}
		}
	}
	flush()
	return out
}

// startsWord reports whether the letter at i begins a word: "listContacts",
// "HTTPServer".
func startsWord(runes []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(runes[i]) {
		return false
	}
	if prev := runes[i-1]; unicode.IsLower(prev) || unicode.IsDigit(prev) {
		return true
	}
	if !unicode.IsUpper(runes[i-1]) || i+1 == len(runes) || !unicode.IsLower(runes[i+1]) {
		return false
	}
	// The plural of an initialism is one word: "userIDs".
	plural := runes[i+1] == 's' && (i+2 == len(runes) || !unicode.IsLower(runes[i+2]))
	return !plural
}

// Singular returns the identifier of one of the things that a plural identifier
// names: "Tags" gives "Tag". What is no plural stays as it is.
func Singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return strings.TrimSuffix(name, "ies") + "y"
	case hasAnySuffix(name, "sses", "xes", "ches", "shes"):
		return strings.TrimSuffix(name, "es")
	case strings.HasSuffix(name, "s") && !hasAnySuffix(name, "ss", "us", "is") && len(name) > 2:
		return strings.TrimSuffix(name, "s")
	default:
		return name
	}
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}
