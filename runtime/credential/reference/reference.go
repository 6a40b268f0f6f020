// Package reference is the grammar of values that may point to secrets.
//
// A value is text in which ${env:NAME} stands for an environment variable and
// ${file:PATH} for the content of a file; $${ stands for a plain "${". The
// configuration checks values by it and runtime/credential resolves them, so
// the two can't differ. Values may hold secrets as plain text too: no error of
// this package quotes one.
package reference

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what a [Part] of a value is.
type Kind string

// The kinds of part.
const (
	Literal Kind = ""     // plain text
	Env     Kind = "env"  // the name of an environment variable
	File    Kind = "file" // the path of a file
)

// redacted stands in print for text that may be secret.
const redacted = "[redacted]"

// maxKind bounds how much of an unknown kind an error shows.
const maxKind = 20

// Part is one piece of a value.
type Part struct {
	Kind Kind
	Text string // the literal, the variable's name or the file's path
}

// Parse splits a value into its parts. Neighbouring literals are one part, and
// an empty value has none.
func Parse(value string) ([]Part, error) {
	var parts []Part
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, Part{Literal, literal.String()})
			literal.Reset()
		}
	}
	for rest := value; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "$${"):
			literal.WriteString("${")
			rest = rest[len("$${"):]
		case strings.HasPrefix(rest, "${"):
			part, n, err := parseReference(rest)
			if err != nil {
				return nil, err
			}
			flush()
			parts = append(parts, part)
			rest = rest[n:]
		default:
			literal.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	flush()
	return parts, nil
}

// parseReference reads the reference that text begins with and says how many
// bytes it takes.
func parseReference(text string) (Part, int, error) {
	end := strings.IndexByte(text, '}')
	if end < 0 {
		return Part{}, 0, errors.New("a reference is not closed: write ${env:NAME} or ${file:PATH}, or $${ for a plain ${")
	}
	kind, target, ok := strings.Cut(text[len("${"):end], ":")
	if !ok {
		return Part{}, 0, errors.New("a reference has no kind: write ${env:NAME} or ${file:PATH}, or $${ for a plain ${")
	}
	switch Kind(kind) {
	case Env:
		if !validVariable(target) {
			return Part{}, 0, errors.New("${env:…} must name a variable: letters, digits and _, no digit first")
		}
	case File:
		if target == "" || strings.ContainsAny(target, "\x00\n\r") {
			return Part{}, 0, errors.New("${file:…} must name a file")
		}
	default:
		return Part{}, 0, fmt.Errorf("no kind of reference %sis known; there are ${env:NAME} and ${file:PATH}", showKind(kind))
	}
	return Part{Kind(kind), target}, end + 1, nil
}

// showKind quotes a kind only where it looks like a word, as it might as well
// be part of a secret.
func showKind(kind string) string {
	notWord := func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' && r != '-' }
	if kind == "" || len(kind) > maxKind || strings.IndexFunc(kind, notWord) >= 0 {
		return "in it "
	}
	return `"` + kind + `" `
}

func validVariable(name string) bool {
	for i, r := range name {
		letter := r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// Redact returns the value as it may be printed: references show, plain text
// does not.
func Redact(value string) string {
	parts, err := Parse(value)
	if err != nil {
		return redacted
	}
	var b strings.Builder
	for _, p := range parts {
		if p.Kind == Literal {
			b.WriteString(redacted)
		} else {
			b.WriteString("${" + string(p.Kind) + ":" + p.Text + "}")
		}
	}
	return b.String()
}
