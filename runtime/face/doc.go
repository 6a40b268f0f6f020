// Package face serves MCP to clients: every revision, over streamable HTTP,
// HTTP+SSE and standard input and output, from one [Handler] that never sees
// which.
//
// # Raw
//
// A request is parsed once, as far as its envelope and "_meta"; params and
// results stay bytes. The official SDK's server decodes and encodes what it
// knows, by which it loses what it doesn't, costs two to four times the
// processor time, and holds 15 KB a session: a gateway must pass on what it has
// never heard of. So the faces are written here, and the SDK's own clients, and
// the official conformance suite, hold them to the specification.
//
// # Two eras
//
// Until 2025-11-25 a client opens a session with initialize, and the server may
// send it requests. From 2026-07-28 on every request stands for itself; a
// server that needs something of the client answers "input_required", and the
// client asks again with what was wanted. A [Handler] knows neither: it calls
// Ask, and in the newer era its call is parked until the client comes back.
package face
