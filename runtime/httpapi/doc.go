// Package httpapi serves every tool as plain HTTP, for clients that speak no
// MCP:
//
//	POST {base}/api/tools/{name}   calls a tool
//	GET  {base}/api/tools          lists the tools
//	GET  {base}/api/tools/{name}   one tool's definition
//	GET  {base}/openapi.json       the OpenAPI 3.1 document of all of them
//	GET  {base}/docs               a page to browse and try them
//
// [New] returns one handler for all of these. It knows tools and a [call.Handler]
// (the gateway's pipeline), so whatever holds for a call of an MCP client
// (credentials, budgets, the log) holds here too.
//
// # Calls
//
// The body is the tool's arguments, a JSON object; an empty body is none. The
// Content-Type is application/json and nothing else, which no HTML form can
// send, and what a browser sends from another origin is refused: there is no
// CORS.
//
// The answer is what a program would want of the result: its structured content
// as application/json; else the one block that it has, as JSON, text, or the
// bytes of an image, a sound or a file in their own media type; else 204 for
// nothing, and {"content": […]} for a mixture. Who asks for the media type
// [ResultType], by the Accept header or with ?full=true, gets the whole MCP
// result. No other part of Accept is looked at: what a tool answers is known
// only after it was called, and by then a refusal would lose it
// (RFC 9110, section 12.5.1 leaves the choice).
//
// The headers of an answer say what the body can't: [HeaderCall] is the call's
// id, which stands in the gateway's log; [HeaderTrimmed] is "true" where the
// result was cut to its budget, and [HeaderBefore] and [HeaderAfter] count its
// tokens.
//
// # Failures
//
// Every failure is a problem (RFC 9457), application/problem+json, with the
// members "kind" (a word of runtime/fault), "call" and "tool" besides the usual
// ones. A tool's own failure has the tool's text as the detail; it is of kind
// "tool" and status 502, unless its source knows better. What the gateway could
// not carry out has its status from runtime/fault's table. A tool
// that has to ask its user something on the way can't do so here, and says so
// with 501.
//
// # The document
//
// The document is written when it is first asked for, kept as long as the
// catalog is the same, and the same to the byte for the same tools. Its
// operations carry "x-mcp", so that another Bridge that serves it has the same
// names and hints; document.go and schema.go say how a tool's schemas become part
// of one document.
//
// # Hostile input
//
// Names, descriptions and results come from servers that may mean harm. The page
// shows them as text alone, under a policy that allows no foreign and no inline
// script; answers to calls are under a policy that lets them do nothing at all,
// should a browser ever show one.
package httpapi
