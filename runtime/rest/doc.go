// Package rest carries out the tools of REST APIs: it turns a [tool.Tool] with
// an operation and a JSON object of arguments into one HTTP request, and the
// response into a [call.Result].
//
// A [Source] is one API as the gateway sees it. Tools that were compiled into an
// adapter and tools that were lowered from a document at start take the same
// path through it, so that both send the same bytes.
package rest
