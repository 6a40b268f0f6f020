// Package reference is the grammar of values that may point to secrets.
//
// A value is text in which these stand for a secret, and $${ for a plain "${":
//
//	${env:NAME}            an environment variable
//	${file:PATH}           the content of a file
//	${exec:COMMAND ARG…}   what a command prints; see [Command]
//	${vault:PATH#FIELD}    a field of a secret of HashiCorp Vault or OpenBao (KV v2)
//	${aws-sm:NAME#KEY}     a secret of AWS Secrets Manager; with KEY, a member of its JSON
//
// The configuration checks values by it and runtime/credential resolves them, so
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
	Exec    Kind = "exec" // a command and its arguments
	// Vault is the path of a secret in a KV v2 engine, "#" and a field.
	Vault Kind = "vault"
	// AWS is the name or ARN of a secret, and maybe "#" and a member of its JSON.
	AWS Kind = "aws-sm"
)

// Remote reports whether a manager outside this process has to be asked for what
// a kind stands for.
func (k Kind) Remote() bool { return k == Exec || k == Vault || k == AWS }

// redacted stands in print for text that may be secret.
const redacted = "[redacted]"

// maxKind bounds how much of an unknown kind an error shows.
const maxKind = 20

// Part is one piece of a value.
type Part struct {
	Kind Kind
	Text string // the literal, or what stands after the kind
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
		return Part{}, 0, errors.New("a reference is not closed: write " + forms + ", or $${ for a plain ${")
	}
	kind, target, ok := strings.Cut(text[len("${"):end], ":")
	if !ok {
		return Part{}, 0, errors.New("a reference has no kind: write " + forms + ", or $${ for a plain ${")
	}
	return Part{Kind(kind), target}, end + 1, check(Kind(kind), target)
}

// forms are the references that there are, for messages.
const forms = "${env:NAME}, ${file:PATH}, ${exec:COMMAND ARG…}, ${vault:PATH#FIELD} or ${aws-sm:NAME#KEY}"

// check reports a reference that can stand for nothing.
func check(kind Kind, target string) error {
	control := strings.ContainsFunc(target, func(r rune) bool { return r < ' ' || r == 0x7f })
	name, field, hasField := strings.Cut(target, "#")
	switch kind {
	case Env:
		if !validVariable(target) {
			return errors.New("${env:…} must name a variable: letters, digits and _, no digit first")
		}
	case File:
		if target == "" || strings.ContainsAny(target, "\x00\n\r") {
			return errors.New("${file:…} must name a file")
		}
	case Exec:
		_, err := Command(target)
		return err
	case Vault:
		if control || field == "" || !validPath(name) {
			return errors.New("${vault:PATH#FIELD} must name a secret and one of its fields, such as ${vault:secret/crm#token}; without dots or empty parts in the path")
		}
	case AWS:
		if control || name == "" || hasField && field == "" {
			return errors.New("${aws-sm:…} must name a secret, and after # a member of its JSON or nothing, such as ${aws-sm:prod/crm#token}")
		}
	default:
		return fmt.Errorf("no kind of reference %sis known; there are %s", showKind(string(kind)), forms)
	}
	return nil
}

// validPath reports whether a path of Vault has two parts or more, and none that
// a server would take for something else.
func validPath(path string) bool {
	parts := strings.Split(path, "/")
	for _, p := range parts {
		if p == "" || p == "." || p == ".." {
			return false
		}
	}
	return len(parts) > 1
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
		b.WriteString(p.show())
	}
	return b.String()
}

// show returns a part as it may be printed. Of a command, the program alone shows,
// as its arguments may be secret.
func (p Part) show() string {
	switch p.Kind {
	case Literal:
		return redacted
	case Exec:
		words, _ := Command(p.Text) // it was parsed before
		if len(words) == 1 {
			return "${exec:" + words[0] + "}"
		}
		return "${exec:" + words[0] + " …}"
	default:
		return "${" + string(p.Kind) + ":" + p.Text + "}"
	}
}
