// Package prose writes the text of documents as Go doc comments.
//
// A document's text is foreign: it holds Markdown, HTML, control characters and
// anything that somebody wants to see in our source. What comes out of here is
// always a comment, whole lines that each begin with "// " or are "//" alone, so
// that nothing in it can end the comment, be a directive ("//go:embed") or a
// build constraint ("// +build").
package prose
