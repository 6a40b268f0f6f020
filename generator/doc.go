// Package generator writes the tools of a document as a Go package: an adapter.
//
// [Generate] is pure: the same tools give the same bytes, and nothing is written
// to disk. What it makes is data and types. Each operation is one literal of the
// runtime's generic rest.Operation, so that whatever two operations would repeat
// lives in the runtime; the schemas, which people read seldom and machines
// always, stand apart in bridge.lock (package lock) and are joined at
// load.
//
// An adapter is made to be reviewed. Operations stand in one file per tag, in
// the document's order, each with its types; shared types are in types.go, sorted
// by name; adapter.go says what the package is. Names depend on the names in the
// document and never on their order, so that a change of one operation in the
// document changes its own lines and no others.
//
// What a team writes by hand stands in files of its own beside the generated
// ones. Generation never touches these; where they declare [CustomizeFunc], the
// adapter calls it.
//
// The text of documents is foreign. It reaches the code only as quoted strings
// and through the prose package, which lets nothing out of a comment.
package generator
