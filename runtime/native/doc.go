// Package native makes one native MCP server a source of tools.
//
// A server is a command that speaks MCP on its standard input and output, or a
// URL that speaks it by streamable HTTP, or by HTTP+SSE as revision 2024-11-05
// had it. [New] checks the options and connects to nothing; the first
// [Source.Tools] or [Source.Invoke] does.
//
// # What passes through
//
// Definitions, arguments and results stay the JSON that they came as. The
// session, its negotiation and its transports are the official Go SDK's, but
// its decoding drops what it does not know: content types, members, the order
// of keys. So tools/list and tools/call go out as methods of our own, whose
// results keep their bytes, and are given their true names at the edge of the
// wire (see raw.go).
//
// # Supervision
//
// At most one session exists at a time, shared by all calls; however many calls
// wait for it, one start is under way. A session that has ended (its process
// exited, the server forgot it, no connection is to be had) is replaced by the
// next call. A call that was not sent is tried once more on the new session; a
// call that may have run is not, unless the tool says that it is read-only or
// idempotent. After a failed start, calls fail at once until a pause is over
// that doubles with each failure, and say when the next start is tried.
//
// # Processes
//
// A command runs in a process group of its own with a short environment (see
// [Options.Env]), and the group ends as a whole. What it writes to standard
// error goes to the log line by line; its last lines explain its end.
package native
