// Package protocol is what the Model Context Protocol looks like on the wire:
// JSON-RPC messages whose params and results stay the bytes that they came as,
// the names of revisions, methods, headers and error codes, and event streams.
//
// It knows no connection and no session. runtime/face serves clients by it, and
// runtime/native calls servers by it.
//
// Sources: JSON-RPC 2.0; the MCP specification's revisions 2024-11-05 to
// 2026-07-28 (modelcontextprotocol.io/specification); the WHATWG's "Server-sent
// events".
package protocol
