package tool

import "encoding/json"

// GeneratedV1 is named by every adapter written for this version of the model,
// so that an adapter and a runtime that do not fit fail to compile.
const GeneratedV1 = 1

// Tool is what an MCP client lists and calls.
type Tool struct {
	// Name is unique in its source, without the source's prefix. See [ValidName].
	Name        string `json:"name"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// Input is the JSON Schema 2020-12 of the arguments: an object with
	// "type": "object" and no combinator at its root; "$defs" holds just what it
	// refers to. In one document a "$defs" name stands for one schema only.
	Input json.RawMessage `json:"inputSchema"`
	// Output is the schema of structured results as the document gives it, of
	// the same form; nil where none is described.
	Output      json.RawMessage `json:"outputSchema,omitempty"`
	Annotations Annotations     `json:"annotations"`
	// Budget is the most tokens that a result may cost; 0 takes the source's.
	Budget int `json:"budget,omitempty"`
	// Shaping says how results are shaped before they are trimmed; nil for not at
	// all.
	Shaping *Shaping `json:"shaping,omitempty"`
	// Operation is the REST operation behind the tool; nil for native tools.
	Operation *Operation `json:"operation,omitempty"`
	// Definition is a native server's whole definition of the tool, passed on
	// with whatever members it has; nil for REST tools.
	Definition json.RawMessage `json:"-"`
}

// Annotations are MCP's hints on behaviour. All are always explicit.
type Annotations struct {
	ReadOnly    bool `json:"readOnlyHint"`
	Destructive bool `json:"destructiveHint"`
	Idempotent  bool `json:"idempotentHint"`
	OpenWorld   bool `json:"openWorldHint"`
}

// API is what the tools of one document share.
type API struct {
	Title       string   `json:"title,omitempty"`
	Version     string   `json:"version,omitempty"`
	Description string   `json:"description,omitempty"`
	Document    string   `json:"document,omitempty"` // where the tools come from, e.g. "specs/crm.yaml"
	Servers     []Server `json:"servers,omitempty"`
	// Schemes are the document's security schemes, sorted by name.
	Schemes []Scheme `json:"schemes,omitempty"`
}

// Scheme returns the security scheme of that name.
func (a API) Scheme(name string) (Scheme, bool) {
	for _, s := range a.Schemes {
		if s.Name == name {
			return s, true
		}
	}
	return Scheme{}, false
}
