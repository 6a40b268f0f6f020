// Package schema reads the JSON Schemas of tools in the order in which they are
// written.
//
// It reads just what Go types are made of. Whatever else a schema says stays in
// the raw text, which adapters carry whole.
package schema
