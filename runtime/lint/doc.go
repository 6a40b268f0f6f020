// Package lint says where a document will confuse a model or fail a client.
//
// Check takes a lowered document, and the same document as it was written, and
// returns findings: what lowering had to say, and then what a document can have
// wrong that lowers well. A finding has a place, a stable code, a severity, the
// reason in words, and, where the mend can be computed, an overlay action that
// makes it (Overlay writes those as an OpenAPI Overlay 1.0 document).
//
// A severity means the same for every code. An error is something that fails: an
// operation is no tool, or no call of it can work. A warning is something that a
// model will likely get wrong. An info could be better.
//
// Two rules keep the output worth reading. A finding says something that the
// reader can act on, once: what concerns many arguments of an operation is one
// finding, and what concerns the whole document is one finding. And an action
// holds a real proposal, made of what the document says; where the document does
// not say enough (nobody can compute what an undescribed argument means), there
// is a finding without an action.
//
// The rules stand in one file per subject: texts.go (descriptions), names.go
// (tool names and operationIds), similar.go (tools that are hard to tell apart),
// arguments.go, schemas.go (what is hard to fill in), examples.go, behaviour.go
// (hints), results.go, size.go (tokens), servers.go (servers and security) and
// clients.go. words.go and propose.go are the language that rules and proposals
// share.
package lint
