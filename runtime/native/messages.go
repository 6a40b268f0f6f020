package native

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// notificationBody returns the message of a notification.
func notificationBody(method string, params json.RawMessage) []byte {
	return protocol.OneLine(protocol.Message{Method: method, Params: params}.Append(nil))
}

func cancelledBody(id uint64) []byte {
	return notificationBody(protocol.Cancelled, json.RawMessage(`{"requestId":`+strconv.FormatUint(id, 10)+`,"reason":"nobody waits for the answer any more"}`))
}

// readProgress reads the params of a progress notification.
func readProgress(params json.RawMessage) call.Progress {
	var p struct {
		Progress float64 `json:"progress"`
		Total    float64 `json:"total"`
		Message  string  `json:"message"`
	}
	_ = json.Unmarshal(params, &p) // what can't be read is 0
	return call.Progress{Done: p.Progress, Total: p.Total, Message: p.Message}
}

// numberOf returns an id of ours.
func numberOf(id protocol.ID) (uint64, bool) {
	n, err := strconv.ParseUint(string(id), 10, 64)
	return n, err == nil
}

// refusesSession reports whether an error is about the request's session, by what
// SDKs answer before they look at the request itself: their own code, or that the
// request is invalid. A tool's failure has other codes, and may have had effects.
func refusesSession(e *protocol.Error) bool {
	return (e.Code == codeSDK || e.Code == protocol.CodeInvalidRequest) && strings.Contains(strings.ToLower(e.Message), "session")
}

// codeSDK is JSON-RPC's first code for a server's own errors, which the TypeScript
// SDK has for a session that it does not know.
const codeSDK = -32000
