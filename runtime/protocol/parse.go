package protocol

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/scan"
)

// Parse reads one message. Its parts alias data. It checks that all of data is
// JSON in UTF-8 (RFC 8259, section 8.1), no deeper than [MaxDepth], and that it is
// a message of JSON-RPC 2.0 as MCP has it: params are an object, ids strings or
// numbers, and no member of the envelope or of params is there twice, since who
// reads it after us may take the other one. Members that it does not know are
// passed over.
//
// The error is an *[Error] to answer with; the message then has the id, if one
// could be read, and the method. A batch is refused; see [ParseBatch].
func Parse(data []byte) (Message, error) {
	if !utf8.Valid(data) {
		return Message{}, errParse()
	}
	s := scan.To(data, MaxDepth)
	if first := s.Peek(); first != '{' {
		switch {
		case !Valid(data):
			return Message{}, errParse()
		case first == '[':
			return Message{}, Errorf(CodeInvalidRequest, "a batch of messages is not taken here: send each message by itself")
		}
		return Message{}, Errorf(CodeInvalidRequest, "a message is a JSON object")
	}
	var e envelope
	more, ok := s.Open('}')
	for more && ok {
		key, valid := s.Key()
		if !valid || !e.member(key, &s) {
			return Message{}, errParse()
		}
		more, ok = s.Next('}')
	}
	if !ok || !s.End() {
		return Message{}, errParse()
	}
	return e.message()
}

// ParseBatch reads a message, or a batch of 1 to limit messages, which revision
// 2025-03-26 has and no other. Each element is handed to each, the error as Parse
// returns it. The error of ParseBatch is of the batch as a whole.
func ParseBatch(data []byte, limit int, each func(Message, error)) (batch bool, err error) {
	if s := scan.Of(data); s.Peek() != '[' {
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
	return Errorf(CodeParse, "the message is not JSON in UTF-8, or is nested deeper than %d levels", MaxDepth)
}

// envelope collects the members of a message.
type envelope struct {
	version, id, method, params, result, err []byte
	twice                                    bool
	paramTwice                               bool
	param                                    string // which it is
}

// member reads the value of a member, and reports whether it is JSON.
func (e *envelope) member(key string, s *scan.Scanner) (ok bool) {
	var value, unknown []byte
	into := &unknown
	switch key {
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
	}
	if key == "params" && s.Peek() == '{' {
		value, ok = e.readParams(s)
	} else {
		value, ok = s.Value()
	}
	if *into != nil {
		e.twice = true
	} else {
		*into = value
	}
	return ok
}

// readParams reads an object, and notes if it has a member twice.
func (e *envelope) readParams(s *scan.Scanner) (json.RawMessage, bool) {
	from := s.At()
	var few [8]string // which is all that most have
	names := few[:0]
	var many map[string]struct{}
	more, ok := s.Open('}')
	for more && ok {
		name, _, valid := s.Member()
		if !valid {
			return nil, false
		}
		_, again := many[name]
		if again || slices.Contains(names, name) {
			e.paramTwice, e.param = true, name
		}
		if len(names) < len(few) {
			names = append(names, name)
		} else if many == nil {
			many = map[string]struct{}{name: {}}
		} else {
			many[name] = struct{}{}
		}
		more, ok = s.Next('}')
	}
	return s.Since(from), ok
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
		if e.paramTwice {
			return m, Errorf(CodeInvalidParams, "params have a member twice: %.80q", e.param)
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
	switch text := scan.Unquoted(quoted); text {
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
	default:
		return strings.Clone(text), true
	}
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
