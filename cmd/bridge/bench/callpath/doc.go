// Callpath measures what a tools/call costs on its way through Bridge, next to
// what it costs without: one call, by revision 2026-07-28 with JSON responses,
// is made over loopback
//
//   - straight to the upstream, a REST API and an MCP server in one;
//   - through net/http/httputil.ReverseProxy, to both;
//   - through `bridge serve`, to the REST API and to the MCP server;
//   - through a plain proxy written with the client and the server of MCP's Go
//     SDK, as one would write it in a hundred lines.
//
// Each of these, and the generator of the load, is a process of its own: this
// program, started anew with a role. CPU is that of the proxy's process alone,
// user and system, by getrusage; allocations are its runtime's own count. Times
// are seen by the generator, which shares the machine with all others, so they
// mean something in comparison only.
//
// It also measures what an idle session of an older revision holds of memory,
// and how long tools/list takes for 5,000 tools.
//
//	go run ./cmd/bridge/bench/callpath -duration 3s
package main
