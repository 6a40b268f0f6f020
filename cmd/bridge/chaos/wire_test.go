//go:build unix

package chaos_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// message is what a lane's server reads.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Arguments struct {
			Key string `json:"key"`
		} `json:"arguments"`
		Meta struct {
			ProgressToken json.RawMessage `json:"progressToken"`
		} `json:"_meta"`
	} `json:"params"`
}

// tooLarge is more than the gateway takes of a server in one message.
const tooLarge = 33 << 20

// strangerID is an id that no client has sent.
const strangerID = `"nobody"`

// point returns where in a session a request stands; "" for one that nothing
// strikes.
func (m *message) point() point {
	switch m.Method {
	case "initialize", "server/discover":
		return connecting
	case "tools/list":
		return listing
	}
	return ""
}

// result returns the result of a request; "" for a method that the form lacks.
func (m *message) result(f form) string {
	complete, revision := "", "2025-06-18"
	switch f {
	case modern:
		complete = `"resultType":"complete","ttlMs":0,"cacheScope":"private",`
	case sse:
		revision = "2024-11-05"
	}
	switch {
	case m.Method == "initialize" && f != modern:
		return `{"protocolVersion":"` + revision + `","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"broken","version":"1"}}`
	case m.Method == "server/discover" && f == modern:
		return `{` + complete + `"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"serverInfo":{"name":"broken","version":"1"}}`
	case m.Method == "tools/list":
		return `{` + complete + `"tools":[{"name":"bump","description":"Counts a key.","inputSchema":{"type":"object","properties":{"key":{"type":"string"}},"required":["key"]}}]}`
	case m.Method == "tools/call":
		if f == modern {
			complete = `"resultType":"complete",`
		}
		return fmt.Sprintf(`{%s"content":[{"type":"text","text":"counted %s"}]}`, complete, m.Params.Arguments.Key)
	case m.Method == "ping":
		return `{}`
	}
	return ""
}

// answer returns the response to a request.
func (m *message) answer(f form) []byte {
	if result := m.result(f); result != "" {
		return response(m.ID, result)
	}
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"method not found"}}`, m.ID)
}

func response(id json.RawMessage, result string) []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"result":%s}`, id, result)
}

// progress returns a notification of progress; nil if the client wants none.
func (m *message) progress() []byte {
	if len(m.Params.Meta.ProgressToken) == 0 {
		return nil
	}
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":%s,"progress":1,"total":2}}`, m.Params.Meta.ProgressToken)
}

// noise is a notification that nobody asked for.
const noise = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"noise"}}`

// block is what an answer that is too large is made of.
var block = bytes.Repeat([]byte("x"), 1<<20)

// large writes an answer that is too large, for as long as it is read.
func (m *message) large(w io.Writer) {
	if _, err := fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"`, m.ID); err != nil {
		return
	}
	for range tooLarge / len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, `"}]}}`)
}
