// Package openapi lowers an OpenAPI document to tools.
//
// [Load] and [Lower] take a document of version 2.0, 3.0, 3.1 or 3.2, in JSON or
// YAML, of one file or many, and return a [Document]: the API, its tools in
// document order, and a [Diagnostic] with file, line and column for whatever
// could not be carried over as it stands.
//
// # How it works
//
// The bytes become a raw tree of this package's own: ordered, with the position
// of each node (node.go, readjson.go, readyaml.go). Overlays are applied to it
// (overlay.go; their queries are of RFC 9535, jsonpath.go), and what they add
// keeps its place in the overlay's file. Everything is lowered from that tree. A
// "$ref" is resolved in the tree, under an allow-list, by a set of files that is
// bounded in number, size and time (files.go, resolve.go).
// Version 2.0 is brought to the form of 3.x operation by operation
// (swagger.go). Schemas become JSON Schema 2020-12 (schema.go): what is
// referred to stays a "$defs" entry, so that the work is linear in the document
// however its references nest; "allOf" is merged (merge.go).
//
// The usual library, kin-openapi, is not in this path, for reasons that were
// measured: its maps have no order, it refuses a document whole for one bad
// node (14 of 163 real ones), and it drops what it does not expect in silence.
// It is the second opinion instead (opinion.go): it reads each document of one
// file and up to 256 KB too; that it can't is passed on as a diagnostic, and a
// parameter or field that it sees and the tool lacks is reported.
//
// # What holds
//
//   - Every operation becomes a tool, or a diagnostic of severity error names it
//     and says why not (info, code "hidden", where "x-mcp" hides it). Every
//     declared parameter and top-level body field is an argument, or a diagnostic
//     says why not.
//   - One bad operation, parameter or schema never takes another down.
//   - The same input gives the same bytes.
//   - A name never depends on the order of operations. One that was given
//     before is kept by [Options.Names].
//   - Time and memory are bounded for hostile documents.
//
// # Hints
//
// GET, HEAD, OPTIONS, TRACE and QUERY are read-only and idempotent; PUT and
// DELETE are idempotent (RFC 9110, section 9.2). MCP calls a tool destructive
// if it may do more than add: DELETE removes and PUT replaces what was there,
// so both are; POST adds, and PATCH changes only what it names, so neither is.
// "x-mcp" overrides each hint.
//
// # The x-mcp extension
//
// An operation may carry "x-mcp": {name, title, description, hidden,
// readOnlyHint, destructiveHint, idempotentHint, openWorldHint}, and of its
// results {budget, fields, jq, drop, encoding, pages, cache, dedupe}, as
// [tool.Shaping] has them: fields or jq, not both; drop is {nulls, empty, keys};
// cache is a time such as "30s", for tools that only read. The gateway runs jq of
// documents that are files or were compiled in, and of no others.
//
// The document may carry the members on results too, which then hold for all its
// operations. What an operation says of itself goes before, key by key; names of
// drop.keys are added. "fields": [], "pages": 1, "cache": "0s", "encoding": "json"
// and false undo what the document says.
//
// The document may carry "x-mcp": {include, exclude}, often by an overlay, to say
// which operations become tools. Each is a rule or a list of rules, of which one
// must match; a rule is {tags, paths, methods, operationIds, deprecated}, of
// which all that are given must hold. All but deprecated take patterns, in which
// "*" stands for any text. An operation's own "hidden" goes before.
package openapi
