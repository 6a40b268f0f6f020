package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxOutput is the largest output schema of a document's tool that clients are
// shown, in bytes; about 2,000 tokens. Beyond it the schema costs a model more,
// in every conversation, than knowing the result's form before the call is
// worth, and results come as text alone.
const maxOutput = 8 << 10

// Entry is one tool of the catalog.
type Entry struct {
	// Name is the name that clients see, prefix included.
	Name string
	// Tool is the tool as its source has it, with overrides applied. Arguments
	// are checked, and results trimmed, by its schemas and not by those that
	// clients are shown.
	Tool *tool.Tool
	// Source names the source.
	Source string
	// Budget is the most tokens that a result may cost.
	Budget int

	origin  origin
	profile profile.Profile
	once    sync.Once
	text    json.RawMessage // the definition
	err     error           // that it can't be written
}

// origin is what an entry is made of. Neither part changes.
type origin struct {
	mount *Mount
	tool  *tool.Tool
}

// settings hold for all entries of a catalog.
type settings struct {
	budget  int // of tools that have none of their own
	profile profile.Profile
}

func newEntry(from origin, all settings) *Entry {
	m, t := from.mount, from.tool
	override := m.Overrides[t.Name]
	own := t.Name
	if override.Name != "" {
		own = override.Name
	}
	served := *t
	if override.Description != "" {
		served.Description = override.Description
	}
	if t.Operation != nil && len(t.Output) > maxOutput {
		served.Output = nil
	}
	return &Entry{
		Name:    servedName(m, own, t, all.profile),
		Tool:    &served,
		Source:  m.Source.Name(),
		Budget:  firstPositive(override.Budget, t.Budget, m.Budget, all.budget),
		origin:  from,
		profile: all.profile,
	}
}

// OutputLeftOut reports whether the tool has an output schema that is too large
// to be shown.
func (e *Entry) OutputLeftOut() bool { return len(e.origin.tool.Output) > 0 && len(e.Tool.Output) == 0 }

func firstPositive(numbers ...int) int {
	for _, n := range numbers {
		if n > 0 {
			return n
		}
	}
	return 0
}

// servedName puts the prefix before a tool's name and makes it one that the
// profile's clients take. The result depends on these alone.
func servedName(m *Mount, own string, t *tool.Tool, p profile.Profile) string {
	seed := m.Source.Name() + " " + t.Name
	if t.Operation != nil {
		// Paths that differ in their query or fragment alone are one path here.
		seed = t.Operation.Method + " " + t.Operation.Path + " " + t.Name
	}
	safe := strings.Map(func(r rune) rune {
		if tool.ValidName(string(r)) {
			return r
		}
		return '_'
	}, own)
	if safe != own {
		safe += "_" + tool.NameHash(seed)
	}
	if m.Prefix != "" {
		safe = m.Prefix + "_" + safe
	}
	return p.Name(safe, seed)
}

// check reports why an entry can't be served, as far as that can be told before
// its definition is needed. A document's tools were checked when they were
// lowered; what other sources have is checked here.
func (e *Entry) check() error {
	if e.Tool.Operation != nil {
		return nil
	}
	_, err := e.definition()
	return err
}

// Definition returns the tool as tools/list shows it. Entries that a catalog
// lists have one.
func (e *Entry) Definition() json.RawMessage {
	text, _ := e.definition()
	return text
}

func (e *Entry) definition() (json.RawMessage, error) {
	e.once.Do(func() { e.text, e.err = e.define() })
	return e.text, e.err
}

// definition is what tools/list shows of a REST tool, in this order.
type definition struct {
	Name        string           `json:"name"`
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description,omitempty"`
	Input       json.RawMessage  `json:"inputSchema"`
	Output      json.RawMessage  `json:"outputSchema,omitempty"`
	Annotations tool.Annotations `json:"annotations"`
}

func (e *Entry) define() (json.RawMessage, error) {
	if e.Tool.Definition != nil {
		return e.defineNative()
	}
	shown := *e.Tool
	if shown.Operation != nil {
		output, err := tool.Tolerant(shown.Output)
		if err != nil {
			return nil, err
		}
		shown.Output = output
	}
	if err := shown.Validate(); err != nil {
		return nil, err
	}
	shown, err := e.profile.Apply(shown)
	if err != nil {
		return nil, err
	}
	return json.Marshal(definition{e.Name, shown.Title, shown.Description, shown.Input, shown.Output, shown.Annotations})
}

// defineNative returns a native tool's definition, with every member that its
// server gave it. Its schemas are the server's own promise and stay as they are,
// unless a profile was asked for.
func (e *Entry) defineNative() (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(e.Tool.Definition, &members); err != nil {
		return nil, fmt.Errorf("its definition is no JSON object: %w", err)
	}
	shown := *e.Tool
	if e.profile.String() != profile.Default {
		adapted, err := e.profile.Apply(shown)
		if err != nil {
			return nil, err
		}
		shown = adapted
		for key, schema := range map[string]json.RawMessage{"inputSchema": shown.Input, "outputSchema": shown.Output} {
			if len(schema) > 0 {
				members[key] = schema
			}
		}
	}
	for key, value := range map[string]string{"name": e.Name, "description": shown.Description} {
		if value == "" {
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		members[key] = raw
	}
	return json.Marshal(members)
}
