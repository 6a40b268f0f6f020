package token_test

import (
	"sync"
	"testing"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"

	"github.com/bridge-gateway/bridge/runtime/token"
)

// oracles are tiktoken-go's own encodings, which take a while to load.
var oracles = sync.OnceValues(func() (map[string]*tiktoken.Tiktoken, error) {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	found := map[string]*tiktoken.Tiktoken{}
	for _, name := range token.Encodings() {
		oracle, err := tiktoken.GetEncoding(name)
		if err != nil {
			return nil, err
		}
		found[name] = oracle
	}
	return found, nil
})

// pair is an encoding next to its oracle.
type pair struct {
	*token.Encoding
	oracle *tiktoken.Tiktoken
}

// pairs returns all encodings with their oracles.
func pairs(t testing.TB) []pair {
	t.Helper()
	known, err := oracles()
	if err != nil {
		t.Fatal(err)
	}
	var all []pair
	for _, name := range token.Encodings() {
		all = append(all, pair{open(t, name), known[name]})
	}
	return all
}

// open returns an encoding that must exist.
func open(t testing.TB, name string) *token.Encoding {
	t.Helper()
	e, err := token.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// check compares the count of text with the oracle's.
func (p pair) check(t *testing.T, text string) {
	t.Helper()
	want := p.oracle.EncodeOrdinary(text)
	if got := p.Count(text); got != len(want) {
		var parts []string
		for _, id := range want {
			parts = append(parts, p.oracle.Decode([]int{id}))
		}
		t.Errorf("%s: %q has %d tokens, not %d: %q", p.Name(), text, len(want), got, parts)
	}
}
