package call

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Handler carries out a call.
//
// A failure that the model behind the caller can act on (a wrong argument, an
// upstream that answers 404) is a Result with IsError set. An error is for what
// the gateway could not carry out; faces report it by runtime/fault's table.
type Handler func(ctx context.Context, c *Call) (*Result, error)

// Middleware wraps a handler with one stage of the pipeline.
type Middleware func(next Handler) Handler

// Chain returns last wrapped in the stages, the first of which runs first.
func Chain(last Handler, stages ...Middleware) Handler {
	for i := len(stages) - 1; i >= 0; i-- {
		last = stages[i](last)
	}
	return last
}

// Call is one invocation of a tool. A stage may change a call that it was
// handed, but not what the call points to: tools are shared.
type Call struct {
	// ID is the request's id, in the log and in messages to the caller.
	ID string
	// Endpoint is the path of the MCP URL that the call came to; "" for none.
	Endpoint string
	// Name is the tool's name as the caller wrote it, prefix included.
	Name string
	// Source names the source that the tool belongs to.
	Source string
	// Tool is the tool's definition, set once the call was resolved.
	Tool *tool.Tool
	// Arguments is a JSON object, or empty for none.
	Arguments json.RawMessage
	// Meta is the caller's "_meta" without the protocol's own keys; may be empty.
	Meta json.RawMessage
	// Caller says who calls.
	Caller Caller
	// Budget is the most tokens that the result may cost; 0 means no bound.
	Budget int
	// Fields are JSON pointers to what the caller asked for of the result; none
	// asks for all. tool.Shaping has their form.
	Fields []string
	// TextOnly says that the caller's protocol has no structured results.
	TextOnly bool
	// Credentials are presented to the upstream.
	Credentials []Credential
	// Progress, if not nil, reports progress to the caller.
	Progress func(context.Context, Progress)
	// Client is the client program, for what a server asks while it serves the
	// call; nil where there is none to ask.
	Client Client
	// Extra holds further members of the request's params, such as "task",
	// "inputResponses" and "requestState", for native servers; may be nil.
	Extra map[string]json.RawMessage
}

// Caller is the identity behind a call.
type Caller struct {
	ID     string // "" for an anonymous caller
	Client string // the client program as it names itself, e.g. "cursor/1.2"
	// Session is the id of the client's session; "" where requests stand alone.
	Session string
}

// Credential is one value that the gateway presents to an upstream. It is bound
// to the source that it was made for. Print it freely: the value is left out.
type Credential struct {
	In    tool.Location // header, query or cookie
	Name  string
	Value string
	// Sign, if not nil, signs the whole request instead of placing a value, right
	// before each time that it is sent.
	Sign func(*http.Request) error
	// Renew, if not nil, is told that the upstream refused the value, and returns the
	// credential to present instead; false where there is none.
	Renew func(context.Context) (Credential, bool)
}

// String returns the credential without its value.
func (c Credential) String() string { return string(c.In) + " " + c.Name + " [redacted]" }

// Format writes the same as String, whatever the verb.
func (c Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalJSON writes the credential without its value.
func (c Credential) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// Progress is one step of a long call.
type Progress struct {
	Done    float64
	Total   float64 // 0 if unknown
	Message string
}
