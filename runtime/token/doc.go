// Package token counts the tokens of text exactly as tiktoken does, and fast
// enough to do it to every result that passes through the gateway.
//
// The vocabularies are those that tiktoken-go-loader embeds, so no network is
// needed. The engine is our own, as tiktoken-go takes a second for a megabyte
// of JSON and minutes for a megabyte of one letter. It has three parts, and
// each is held to tiktoken-go's EncodeOrdinary by differential tests:
//
//   - A splitter (split.go, splitwide.go) cuts text into the pieces that the
//     encoding's regular expression would match, following its order of
//     preference by hand. Text of ASCII is split 64 bytes at a time (block.go).
//   - A vocabulary (vocabulary.go) finds a piece's rank. Most pieces are tokens.
//   - The others are merged, lowest rank first (merge.go): up to 64 bytes on
//     the stack, longer ones under a tree of minima, in n·log n.
//
// [Open] gives an [Encoding]; its vocabulary is loaded once, when it is first
// asked for. An Encoding is safe for parallel use and does not allocate as it
// counts, but for working memory that it keeps and reuses.
//
// Two rules hold for everything here. Texts that look like special tokens
// ("<|endoftext|>") are ordinary text, because what the gateway counts comes
// from outside. And every byte that is not valid UTF-8 counts as one U+FFFD,
// which is what a client will see in its place.
package token
