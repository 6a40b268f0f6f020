package shape

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/scan"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Settings say how one result is shaped. The zero value changes nothing.
type Settings struct {
	// Budget is the most tokens that the result may cost; 0 is no bound.
	Budget int
	// Output is the output schema that the tool is served with, or nil.
	Output json.RawMessage
	// Shaping is the tool's, or nil. Pages, Cache and Dedupe are others' to do.
	Shaping *tool.Shaping
	// Fields are JSON pointers to what the caller asked for, as those of
	// [tool.Shaping]; of what those leave.
	Fields []string
}

// reforms reports whether settings may change a result before it is counted.
func (o Settings) reforms() bool {
	return len(o.Fields) > 0 || o.Shaping != nil && (len(o.Shaping.Fields) > 0 || o.Shaping.JQ != "" || !o.Shaping.Drop.IsZero())
}

// reforming is what is done to each document of a result before it is counted.
type reforming struct {
	ctx  context.Context
	code *gojq.Code // nil for none
	// keep has the tool's fields and the caller's.
	keep   []*fields
	drop   tool.Drop
	schema *schema // of the structured content; nil without one
	// notes are for the caller: what could not be done, and why. reasons are for
	// the log, and have nothing of the result in them.
	notes, reasons []string
	until          time.Time // when the program must have ended
	// ran is the document that the program ran on last, and what came of it:
	// the text and the structured content are mostly the same.
	ran struct {
		on      string
		outputs []string
		ok      bool
	}
}

// reforming returns what settings ask for; nil if that is nothing. Of a result
// that says what failed nothing is taken but what carries nothing.
func (s *Shaper) reforming(ctx context.Context, o Settings, sch *schema, failed bool) *reforming {
	w := &reforming{ctx: ctx, schema: sch}
	if o.Shaping != nil {
		w.drop = o.Shaping.Drop
	}
	if !failed {
		w.pick(s, o)
	}
	if w.code == nil && len(w.keep) == 0 && w.drop.IsZero() && len(w.notes) == 0 {
		return nil
	}
	return w
}

func (w *reforming) pick(s *Shaper, o Settings) {
	var own tool.Shaping
	if o.Shaping != nil {
		own = *o.Shaping
	}
	if own.JQ != "" {
		code, err := s.programs.get(own.JQ)
		if err != nil {
			w.note("The tool's jq program can't be compiled, so that the result is shown without it.", "its jq program can't be compiled")
		}
		w.code, w.until = code, time.Now().Add(jqTotal)
	}
	for _, pointers := range [][]string{own.Fields, o.Fields} {
		if f := parseFields(pointers); f != nil {
			w.keep = append(w.keep, f)
		}
	}
}

// note notes what the caller should know, once.
func (w *reforming) note(text, reason string) {
	if !slices.Contains(w.reasons, reason) {
		w.notes, w.reasons = append(w.notes, text), append(w.reasons, reason)
	}
}

// reform returns a result whose documents are as the settings ask for. It never
// changes res.
func (s *Shaper) reform(ctx context.Context, res *call.Result, o Settings, sch *schema) *call.Result {
	if !o.reforms() {
		return res
	}
	w := s.reforming(ctx, o, sch, res.IsError)
	if w == nil {
		return res
	}
	out := *res
	out.Content = make([]call.Block, 0, len(res.Content)+1)
	main, _ := parse(scan.View(res.Structured))
	inner := int32(0)
	for _, b := range res.Content {
		if text, ok := textOf(b); ok {
			if t, err := parse(text); err == nil {
				if main != nil && inner == 0 {
					inner = max(0, shows(main, t))
				}
				text = w.document(t, text)
			} else if formOf(text) == ndjson {
				text = w.lines(text)
			}
			b = *withText(b, text)
		}
		out.Content = append(out.Content, b)
	}
	if main != nil {
		out.Structured = w.structured(main, inner, res.Structured)
	}
	if len(w.notes) > 0 {
		out.Content = append(out.Content, call.Text("["+strings.Join(w.notes, " ")+"]"))
		s.logger.WarnContext(ctx, "a result was not shaped as was asked for", "why", w.reasons)
	}
	return &out
}

// document returns what is shown of a document in a text; the text as it is if
// nothing can be done to it.
func (w *reforming) document(t *tree, text string) string {
	outputs, ok := w.outputs(t, 0)
	if !ok {
		return text
	}
	if outputs == nil {
		if out, ok := w.picked(t, 0, nil); ok {
			return out
		}
		return text
	}
	var b strings.Builder
	for i, o := range outputs {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(o)
	}
	return b.String()
}

// outputs runs the jq program on a node; false if it failed.
func (w *reforming) outputs(t *tree, id int32) ([]string, bool) {
	if w.code == nil {
		return nil, true
	}
	if w.ran.on == string(t.raw(id)) {
		return w.ran.outputs, w.ran.ok
	}
	out, err := w.run(t, id)
	if errors.Is(err, errJQTime) {
		w.until = time.Now() // nor would it end on the next
	}
	if err != nil {
		w.note("The tool's jq program failed, so that the result is shown without it: "+shorten(err.Error())+".", "its jq program failed")
	} else if out == nil {
		out = []string{}
	}
	for i := range out {
		out[i] = w.ofText(out[i])
	}
	w.ran.on, w.ran.outputs, w.ran.ok = string(t.raw(id)), out, err == nil
	return out, err == nil
}

// run runs the jq program within the time that is left.
func (w *reforming) run(t *tree, id int32) ([]string, error) {
	if !time.Now().Before(w.until) {
		return nil, errJQTime
	}
	ctx, cancel := context.WithDeadlineCause(w.ctx, w.until, errJQTime)
	defer cancel()
	return runJQ(ctx, w.code, t.queried(id))
}

// ofText picks from a document that was not parsed yet.
func (w *reforming) ofText(text string) string {
	t, err := parse(text)
	if err != nil {
		return text
	}
	if out, ok := w.picked(t, 0, nil); ok {
		return out
	}
	return string(t.text)
}

// picked returns what the fields leave of a node, without what is dropped; false
// if they leave nothing.
func (w *reforming) picked(t *tree, id int32, r *rules) (string, bool) {
	var out []byte
	keep := w.keep
	if len(keep) == 0 {
		keep = []*fields{nil}
	}
	for i, f := range keep {
		if i > 0 {
			next, err := parse(string(out))
			if err != nil {
				return "", false
			}
			t, id = next, 0
		}
		var ok bool
		if out, ok = newPicker(t, w.drop).write(nil, id, f, r); !ok {
			w.note("No part of the result is at the fields that were asked for, so that all of it is shown. "+t.contents(id), "nothing is at its fields")
			return "", false
		}
	}
	return string(out), true
}

// contents names a document's first keys, for who asked for others.
func (t *tree) contents(id int32) string {
	n := &t.nodes[id]
	switch n.kind {
	case kindArray:
		return fmt.Sprintf("It is a list of %s; its elements are at /*.", thousands(int(n.count)))
	case kindObject:
	default:
		return "It is a single value."
	}
	var names []string
	for c := n.first; c != none && len(names) < 12; c = t.nodes[c].next {
		names = append(names, shorten("/"+pointed(t.name(c))))
	}
	if len(names) == 0 {
		return "It is empty."
	}
	return "It has " + strings.Join(names, ", ") + "."
}

// lines does to each line of NDJSON what is done to documents.
func (w *reforming) lines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		t, err := parse(line)
		if err != nil {
			b.WriteString(line)
			continue
		}
		if out := w.document(t, string(t.text)); out != "" {
			b.WriteString(strings.TrimRight(out, "\r\n"))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// structured returns what is shown of structured content. inner is the node that
// the text shows, below {"result": …} perhaps. What the output schema does not
// accept is not done.
func (w *reforming) structured(t *tree, inner int32, raw json.RawMessage) json.RawMessage {
	outputs, ok := w.outputs(t, inner)
	switch {
	case !ok:
		return raw
	case outputs != nil:
		return w.replaced(outputs, inner > 0, raw)
	}
	for _, strict := range []bool{false, true} {
		var r *rules
		if w.schema != nil {
			r = w.schema.rules(strict, t.nodes[0].kind)
			if inner > 0 {
				r = r.member(wrapper, t.nodes[inner].kind)
			}
		}
		out, ok := w.picked(t, inner, r)
		if !ok {
			break
		}
		if inner > 0 {
			out = wrapped(out)
		}
		if w.accepts(out) {
			return json.RawMessage(out)
		}
	}
	return raw
}

// replaced returns jq's output as structured content: an object as it is, all
// else under the key "result" if that is how it came or a schema wants it so.
// Without a schema, what is no object is shown in the text alone.
func (w *reforming) replaced(outputs []string, inner bool, raw json.RawMessage) json.RawMessage {
	var tries []string
	if len(outputs) == 1 {
		if strings.HasPrefix(outputs[0], "{") && !inner {
			tries = append(tries, outputs[0])
		}
		tries = append(tries, wrapped(outputs[0]))
	}
	tries = append(tries, wrapped("["+strings.Join(outputs, ",")+"]"))
	if w.schema == nil {
		if inner || strings.HasPrefix(tries[0], "{") && len(outputs) == 1 && tries[0] == outputs[0] {
			return json.RawMessage(tries[0])
		}
		return nil
	}
	for _, out := range tries {
		if w.accepts(out) {
			return json.RawMessage(out)
		}
	}
	return raw
}

func wrapped(value string) string { return `{"` + wrapper + `":` + value + `}` }

func (w *reforming) accepts(document string) bool {
	return w.schema == nil || w.schema.accepts(document)
}
