package protocol

import (
	"encoding/json"
	"fmt"
)

// Message is one JSON-RPC message: a request (Method and ID), a notification
// (Method alone), or a response (ID and either Result or Error).
type Message struct {
	ID     ID
	Method string
	Params json.RawMessage // nil for none
	Result json.RawMessage
	Error  *Error
}

// ID is a request's id: a JSON string or number as it was written; nil for none.
type ID json.RawMessage

// Error is a JSON-RPC error.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// Error returns the message and the code.
func (e *Error) Error() string { return fmt.Sprintf("%s (code %d)", e.Message, e.Code) }

// Errorf returns an error of that code.
func Errorf(code int, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
