package face

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// Handler is what is served.
type Handler interface {
	// Describe says what is served, for initialize and server/discover.
	Describe(ctx context.Context, r *Request) Description
	// Handle answers a request, and takes note of a notification, whose result is
	// ignored. The face itself answers initialize, server/discover, ping,
	// logging/setLevel, resources/subscribe and unsubscribe (by Watch),
	// subscriptions/listen and cancellations. An error is reported as it is if it
	// is a *protocol.Error, else by runtime/fault's table.
	Handle(ctx context.Context, r *Request) (Result, error)
	// Watch is called when the first client subscribes to a resource's updates,
	// and Unwatch when the last one is gone. What is to be told of it goes through
	// [Server.Publish].
	Watch(ctx context.Context, r *Request, uri string) error
	Unwatch(uri string)
	// Ended tells that a client's session is over.
	Ended(session string)
}

// Description is what a server says of itself.
type Description struct {
	Name, Title, Version string
	Instructions         string
	// Capabilities is the object of the server's capabilities.
	Capabilities json.RawMessage
	// TTL is how long server/discover may be kept, Private that only this caller
	// may keep it (2026-07-28).
	TTL     time.Duration
	Private bool
}

// Request is one request or notification of a client.
type Request struct {
	Method       string
	Params       json.RawMessage // an object; nil for none
	Notification bool
	// Revision is the one that holds for the request.
	Revision string
	Caller   call.Caller
	// Client is who sent it. It also stands for the request: what is asked or told
	// by it goes the way of the request's answer.
	Client call.Client
	// Meta is the params' "_meta" without the protocol's own keys; nil for none.
	Meta json.RawMessage
	// Progress reports progress; nil if the client wants none.
	Progress func(context.Context, call.Progress)
	// Header is that of the HTTP request that it came by, for Mcp-Param-*
	// (2026-07-28); nil over other transports. It is not to be changed.
	Header http.Header
}

// Result is a result that writes itself, so that it is copied once.
type Result interface {
	// AppendJSON appends a JSON object to dst.
	AppendJSON(dst []byte) ([]byte, error)
}

// Raw is a result that is written already.
type Raw json.RawMessage

// AppendJSON appends the bytes.
func (r Raw) AppendJSON(dst []byte) ([]byte, error) { return append(dst, r...), nil }

// Options configures a server. Zero values take the defaults.
type Options struct {
	Handler Handler // needed
	// Caller says who is behind a request, by the context that its transport gave
	// it; nil for nobody in particular. A session belongs to the caller who
	// opened it.
	Caller func(context.Context) call.Caller
	Logger *slog.Logger
	// MaxBody bounds a message, in bytes; 0 means 16 MiB.
	MaxBody int64
	// MaxSessions bounds the sessions, of which the longest idle one makes room;
	// 0 means 10,000.
	MaxSessions int
	// SessionTimeout ends a session that no request came for; 0 means 1 h.
	SessionTimeout time.Duration
	// MaxConcurrent bounds the requests under way, of one session and of one
	// connection; 0 means 256.
	MaxConcurrent int
	// AskTimeout is how long a client may take to answer what it was asked; 0
	// means 5 min.
	AskTimeout time.Duration
}
