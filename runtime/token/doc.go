// Package token counts the tokens of text exactly as tiktoken does.
//
// [Open] gives an [Encoding]; its vocabulary is loaded once, when it is first
// asked for. Texts that look like special tokens ("<|endoftext|>") are ordinary
// text here, as what the gateway counts comes from outside. Each byte that is
// not valid UTF-8 counts as U+FFFD.
package token
