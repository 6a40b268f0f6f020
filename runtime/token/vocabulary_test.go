package token

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	loader "github.com/pkoukk/tiktoken-go-loader"
)

func TestVocabularyHasEveryRank(t *testing.T) {
	for _, name := range Encodings() {
		v, err := loadVocabulary(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := loader.NewOfflineLoader().LoadTiktokenBpe(name + ".tiktoken")
		if err != nil {
			t.Fatal(err)
		}
		if v.size() != len(want) {
			t.Errorf("%s has %d tokens, not %d", name, v.size(), len(want))
		}
		for token, rank := range want {
			if got := v.rank([]byte(token)); got != uint32(rank) {
				t.Fatalf("%s: %q has rank %d, not %d", name, token, got, rank)
			}
			longer := token + "\x00"
			if _, ok := want[longer]; !ok && v.rank([]byte(longer)) != none {
				t.Fatalf("%s: %q is no token", name, longer)
			}
		}
	}
}

// bytesOnly is the smallest vocabulary there can be.
func bytesOnly() string {
	var b strings.Builder
	for i := range 256 {
		fmt.Fprintf(&b, "%s %d\n", base64.StdEncoding.EncodeToString([]byte{byte(i)}), i)
	}
	return b.String()
}

func TestBrokenVocabularies(t *testing.T) {
	whole := bytesOnly()
	if _, err := parseVocabulary([]byte(whole)); err != nil {
		t.Fatal(err)
	}
	if _, err := parseVocabulary([]byte(strings.TrimSuffix(whole, "\n"))); err != nil {
		t.Errorf("a last line without an end: %v", err)
	}
	for name, text := range map[string]string{
		"nothing":          "",
		"a byte missing":   strings.TrimSuffix(whole, "/w== 255\n"),
		"no base64":        whole + "*** 256\n",
		"no token":         whole + " 256\n",
		"no rank":          whole + "YWI=\n",
		"an empty rank":    whole + "YWI= \n",
		"a rank of words":  whole + "YWI= x\n",
		"a gap":            whole + "YWI= 257\n",
		"a rank twice":     whole + "YWI= 255\n",
		"a rank too large": whole + "YWI= 99999999999999999999\n",
		"an empty line":    whole + "\nYWI= 256\n",
	} {
		if _, err := parseVocabulary([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestMergersAgree holds the two ways of merging against each other.
func TestMergersAgree(t *testing.T) {
	e, err := Open("cl100k_base")
	if err != nil {
		t.Fatal(err)
	}
	m := merger{vocab: e.vocab}
	for r := range uint32(e.vocab.size()) {
		token := e.vocab.token(r)
		if len(token) < 2 || len(token) > maxSmall {
			continue
		}
		if a, b := e.vocab.mergeSmall(token), m.merge(token); a != b || a != 1 {
			t.Fatalf("%q merges to %d and %d parts", token, a, b)
		}
	}
}
