package native

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// The SDK decodes the results of the methods that it knows into its own types,
// and loses what they lack. It knows none of these, which are called through
// mcp.CallCustomMethod and keep their results' bytes. The prefix is taken off
// when the message is written: see trueName for stdio and rewriteMethod for HTTP.
const (
	rawPrefix    = "bridge-raw:"
	rawListTools = rawPrefix + "tools/list"
	rawCallTool  = rawPrefix + "tools/call"
)

// rawResult is a result as it came.
type rawResult struct {
	mcp.ResultBase
	json json.RawMessage
}

// UnmarshalJSON keeps the bytes.
func (r *rawResult) UnmarshalJSON(data []byte) error {
	r.json = bytes.Clone(data)
	return nil
}

type listParams struct {
	mcp.ParamsBase
	Cursor string `json:"cursor,omitempty"`
}

type callParams struct {
	mcp.ParamsBase
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

func registerRaw(c *mcp.Client) error {
	if err := mcp.AddSendingCustomMethod[*listParams, *rawResult](c, rawListTools); err != nil {
		return err
	}
	return mcp.AddSendingCustomMethod[*callParams, *rawResult](c, rawCallTool)
}

// trueName returns the message with its method's true name.
func trueName(msg jsonrpc.Message) jsonrpc.Message {
	req, ok := msg.(*jsonrpc.Request)
	if !ok || !strings.HasPrefix(req.Method, rawPrefix) {
		return msg
	}
	named := *req
	named.Method = strings.TrimPrefix(req.Method, rawPrefix)
	return &named
}

// rewriteMethod does for an encoded message what trueName does for a message,
// and reports whether there was anything to do. The SDK writes the method ahead
// of the parameters, so that no argument is mistaken for it.
func rewriteMethod(body []byte) ([]byte, bool) {
	head, params := body, bytes.Index(body, []byte(`"params":`))
	if params >= 0 {
		head = body[:params]
	}
	const marked = `"method":"` + rawPrefix
	at := bytes.Index(head, []byte(marked))
	if at < 0 {
		return body, false
	}
	out := make([]byte, 0, len(body)-len(rawPrefix))
	out = append(out, body[:at]...)
	out = append(out, `"method":"`...)
	return append(out, body[at+len(marked):]...), true
}
