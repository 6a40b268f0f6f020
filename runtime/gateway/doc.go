// Package gateway joins sources into one catalog, carries out calls through one
// pipeline, and shows both to MCP clients.
//
// # The catalog
//
// A [Mount] says how a source appears: under which prefix, with which tools,
// names, descriptions and budgets. From all mounts the gateway compiles a
// [Catalog] for each [Endpoint], an immutable value that is swapped whole
// whenever what a source has changes; whoever reads one sees one moment. It has
// the tools, and of sources that are whole MCP servers ([Server]) the resources,
// templates and prompts too, in the order of the mounts and in the servers' own.
// What can't be served is left out with a [Problem] that says why, and the rest
// serves. A name that two sources have is the first one's: a source that is added
// behind the others renames and hides nothing.
//
// uri.go has the rules by which names, URIs and the ids of tasks are told to
// clients and read back; rewrite.go applies them to whatever passes, and changes
// no other byte. A mount without a prefix is untouched.
//
// # Requests
//
// A call runs through the stages of pipeline.go, top to bottom, every other
// request through those of request.go. What is asked about something that no list
// has goes to the source whose mark it bears, else to those without a prefix, in
// their order (resolve.go). handler.go only translates between a client's request
// and these: runtime/face serves it over every transport, in every revision.
//
// # What a result costs
//
// Stages around the one that shapes a result spare what shaping can't: wishes.go
// takes from the call how much the caller wants, follow.go reads a list's further
// pages while the budget lasts, cache.go keeps what was only read, and dedupe.go
// says so where a session has had a result already.
//
// A catalog costs too. Where an endpoint's [Listing] says so, tools/list shows
// three tools in the place of all (finder.go): one finds others, by an index that
// is built anew in the background for each catalog, one describes them, and one
// calls them. A call through the last is the call of the tool that it names from
// the first stage on, so that nothing holds for the one that does not for the
// other.
//
// # Owners
//
// Each source is loaded by a goroutine of its own, so that one that is slow or
// dead delays and empties nothing else; the gateway owns these goroutines, and
// [Gateway.Close] waits for them.
package gateway
