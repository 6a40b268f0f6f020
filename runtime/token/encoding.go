package token

import (
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Encoding counts tokens by one vocabulary and pattern.
// It is safe for parallel use.
type Encoding struct {
	name    string
	split   splitter
	vocab   *vocabulary
	workers sync.Pool // of *worker
}

// entry is one encoding that Open knows.
type entry struct {
	name string
	open func() (*Encoding, error) // loads at the first call only
}

// known are the encodings of Open, the default of current models first.
var known = [...]entry{
	{"o200k_base", sync.OnceValues(func() (*Encoding, error) { return load("o200k_base", nextO200k, true) })},
	{"cl100k_base", sync.OnceValues(func() (*Encoding, error) { return load("cl100k_base", nextCL100k, false) })},
}

// Encodings returns the names that [Open] knows.
func Encodings() []string {
	names := make([]string, len(known))
	for i := range known {
		names[i] = known[i].name
	}
	return names
}

// Open returns the encoding of the given name. The first call for a name loads
// its vocabulary, which takes some tens of milliseconds and a few megabytes;
// later ones return the same Encoding. An unknown name is a [fault.Invalid]
// error that lists the known ones.
func Open(name string) (*Encoding, error) {
	for i := range known {
		if known[i].name == name {
			return known[i].open()
		}
	}
	return nil, fault.New("token.open", fault.Invalid,
		"no token encoding is named \""+name+"\"; use one of "+strings.Join(Encodings(), ", "))
}

// load builds the encoding that Open keeps. cased says that its words end before
// capitals.
func load(name string, split splitter, cased bool) (*Encoding, error) {
	vocab, err := loadVocabulary(name)
	if err != nil {
		return nil, fault.Wrap("token.open", fault.Internal, "the vocabulary "+name+" can't be loaded", err)
	}
	e := &Encoding{name: name, split: split, vocab: vocab}
	e.workers.New = func() any { return &worker{split: split, cased: cased, merger: merger{vocab: vocab}} }
	return e, nil
}

// Name returns the encoding's name, as [Open] takes it.
func (e *Encoding) Name() string { return e.name }
