package lock

import (
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// FileName is the name of the file in an adapter's folder.
const FileName = "bridge.lock"

// Version is the version of the file's form that this package reads and writes.
const Version = 1

// Lock is a whole bridge.lock.
type Lock struct {
	// Document is where the tools come from, e.g. "specs/crm.yaml".
	Document string
	// Encoding names the vocabulary that Tokens are counted by.
	Encoding string
	// Tokens is what all definitions cost together, as they are served.
	Tokens int
	// Defs are the definitions that the tools' schemas refer to, by name.
	Defs map[string]json.RawMessage
	// Tools are in the document's order.
	Tools []Tool
	// Names is the ledger: the name that each operation was given, by
	// "GET /contacts". It keeps the operations that are gone.
	Names map[string]string
}

// Tool is a tool as a caller sees it.
type Tool struct {
	Name        string // without the source's prefix
	Method      string
	Path        string
	Title       string
	Description string
	Annotations tool.Annotations
	Budget      int             // of its results, in tokens; 0 for the source's
	Shaping     *tool.Shaping   // of its results; nil for none
	Tokens      int             // of its definition, as it is served
	Input       json.RawMessage // without "$defs"
	Output      json.RawMessage // without "$defs"; nil if none is described
}

// Operation returns the method and path of the tool: "GET /contacts".
func (t Tool) Operation() string { return t.Method + " " + t.Path }
