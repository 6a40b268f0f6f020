package rest

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// answered is a result that something written by hand was shown, and as what.
// The zero value is none.
type answered struct {
	result *call.Result
	before json.RawMessage // the result as typed, written back
}

// readAnswer reads a result as typed. A failure is an error.
func readAnswer[Out any](at site, result *call.Result) (out Out, seen answered, err error) {
	if err := outcome(at.tool.Name, result, &out); err != nil {
		return out, seen, err
	}
	before, err := at.write(out)
	return out, answered{result, before}, err
}

// answer makes a result of a typed value. Where it comes from a result that was
// seen, just what differs is changed.
func (at site) answer(out any, seen answered) (*call.Result, error) {
	after, err := at.write(out)
	if err != nil {
		return nil, err
	}
	if seen.result != nil && bytes.Equal(seen.before, after) {
		return seen.result, nil
	}
	switch out := out.(type) {
	case NoBody:
		return textResult(at.tool.Name + ": it worked; there is nothing to return."), nil
	case []byte:
		return at.bytesAnswer(out, seen), nil
	case string:
		if len(at.tool.Output) == 0 && !isJSONText(seen) {
			return withText(seen.result, out), nil
		}
	}
	if isJSONText(seen) {
		after = mergeJSON(bytes.TrimSpace([]byte(textOf(seen.result))), seen.before, after)
	}
	result := withText(seen.result, string(after))
	result.Structured = structured(at.tool.Output, at.wrap, after)
	return result, nil
}

func isJSONText(seen answered) bool {
	return seen.result != nil && json.Valid([]byte(textOf(seen.result)))
}

// structured returns JSON as structured content, where a tool describes that and
// the JSON is what MCP takes for it, an object; nil otherwise.
func structured(output json.RawMessage, wrap string, raw json.RawMessage) json.RawMessage {
	switch {
	case len(output) == 0:
		return nil
	case wrap != "":
		wrapped := append(append(make([]byte, 0, len(raw)+len(wrap)+8), '{'), quote(wrap)...)
		return append(append(append(wrapped, ':'), raw...), '}')
	case kindOf(raw) == object:
		return raw
	}
	return nil
}

// withText returns a copy of a result, which may be nil, with this as its first
// text.
func withText(result *call.Result, text string) *call.Result {
	if result == nil {
		return textResult(text)
	}
	changed := *result
	changed.Content = slices.Clone(result.Content)
	for i, b := range changed.Content {
		if b.Type == "text" {
			changed.Content[i].Text = text
			return &changed
		}
	}
	changed.Content = append(changed.Content, call.Text(text))
	return &changed
}

// bytesAnswer makes a result of bytes, in the media type that the operation's
// document gives first.
func (at site) bytesAnswer(data []byte, seen answered) *call.Result {
	if seen.result != nil && !slices.ContainsFunc(seen.result.Content, func(b call.Block) bool { return b.Raw != nil }) {
		return withText(seen.result, string(data))
	}
	mediaType := "application/octet-stream"
	if op := at.tool.Operation; op != nil && len(op.Accept) > 0 {
		mediaType = concreteType(op.Accept[0], mediaType)
	}
	block := call.Blob("bridge://"+url.PathEscape(at.source.Name())+"/"+url.PathEscape(at.tool.Name), data, mediaType)
	switch base := tool.BaseType(mediaType); {
	case strings.HasPrefix(base, "image/") && base != "image/svg+xml":
		block = call.Image(data, base)
	case strings.HasPrefix(base, "audio/"):
		block = call.Audio(data, base)
	case isTextType(base):
		block = call.Text(string(data))
	}
	return &call.Result{Content: []call.Block{block}}
}
