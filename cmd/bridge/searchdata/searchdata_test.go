package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun makes the data of tiny inputs: the forms of a word are one, what
// WordNet has as synonyms comes nearer, and the same inputs give the same bytes.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	embeddings := write("embeddings.json", tinyEmbeddings(t))
	licence := "  1 This is a licence.\n"
	write("data.verb", licence+"00000001 30 v 02 erase 0 delete 0 001 @ 00000002 v 0000 01 + 08 00 | remove\n00000002 30 v 01 change 0 000 | make different\n")
	write("index.verb", licence+"erase v 1 1 @ 1 0 00000001\ndelete v 1 1 @ 1 0 00000001\nchange v 1 0 1 0 00000002\n")
	for _, part := range []string{"noun", "adj", "adv"} {
		write("data."+part, licence)
		write("index."+part, licence)
	}
	var made []string
	for range 2 {
		if err := run(embeddings, folder, folder, 100); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(folder, "vectors.bin"))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, string(data))
	}
	if made[0] != made[1] {
		t.Error("the same inputs give other bytes")
	}
	if !strings.HasPrefix(made[0], "BRV1") || !strings.Contains(made[0], "changdeleterasriver") {
		t.Errorf("the stems are not there, joined and sorted: %q", made[0][:min(80, len(made[0]))])
	}
}

// tinyEmbeddings are five words, one of them in two forms.
func tinyEmbeddings(t *testing.T) string {
	e := embeddings{Dimensions: dimensions, Vectors: map[string][]float32{}}
	for i, word := range []string{"delete", "deletes", "erase", "change", "river", "don't"} {
		vector := make([]float32, dimensions+2)
		for d := range vector {
			vector[d] = float32((d*7+i*31)%13) - 6
		}
		e.Words = append(e.Words, word)
		e.Vectors[word] = vector
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestBrokenInputs(t *testing.T) {
	for _, line := range []string{"00000001", "00000001 30 v zz erase 0 000 |", "00000001 30 v 05 erase 0 000 |", "00000001 30 v 01 erase 0 003 @ 1 v 0000 |"} {
		if err := readSynset(line, "v", map[string]synset{}); err == nil {
			t.Errorf("%q is read as a synset", line)
		}
	}
	if err := run(filepath.Join(t.TempDir(), "none.json"), "", "", 1); err == nil {
		t.Error("there are no inputs, and no error")
	}
}
