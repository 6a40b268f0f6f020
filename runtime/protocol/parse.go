package protocol

import "encoding/json"

// Parse reads one message. Its parts alias data. It checks that all of data is
// JSON, no deeper than [MaxDepth], and that it is a message of JSON-RPC 2.0 as
// MCP has it: params are an object, ids strings or numbers, and no member of the
// envelope is there twice. Members that it does not know are passed over.
//
// The error is an *[Error] to answer with; the message then has the id, if one
// could be read, and the method. A batch is refused; see [ParseBatch].
func Parse(data []byte) (Message, error) {
	start := skipSpace(data, 0)
	if start < len(data) && data[start] == '[' {
		if !Valid(data) {
			return Message{}, errParse()
		}
		return Message{}, Errorf(CodeInvalidRequest, "a batch of messages is not taken here: send each message by itself")
	}
	if start < len(data) && data[start] != '{' {
		if !Valid(data) {
			return Message{}, errParse()
		}
		return Message{}, Errorf(CodeInvalidRequest, "a message is a JSON object")
	}
	if start == len(data) {
		return Message{}, errParse()
	}
	var e envelope
	end := scanObject(data, start, 1, e.member)
	if end < 0 || skipSpace(data, end) != len(data) {
		return Message{}, errParse()
	}
	return e.message()
}

// ParseBatch reads a message, or a batch of 1 to limit messages, which revision
// 2025-03-26 has and no other. Each element is handed to each, the error as Parse
// returns it. The error of ParseBatch is of the batch as a whole.
func ParseBatch(data []byte, limit int, each func(Message, error)) (batch bool, err error) {
	start := skipSpace(data, 0)
	if start >= len(data) || data[start] != '[' {
		m, err := Parse(data)
		if err != nil {
			return false, err
		}
		each(m, nil)
		return false, nil
	}
	if !Valid(data) {
		return true, errParse()
	}
	count := 0
	for range Elements(data) {
		count++
	}
	if count == 0 || count > limit {
		return true, Errorf(CodeInvalidRequest, "a batch has 1 to %d messages; this one has %d", limit, count)
	}
	for element := range Elements(data) {
		each(Parse(element))
	}
	return true, nil
}

func errParse() *Error {
	return Errorf(CodeParse, "the message is not JSON, or is nested deeper than %d levels", MaxDepth)
}

// envelope collects the members of a message.
type envelope struct {
	version, id, method, params, result, err []byte
	twice                                    bool
}

func (e *envelope) member(key, value []byte) bool {
	var into *[]byte
	switch string(unquote(key)) {
	case "jsonrpc":
		into = &e.version
	case "id":
		into = &e.id
	case "method":
		into = &e.method
	case "params":
		into = &e.params
	case "result":
		into = &e.result
	case "error":
		into = &e.err
	default:
		return true
	}
	if *into != nil {
		e.twice = true
	} else {
		*into = value
	}
	return true
}

// message returns what the members are together.
func (e *envelope) message() (Message, error) {
	var m Message
	idOK := e.id == nil || isID(e.id)
	if idOK {
		m.ID = ID(e.id)
	}
	var methodOK bool
	m.Method, methodOK = methodName(e.method)
	version, _ := String(e.version)
	switch {
	case e.twice:
		return m, Errorf(CodeInvalidRequest, "a member of the message is there twice")
	case version != "2.0":
		return m, Errorf(CodeInvalidRequest, `the message has no "jsonrpc": "2.0"`)
	case e.method != nil && !methodOK:
		return m, Errorf(CodeInvalidRequest, "the method is no string, or is empty")
	case e.method != nil && (e.result != nil || e.err != nil):
		return m, Errorf(CodeInvalidRequest, "the message has a method and a result or an error")
	case e.method != nil:
		return e.request(m, idOK)
	default:
		return e.response(m, idOK)
	}
}

func (e *envelope) request(m Message, idOK bool) (Message, error) {
	if !idOK {
		return m, Errorf(CodeInvalidRequest, "the id is neither a string nor a number")
	}
	if e.params != nil && string(e.params) != "null" {
		if e.params[0] != '{' {
			return m, Errorf(CodeInvalidParams, "params are an object")
		}
		m.Params = e.params
	}
	return m, nil
}

func (e *envelope) response(m Message, idOK bool) (Message, error) {
	noID := e.id == nil || string(e.id) == "null"
	switch {
	case (e.result == nil) == (e.err == nil):
		return m, Errorf(CodeInvalidRequest, "the message has no method, and not one of result and error")
	case !idOK && !noID:
		return m, Errorf(CodeInvalidRequest, "the id is neither a string nor a number")
	case noID && e.err == nil:
		return m, Errorf(CodeInvalidRequest, "a result has no id")
	case e.err == nil:
		m.Result = e.result
		return m, nil
	}
	var ok bool
	if m.Error, ok = parseError(e.err); !ok {
		return m, Errorf(CodeInvalidRequest, "an error is an object with an integer code and a message")
	}
	return m, nil
}

// methodName reads a method; names that are known cost nothing.
func methodName(quoted []byte) (string, bool) {
	if len(quoted) < 3 || quoted[0] != '"' {
		return "", false
	}
	text := unquote(quoted)
	switch string(text) {
	case CallTool:
		return CallTool, true
	case ListTools:
		return ListTools, true
	case ReadResource:
		return ReadResource, true
	case GetPrompt:
		return GetPrompt, true
	case Ping:
		return Ping, true
	}
	return string(text), true
}

func isID(value []byte) bool {
	return len(value) > 0 && (value[0] == '"' || value[0] == '-' || '0' <= value[0] && value[0] <= '9')
}

// parseError reads the error of a response.
func parseError(value []byte) (*Error, bool) {
	if !IsObject(value) {
		return nil, false
	}
	var raw struct {
		Code    *int            `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	}
	if json.Unmarshal(value, &raw) != nil || raw.Code == nil {
		return nil, false
	}
	return &Error{Code: *raw.Code, Message: raw.Message, Data: raw.Data}, true
}
