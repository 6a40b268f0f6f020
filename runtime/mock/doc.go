// Package mock serves a document's API with no upstream.
//
// A [Server] is made from a lowered document. It routes a request to its
// operation, checks that a credential is there, decodes path, query, headers,
// cookies and body back into the tool's arguments (the inverse of runtime/rest,
// driven by the same tool.Operation), validates them against the tool's schema,
// and answers with the status and media type that the document describes.
//
// # State
//
// What the paths say is taken by the conventions of REST: /contacts is a
// collection and /contacts/{id} one of its records. GET on the collection lists
// (filtered, sorted and paginated as its parameters say), POST creates; GET,
// PUT, PATCH and DELETE on a record do what they say, PATCH by JSON merge patch
// (RFC 7396). /contacts/{id}/notes is a collection of that contact. A GET that
// lists records of a collection's form under another path is a view of that
// collection. All else answers from the document's examples, or with a value
// made from the schema.
//
// Collections start with records made from the examples, the first of which has
// the example's own id, and from the schemas: believable names, addresses and
// dates by property name and format. All is in memory, bounded, and gone with
// the server; a write over a bound is answered with 507.
//
// # Determinism
//
// The same document, seed and sequence of requests give the same bytes. There
// is no clock: time stands still at a fixed moment and advances by one second
// with every write.
//
// # Security
//
// Where an operation needs a credential, the presence and form of one of its
// alternatives is checked, and its value is not: any token passes. A mock must
// not be reachable by anybody who should not see its data.
//
// # Errors
//
// Failures are problem+json (RFC 9457), whatever form of error the document
// describes, and name every wrong value. The header
// "Prefer: code=503" asks for any answer that the document describes, or for
// any error; "Prefer: delay=200ms" holds the answer back.
package mock
