// Package gateway joins sources into one catalog, carries out calls through one
// pipeline, and shows both to MCP clients.
//
// A [Mount] says how a source appears: under which prefix, with which tools,
// names, descriptions and budgets. From all mounts the gateway compiles a
// [Catalog], an immutable value that is swapped whole whenever a source's tools
// change; whoever reads one sees one moment. A tool that can't be served is
// left out with a [Problem] that says why, and the rest serve.
//
// A call runs through the stages of pipeline.go, top to bottom. The faces (the
// MCP server of mcp.go over HTTP and stdio, the HTTP surface of http.go) only
// translate between a protocol and a call.
//
// Each source is loaded by a goroutine of its own, so that one that is slow or
// dead delays and empties nothing else; the gateway owns these goroutines, and
// [Gateway.Close] waits for them.
package gateway
