package reference

import (
	"errors"
	"strings"
)

// maxWords bounds a command: its program and arguments together.
const maxWords = 64

// Command splits the command of an ${exec:…} into its program and arguments.
// Words are parted by spaces; inside '…' and "…" everything stands for itself.
// No shell sees it: there are no variables, pipes or escapes. As a reference ends
// with the first }, a command that needs one belongs in a script.
func Command(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, quote := false, rune(0)
	for _, r := range text {
		switch {
		case r < ' ' && r != '\t' || r == 0x7f:
			return nil, errors.New("${exec:…} must be one line without control characters")
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r != ' ' && r != '\t':
			word.WriteRune(r)
			inWord = true
		case inWord:
			words = append(words, word.String())
			word.Reset()
			inWord = false
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	switch {
	case quote != 0:
		return nil, errors.New("${exec:…} has a quote that is not closed")
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("${exec:…} must name a program, such as ${exec:gcloud auth print-access-token}")
	case len(words) > maxWords:
		return nil, errors.New("${exec:…} has too many words; put the command in a script")
	}
	return words, nil
}
