// Package tool is the model: what a tool is, as immutable, serialisable data.
//
// A [Tool] is what an MCP client lists and calls. Where it stands for an
// operation of a REST API it carries an [Operation]: everything that turns a
// JSON object of arguments into one HTTP request. A [Tool] of a native MCP
// server has none, and carries the server's own definition instead.
//
// Lowering a document (runtime/openapi) is the only maker of operations. The
// generator writes them out as Go, and the gateway serves them; both read this
// one value, so a compiled and an interpreted tool cannot differ.
//
// A tool's arguments are flat. Every [Parameter] and, where the body is a plain
// object, every [Field] of the body has an argument key of its own; other
// bodies stand whole under one key. Keys are safe for every client
// (see [ValidArg]) and are mapped back to their names on the wire.
//
// Values of this package are shared between goroutines. Nothing may change one
// after it was made: copy it, change the copy, publish the copy.
package tool
