package remainder

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Name is the name of the source that a Keeper is.
const Name = "bridge"

// A Keeper is a source and a server of the gateway's: one tool and one template of
// resources.

// Name returns the source's name.
func (k *Keeper) Name() string { return Name }

const inputSchema = `{"type":"object","properties":{` +
	`"id":{"type":"string"},` +
	`"path":{"type":"string","description":"JSON pointer"},` +
	`"from":{"type":"integer","description":"first item or character"},` +
	`"count":{"type":"integer"},` +
	`"lines":{"type":"string","description":"20-40"},` +
	`"search":{"type":"string"},` +
	`"block":{"type":"integer"}},` +
	`"required":["id"]}`

// Tools returns the tool bridge_read.
func (k *Keeper) Tools(context.Context) ([]tool.Tool, error) {
	return []tool.Tool{{
		Name:        shape.ReadTool,
		Description: "Read any part of a trimmed result, by path, range or search.",
		Input:       json.RawMessage(inputSchema),
		Annotations: tool.Annotations{ReadOnly: true, Idempotent: true},
	}}, nil
}

// Invoke reads.
func (k *Keeper) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	req, err := parseArguments(c.Arguments)
	if err == nil {
		req.Budget = c.Budget
		var res *call.Result
		if res, err = k.Read(ctx, c.Caller, req); err == nil {
			return res, nil
		}
	}
	switch kind := fault.KindOf(err); kind {
	case fault.Invalid, fault.NotFound: // the model can mend these
		res := call.Failure(fault.Message(err))
		res.Fault = kind
		return res, nil
	}
	return nil, err
}

// template is the one template of resources.
const template = `{"uriTemplate":"` + shape.ResultURI + `{id}{?block,path,from,count,lines,search}",` +
	`"name":"trimmed result","description":"Any part of a result that was trimmed, by JSON pointer, range, lines or search text."}`

// Features returns the template of kept results, which are not listed.
func (k *Keeper) Features(context.Context) (tool.Features, error) {
	return tool.Features{
		Templates:    []json.RawMessage{json.RawMessage(template)},
		Capabilities: json.RawMessage(`{"resources":{}}`),
	}, nil
}

// Notices returns nil: there are none.
func (k *Keeper) Notices() <-chan call.Notice { return nil }

// maxBlob bounds the base64 of a binary block that is read as a resource.
const maxBlob = 8 << 20

// content is one of a resource's contents.
type content struct {
	URI      string  `json:"uri"`
	MIMEType string  `json:"mimeType,omitempty"`
	Text     *string `json:"text,omitempty"`
	Blob     *string `json:"blob,omitempty"`
}

// Request reads a resource (MCP's "resources/read"). Its first contents are the
// page; where there is more, the second say so, under the URI of the next page.
func (k *Keeper) Request(ctx context.Context, q *call.Request) (json.RawMessage, error) {
	const op = "remainder.request"
	if q.Method != "resources/read" {
		return nil, fault.New(op, fault.Unsupported, fmt.Sprintf("trimmed results can be read, not %q", fault.Clip(q.Method, 60)))
	}
	var params struct {
		URI string `json:"uri"`
	}
	if err := json.Unmarshal(q.Params, &params); err != nil {
		return nil, fault.New(op, fault.Invalid, "a resource is read by its uri")
	}
	req, err := ParseURI(params.URI)
	if err != nil {
		return nil, err
	}
	r, err := k.open(ctx, q.Caller, req)
	if err != nil {
		return nil, err
	}
	if r.part.isBinary() {
		return r.blob(params.URI)
	}
	p, note, err := r.fit()
	if err != nil {
		return nil, err
	}
	contents := []content{{URI: params.URI, MIMEType: p.media, Text: &p.text}}
	if next, _ := r.next(p); next != nil {
		contents = append(contents, content{URI: next.uri(), MIMEType: textType, Text: &note})
	} else if note != "" {
		contents = append(contents, content{URI: params.URI, MIMEType: textType, Text: &note})
	}
	return answer(contents, r.meta(p))
}

// blob returns a binary block whole.
func (r *reading) blob(uri string) (json.RawMessage, error) {
	if len(r.part.binary) > maxBlob {
		return nil, fault.New("remainder.request", fault.TooLarge, fmt.Sprintf("block %d is %s, and at most %d bytes of base64 are read", r.part.number, r.part.about(), maxBlob))
	}
	return answer([]content{{URI: uri, MIMEType: r.part.media, Blob: &r.part.binary}}, r.meta(page{}))
}

func answer(contents []content, meta json.RawMessage) (json.RawMessage, error) {
	text, err := marshal(struct {
		Contents []content                  `json:"contents"`
		Meta     map[string]json.RawMessage `json:"_meta"`
	}{contents, map[string]json.RawMessage{MetaKey: meta}})
	if err != nil {
		return nil, fault.Wrap("remainder.request", fault.Internal, "the page can't be written", err)
	}
	return json.RawMessage(text), nil
}
