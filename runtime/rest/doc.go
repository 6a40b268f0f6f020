// Package rest carries out the tools of REST APIs: it turns a [tool.Tool] with
// an operation and a JSON object of arguments into one HTTP request, and the
// response into a [call.Result].
//
// A [Source] is one API as the gateway sees it. Tools that were compiled into an
// [Adapter] and tools that were lowered from a document at start take the same
// path through it, so that both send the same bytes:
//
//	arguments ─ bind ─▶ values ─ style, body ─▶ request ─ send ─▶ response ─ read ─▶ result
//
// What a tool needs at each call (its split path, its base URL, its checked
// schema) is worked out once and kept in a plan.
//
// # Arguments
//
// Values stay as the caller wrote them: numbers keep their digits, objects the
// order of their members, and JSON bodies are spliced from the raw text.
// Arguments that the schema accepts are never touched. Of those that it does
// not, weak ones are mended where the schema says plainly what was meant; all
// others make one result that names each of them, what came and what is allowed.
// A null for an argument that takes none counts as not given.
//
// # Decisions where OpenAPI leaves the choice
//
//   - Arrays and objects within a deepObject, and nested values in a form
//     without an encoding, are written with indexes and names in brackets,
//     a[b][0][c]=…, as Stripe's own clients do. Brackets are percent-encoded.
//   - In the other styles, nested values are JSON text; null members are
//     undefined and left out, as are empty arrays and objects (RFC 6570, 2.3).
//   - Blanks become "%20" in queries and in forms.
//   - Cookies of several values part by "; " in either style.
//   - allowReserved leaves alone what can't end or part the place the value
//     stands in: never "#", "&", "+" or brackets in a query, never "/" in a path.
//   - A value in a path may not be empty nor hold the segment "." or "..", plain
//     or percent-encoded.
//   - Multipart boundaries are a hash of the content: the same call makes the
//     same bytes.
//
// # Written by hand
//
// An [Adapter] may have a [Custom]: hooks on operations ([Before], [After],
// [Around]) and composite tools ([Compose]). They are typed and run around the
// path above, which stays as it is for operations without them:
//
//	arguments ─ bind ─▶ hooks: In ─▶ the path above ─▶ hooks: Out ─▶ result
//
// Arguments are bound before a hook sees them, so it may rely on the schema, and
// again behind it. Typed values forget what their types do not know; so what a
// hook changed is found by comparing what its value writes before and after, and
// only that is changed in the JSON. A call, whatever it runs by hand, is bounded
// by the source's timeout as a whole. A panic is for the gateway to contain.
//
// # Trust
//
// Credentials go to the source's own origin only. Redirects are followed for
// GET and HEAD within that origin, five times at most. No header of the
// gateway's caller is passed on, and none that frames a message or carries
// credentials can be an argument. What the upstream says in an error is bounded
// and has the credentials taken out; causes, which may name addresses inside,
// go to the log with the call's ID.
package rest
