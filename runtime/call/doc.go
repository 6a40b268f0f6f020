// Package call is what flows through the gateway: a [Call] on its way in, a
// [Result] on its way out, and between them a chain of [Middleware] around a
// [Handler].
//
// Every MCP revision, transport and other face is translated to a Call and back
// from a Result, so that each stage (policy, credentials, shaping, metering) is
// written once. Arguments and results stay raw JSON from the wire to the wire;
// a stage parses only what it must read.
package call
