package lock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/generator/schema"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// MaxBytes bounds a lock that is read.
const MaxBytes = 256 << 20

// file is the form of bridge.lock.
type file struct {
	header
	Defs  map[string]json.RawMessage `json:"$defs"`
	Tools json.RawMessage            `json:"tools"`
	Names map[string]string          `json:"names"`
}

// toolFile is the form of one tool.
type toolFile struct {
	about
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
}

// Parse reads a lock. What is none, or of another version, is an error of kind
// [fault.Invalid] that says what to do.
func Parse(data []byte) (*Lock, error) {
	if len(data) > MaxBytes {
		return nil, unreadable(fmt.Sprintf("is over %d bytes long", MaxBytes), nil)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, unreadable("is no JSON of the form of a bridge.lock", err)
	}
	if f.Version != Version {
		return nil, unreadable(fmt.Sprintf("is of version %d, and this bridge knows version %d", f.Version, Version), nil)
	}
	l := &Lock{Document: f.Document, Encoding: f.Encoding, Tokens: f.Tokens, Defs: f.Defs, Names: f.Names}
	if l.Defs == nil {
		l.Defs = map[string]json.RawMessage{}
	}
	if l.Names == nil {
		l.Names = map[string]string{}
	}
	for name, def := range l.Defs {
		l.Defs[name] = compact(def)
	}
	return l, l.readTools(f.Tools)
}

// readTools reads the tools in their order.
func (l *Lock) readTools(raw json.RawMessage) error {
	members, err := schema.Members(raw)
	if err != nil {
		return unreadable("has no object of tools", err)
	}
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		var t toolFile
		if err := json.Unmarshal(m.Value, &t); err != nil {
			return unreadable(fmt.Sprintf("has a tool %q that is none", m.Name), err)
		}
		if !tool.ValidName(m.Name) || seen[m.Name] || !isObject(t.Input) || t.Output != nil && !isObject(t.Output) {
			return unreadable(fmt.Sprintf("has a tool %q without a name of its own, or with a schema that is none", m.Name), nil)
		}
		seen[m.Name] = true
		l.Tools = append(l.Tools, Tool{
			Name: m.Name, Method: t.Method, Path: t.Path, Title: t.Title, Description: t.Description,
			Annotations: t.Annotations, Budget: t.Budget, Shaping: t.Shaping, Tokens: t.Tokens, Input: compact(t.Input), Output: compact(t.Output),
		})
	}
	return nil
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// compact returns valid JSON without blanks; nil stays nil.
func compact(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return nil
	}
	var b bytes.Buffer
	b.Grow(len(raw))
	_ = json.Compact(&b, raw) // it was decoded, so it is valid
	return b.Bytes()
}

func unreadable(what string, cause error) error {
	return fault.Wrap("lock.parse", fault.Invalid, "the bridge.lock "+what+"; generate it anew with `bridge gen`", cause)
}

// DefNames returns the names of the definitions, sorted.
func (l *Lock) DefNames() []string { return slices.Sorted(maps.Keys(l.Defs)) }
