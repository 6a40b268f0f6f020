package native

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Bounds on what a server of 2026-07-28 wants to know before it answers
// (basic/utilities/mrtr, Multi Round-Trip Requests).
const (
	maxRounds = 8
	maxInputs = 32 // of one round
)

const inputRequired = "input_required"

// asksForInput reports whether a result is a wish to know something first.
func asksForInput(raw json.RawMessage) bool {
	return mayAskForInput(raw) && protocol.MemberString(raw, "resultType") == inputRequired
}

// mayAskForInput reports whether a result has the word for it anywhere. It looks
// for the word's rarest letter, which takes a tenth of looking for the word.
func mayAskForInput(raw json.RawMessage) bool {
	const rarest = 'q'
	before := strings.IndexByte(inputRequired, rarest)
	for at := 0; ; at++ {
		i := bytes.IndexByte(raw[at:], rarest)
		if i < 0 {
			return false
		}
		if at += i; at >= before && bytes.HasPrefix(raw[at-before:], []byte(inputRequired)) {
			return true
		}
	}
}

// answers asks the client what the server wants to know, and returns the members
// with which the request is to be sent again.
func (s *Source) answers(ctx context.Context, out *outgoing, raw json.RawMessage, clock *clock) ([]byte, error) {
	requests, _ := protocol.Member(raw, "inputRequests")
	dst := []byte(`"` + memberResponses + `":{`)
	count := 0
	for key, request := range protocol.Members(requests) {
		if count++; count > maxInputs {
			return nil, fault.New(out.op, fault.Upstream, s.says("asks for too many inputs at once"))
		}
		answer, err := s.ask(ctx, out, request, clock)
		if err != nil {
			return nil, err
		}
		if count > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(protocol.AppendString(dst, key), ':'), answer...)
	}
	dst = append(dst, '}', ',')
	if state, ok := protocol.Member(raw, memberState); ok {
		dst = append(append(append(dst, `"`+memberState+`":`...), state...), ',')
	}
	if count == 0 && !pauseFor(ctx, minReopen) { // the server is busy, and says so in this way
		return nil, context.Cause(ctx)
	}
	return dst, nil
}

// ask puts one of the server's questions to the client.
func (s *Source) ask(ctx context.Context, out *outgoing, request json.RawMessage, clock *clock) (json.RawMessage, error) {
	method := protocol.MemberString(request, "method")
	params, _ := protocol.Member(request, "params")
	switch {
	case method != protocol.Elicit && method != protocol.CreateMessage && method != protocol.ListRoots:
		return nil, fault.New(out.op, fault.Upstream, s.says("asks for an input that Bridge does not know: "+quote(fault.Clip(method, 80))))
	case out.client == nil && method == protocol.ListRoots:
		return json.RawMessage(`{"roots":[]}`), nil
	case out.client == nil:
		return nil, fault.New(out.op, fault.Unsupported, s.says("wants to ask something first ("+method+"), and the caller is no client that could answer"))
	}
	defer clock.hold()()
	answer, err := out.client.Ask(ctx, method, params)
	if err == nil && !protocol.IsObject(answer) {
		err = fault.New(out.op, fault.Invalid, "the client answered "+method+" with something that is no result")
	}
	return answer, err
}
