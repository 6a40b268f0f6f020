package token

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Encoding counts tokens by one vocabulary. It is safe for parallel use.
type Encoding struct {
	name string
	bpe  *tiktoken.Tiktoken
}

type entry struct {
	name string
	load func() (*Encoding, error)
}

func lazy(name string) entry {
	return entry{name, sync.OnceValues(func() (*Encoding, error) {
		tiktoken.SetBpeLoader(loader.NewOfflineLoader())
		bpe, err := tiktoken.GetEncoding(name)
		if err != nil {
			return nil, fault.Wrap("token.open", fault.Internal, "the vocabulary "+name+" can't be loaded", err)
		}
		return &Encoding{name, bpe}, nil
	})}
}

var table = [...]entry{lazy("o200k_base"), lazy("cl100k_base")}

// Encodings returns the names that [Open] knows.
func Encodings() []string {
	names := make([]string, len(table))
	for i := range table {
		names[i] = table[i].name
	}
	return names
}

// Open returns the encoding of the given name.
func Open(name string) (*Encoding, error) {
	for i := range table {
		if table[i].name == name {
			return table[i].load()
		}
	}
	return nil, fault.New("token.open", fault.Invalid,
		"no token encoding \""+name+"\"; use one of "+strings.Join(Encodings(), ", "))
}

// Name returns the encoding's name.
func (e *Encoding) Name() string { return e.name }

// Count returns the number of tokens of text.
func (e *Encoding) Count(text string) int { return len(e.bpe.EncodeOrdinary(text)) }

// CountBytes returns the number of tokens of text.
func (e *Encoding) CountBytes(text []byte) int { return e.Count(string(text)) }

// CountUpTo counts until more than limit tokens are found. If within is true,
// n is the exact count and at most limit; else n is over limit.
func (e *Encoding) CountUpTo(text string, limit int) (n int, within bool) {
	n = e.Count(text)
	return n, n <= limit
}

// Cut returns the longest prefix of text that ends at a rune boundary and has
// a Count of at most limit.
func (e *Encoding) Cut(text string, limit int) string {
	for end := len(text); end > 0; end-- {
		if (end == len(text) || utf8.RuneStart(text[end])) && e.Count(text[:end]) <= limit {
			return text[:end]
		}
	}
	return ""
}
