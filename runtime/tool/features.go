package tool

import "encoding/json"

// Features is what an MCP server has besides tools. Each definition is the JSON
// that the server gave, with every member.
type Features struct {
	Resources []json.RawMessage
	Templates []json.RawMessage
	Prompts   []json.RawMessage
	// Capabilities is the object that the server declared; nil for none.
	Capabilities json.RawMessage
	// Instructions are the server's own, for the model; may be empty.
	Instructions string
}
