package httpapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// ResultType is the media type of a whole MCP result (CallToolResult).
const ResultType = "application/vnd.bridge.result+json"

// Headers of an answer that say what a result's budget did to it.
const (
	HeaderTrimmed = "Bridge-Trimmed"       // "true" where something was cut
	HeaderBefore  = "Bridge-Tokens-Before" // tokens, as the result came
	HeaderAfter   = "Bridge-Tokens-After"  // tokens, as it is answered
)

// trimmedKey is the key of a trimmed result's "_meta" that says what was cut; the
// shape stage sets it.
const trimmedKey = "bridge/trimmed"

// resultType is the member of a result that says what it is, from revision
// 2026-07-28 on; a result without it is complete.
const resultType = "resultType"

// content is a result, or a part of one, as a body.
type content struct {
	mediaType string
	body      []byte
	file      bool // bytes that a browser should not show
}

// answer answers with a tool's result.
func (a *api) answer(w http.ResponseWriter, c *call.Call, res *call.Result, full bool) {
	countTokens(w.Header(), res)
	if err := incomplete(res, full); err != nil {
		a.answerError(w, c, err)
		return
	}
	status := http.StatusOK
	if res.IsError {
		p := failure(res)
		if status = p.Status; !full {
			p.Call, p.Tool = c.ID, fault.Clip(c.Name, maxShownName)
			a.answerProblem(w, p)
			return
		}
	}
	body, err := render(res, full)
	if err != nil {
		a.log.Error("a result can't be written as JSON", "call", c.ID, "tool", fault.Clip(c.Name, maxShownName), "error", err)
		a.answerError(w, c, fault.Wrap("httpapi.answer", fault.Internal, "the result can't be written", err))
		return
	}
	if body.file {
		w.Header().Set("Content-Disposition", "attachment")
	}
	if body.mediaType == "" {
		status = http.StatusNoContent
	}
	a.write(w, status, body.mediaType, body.body)
}

// incomplete returns why a result is none yet: it asks for something that a
// client of plain HTTP is not asked for.
func incomplete(res *call.Result, full bool) error {
	var kind string
	if raw := res.Extra[resultType]; raw != nil && json.Unmarshal(raw, &kind) != nil {
		kind = "unknown"
	}
	switch {
	case kind == "" || kind == "complete":
		return nil
	case kind == "input_required":
		return fault.New("httpapi.answer", fault.Unsupported, "the tool needs an answer of its user or their model before it can go on, which plain HTTP has no way to ask for; call it by an MCP client")
	case full:
		return nil
	default:
		return fault.New("httpapi.answer", fault.Unsupported, fmt.Sprintf("the tool answered with a result of type %q; add ?full=true to get it as it is", fault.Clip(kind, maxShownName)))
	}
}

// countTokens sets the headers that say what the result costs and whether it was
// cut.
func countTokens(h http.Header, res *call.Result) {
	count := struct{ Before, After int }(res.Tokens)
	if raw, ok := res.Meta[trimmedKey]; ok {
		h.Set(HeaderTrimmed, "true")
		_ = json.Unmarshal(raw, &count) // what it does not say stays as the result says
	}
	if count.Before > 0 {
		h.Set(HeaderBefore, strconv.Itoa(count.Before))
		h.Set(HeaderAfter, strconv.Itoa(count.After))
	}
}

// failure is the problem that a tool's own failure is. Its status is 502, as the
// fault is behind the gateway, unless the source knows better.
func failure(res *call.Result) problem {
	p := problem{Status: http.StatusBadGateway, Kind: "tool", Detail: failureText(res)}
	if res.Fault != fault.Internal {
		p.Status, p.Kind = res.Fault.HTTPStatus(), res.Fault.String()
	}
	return p
}

// failureText returns the text of a tool's failure.
func failureText(res *call.Result) string {
	var texts []string
	for _, b := range res.Content {
		if b.Raw == nil && b.Text != "" {
			texts = append(texts, b.Text)
		}
	}
	if len(texts) == 0 {
		return "the tool failed and did not say why"
	}
	return strings.Join(texts, "\n")
}

// render chooses the form of a result. Content of no media type is no content.
func render(res *call.Result, full bool) (content, error) {
	switch {
	case full:
		body, err := json.Marshal(res)
		return content{mediaType: ResultType, body: body}, err
	case res.Structured != nil:
		return content{mediaType: "application/json", body: res.Structured}, nil
	case len(res.Content) == 0:
		return content{}, nil
	case len(res.Content) == 1:
		if one, ok := renderBlock(res.Content[0]); ok {
			return one, nil
		}
	}
	body, err := json.Marshal(struct {
		Content []call.Block `json:"content"`
	}{res.Content})
	return content{mediaType: "application/json", body: body}, err
}

// renderBlock renders the only block of a result; false where it stands for
// something that is not in it, such as a link.
func renderBlock(b call.Block) (content, bool) {
	if b.Raw == nil {
		return renderText(b.Text), true
	}
	var block struct {
		Type, Data, MIMEType string
		Resource             struct {
			MIMEType string
			Text     *string
			Blob     *string
		}
	}
	if json.Unmarshal(b.Raw, &block) != nil {
		return content{}, false
	}
	switch r := block.Resource; {
	case block.Type == "image", block.Type == "audio":
		return renderBytes(block.Data, block.MIMEType)
	case block.Type != "resource":
		return content{}, false
	case r.Blob != nil:
		return renderBytes(*r.Blob, r.MIMEType)
	case r.Text != nil && r.MIMEType == "":
		return renderText(*r.Text), true
	case r.Text != nil:
		return content{mediaType: mediaType(r.MIMEType), body: []byte(*r.Text), file: true}, true
	}
	return content{}, false
}

// renderText renders text, as JSON where it is an object or an array.
func renderText(text string) content {
	body := []byte(text)
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(trimmed) {
		return content{mediaType: "application/json", body: trimmed}
	}
	return content{mediaType: "text/plain; charset=utf-8", body: body}
}

func renderBytes(encoded, kind string) (content, bool) {
	data, err := base64.StdEncoding.DecodeString(encoded)
	return content{mediaType: mediaType(kind), body: data, file: true}, err == nil
}

// mediaType returns the media type that a server named, written cleanly, or that
// of unknown bytes.
func mediaType(named string) string {
	base, parameters, err := mime.ParseMediaType(named)
	if err != nil || !strings.Contains(base, "/") {
		return "application/octet-stream"
	}
	if clean := mime.FormatMediaType(base, parameters); clean != "" {
		return clean
	}
	return "application/octet-stream"
}
