package lock

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// header is what stands before the definitions, in this order.
type header struct {
	Version  int    `json:"version"`
	Document string `json:"document"`
	Encoding string `json:"encoding"`
	Tokens   int    `json:"tokens"`
}

// about is a tool without its schemas, in this order.
type about struct {
	Method      string           `json:"method"`
	Path        string           `json:"path"`
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description,omitempty"`
	Annotations tool.Annotations `json:"annotations"`
	Budget      int              `json:"budget,omitempty"`
	Shaping     *tool.Shaping    `json:"shaping,omitempty"`
	Tokens      int              `json:"tokens"`
}

// Marshal writes the lock: definitions and ledger sorted by name, tools in their
// order, each schema as it is. The same lock gives the same bytes.
func (l *Lock) Marshal() ([]byte, error) {
	w := &writer{}
	w.members(header{Version, l.Document, l.Encoding, l.Tokens})
	w.raw(`,"$defs":{`)
	for i, name := range slices.Sorted(maps.Keys(l.Defs)) {
		w.key(i, name)
		w.b.Write(l.Defs[name])
	}
	w.raw(`},"tools":{`)
	for i, t := range l.Tools {
		w.key(i, t.Name)
		w.tool(t)
	}
	w.raw(`},"names":{`)
	for i, operation := range slices.Sorted(maps.Keys(l.Names)) {
		w.key(i, operation)
		w.value(l.Names[operation])
	}
	w.raw(`}}`)
	var out bytes.Buffer
	out.Grow(2 * w.b.Len())
	if err := json.Indent(&out, w.b.Bytes(), "", "  "); err != nil {
		return nil, fault.Wrap("lock.marshal", fault.Internal, "the lock can't be written as JSON", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// writer writes JSON as it stands in files and not in HTML.
type writer struct{ b bytes.Buffer }

func (w *writer) raw(s string) { w.b.WriteString(s) }

func (w *writer) tool(t Tool) {
	w.members(about{t.Method, t.Path, t.Title, t.Description, t.Annotations, t.Budget, t.Shaping, t.Tokens})
	w.raw(`,"input":`)
	w.b.Write(t.Input)
	if t.Output != nil {
		w.raw(`,"output":`)
		w.b.Write(t.Output)
	}
	w.raw(`}`)
}

// members writes an object and leaves it open for more members.
func (w *writer) members(v any) {
	w.value(v)
	w.b.Truncate(w.b.Len() - len("}"))
}

// value writes what always encodes: texts, numbers, and structs of them.
func (w *writer) value(v any) {
	enc := json.NewEncoder(&w.b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) == nil {
		w.b.Truncate(w.b.Len() - len("\n"))
	}
}

func (w *writer) key(i int, name string) {
	if i > 0 {
		w.b.WriteByte(',')
	}
	w.value(name)
	w.b.WriteByte(':')
}
