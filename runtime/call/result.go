package call

import (
	"encoding/base64"
	"encoding/json"
)

// Result is what a tool answered.
type Result struct {
	Content []Block
	// Structured is the result as JSON that fits the tool's output schema; nil
	// for tools without one.
	Structured json.RawMessage
	// IsError says that the tool failed; Content then says why and what to try.
	IsError bool
	// Meta is the result's "_meta": keys with raw values; may be nil.
	Meta map[string]json.RawMessage
	// Extra holds further members of a native server's result, such as
	// "resultType"; may be nil.
	Extra map[string]json.RawMessage
	// Tokens is what the result costs, set by the shape stage.
	Tokens Tokens
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
func (b Block) MarshalJSON() ([]byte, error) {
	if b.Raw != nil {
		return b.Raw, nil
	}
	members := map[string]json.RawMessage{}
	if len(b.Extra) > 0 {
		if err := json.Unmarshal(b.Extra, &members); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(b.Text)
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return append(append([]byte(`{"type":"text","text":`), text...), '}'), nil
	}
	members["type"], members["text"] = json.RawMessage(`"text"`), text
	return json.Marshal(members)
}

// UnmarshalJSON reads a block as MCP has it. Unknown types are kept whole.
func (b *Block) UnmarshalJSON(data []byte) error {
	var head struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	*b = Block{Type: head.Type}
	if head.Type != "text" || head.Text == nil {
		b.Raw = append(json.RawMessage(nil), data...)
		return nil
	}
	b.Text = *head.Text
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	delete(members, "type")
	delete(members, "text")
	if len(members) == 0 {
		return nil
	}
	extra, err := json.Marshal(members)
	b.Extra = extra
	return err
}

// MarshalJSON writes the result as MCP's CallToolResult.
func (r *Result) MarshalJSON() ([]byte, error) {
	members := make(map[string]any, len(r.Extra)+4)
	for k, v := range r.Extra {
		members[k] = v
	}
	content := r.Content
	if content == nil {
		content = []Block{}
	}
	members["content"] = content
	if r.Structured != nil {
		members["structuredContent"] = r.Structured
	}
	if r.IsError {
		members["isError"] = true
	}
	if len(r.Meta) > 0 {
		members["_meta"] = r.Meta
	}
	return json.Marshal(members)
}

// UnmarshalJSON reads MCP's CallToolResult. Unknown members go to Extra.
func (r *Result) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	*r = Result{}
	take := func(key string, into any) error {
		raw, ok := members[key]
		if !ok {
			return nil
		}
		delete(members, key)
		return json.Unmarshal(raw, into)
	}
	if raw, ok := members["structuredContent"]; ok {
		delete(members, "structuredContent")
		if string(raw) != "null" {
			r.Structured = raw
		}
	}
	for key, into := range map[string]any{"content": &r.Content, "isError": &r.IsError, "_meta": &r.Meta} {
		if err := take(key, into); err != nil {
			return err
		}
	}
	if len(members) > 0 {
		r.Extra = members
	}
	return nil
}
