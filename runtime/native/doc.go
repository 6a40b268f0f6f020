// Package native makes one native MCP server a source: its tools, and whatever
// else it has.
//
// A server is a command that speaks MCP on its standard input and output, a URL
// that speaks it by streamable HTTP, or by HTTP+SSE as revision 2024-11-05 had it,
// or one that was made with the Go SDK and is compiled in. [New] checks the options
// and connects to nothing; the first [Source.Tools], [Source.Features],
// [Source.Invoke] or [Source.Request] does.
//
// # What passes through
//
// Definitions, params, results and errors stay the JSON that they came as, so
// that what nobody here knows arrives unharmed. The client is therefore our own,
// over runtime/protocol: a session (session.go) shakes hands in the newest way
// that the server knows (handshake.go), and sends each request by a wire. There
// are three: streamable HTTP (streamable.go), where an answer comes on its own
// request's connection, and pairs of pipes (linewire.go) and HTTP+SSE
// (eventwire.go), where all share one and find their requests by ids (duplex.go).
// A server that is compiled in is at the end of a pipe in memory (memory.go): its
// messages are the bytes that a process would write.
// An exchange (exchange.go) is one request under way; a request for the server
// may take several of them (outgoing.go).
//
// # What the server asks and tells
//
// Elicitation, sampling and roots reach the client of the call that they belong
// to (incoming.go): the one on whose stream they arrived; where all share one,
// the one that they name by its progress token or its task, else the only one
// under way, or of several of one caller the only one that nothing is asked about,
// unless another caller has just given one up. If that can't be told they are
// refused, as a question to the wrong person is worse than none; with [Options.Isolate] each caller has a session of
// his own. A server of 2026-07-28 asks by its result instead (rounds.go): a client
// that knows that gets it as it is, others are asked. A call's time does not run
// while its client is asked. What belongs to no call goes to [Source.Notices].
//
// # Supervision
//
// A link (link.go) has at most one session at a time, shared by all its calls;
// however many wait for it, one start is under way. A session that has ended (its
// process exited, the server forgot it, no connection is to be had, it answers
// neither calls nor a ping) is replaced at once, without waiting for a call, and
// the next one is told what the last one was: subscriptions, and the level of log
// messages. After a failed start calls fail at once until a pause is over that
// doubles with each failure, and say when the next start is tried. [Source.Health]
// says at any moment whether the server is there. A call that
// was not sent is tried once more on the new session; a call that may have run is
// not, unless it only reads or is idempotent.
//
// # Processes
//
// A server that is compiled in shares the gateway's fate: [Guard] keeps a panic of
// its handlers from ending it, but neither memory that it takes nor a goroutine of
// its own that panics can be contained. Where that matters, it is to be a command.
//
// A command runs in a process group of its own with a short environment (see
// [Options.Env]), and the group ends as a whole. What it writes to standard
// error goes to the log line by line; its last lines explain its end.
package native
