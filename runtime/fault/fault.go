package fault

import (
	"context"
	"errors"
	"net/http"
)

// Kind classifies a failure by what the caller can do about it.
type Kind uint8

// The kinds of failure.
const (
	Internal     Kind = iota // a bug or an unexpected state of the gateway
	Invalid                  // the request or an argument is wrong: mend it and try again
	NotFound                 // no such tool, resource or session
	Unauthorized             // no credential, or one that is not accepted
	Forbidden                // the caller may not do this
	Conflict                 // the state of things does not allow it
	TooLarge                 // a body, result or count is over its bound
	RateLimited              // too many calls: wait, then try again
	Timeout                  // a deadline passed
	Canceled                 // the caller went away
	Unavailable              // the upstream can't be reached: try again later
	Upstream                 // the upstream answered, but not as it should
	Unsupported              // Bridge does not do this
)

// row is what the table says of one kind.
type row struct {
	name   string
	status int
	code   int64
}

// table maps kinds to their name, HTTP status and JSON-RPC 2.0 error code
// (section 5.1 of its specification; -32000 and below are server-defined).
var table = [...]row{
	Internal:     {"internal", http.StatusInternalServerError, -32603},
	Invalid:      {"invalid", http.StatusBadRequest, -32602},
	NotFound:     {"not_found", http.StatusNotFound, -32602},
	Unauthorized: {"unauthorized", http.StatusUnauthorized, -32001},
	Forbidden:    {"forbidden", http.StatusForbidden, -32003},
	Conflict:     {"conflict", http.StatusConflict, -32009},
	TooLarge:     {"too_large", http.StatusRequestEntityTooLarge, -32013},
	RateLimited:  {"rate_limited", http.StatusTooManyRequests, -32029},
	Timeout:      {"timeout", http.StatusGatewayTimeout, -32008},
	Canceled:     {"canceled", 499, -32800},
	Unavailable:  {"unavailable", http.StatusServiceUnavailable, -32010},
	Upstream:     {"upstream", http.StatusBadGateway, -32011},
	Unsupported:  {"unsupported", http.StatusNotImplemented, -32012},
}

func (k Kind) row() row {
	if int(k) >= len(table) {
		k = Internal
	}
	return table[k]
}

// String returns the kind's name as it stands in logs and JSON.
func (k Kind) String() string { return k.row().name }

// HTTPStatus returns the HTTP status that answers a failure of this kind.
func (k Kind) HTTPStatus() int { return k.row().status }

// RPCCode returns the JSON-RPC error code that answers a failure of this kind
// where it is a failure of the protocol and not of a tool.
func (k Kind) RPCCode() int64 { return k.row().code }

// Error is a failure that callers, logs and faces can all read.
type Error struct {
	Op      string // what was being done, e.g. "rest.request"
	Kind    Kind
	Message string // what was wrong and what to do, safe for the caller
	Err     error  // the cause; for the log only, may be nil
}

// New returns an error of the given kind. The message is shown to callers.
func New(op string, kind Kind, message string) *Error {
	return &Error{Op: op, Kind: kind, Message: message}
}

// Wrap returns an error of the given kind with a cause that stays in the log.
func Wrap(op string, kind Kind, message string, cause error) *Error {
	return &Error{Op: op, Kind: kind, Message: message, Err: cause}
}

// Error returns the operation, message and cause: the text for logs.
func (e *Error) Error() string {
	text := e.Op + ": " + e.Message
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first [Error] in err's chain. The context's
// own errors count as [Timeout] and [Canceled]; any other error is [Internal].
func KindOf(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Canceled
	default:
		return Internal
	}
}

// Message returns the text of err that is safe to show to a caller:
// the first [Error]'s message, or a plain word for all else.
func Message(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Kind != Internal {
		return e.Message
	}
	switch KindOf(err) {
	case Timeout:
		return "the call took too long and was stopped"
	case Canceled:
		return "the call was canceled"
	default:
		return "internal error"
	}
}
