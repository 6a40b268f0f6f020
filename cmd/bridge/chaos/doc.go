// Package chaos breaks MCP servers in front of the real binary, in every way and
// at every point of a session that it knows, while clients call them, and what is
// well beside them, and come and go.
//
// Each way of breaking has a server of its own, a lane (see plan_test.go): a
// child on standard input and output, streamable HTTP of either era, or HTTP+SSE.
// A cycle breaks one lane, has several clients call it, mends it, and waits until
// it works again. Several lanes are broken at any time.
//
// What must hold of each cycle: a call ends within its deadline, with an answer
// or with an error that a reader can use; a tool has run once if its answer came
// and at most once if none did; tools/list has all that is well; and once the
// fault is lifted the lane works again without a restart. What must hold of the
// whole: calls of healthy sources never fail and hardly slow down, and at the end
// the gateway has the processes, descriptors and goroutines that it began with.
//
// It has no code of its own. `make chaos` runs 1,000 cycles, a plain test each
// lane once.
package chaos
