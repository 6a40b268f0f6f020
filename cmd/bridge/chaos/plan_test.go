//go:build unix

package chaos_test

import "strings"

// form is how a lane's server speaks.
type form string

const (
	stdio  form = "stdio"
	older  form = "http2025" // streamable HTTP with sessions
	modern form = "http2026" // streamable HTTP without
	sse    form = "sse"      // HTTP+SSE of 2024-11-05
)

// point is where in a session a fault strikes.
type point string

const (
	connecting  point = "connect"  // initialize, server/discover, the stream of HTTP+SSE
	listing     point = "list"     // tools/list
	before      point = "before"   // a call has arrived and has not run
	progressing point = "progress" // some progress was told, the call has not run
	answering   point = "answer"   // the call has run: its answer is damaged
	after       point = "after"    // the answer is out
	streaming   point = "stream"   // the stream of what belongs to no call
	closing     point = "close"    // the gateway takes its leave
)

// fault is what goes wrong.
type fault string

const (
	none     fault = ""
	exits    fault = "exit"     // the process ends
	killed   fault = "kill"     // the process is killed
	hangs    fault = "hang"     // nothing more comes, until the fault is lifted
	floods   fault = "flood"    // thousands of notifications and lines of log go first
	garbage  fault = "garbage"  // what comes is no JSON-RPC
	shuts    fault = "shut"     // standard output is closed, the process stays
	slow     fault = "slow"     // it comes in small pieces
	truncate fault = "truncate" // the connection ends in the middle of a body
	oversize fault = "oversize" // larger than a message may be
	reset    fault = "reset"    // the connection is reset
	cut      fault = "cut"      // an event stream ends in the middle of an event
	silence  fault = "silence"  // an event stream ends without the answer
	stranger fault = "stranger" // an answer to something that nobody asked
	expires  fault = "expire"   // 404: the session is not known
	fails    fault = "500"      // 500
	html     fault = "html"     // 200 with a web page
	flaps    fault = "flap"     // nothing listens
)

// plan is what strikes where.
var plan = []struct {
	form   form
	point  point
	faults []fault
}{
	{stdio, connecting, []fault{exits, hangs, garbage, shuts, truncate, slow}},
	{stdio, listing, []fault{exits, hangs, slow}},
	{stdio, before, []fault{exits, killed, hangs, shuts, garbage, floods}},
	{stdio, progressing, []fault{exits, hangs}},
	{stdio, answering, []fault{exits, hangs, garbage, floods, slow, truncate, oversize, shuts, stranger}},
	{stdio, after, []fault{exits, killed, garbage}},
	{stdio, closing, []fault{hangs}},

	{older, connecting, []fault{reset, truncate, hangs, expires, fails, html, garbage, flaps}},
	{older, listing, []fault{reset, truncate, hangs, fails, garbage}},
	{older, before, []fault{reset, hangs, expires, fails, flaps}},
	{older, progressing, []fault{cut, reset, hangs}},
	{older, answering, []fault{reset, truncate, slow, hangs, oversize, html, garbage, cut, silence, stranger, fails}},
	{older, streaming, []fault{reset, cut, hangs, fails, html, expires}},
	{older, closing, []fault{hangs, reset, fails}},

	{modern, connecting, []fault{reset, hangs, fails, garbage}},
	{modern, listing, []fault{reset, hangs, fails}},
	{modern, before, []fault{reset, hangs, expires, fails, flaps}},
	{modern, progressing, []fault{cut, reset, hangs}},
	{modern, answering, []fault{reset, truncate, slow, hangs, oversize, html, garbage, cut, silence, stranger, fails}},

	{sse, connecting, []fault{reset, hangs, fails, cut, flaps}},
	{sse, before, []fault{reset, hangs, expires, fails, flaps}},
	{sse, answering, []fault{cut, garbage, hangs, slow, oversize, stranger}},
	{sse, after, []fault{reset}},
}

// harmless are the faults that a call survives: it must be answered.
func harmless(f form, p point, what fault) bool {
	switch what {
	case slow, floods:
		return true
	case garbage:
		return f == stdio || f == sse // beside the messages, not in their place
	}
	return p == closing || p == after && what == garbage
}

// lanes makes a lane of each fault of the plan.
func lanes() []*lane {
	var all []*lane
	for _, row := range plan {
		for _, what := range row.faults {
			all = append(all, newLane(row.form, row.point, what))
		}
	}
	return all
}

// name is the lane's name as a source.
func name(f form, p point, what fault) string {
	return strings.Join([]string{string(f), string(p), string(what)}, "_")
}
