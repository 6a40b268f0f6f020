// Package search finds the tools that a request in plain words is about, in a
// catalog of thousands, without a network or a model.
//
// New builds an Index of Documents, off the hot path; FromTool makes a Document
// of a tool. The Index never changes, and Search answers from any number of
// goroutines in well under a millisecond.
//
// # How it works
//
// Names and prose are taken apart into stems (runtime/search/words), and each
// stem of a tool is noted with the places it stands in: the object of its path,
// the things before, title, name, tags, arguments, what is inside arguments and
// results, the rest (build.go, path.go, schema.go).
//
// A request is taken apart likewise (query.go). It says two things, which are
// looked at separately:
//
//   - What it is about. Each of its words stands for itself; for what the
//     thesaurus (thesaurus.txt) has for it, which is where abbreviations and the
//     words of the trade are; and for words near in meaning, by word vectors
//     made of GloVe and WordNet (vectors.go; cmd/bridge/searchdata makes them).
//     A word that nothing knows may be a slip of the pen, or the beginning of
//     another. A tool has the best of these for each word, weighed by where it
//     stands and how rare it is in the catalog (score.go).
//   - What is to be done. Verbs, questions and the form of the sentence make an
//     intent over six actions (action.go); method, path and the verb of its
//     title, or a native tool's name and hints, make the same for a tool. "Get
//     rid of", "erase" and DELETE meet here, not as words.
//
// The best two hundred are then looked at closely: how much of the tool was
// spoken of (so that "list orders" is not "list the shipments of an order"),
// whether the actions agree, one or several, how near the two are as a whole,
// whether it is deprecated. Last, what does the same to things of one name moves
// down a little, so that the first few hits say more.
//
// # How good it is
//
// testdata has 301 requests as people make them and 129 in the documents' own
// words, over 21 documents with 4,188 operations, all written before there was an
// engine. One half of each is for looking at and finding settings (weights.go);
// of the other, nothing but totals has been looked at. TestRecall prints both,
// next to plain BM25. Settings and thesaurus fit the half they were made with
// better than the other, so it is the other that tells what to expect.
package search
