package rest

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Operation is a typed operation: a tool, without its schemas, whose arguments
// are an In and whose response is an Out. Generated adapters declare one
// variable of it per operation, as plain data.
//
// In marshals to the JSON object of the tool's arguments. Out is what the
// response's JSON decodes into; [NoBody] where there is none,
// [json.RawMessage] for JSON that the document does not describe, string for
// text and []byte for binary responses.
type Operation[In, Out any] tool.Tool

// NoBody is the Out of an operation whose response says nothing but that it
// worked.
type NoBody struct{}

// Tool returns the operation as a tool, without its schemas.
func (o Operation[In, Out]) Tool() tool.Tool { return tool.Tool(o) }

// Call invokes the operation on s and decodes the response. A failure that the
// upstream answered, or that kept the request from it, is an error of kind
// [fault.Upstream] whose message has the status and the useful part of the
// response.
func (o Operation[In, Out]) Call(ctx context.Context, s *Source, in In) (Out, error) {
	var out Out
	t := tool.Tool(o)
	args, err := json.Marshal(in)
	if err != nil {
		return out, fault.Wrap("rest.call", fault.Invalid, "the arguments of "+t.Name+" can't be written as JSON", err)
	}
	c := &call.Call{Name: t.Name, Source: s.Name(), Tool: &t, Arguments: args}
	if o := outerOf(ctx); o.dry {
		return out, errDry
	} else if o.call != nil {
		c.ID, c.Caller = o.call.ID, o.call.Caller
	}
	result, err := s.Invoke(ctx, c)
	if err != nil {
		return out, err
	}
	return out, outcome(t.Name, result, &out)
}

// outcome reads the response that a result of a tool holds into out, a pointer.
// A result with IsError is an error.
func outcome(name string, result *call.Result, out any) error {
	if result.IsError {
		return fault.Wrap("rest.call", fault.Upstream, textOf(result), &failedResult{result})
	}
	if err := decodeResult(result, out); err != nil {
		return fault.Wrap("rest.call", fault.Upstream,
			"the call of "+name+" was carried out, but its response is not what the document describes", err)
	}
	return nil
}

// textOf returns the result's first text: the response as it came.
func textOf(r *call.Result) string {
	for _, b := range r.Content {
		if b.Type == "text" {
			return b.Text
		}
	}
	return ""
}

// decodeResult reads the response that r holds into out, a pointer.
func decodeResult(r *call.Result, out any) error {
	switch out := out.(type) {
	case *NoBody:
		return nil
	case *[]byte:
		data, err := bytesOf(r)
		*out = data
		return err
	case *string:
		text := textOf(r)
		if json.Unmarshal([]byte(text), out) != nil {
			*out = text
		}
		return nil
	default:
		return json.Unmarshal([]byte(textOf(r)), out)
	}
}

// bytesOf returns the bytes of the first image, audio or resource of r, or
// those of its text.
func bytesOf(r *call.Result) ([]byte, error) {
	for _, b := range r.Content {
		var block struct {
			Data     string `json:"data"`
			Resource struct {
				Blob string `json:"blob"`
			} `json:"resource"`
		}
		if b.Raw == nil {
			continue
		}
		if err := json.Unmarshal(b.Raw, &block); err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(block.Data + block.Resource.Blob)
	}
	return []byte(textOf(r)), nil
}
