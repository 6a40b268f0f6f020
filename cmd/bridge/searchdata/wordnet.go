package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

// edges are the neighbours of each stem, with weights.
type edges []map[int]float64

// senses is how many of a word's senses count: WordNet has the commonest first,
// and the rare ones mislead ("run" has 41).
const senses = 4

// The weights of WordNet's relations next to that of sharing a synset.
var relations = map[string]float64{
	"+": 0.7, // derivation: "pay", "payment"
	"@": 0.3, // a broader term: "puppy", "dog"
	"&": 0.4, // a similar adjective
	"$": 0.5, // a verb of the same group
}

type synset struct {
	lemmas   []string
	pointers []pointer
}

type pointer struct {
	relation, target string
	from, to         int // of which lemma to which, from 1; 0 for all
}

// readWordNet reads the four parts of speech. A synset's key is its part of
// speech and its offset, as in "n00001740".
func readWordNet(folder string, v *vocabulary) (edges, error) {
	synsets := map[string]synset{}
	ranks := map[string]map[string]int{} // by lemma, by synset
	for _, part := range []struct{ name, letter string }{{"noun", "n"}, {"verb", "v"}, {"adj", "a"}, {"adv", "r"}} {
		err := eachLine(filepath.Join(folder, "data."+part.name), func(line string) error { return readSynset(line, part.letter, synsets) })
		if err != nil {
			return nil, err
		}
		err = eachLine(filepath.Join(folder, "index."+part.name), func(line string) error { return readRanks(line, part.letter, ranks) })
		if err != nil {
			return nil, err
		}
	}
	return connect(v, synsets, ranks), nil
}

// eachLine calls use for each line of a file but those of its licence, which
// are indented.
func eachLine(path string, use func(string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "  ") {
			continue
		}
		if err := use(lines.Text()); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return lines.Err()
}

// readSynset reads a line of a data file: offset, file, type, the number of
// lemmas in hexadecimal, the lemmas each with an id, the number of pointers,
// and those.
func readSynset(line, letter string, into map[string]synset) error {
	fields := strings.Fields(line)
	if len(fields) < 6 {
		return fmt.Errorf("a synset of %d fields", len(fields))
	}
	count, err := strconv.ParseInt(fields[3], 16, 32)
	if err != nil || len(fields) < int(4+2*count+1) {
		return fmt.Errorf("a synset of %s lemmas in %d fields", fields[3], len(fields))
	}
	var s synset
	for i := range int(count) {
		s.lemmas = append(s.lemmas, strings.ToLower(fields[4+2*i]))
	}
	rest := fields[4+2*count:]
	pointers, err := strconv.Atoi(rest[0])
	if err != nil || len(rest) < 1+4*pointers {
		return fmt.Errorf("a synset of %s pointers in %d fields", rest[0], len(rest))
	}
	for i := range pointers {
		p := rest[1+4*i:]
		ends, err := strconv.ParseUint(p[3], 16, 16)
		if err != nil {
			return err
		}
		s.pointers = append(s.pointers, pointer{p[0], p[2] + p[1], int(ends >> 8), int(ends & 0xff)})
	}
	into[letter+fields[0]] = s
	return nil
}

// readRanks reads a line of an index file: the lemma, and at its end the offsets
// of its synsets, the commonest first.
func readRanks(line, letter string, into map[string]map[string]int) error {
	fields := strings.Fields(line)
	if len(fields) < 5 {
		return fmt.Errorf("an entry of %d fields", len(fields))
	}
	count, err := strconv.Atoi(fields[2])
	if err != nil || count > len(fields) {
		return fmt.Errorf("an entry of %s synsets", fields[2])
	}
	ranks := into[fields[0]]
	if ranks == nil {
		ranks = map[string]int{}
		into[fields[0]] = ranks
	}
	for rank, offset := range fields[len(fields)-count:] {
		ranks[letter+offset] = rank
	}
	return nil
}

// connect turns synsets and pointers into edges between stems.
func connect(v *vocabulary, synsets map[string]synset, ranks map[string]map[string]int) edges {
	e := make(edges, len(v.stems))
	// weight is that of a lemma in a synset: the rarer the sense, the less.
	weight := func(lemma, key string) float64 {
		rank, ok := ranks[lemma][key]
		if !ok || rank >= senses {
			return 0
		}
		return 1 / float64(1+rank)
	}
	join := func(a, akey, b, bkey string, scale float64) {
		i, iok := v.index[words.Stem(a)]
		j, jok := v.index[words.Stem(b)]
		if w := scale * weight(a, akey) * weight(b, bkey); iok && jok && i != j && w > 0 {
			e.add(i, j, w)
			e.add(j, i, w)
		}
	}
	for key, s := range synsets {
		for i, a := range s.lemmas {
			for _, b := range s.lemmas[i+1:] {
				join(a, key, b, key, 1)
			}
			for _, p := range s.pointers {
				target := synsets[p.target]
				for j, b := range target.lemmas {
					if (p.from == 0 || p.from == i+1) && (p.to == 0 || p.to == j+1) {
						join(a, key, b, p.target, relations[p.relation])
					}
				}
			}
		}
	}
	return e
}

func (e edges) add(i, j int, w float64) {
	if e[i] == nil {
		e[i] = map[int]float64{}
	}
	e[i][j] = max(e[i][j], w)
}
