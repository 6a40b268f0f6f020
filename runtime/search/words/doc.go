// Package words takes names and prose apart into words, and words down to their
// stems, so that "listApiKeys", "list_api_keys" and "the API keys" meet.
//
// What is looked for and what is looked in must be treated alike, and so must
// the vocabulary of the word vectors (see runtime/search and
// cmd/bridge/searchdata): that is why this is a package of its own.
package words
