package face

import (
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// lacking returns an error if a client's capabilities lack what it takes to be
// asked by a method.
func lacking(capabilities []byte, method string, params []byte, revision string) error {
	var needed string
	switch method {
	case protocol.CreateMessage:
		needed = "sampling"
	case protocol.Elicit:
		needed = "elicitation"
	case protocol.ListRoots:
		needed = "roots"
	case protocol.Ping:
		if !protocol.IsModern(revision) {
			return nil
		}
		fallthrough
	default:
		return fault.New("face.ask", fault.Unsupported, "a client can't be asked by "+method)
	}
	capability, ok := protocol.Member(capabilities, needed)
	required := `{"` + needed + `":{}}`
	if ok && method == protocol.Elicit {
		mode := "form"
		if protocol.MemberString(params, "mode") == "url" {
			mode = "url"
		}
		ok = elicits(capability, mode)
		required = `{"elicitation":{"` + mode + `":{}}}`
		needed += " by " + mode
	}
	if ok {
		return nil
	}
	message := "the client does not support " + needed + ", which this call needs: use a client that does"
	if !protocol.IsModern(revision) {
		return fault.New("face.ask", fault.Unsupported, message)
	}
	cause := protocol.Errorf(protocol.CodeMissingCapability, "%s", message)
	cause.Data = json.RawMessage(`{"requiredCapabilities":` + required + `}`)
	return fault.Wrap("face.ask", fault.Unsupported, message, cause)
}

// elicits reports whether a client elicits by a mode. One that names no mode
// knows forms alone (2025-11-25, client/elicitation, Capabilities).
func elicits(capability []byte, mode string) bool {
	if _, ok := protocol.Member(capability, mode); ok || mode == "url" {
		return ok
	}
	_, url := protocol.Member(capability, "url")
	return !url
}
