package gateway

import (
	"encoding/json"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// A rewriter appends a JSON value to dst, changed where it has to be. All bytes
// that it has no reason to change stay as they are, but for space between
// members; what is not of the form that it looks for it leaves alone.
type rewriter func(dst, value []byte) []byte

// members are the rewriters of an object's members.
type members map[string]rewriter

// object rewrites those members of an object.
func (m members) object(dst, value []byte) []byte {
	if !protocol.IsObject(value) {
		return append(dst, value...)
	}
	dst = append(dst, '{')
	first := true
	for key, old := range protocol.Members(value) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(protocol.AppendString(dst, key), ':')
		if change, ok := m[string(key)]; ok {
			dst = change(dst, old)
		} else {
			dst = append(dst, old...)
		}
	}
	return append(dst, '}')
}

// each rewrites every element of an array, and a value that stands alone.
func each(element rewriter) rewriter {
	return func(dst, value []byte) []byte {
		if len(value) == 0 || value[0] != '[' {
			return element(dst, value)
		}
		dst = append(dst, '[')
		first := true
		for e := range protocol.Elements(value) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = element(dst, e)
		}
		return append(dst, ']')
	}
}

// text rewrites a string.
func text(change func(string) string) rewriter {
	return func(dst, value []byte) []byte {
		old, ok := protocol.String(value)
		if !ok {
			return append(dst, value...)
		}
		changed := change(old)
		if changed == old {
			return append(dst, value...)
		}
		return protocol.AppendString(dst, changed)
	}
}

// set puts another value in a member's place.
func set(value json.RawMessage) rewriter {
	return func(dst, _ []byte) []byte { return append(dst, value...) }
}

// quoted returns a text as JSON.
func quoted(text string) json.RawMessage { return protocol.AppendString(nil, text) }

// relatedTask is the member of "_meta" that says to which task a message belongs
// (2025-11-25, basic/utilities/tasks).
const relatedTask = protocol.MetaPrefix + "related-task"

// dialect rewrites between one source's names and the clients'. The zero value,
// of a source without a prefix, changes nothing.
type dialect struct {
	prefix, mark string
	meta         rewriter // of "_meta", wherever one stands
	block        rewriter // of content
	results      map[string]rewriter
	notices      map[string]rewriter
}

func newDialect(prefix string) *dialect {
	d := &dialect{prefix: prefix, mark: mark(prefix)}
	if prefix == noPrefix {
		return d
	}
	uri := text(func(s string) string { return outURI(d.mark, s) })
	task := text(func(s string) string { return outTask(d.mark, s) })
	d.meta = members{
		"ui":                    members{"resourceUri": uri}.object,
		"ui/resourceUri":        uri,
		"openai/outputTemplate": uri,
		relatedTask:             members{"taskId": task}.object,
	}.object
	contents := members{"uri": uri, "_meta": d.meta}.object
	embedded := members{"resource": contents, "_meta": d.meta}.object
	link := contents
	d.block = func(dst, value []byte) []byte {
		switch protocol.MemberString(value, "type") {
		case "resource_link":
			return link(dst, value)
		case "resource":
			return embedded(dst, value)
		default:
			return members{"_meta": d.meta}.object(dst, value)
		}
	}
	d.results, d.notices = d.methods(uri, task, contents)
	return d
}

// methods are the rewriters of the results of requests, and of the params of
// notifications, by their methods.
func (d *dialect) methods(uri, task, contents rewriter) (results, notices map[string]rewriter) {
	toolResult := members{"content": each(d.block), "_meta": d.meta}
	taskMembers := members{"taskId": task, "_meta": d.meta, "result": toolResult.object}
	taskMembers["task"] = members{"taskId": task}.object
	taskMembers["tasks"] = each(members{"taskId": task}.object)
	asTask := taskMembers.object
	results = map[string]rewriter{
		protocol.ReadResource: members{"contents": each(contents), "_meta": d.meta}.object,
		protocol.GetPrompt:    members{"messages": each(members{"content": each(d.block)}.object), "_meta": d.meta}.object,
		protocol.Complete:     members{"_meta": d.meta}.object,
		protocol.TaskResult:   toolResult.object,
		protocol.GetTask:      asTask, protocol.ListTasks: asTask, protocol.CancelTask: asTask, protocol.UpdateTask: asTask,
	}
	notices = map[string]rewriter{
		protocol.ResourceUpdated: members{"uri": uri, "_meta": d.meta}.object,
		protocol.TaskStatus:      asTask,
	}
	return results, notices
}

// result returns the result of a request as clients see it.
func (d *dialect) result(method string, raw json.RawMessage) json.RawMessage {
	return apply(d.results[method], raw)
}

// notice returns the params of a notification as clients see them.
func (d *dialect) notice(method string, raw json.RawMessage) json.RawMessage {
	return apply(d.notices[method], raw)
}

func apply(change rewriter, raw json.RawMessage) json.RawMessage {
	if change == nil || len(raw) == 0 {
		return raw
	}
	return change(make([]byte, 0, len(raw)+64), raw)
}

// task returns one task of a list as clients see it.
func (d *dialect) task(raw json.RawMessage) json.RawMessage {
	if d.prefix == noPrefix {
		return raw
	}
	return apply(members{"taskId": text(func(s string) string { return outTask(d.mark, s) })}.object, raw)
}

// called returns the result of a call as clients see it; it changes no result
// that it was handed.
func (d *dialect) called(res *call.Result) *call.Result {
	if d.prefix == noPrefix || res == nil {
		return res
	}
	out := *res
	if blocks, changed := d.blocks(res.Content); changed {
		out.Content = blocks
	}
	out.Meta = d.rewritten(res.Meta, d.meta)
	if _, modern := res.Extra["taskId"]; modern || res.Extra["task"] != nil {
		out.Extra = d.rewritten(res.Extra, d.results[protocol.GetTask])
	}
	return &out
}

// blocks rewrites those blocks of content that are no text.
func (d *dialect) blocks(content []call.Block) ([]call.Block, bool) {
	var out []call.Block
	for i := range content {
		if b := &content[i]; b.Raw == nil {
			continue
		}
		if out == nil {
			out = append(make([]call.Block, 0, len(content)), content...)
		}
		out[i].Raw = apply(d.block, content[i].Raw)
	}
	return out, out != nil
}

// rewritten rewrites members that were taken apart already.
func (d *dialect) rewritten(taken map[string]json.RawMessage, change rewriter) map[string]json.RawMessage {
	if len(taken) == 0 {
		return taken
	}
	out := make(map[string]json.RawMessage, len(taken))
	for key, value := range taken {
		whole := append(append(append([]byte{'{'}, quoted(key)...), ':'), value...)
		changed, _ := protocol.Member(change(nil, append(whole, '}')), key)
		out[key] = changed
	}
	return out
}

// restoreMeta returns a client's "_meta" as the source is to get it.
func (d *dialect) restoreMeta(meta json.RawMessage) json.RawMessage {
	if d.prefix == noPrefix || len(meta) == 0 {
		return meta
	}
	own := text(func(s string) string { return d.ownTask(s) })
	return apply(members{relatedTask: members{"taskId": own}.object}.object, meta)
}

// ownTask returns a task's id as the source has it.
func (d *dialect) ownTask(id string) string {
	if m, own := inTask(id); m == d.mark && m != "" {
		return own
	}
	return id
}
