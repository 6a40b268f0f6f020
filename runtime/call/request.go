package call

import (
	"context"
	"encoding/json"
)

// Request is what a client asks of a source besides calling a tool: to read a
// resource, to get a prompt, to complete an argument, to look after a task.
type Request struct {
	// ID is the request's id, in the log and in messages to the caller.
	ID string
	// Endpoint is the path of the MCP URL that the request came to.
	Endpoint string
	// Method is MCP's, such as "resources/read".
	Method string
	// Source names the source that it goes to.
	Source string
	// Params are as the source is to get them, with names and URIs as the source
	// has them, and without "_meta".
	Params json.RawMessage
	// Meta is the caller's "_meta" without the protocol's own keys; may be empty.
	Meta json.RawMessage
	// Caller says who asks, Client what program.
	Caller Caller
	Client Client
	// Progress, if not nil, reports progress to the caller.
	Progress func(context.Context, Progress)
}

// Notice is a notification of a source that belongs to no call of the gateway's:
// a resource was updated, a log message was written, a task has ended.
type Notice struct {
	Source string
	Method string
	Params json.RawMessage // with names and URIs as the source has them
}

// Client is the client program behind a call, as far as whoever serves the call
// may turn to it while it lasts.
type Client interface {
	// Capabilities is the object that the client declared; nil for none.
	Capabilities() json.RawMessage
	// Retries reports whether the client answers what it is asked by making its
	// request again (2026-07-28, Multi Round-Trip Requests). A source whose server
	// asks in that way returns the server's result as it is; all others Ask.
	Retries() bool
	// Ask sends the client a request ("elicitation/create",
	// "sampling/createMessage", "roots/list") and returns its result. An error of
	// kind fault.Unsupported says that the client lacks what it takes.
	Ask(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error)
	// Notify sends the client a notification about the call, such as a log
	// message. One that the client did not ask for is dropped.
	Notify(ctx context.Context, method string, params json.RawMessage) error
}

// Leveled is a [Client] that says from which level on it wants log messages
// ("debug", "info", …): "" if it wants none or did not say. Servers that log
// only when they are told to are told so.
type Leveled interface {
	LogLevel() string
}
