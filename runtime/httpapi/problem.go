package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// problemType is the media type of failures (RFC 9457, section 3).
const problemType = "application/problem+json"

// problem is a failure as clients get it. It has no "type", which stands for
// "about:blank": its status says what it is, and Kind says it closer.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Kind is a word of runtime/fault's table; "tool" where the tool itself
	// failed and no more is known.
	Kind string `json:"kind"`
	Call string `json:"call,omitempty"` // the call's id
	Tool string `json:"tool,omitempty"`
	// MCP is the error that an MCP server answered with.
	MCP *protocol.Error `json:"mcp,omitempty"`
}

// problemOf returns the problem that an error is, by runtime/fault's table.
func problemOf(err error) problem {
	kind := fault.KindOf(err)
	p := problem{Detail: fault.Message(err)}
	var answered *protocol.Error
	var own *fault.Error
	if errors.As(err, &answered) {
		p.MCP = answered
		if !errors.As(err, &own) {
			kind, p.Detail = kindOfCode(answered.Code), answered.Message
		}
		if answered.Code == protocol.CodeURLElicitation {
			kind, p.Detail = fault.Unsupported, answered.Message+": the tool sends its user to a web page first, which only an MCP client can follow up; call it by one"
		}
	}
	p.Kind, p.Status = kind.String(), kind.HTTPStatus()
	return p
}

// kindOfCode says what kind of failure a JSON-RPC error of an MCP server is.
func kindOfCode(code int) fault.Kind {
	switch code {
	case protocol.CodeInvalidParams:
		return fault.Invalid
	case protocol.CodeResourceNotFound:
		return fault.NotFound
	case protocol.CodeMethodNotFound, protocol.CodeMissingCapability, protocol.CodeURLElicitation:
		return fault.Unsupported
	default:
		return fault.Upstream
	}
}

// refuse answers with the problem that an error is.
func (a *api) refuse(w http.ResponseWriter, err error) { a.answerProblem(w, problemOf(err)) }

// refuseMethod answers a method that does not exist here.
func (a *api) refuseMethod(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	a.answerProblem(w, problem{Status: http.StatusMethodNotAllowed, Kind: fault.Invalid.String(), Detail: "use one of " + allowed})
}

func (a *api) answerProblem(w http.ResponseWriter, p problem) {
	if p.Title = http.StatusText(p.Status); p.Title == "" {
		p.Title = "Client Closed Request"
	}
	body, err := json.Marshal(p)
	if err != nil { // an MCP server's "data" that is no JSON
		p.MCP = nil
		body, _ = json.Marshal(p) // text and numbers always marshal
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer") // RFC 9110, section 15.5.2
	}
	a.write(w, p.Status, problemType, body)
}

// write answers with a body that holds for this one request.
func (a *api) write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	h := w.Header()
	secure(h)
	h.Set("Cache-Control", "no-store")
	if mediaType != "" {
		h.Set("Content-Type", mediaType)
	}
	w.WriteHeader(status)
	if len(body) == 0 {
		return
	}
	if _, err := w.Write(body); err != nil {
		a.log.Debug("an answer could not be written", "error", err)
	}
}
