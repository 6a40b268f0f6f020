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
//
// # How it is built
//
// An exchange is one request under way; to the handler it is the client. It is
// answered through an outlet: the response to a POST, which begins as JSON and
// becomes an event stream at the first message that comes ahead of the answer,
// or a link, which is a connection that carries everything (stdio, HTTP+SSE). A
// session is a client of the older era; an idle one is 450 bytes, and no
// goroutine. A conversation is a call of the newer era that may ask its client:
// it runs in a goroutine of its own, and is answered in as many requests as it
// takes. A call of a client that declares nothing to be asked by runs where its
// request came in, and never waits for more.
//
// # What is bounded
//
// Messages in bytes and depth; sessions, and the time that an idle one is kept;
// requests under way in a session or on a link; questions that are open; parked
// calls, in all and of one caller, and how long they wait; watched resources;
// events that are kept for a client that comes back, of a stream and of all
// together; notifications that are being taken. Over HTTP, requests of the
// newer era are bounded by who is in front of this package, since nothing ties
// two of them together.
package face
