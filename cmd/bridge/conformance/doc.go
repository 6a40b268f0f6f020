// Package conformance runs the official conformance suite of MCP against the
// real binary: in front of the official Go SDK's own everything-server, of either
// era and with clients of either era, and in front of a REST API.
//
// What may fail stands in testdata, one file a run, in the suite's own format,
// with its reason on the same line. A failure that is not in the file fails the
// test, and so does a line of it that fails no more.
//
// It has no code of its own. `make conformance` prints the scores.
package conformance
