package words

import "strings"

// Stem returns what the forms of an English word have in common: "invoices" and
// "invoicing" have the stem "invoic". It is of the Porter kind, but takes off
// only what inflects a word and the commonest endings of nouns made of verbs:
// names of APIs are short, and an "organization" is no "organ". The word is in
// lower case; what is not plain ASCII letters is its own stem.
func Stem(word string) string {
	if len(word) < 3 || !plain(word) {
		return word
	}
	if s, ok := irregular[word]; ok {
		return s
	}
	word = plural(word)
	if s, ok := irregular[word]; ok {
		return s
	}
	word = participle(word)
	if n := len(word); n > 2 && word[n-1] == 'y' && !isVowel(word, n-2) {
		word = word[:n-1] + "i"
	}
	return finalE(derived(word))
}

// irregular are the stems of words that the rules would spoil, or could not
// know.
var irregular = map[string]string{
	"setting": "setting", "settings": "setting", "string": "string", "thing": "thing", "meeting": "meeting",
	"news": "news", "status": "status", "statuses": "status", "series": "series", "access": "access", "dns": "dns",
	"analysis": "analysi", "analyses": "analysi", "people": "person", "persons": "person", "children": "child",
	"indices": "index", "indexes": "index", "vertices": "vertex", "matrices": "matrix", "media": "media", "data": "data",
	"metadata": "metadata", "this": "this", "is": "is", "was": "was", "has": "has", "does": "does", "its": "its", "https": "https",
	"alias": "alias", "aliases": "alias", "bus": "bus", "buses": "bus", "lens": "lens", "canvas": "canvas", "atlas": "atlas",
	"sent": "send", "paid": "pay", "bought": "buy", "sold": "sell", "gave": "give", "given": "give", "went": "go", "gone": "go",
	"made": "make", "wrote": "write", "written": "write", "found": "find", "held": "hold", "kept": "keep", "lost": "lose",
	"left": "leave", "took": "take", "taken": "take", "ran": "run", "seen": "see", "saw": "see", "spent": "spend", "built": "build",
	"chose": "choos", "chosen": "choos", "women": "woman", "men": "man", "wives": "wife", "leaves": "leav", "mice": "mous",
	"colour": "color", "colours": "color", "favourite": "favorit", "favourites": "favorit", "favour": "favor", "behaviour": "behavior",
	"behaviours": "behavior", "honour": "honor", "labour": "labor", "neighbour": "neighbor", "neighbours": "neighbor", "centre": "center",
	"centres": "center", "catalogue": "catalog", "catalogues": "catalog", "licence": "licens", "licences": "licens", "programme": "program",
	"cheque": "check", "cheques": "check", "grey": "gray", "dialogue": "dialog", "analyse": "analyz", "paralyse": "paralyz",
	"criteria": "criterion", "bytes": "byte", "uses": "use", "used": "use", "using": "use", "usage": "usag", "during": "during",
}

func plain(word string) bool {
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return false
		}
	}
	return true
}

// isVowel reports whether the letter at i is one; a y after a consonant is.
func isVowel(word string, i int) bool {
	switch word[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	case 'y':
		return i > 0 && !isVowel(word, i-1)
	}
	return false
}

func hasVowel(word string) bool {
	for i := range len(word) {
		if isVowel(word, i) {
			return true
		}
	}
	return false
}

// region is where the part after the first consonant that follows a vowel
// begins: Porter's R1, counted from "from".
func region(word string, from int) int {
	for i := from + 1; i < len(word); i++ {
		if !isVowel(word, i) && isVowel(word, i-1) {
			return i + 1
		}
	}
	return len(word)
}

func plural(word string) string {
	switch {
	case strings.HasSuffix(word, "sses"), strings.HasSuffix(word, "shes"), strings.HasSuffix(word, "ches"), strings.HasSuffix(word, "xes"):
		return word[:len(word)-2]
	case strings.HasSuffix(word, "ies") && len(word) > 4:
		return word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "us"), strings.HasSuffix(word, "is"):
		return word
	case strings.HasSuffix(word, "s") && len(word) > 3 && hasVowel(word[:len(word)-2]):
		return word[:len(word)-1]
	case strings.HasSuffix(word, "s") && len(word) == 3 && isVowel(word, 0) && !isVowel(word, 1):
		return word[:len(word)-1] // "ids", "ips"
	}
	return word
}

// participle takes off -ed and -ing.
func participle(word string) string {
	if strings.HasSuffix(word, "eed") {
		if region(word, 0) <= len(word)-3 {
			return word[:len(word)-1]
		}
		return word
	}
	if strings.HasSuffix(word, "ied") && len(word) > 4 {
		return word[:len(word)-3] + "y"
	}
	for _, ending := range []string{"ed", "ing"} {
		base, ok := strings.CutSuffix(word, ending)
		if !ok || !hasVowel(base) || len(base) < 3 {
			continue
		}
		return restored(base)
	}
	return word
}

// restored mends a verb whose ending was taken off: "creat" is "create",
// "stopp" is "stop".
func restored(base string) string {
	n := len(base)
	for _, ending := range []string{"at", "bl", "iz"} {
		if strings.HasSuffix(base, ending) {
			return base + "e"
		}
	}
	if base[n-1] == base[n-2] && !isVowel(base, n-1) && !strings.ContainsRune("lsz", rune(base[n-1])) {
		return base[:n-1]
	}
	if base[n-1] == 'l' && base[n-2] == 'l' && n > 5 { // "cancelled"
		return base[:n-1]
	}
	if region(base, 0) == n && n == 3 && isVowel(base, 1) && !strings.ContainsRune("wxy", rune(base[2])) {
		return base + "e" // "us(ed)", "nam(ed)"
	}
	return base
}

// endings are those of nouns made of verbs and adverbs of adjectives, the
// longer before what it ends in.
var endings = []struct{ from, to string }{
	{"ization", "ize"}, {"isation", "ize"}, {"ification", "ifi"}, {"scription", "scribe"}, {"ational", "ate"}, {"fulness", "ful"}, {"iveness", "ive"}, {"ousness", "ous"},
	{"ation", "ate"}, {"izer", "ize"}, {"ise", "ize"}, {"ator", "ate"}, {"ition", "it"}, {"ption", "pt"}, {"ction", "ct"}, {"etion", "et"},
	{"ssion", "ss"}, {"sion", "s"}, {"ution", "ut"}, {"ment", ""}, {"abli", "able"}, {"fulli", "ful"}, {"alli", "al"}, {"entli", "ent"}, {"ousli", "ous"}, {"eli", "e"}, {"li", ""},
}

// derived takes off the endings, where enough of the word is left.
func derived(word string) string {
	for _, e := range endings {
		base, ok := strings.CutSuffix(word, e.from)
		if !ok {
			continue
		}
		if len(base) < 3 || region(base, 0) > len(base) || !hasVowel(base) {
			return word
		}
		if e.from == "ment" && len(base) < 6 { // "payment", "comment", "document"
			return word
		}
		if e.from == "li" && len(base) < 4 {
			return word
		}
		return base + e.to
	}
	return word
}

// finalE takes off a last e that says nothing: "delete" and "delet(ion)" are
// one; "file" keeps it apart from "fil" only in writing.
func finalE(word string) string {
	n := len(word)
	if n > 3 && word[n-1] == 'e' && word[n-2] != 'e' && hasVowel(word[:n-1]) {
		return word[:n-1]
	}
	return word
}
