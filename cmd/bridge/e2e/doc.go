// Package e2e holds the end-to-end tests: they build the real binary, start it
// on free ports of loopback, and talk to it with real MCP clients (the Go SDK,
// the two official TypeScript clients, curl). It has no code of its own.
package e2e
