package reference_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
)

func TestParse(t *testing.T) {
	type parts = []reference.Part
	cases := map[string]parts{
		"":                          nil,
		"plain $ { } $x $":          {{Kind: reference.Literal, Text: "plain $ { } $x $"}},
		"${env:A_1}":                {{Kind: reference.Env, Text: "A_1"}},
		"Token ${env:A}${file:/b}":  {{Text: "Token "}, {Kind: reference.Env, Text: "A"}, {Kind: reference.File, Text: "/b"}},
		"$${env:A} ${env:B}":        {{Text: "${env:A} "}, {Kind: reference.Env, Text: "B"}},
		"${file:C:/a b.txt}":        {{Kind: reference.File, Text: "C:/a b.txt"}},
		"${exec:op read 'a b'}":     {{Kind: reference.Exec, Text: "op read 'a b'"}},
		"${vault:secret/crm#token}": {{Kind: reference.Vault, Text: "secret/crm#token"}},
		"${aws-sm:arn:aws:secretsmanager:eu-west-1:1:secret:a/b#k}": {{Kind: reference.AWS, Text: "arn:aws:secretsmanager:eu-west-1:1:secret:a/b#k"}},
		"日本${env:A}": {{Text: "日本"}, {Kind: reference.Env, Text: "A"}},
	}
	for value, want := range cases {
		got, err := reference.Parse(value)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%q) = %v, %v; want %v", value, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	cases := map[string]string{
		"${env:A":             "not closed",
		"a ${hunter2}":        "no kind",
		"${}":                 "no kind",
		"${env:}":             "must name a variable",
		"${env:1A}":           "must name a variable",
		"${env:a b}":          "must name a variable",
		"${file:}":            "must name a file",
		"${file:a\nb}":        "must name a file",
		"${keys:a/b}":         `"keys"`,
		"${exec:}":            "must name a program",
		"${exec: '' a}":       "must name a program",
		"${exec:a 'b}":        "not closed",
		"${exec:a\nb}":        "one line",
		"${vault:a/b}":        "must name a secret",
		"${vault:a#b}":        "must name a secret",
		"${vault:a/../sys#b}": "must name a secret",
		"${vault:/a/b#c}":     "must name a secret",
		"${aws-sm:}":          "must name a secret",
		"${aws-sm:a#}":        "must name a secret",
		"${Hunter2!:ab}":      "in it",
	}
	for value, want := range cases {
		_, err := reference.Parse(value)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want %q in it", value, err, want)
		} else if strings.Contains(strings.ToLower(err.Error()), "hunter2") {
			t.Errorf("the error quotes the value: %v", err)
		}
	}
}

func TestRedact(t *testing.T) {
	cases := map[string]string{
		"":                        "",
		"hunter2":                 "[redacted]",
		"Token ${env:A}":          "[redacted]${env:A}",
		"${file:/run/a}":          "${file:/run/a}",
		"${exec:curl -H hunter2}": "${exec:curl …}",
		"${exec:token}":           "${exec:token}",
		"${vault:a/b#c}":          "${vault:a/b#c}",
		"hunter2${env:A":          "[redacted]",
		"${env:A}$${hunter2}":     "${env:A}[redacted]",
		"${env:A}hunter2${env:B}": "${env:A}[redacted]${env:B}",
	}
	for value, want := range cases {
		if got := reference.Redact(value); got != want {
			t.Errorf("Redact(%q) = %q, want %q", value, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a${env:B}c", "$${", "${file:/x}", "${", "$$${env:A}", "${exec:a 'b c' \"d\"}", "${vault:a/b#c}", "${aws-sm:a#b}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		parts, err := reference.Parse(value)
		if err != nil {
			return
		}
		// What was parsed, written out again, parses to the same.
		var b strings.Builder
		for _, p := range parts {
			if p.Kind == reference.Literal {
				b.WriteString(strings.ReplaceAll(p.Text, "${", "$${"))
			} else {
				b.WriteString("${" + string(p.Kind) + ":" + p.Text + "}")
			}
		}
		_ = reference.Redact(value)
		again, err := reference.Parse(b.String())
		if err != nil || !reflect.DeepEqual(again, parts) {
			t.Errorf("%q: %v, then %q: %v (%v)", value, parts, b.String(), again, err)
		}
	})
}

func TestCommand(t *testing.T) {
	for text, want := range map[string][]string{
		"gcloud auth print-access-token": {"gcloud", "auth", "print-access-token"},
		"  op\tread 'op://team/a b/c' ":  {"op", "read", "op://team/a b/c"},
		`a "it's" ''`:                    {"a", "it's", ""},
		`a b"c d"e $HOME;|&`:             {"a", "bc de", "$HOME;|&"},
	} {
		got, err := reference.Command(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Command(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}
