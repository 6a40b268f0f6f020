package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/pages"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// MetaPages is the member of a result's "_meta" that says how many pages of a list
// were read for it, and whether there are more: {"read": 3, "more": true}.
const MetaPages = "bridge/pages"

// maxFollowed bounds pages that are put together, in bytes.
const maxFollowed = 16 << 20

// plan returns how the tool's list is asked for in parts; nil for none. It is made
// when it is first needed.
func (e *Entry) plan() *pages.Plan {
	e.planned.Do(func() { e.following = pages.Of(e.Tool) })
	return e.following
}

// followPages is the stage that reads a list's further pages, as many as the
// tool's shaping says, until the budget is used, and answers with one list. A
// caller who says how many elements he wants gets no more.
func (g *Gateway) followPages(next call.Handler) call.Handler {
	return func(ctx context.Context, c *call.Call) (*call.Result, error) {
		if c.Tool.Shaping == nil || c.Tool.Shaping.Pages < 2 || c.Tool.Operation == nil {
			return next(ctx, c)
		}
		first, err := next(ctx, c)
		if err != nil || first == nil {
			return first, err
		}
		arguments := decodeArguments(c.Arguments)
		plan := entryOf(ctx).plan()
		body, ok := bodyOf(c.Tool, first)
		if plan == nil || !ok || plan.Bounds(arguments) {
			return unlocated(first), nil
		}
		f := &following{gateway: g, call: c, plan: plan, first: first, asked: arguments, seen: map[string]bool{string(canonical(c.Arguments)): true}}
		f.add(ctx, first, body)
		return f.run(ctx, next)
	}
}

// following is a list whose pages are being read.
type following struct {
	gateway *Gateway
	call    *call.Call
	plan    *pages.Plan
	first   *call.Result
	asked   map[string]any // the caller's arguments
	bodies  []json.RawMessage
	seen    map[string]bool // arguments that were called with
	tokens  int
	bytes   int
	full    int
	last    pages.Page
	why     string // why a further page could not be read
}

// add takes a page's list.
func (f *following) add(ctx context.Context, res *call.Result, body json.RawMessage) {
	f.bodies = append(f.bodies, body)
	f.bytes += len(body)
	f.last = pages.Page{Body: body, Full: f.full}
	f.last.Link, _ = protocol.String(res.Meta[call.MetaLink])
	f.last.URL, _ = protocol.String(res.Meta[call.MetaURL])
	f.full = max(f.full, pages.Count(body))
	if f.call.Budget > 0 {
		_, report := f.gateway.shaper.ShapeBy(ctx, res, shape.Settings{Shaping: f.call.Tool.Shaping, Fields: f.call.Fields})
		f.tokens += report.After
	}
}

// run reads pages while there are some and room for them.
func (f *following) run(ctx context.Context, next call.Handler) (*call.Result, error) {
	arguments := f.plan.Next(f.asked, f.last)
	for arguments != nil && len(f.bodies) < f.call.Tool.Shaping.Pages && f.bytes < maxFollowed && (f.call.Budget == 0 || f.tokens < f.call.Budget) {
		raw, err := json.Marshal(arguments)
		if err != nil || f.seen[string(canonical(raw))] {
			arguments = nil // it leads back to where it was
			break
		}
		f.seen[string(canonical(raw))] = true
		c := *f.call
		c.Arguments = raw
		res, err := next(ctx, &c)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		body, ok := json.RawMessage(nil), false
		if err == nil && !res.IsError {
			body, ok = bodyOf(c.Tool, res)
		}
		if !ok {
			f.why = whyNot(res, err)
			break
		}
		if pages.Count(body) == 0 {
			arguments = nil // an empty page is the end
			break
		}
		f.add(ctx, res, body)
		arguments = f.plan.Next(arguments, f.last)
	}
	return f.result(arguments), nil
}

func whyNot(res *call.Result, err error) string {
	switch {
	case err != nil:
		return fault.Message(err)
	case res.IsError && len(res.Content) > 0:
		return fault.Clip(res.Content[0].Text, maxShownURI/8)
	}
	return "it is no JSON"
}

// result is the list as one answer, and what to ask for to get what follows.
func (f *following) result(more map[string]any) *call.Result {
	out := *unlocated(f.first)
	joined, err := pages.Join(f.bodies)
	read := len(f.bodies)
	if err != nil { // the pages have different forms
		read, more, joined = 1, nil, f.bodies[0]
	}
	if read > 1 {
		out.Content = slices.Clone(f.first.Content)
		out.Content[0] = call.Text(string(joined))
		if f.first.Structured != nil {
			out.Structured = wrapped(f.call.Tool, joined)
		}
	}
	if read == 1 && more == nil && f.why == "" {
		return &out
	}
	value := fmt.Sprintf(`{"read":%d,"more":%t}`, read, more != nil)
	out.Meta = withMember(out.Meta, MetaPages, json.RawMessage(value))
	if more != nil {
		out.Content = append(slices.Clip(out.Content), call.Text(f.notice(read, more)))
	}
	return &out
}

// notice says what to ask for to get what follows.
func (f *following) notice(read int, more map[string]any) string {
	changed := map[string]any{}
	for key, value := range more {
		if before, had := f.asked[key]; !had || fmt.Sprint(before) != fmt.Sprint(value) {
			changed[key] = value
		}
	}
	raw, err := json.Marshal(changed)
	if err != nil {
		raw = []byte("{}")
	}
	pagesRead := strconv.Itoa(read) + " pages"
	if read == 1 {
		pagesRead = "1 page"
	}
	text := "[" + pagesRead + " read, and more exist."
	if f.why != "" {
		text = "[" + pagesRead + " read; the next one failed: " + strings.TrimSuffix(f.why, ".") + "."
	}
	return text + " To go on, call again with " + string(raw) + ".]"
}

// bodyOf returns the JSON that the upstream answered with.
func bodyOf(t *tool.Tool, res *call.Result) (json.RawMessage, bool) {
	if res.IsError || len(res.Content) != 1 || res.Content[0].Raw != nil || !isComplete(res) {
		return nil, false
	}
	body := json.RawMessage(strings.TrimSpace(res.Content[0].Text))
	if len(body) == 0 || body[0] != '{' && body[0] != '[' || !protocol.Valid(body) {
		return nil, false
	}
	if res.Structured != nil && !bytes.Equal(wrapped(t, body), bytes.TrimSpace(res.Structured)) {
		return nil, false // something written by hand made them two
	}
	return body, true
}

// wrapped returns a body as the tool's structured content.
func wrapped(t *tool.Tool, body json.RawMessage) json.RawMessage {
	if t.Operation.Wrap == "" {
		return body
	}
	return object(map[string]json.RawMessage{t.Operation.Wrap: body})
}

// unlocated returns a result without what its source told the gateway alone.
func unlocated(res *call.Result) *call.Result {
	if _, link := res.Meta[call.MetaLink]; !link && res.Meta[call.MetaURL] == nil {
		return res
	}
	out := *res
	out.Meta = maps.Clone(res.Meta)
	delete(out.Meta, call.MetaLink)
	delete(out.Meta, call.MetaURL)
	return &out
}

// decodeArguments returns a call's arguments; what is no object as none.
func decodeArguments(raw json.RawMessage) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var out map[string]any
	if decoder.Decode(&out) != nil || out == nil {
		return map[string]any{}
	}
	return out
}
