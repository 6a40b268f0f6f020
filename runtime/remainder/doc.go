// Package remainder keeps what trimming cut off, so that it can be read later: by
// the tool bridge_read and by the resource bridge://result/ID, in parts that are
// within budget themselves, by the caller whose result it was and by nobody else,
// until it expires.
package remainder
