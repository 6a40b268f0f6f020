package native

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Members of params and results that are read or written here.
const (
	metaRelatedTask = protocol.MetaPrefix + "related-task" // 2025-11-25, basic/utilities/tasks
	memberResponses = "inputResponses"
	memberState     = "requestState"

	tokenPrefix = "bridge-"

	clientInfo = `{"name":"bridge","version":"1"}`
	// capabilities are what a session declares: whatever a client may be able to.
	// One that lacks it says so when it is asked. Views of MCP Apps pass through.
	capabilities = `{"elicitation":{"form":{},"url":{}},"sampling":{"context":{},"tools":{}},"roots":{"listChanged":true},` +
		`"extensions":{"io.modelcontextprotocol/ui":{"mimeTypes":["text/html;profile=mcp-app"]}}}`
)

// tokenID returns the id of the request that a progress token of ours is for.
func tokenID(token []byte) (uint64, bool) {
	text, ok := protocol.String(token)
	if !ok || !strings.HasPrefix(text, tokenPrefix) {
		return 0, false
	}
	id, err := strconv.ParseUint(text[len(tokenPrefix):], 10, 64)
	return id, err == nil
}

// forwardedMeta returns the caller's "_meta" without what belongs to the
// caller's own connection; nil for nothing.
func forwardedMeta(op string, raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if !protocol.IsObject(raw) || !protocol.Valid(raw) {
		return nil, fault.New(op, fault.Invalid, `"_meta" is no JSON object`)
	}
	return protocol.Without(make([]byte, 0, len(raw)), raw, protocol.MetaProgressToken, protocol.MetaProtocolVersion,
		protocol.MetaClientInfo, protocol.MetaClientCapabilities, protocol.MetaLogLevel, protocol.MetaSubscription), nil
}

// appendMembers appends the members of an object, each with a comma after it.
func appendMembers(dst []byte, object json.RawMessage) []byte {
	inner := bytes.TrimSpace(object)
	if len(inner) < 2 {
		return dst
	}
	inner = bytes.TrimSpace(inner[1 : len(inner)-1])
	if len(inner) == 0 {
		return dst
	}
	return append(append(dst, inner...), ',')
}

// appendRequest appends the message of a request: its params are the members,
// each with a comma after it, and "_meta".
func (sess *session) appendRequest(dst []byte, x *exchange, members, meta []byte) []byte {
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	dst = strconv.AppendUint(dst, x.id, 10)
	dst = append(dst, `,"method":"`...)
	dst = append(dst, x.method...) // names of methods need no escapes, see checkMethod
	dst = append(dst, `","params":{`...)
	dst = append(dst, members...)
	dst = sess.appendMeta(dst, x, meta)
	return append(dst, '}', '}')
}

// appendMeta appends "_meta", or takes back the comma before it.
func (sess *session) appendMeta(dst []byte, x *exchange, meta []byte) []byte {
	start := len(dst)
	dst = append(dst, `"_meta":{`...)
	empty := len(dst)
	dst = appendMembers(dst, meta)
	if x.progress != nil {
		dst = append(dst, `"progressToken":"`+tokenPrefix...)
		dst = strconv.AppendUint(dst, x.id, 10)
		dst = append(dst, `",`...)
	}
	if sess.modern || x.method == protocol.Discover {
		dst = append(dst, `"`+protocol.MetaProtocolVersion+`":"`+protocol.R20260728+`","`+protocol.MetaClientInfo+`":`+clientInfo+`,"`+protocol.MetaClientCapabilities+`":`...)
		dst = append(dst, capabilitiesOf(x)...)
		dst = append(dst, ',')
		if level := sess.levelFor(x.client); level != "" {
			dst = append(dst, `"`+protocol.MetaLogLevel+`":`...)
			dst = append(protocol.AppendString(dst, level), ',')
		}
	}
	if len(dst) > empty {
		dst[len(dst)-1] = '}'
		return dst
	}
	dst = dst[:start]
	if dst[len(dst)-1] == ',' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// capabilitiesOf returns what the client behind a request can do: towards a
// server of 2026-07-28, each request says that for itself.
func capabilitiesOf(x *exchange) json.RawMessage {
	if x.isOwn() {
		return json.RawMessage(capabilities)
	}
	if x.client != nil {
		if c := x.client.Capabilities(); protocol.IsObject(c) {
			return c
		}
	}
	return json.RawMessage("{}")
}
