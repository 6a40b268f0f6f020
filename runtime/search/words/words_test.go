package words_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"listApiKeys", []string{"list", "api", "keys"}},
		{"list_api_keys", []string{"list", "api", "keys"}},
		{"HTTPServer", []string{"http", "server"}},
		{"orgIDs and URLs", []string{"org", "ids", "and", "urls"}},
		{"OAuth2 token", []string{"oauth", "token"}},
		{"the user's don’t", []string{"the", "user", "dont"}},
		{"k8s v1beta1", []string{"k8s", "v1beta1"}},
		{"/contacts/{contact_id}", []string{"contacts", "contact", "id"}},
		{"Größe", []string{"größe"}},
		{" -- ", nil},
		{strings.Repeat("x", 33), nil},
	} {
		if got := words.Split(nil, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q is %q, not %q", c.text, got, c.want)
		}
	}
}

// TestStem holds together what is one word, and apart what is not.
func TestStem(t *testing.T) {
	for _, same := range [][]string{
		{"invoice", "invoices", "invoiced", "invoicing"},
		{"delete", "deletes", "deleted", "deleting", "deletion"},
		{"create", "creates", "creation"},
		{"organization", "organizations", "organisation"},
		{"deploy", "deploys", "deployment", "deployments"},
		{"cancel", "cancels", "canceled", "cancelled"},
		{"company", "companies"},
		{"reply", "replies", "replied"},
		{"notify", "notifies", "notification"},
		{"subscribe", "subscription", "subscriptions"},
		{"key", "keys"}, {"box", "boxes"}, {"branch", "branches"}, {"id", "ids"},
		{"person", "people"}, {"index", "indexes", "indices"}, {"pay", "paid"},
		{"color", "colours"},
	} {
		for _, w := range same[1:] {
			if words.Stem(w) != words.Stem(same[0]) {
				t.Errorf("%s is %s, %s is %s", w, words.Stem(w), same[0], words.Stem(same[0]))
			}
		}
	}
	for _, apart := range [][2]string{
		{"organization", "organ"}, {"setting", "set"}, {"news", "new"}, {"document", "docu"}, {"status", "stat"},
		{"statement", "state"}, {"comment", "com"}, {"string", "str"}, {"access", "acce"},
	} {
		if words.Stem(apart[0]) == words.Stem(apart[1]) {
			t.Errorf("%s and %s are both %s", apart[0], apart[1], words.Stem(apart[0]))
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("listApiKeys of the user's OAuth2")
	f.Add("’s'S''\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range words.Split(nil, text) {
			if w == "" || len(w) > 32 {
				t.Fatalf("%q has the word %q", text, w)
			}
			if s := words.Stem(w); s == "" || len(s) > len(w)+3 {
				t.Fatalf("the stem of %q is %q", w, s)
			}
		}
	})
}
