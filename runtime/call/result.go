package call

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/scan"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Result is what a tool answered. Its fields may be replaced at any time; the
// bytes that they point to never change.
type Result struct {
	Content []Block
	// Structured is the result as JSON that fits the tool's output schema; nil
	// for tools without one.
	Structured json.RawMessage
	// IsError says that the tool failed; Content then says why and what to try.
	IsError bool
	// Fault is the kind of failure, where the tool failed and its source knows the
	// kind; fault.Internal, the zero value, where it does not. It is for faces that
	// have a status to set, and is not part of MCP's result.
	Fault fault.Kind
	// Meta is the result's "_meta": keys with raw values; may be nil.
	Meta map[string]json.RawMessage
	// Extra holds further members of a native server's result, such as
	// "resultType"; may be nil.
	Extra map[string]json.RawMessage
	// Tokens is what the result costs, set by the shape stage.
	Tokens Tokens

	// came is how the result came, if it was read.
	came *received
	// vouched is what Structured is known to satisfy.
	vouched vouched
}

// vouched is a schema, and what satisfies it.
type vouched struct{ schema, structured json.RawMessage }

// Vouch notes that Structured, as it is now, was found to be valid JSON that
// satisfies a schema, so that nobody needs to look again.
func (r *Result) Vouch(schema json.RawMessage) { r.vouched = vouched{schema, r.Structured} }

// Vouched reports whether somebody vouched for Structured by this very schema, and
// Structured was not replaced since.
func (r *Result) Vouched(schema json.RawMessage) bool {
	return len(schema) > 0 && bytes.Equal(r.vouched.schema, schema) && sameBytes(r.vouched.structured, r.Structured)
}

// Tokens counts a result, in tokens of the gateway's encoding.
type Tokens struct {
	Before int // as it came from the upstream
	After  int // as it goes to the caller
}

// Block is one block of a result's content. Text blocks have their text
// decoded; every other block is kept as the JSON that it came as.
type Block struct {
	Type string
	// Text is the text of a text block.
	Text string
	// Raw is the whole block, for blocks that are no text.
	Raw json.RawMessage
	// Extra is a JSON object with a text block's further members, such as
	// "annotations"; may be nil.
	Extra json.RawMessage
}

// Text returns a text block.
func Text(text string) Block { return Block{Type: "text", Text: text} }

// Image returns an image block.
func Image(data []byte, mediaType string) Block { return media("image", data, mediaType) }

// Audio returns an audio block.
func Audio(data []byte, mediaType string) Block { return media("audio", data, mediaType) }

func media(kind string, data []byte, mediaType string) Block {
	raw, _ := json.Marshal(struct {
		Type     string `json:"type"`
		Data     string `json:"data"`
		MIMEType string `json:"mimeType"`
	}{kind, base64.StdEncoding.EncodeToString(data), mediaType})
	return Block{Type: kind, Raw: raw}
}

// Blob returns an embedded resource that holds bytes.
func Blob(uri string, data []byte, mediaType string) Block {
	type contents struct {
		URI      string `json:"uri"`
		MIMEType string `json:"mimeType,omitempty"`
		Blob     string `json:"blob"`
	}
	raw, _ := json.Marshal(struct {
		Type     string   `json:"type"`
		Resource contents `json:"resource"`
	}{"resource", contents{uri, mediaType, base64.StdEncoding.EncodeToString(data)}})
	return Block{Type: "resource", Raw: raw}
}

// Failure returns an error result whose text tells a model what went wrong and
// what to try.
func Failure(text string) *Result {
	return &Result{Content: []Block{Text(text)}, IsError: true}
}

// MarshalJSON writes the block as MCP has it.
func (b Block) MarshalJSON() ([]byte, error) { return b.AppendJSON(nil) }

// UnmarshalJSON reads a block as MCP has it. Unknown types are kept whole.
func (b *Block) UnmarshalJSON(data []byte) error {
	s := reader{Scanner: scan.Of(bytes.Clone(scan.Mended(data)))}
	var err error
	*b, err = s.block()
	return err
}

// AppendJSON appends the result as MCP's CallToolResult: on one line, in valid
// UTF-8, content, structuredContent, isError and _meta first and the members of
// Extra after them, by their names' order. A result that was read by
// [ParseResult] and that nothing was changed in since is appended as it came; if
// all that changed is that Extra has more members, it is with those in front.
//
// Raw JSON in the result is taken for valid: who sets it answers for that.
func (r *Result) AppendJSON(dst []byte) ([]byte, error) {
	if added, same := r.came.sameAs(r); same {
		return r.came.append(dst, r, added), nil
	}
	dst = append(dst, `{"content":[`...)
	for i := range r.Content {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = r.Content[i].AppendJSON(dst); err != nil {
			return dst, err
		}
	}
	dst = append(dst, ']')
	if r.Structured != nil {
		dst = appendRaw(append(dst, `,"structuredContent":`...), r.Structured)
	}
	if r.IsError {
		dst = append(dst, `,"isError":true`...)
	}
	if len(r.Meta) > 0 {
		dst = appendObject(append(dst, `,"_meta":`...), r.Meta)
	}
	return append(appendMembers(dst, r.Extra, isOwn), '}'), nil
}

// HasMember reports whether the result is written with a member of that name that
// Extra holds, such as "resultType".
func (r *Result) HasMember(name string) bool {
	_, ok := r.Extra[name]
	return ok && !isOwn(name)
}

// ownMember returns a bit for each member that Result has a field for, and 0 for
// all others.
func ownMember(name string) uint8 {
	switch name {
	case "content":
		return 1
	case "structuredContent":
		return 2
	case "isError":
		return 4
	case "_meta":
		return 8
	}
	return 0
}

func isOwn(name string) bool { return ownMember(name) != 0 }

// MarshalJSON writes the result as MCP's CallToolResult.
func (r *Result) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }

// UnmarshalJSON reads MCP's CallToolResult, as [ParseResult] does.
func (r *Result) UnmarshalJSON(data []byte) error {
	parsed, err := ParseResult(bytes.Clone(data))
	if err == nil {
		*r = *parsed
	}
	return err
}
