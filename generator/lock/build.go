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

// Options says what a lock holds beside the tools.
type Options struct {
	Document string
	Encoding string
	// Tokens returns what a tool's definition costs, as it is served; nil counts
	// nothing.
	Tokens func(tool.Tool) int
	// Names is the ledger so far. Tools that are not in it are added.
	Names map[string]string
}

// Build returns the lock of the tools of one document. Tools that are of no REST
// operation, schemas that are no JSON and definitions that differ between tools
// are errors of kind [fault.Invalid].
func Build(tools []tool.Tool, opts Options) (*Lock, error) {
	l := &Lock{
		Document: opts.Document, Encoding: opts.Encoding,
		Defs: map[string]json.RawMessage{}, Tools: make([]Tool, 0, len(tools)),
		Names: ledger(tools, opts.Names),
	}
	for _, t := range tools {
		if t.Operation == nil {
			return nil, invalid("the tool %q is of no REST API, so it has no place in a lock", t.Name)
		}
		locked := Tool{
			Name: t.Name, Method: t.Operation.Method, Path: t.Operation.Path,
			Title: t.Title, Description: t.Description, Annotations: t.Annotations,
			Budget: t.Budget, Shaping: t.Shaping,
		}
		if opts.Tokens != nil {
			locked.Tokens = opts.Tokens(t)
		}
		var err error
		if locked.Input, err = l.split(t.Name, "input", t.Input); err != nil {
			return nil, err
		}
		if len(t.Output) > 0 {
			if locked.Output, err = l.split(t.Name, "output", t.Output); err != nil {
				return nil, err
			}
		}
		l.Tokens += locked.Tokens
		l.Tools = append(l.Tools, locked)
	}
	return l, nil
}

// ledger returns the names given so far and those of the tools.
func ledger(tools []tool.Tool, names map[string]string) map[string]string {
	out := make(map[string]string, len(names)+len(tools))
	maps.Copy(out, names)
	given := make(map[string]bool, len(names))
	for _, name := range names {
		given[name] = true
	}
	for _, t := range tools {
		if op := t.Operation; op != nil && !given[t.Name] {
			path := op.Path
			if op.Query != "" {
				path += "?" + op.Query
			}
			out[op.Method+" "+path] = t.Name
		}
	}
	return out
}

// split returns a schema without its "$defs", and keeps those.
func (l *Lock) split(name, which string, raw json.RawMessage) (json.RawMessage, error) {
	members, err := schema.Members(raw)
	if err != nil {
		return nil, invalid("the %s schema of the tool %q is no JSON object", which, name)
	}
	own := make([][]byte, 0, len(members))
	for _, m := range members {
		if m.Name != "$defs" {
			own = append(own, m.Text)
			continue
		}
		defs, err := schema.Members(m.Value)
		if err != nil {
			return nil, invalid("the $defs of the %s schema of the tool %q are no JSON object", which, name)
		}
		if err := l.keep(name, defs); err != nil {
			return nil, err
		}
	}
	out := slices.Concat([]byte("{"), bytes.Join(own, []byte(",")), []byte("}"))
	if !json.Valid(out) {
		return nil, invalid("the %s schema of the tool %q is no JSON", which, name)
	}
	return out, nil
}

func (l *Lock) keep(name string, defs []schema.Member) error {
	for _, d := range defs {
		have, ok := l.Defs[d.Name]
		switch {
		case ok && !bytes.Equal(have, d.Value):
			return invalid("the definition %q of the tool %q differs from that of another tool; all tools of an adapter must be of one document", d.Name, name)
		case ok:
		case !json.Valid(d.Value):
			return invalid("the definition %q of the tool %q is no JSON", d.Name, name)
		default:
			l.Defs[d.Name] = d.Value
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return fault.New("lock.build", fault.Invalid, fmt.Sprintf(format, args...))
}
