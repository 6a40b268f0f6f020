package remainder

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/scan"
)

// part is one part of a result.
type part struct {
	number   int             // 0 for structured content, else the block's, from 1
	raw      json.RawMessage // of a JSON document
	text     string          // of a text that is none
	binary   string          // base64 of a binary block
	media    string          // media type; may be empty
	kind     string          // of the block
	repeated bool            // shows what another part does
}

// partsOf takes a result apart. Structured content has a part of its own where no
// block shows the same.
func partsOf(res *call.Result) []part {
	parts := make([]part, 0, len(res.Content)+1)
	for i, b := range res.Content {
		p := partOf(b)
		p.number = i + 1
		parts = append(parts, p)
	}
	if len(res.Structured) == 0 {
		return parts
	}
	// Compacted once: there may be many blocks.
	whole, inner := compact(res.Structured), wrapped(res.Structured)
	for i := range parts {
		switch own := compact(parts[i].raw); {
		case parts[i].raw == nil:
		case bytes.Equal(own, whole):
			parts[i].raw = res.Structured
			return parts
		case inner != nil && bytes.Equal(own, inner):
			parts[i].repeated = true
		}
	}
	return append([]part{{number: 0, raw: res.Structured, media: jsonType, kind: "structured content"}}, parts...)
}

const (
	jsonType = "application/json"
	textType = "text/plain"
)

func partOf(b call.Block) part {
	if b.Raw == nil {
		return textPart(b.Text, "", b.Type)
	}
	var m struct {
		Type     string `json:"type"`
		Data     string `json:"data"`
		MIMEType string `json:"mimeType"`
		Resource *struct {
			MIMEType string  `json:"mimeType"`
			Text     *string `json:"text"`
			Blob     *string `json:"blob"`
		} `json:"resource"`
	}
	if json.Unmarshal(b.Raw, &m) != nil {
		return part{text: string(b.Raw), media: textType, kind: b.Type}
	}
	switch {
	case m.Resource != nil && m.Resource.Text != nil:
		return textPart(*m.Resource.Text, m.Resource.MIMEType, "resource")
	case m.Resource != nil && m.Resource.Blob != nil:
		return part{binary: *m.Resource.Blob, media: m.Resource.MIMEType, kind: "resource"}
	case m.Type == "image", m.Type == "audio":
		return part{binary: m.Data, media: m.MIMEType, kind: m.Type}
	}
	return part{raw: b.Raw, media: jsonType, kind: b.Type}
}

// textPart returns the part of a text, which may be a JSON document.
func textPart(text, media, kind string) part {
	raw := bytesOf(text)
	s := scan.Of(raw)
	if c := s.Peek(); (c == '{' || c == '[') && scan.Valid(raw) {
		return part{raw: raw, media: jsonType, kind: kind}
	}
	if media == "" {
		media = textType
	}
	return part{text: text, media: media, kind: kind}
}

// wrapped returns what a document of the form {"result": other} has in it,
// compacted; nil for one of another form.
func wrapped(doc json.RawMessage) []byte {
	children, ok := childrenOf(doc)
	if !ok || len(children) != 1 || !children[0].member || children[0].name != "result" {
		return nil
	}
	return compact(children[0].raw)
}

func compact(raw json.RawMessage) []byte {
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return raw
	}
	return out.Bytes()
}

// about says what a part is, for who may read it.
func (p *part) about() string {
	switch {
	case p.raw != nil:
		return describe(p.raw)
	case p.isBinary():
		return fmt.Sprintf("%s %s, %d bytes", p.kind, fault.Clip(p.media, 60), len(p.binary)/4*3)
	}
	return fmt.Sprintf("text of %d bytes", len(p.text))
}

func (p *part) isBinary() bool { return p.binary != "" }
