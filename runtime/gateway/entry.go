package gateway

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/pages"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/shape"
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
	served  string   // the name without the endpoint's renaming
	dialect *dialect // between the source's URIs and the clients'
	headers []paramHeader
	profile profile.Profile
	// What the caller may say by reserved arguments, where the gateway allows it.
	callerShaping bool
	reserved      reserved
	readable      bool // whether the endpoint has what trimmed results are read by

	planned   sync.Once
	following *pages.Plan
	once      sync.Once
	text      json.RawMessage // the definition
	err       error           // that it can't be written
}

// origin is what an entry is made of. Neither part changes.
type origin struct {
	mount *Mount
	tool  *tool.Tool
}

// settings hold for all entries of a catalog.
type settings struct {
	budget   int // of tools that have none of their own
	profile  profile.Profile
	endpoint Endpoint // whose catalog it is
	// callerShaping gives tools the reserved arguments.
	callerShaping bool
	counter       shape.Counter // of definitions; nil for none
}

func newEntry(from origin, all settings, between *dialect) *Entry {
	m, t := from.mount, from.tool
	override := m.Overrides[t.Name]
	own := t.Name
	if override.Name != "" {
		own = override.Name
	}
	served := *t
	served.Shaping = m.shaping(t)
	if override.Description != "" {
		served.Description = override.Description
	}
	if t.Operation != nil && len(t.Output) > maxOutput {
		served.Output = nil
	}
	if served.Shaping != nil && served.Shaping.JQ != "" {
		promiseNothing(&served)
	}
	budget := firstPositive(override.Budget, least(t.Budget, m.Budget), all.budget)
	if most := all.endpoint.Budget; most > 0 && (budget == 0 || budget > most) {
		budget = most
	}
	name := servedName(m, own, t, all.profile)
	return &Entry{
		Name:    name,
		Tool:    &served,
		Source:  m.Source.Name(),
		Budget:  budget,
		origin:  from,
		served:  name,
		dialect: between,
		headers: paramHeaders(t.Input),
		profile: all.profile,

		callerShaping: all.callerShaping, reserved: reservedIn(t.Input),
		readable: !matchAny(all.endpoint.Exclude, shape.ReadTool),
	}
}

// named returns the entry under another name.
func (e *Entry) named(name string) *Entry {
	return &Entry{Name: name, Tool: e.Tool, Source: e.Source, Budget: e.Budget,
		origin: e.origin, served: e.served, dialect: e.dialect, headers: e.headers, profile: e.profile,
		callerShaping: e.callerShaping, reserved: e.reserved, readable: e.readable}
}

// promiseNothing takes a tool's output schema away: what a jq program makes of a
// result is of another form, and would be left out of structured content that has
// to satisfy the schema.
func promiseNothing(t *tool.Tool) {
	t.Output = nil
	if protocol.IsObject(t.Definition) && protocol.Valid(t.Definition) {
		t.Definition = protocol.Without(nil, t.Definition, "outputSchema")
	}
}

// OutputLeftOut reports whether the tool has an output schema that is too large
// to be shown.
func (e *Entry) OutputLeftOut() bool {
	return e.Tool.Operation != nil && len(e.origin.tool.Output) > maxOutput
}

// least returns the smaller of two budgets, of which 0 is none: what a document
// says of its tools is no more than who mounts it allows.
func least(a, b int) int {
	if a > 0 && b > 0 {
		return min(a, b)
	}
	return max(a, b)
}

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
	return json.Marshal(definition{e.Name, shown.Title, shown.Description, e.reserves().shown(shown.Input), shown.Output, shown.Annotations})
}

// defineNative returns a native tool's definition, with every member that its
// server gave it. Its schemas are the server's own promise and stay as they are,
// unless a profile was asked for. What nothing is to be changed in stays as it
// is, byte for byte.
func (e *Entry) defineNative() (json.RawMessage, error) {
	if !protocol.IsObject(e.Tool.Definition) || !protocol.Valid(e.Tool.Definition) {
		return nil, errors.New("its definition is no JSON object")
	}
	change := members{}
	if e.Name != e.origin.tool.Name {
		change["name"] = set(quoted(e.Name))
	}
	if e.Tool.Description != e.origin.tool.Description {
		change["description"] = set(quoted(e.Tool.Description))
	}
	if e.dialect.meta != nil {
		change["_meta"] = e.dialect.meta
	}
	if wishes := e.reserves(); wishes != (reserved{}) {
		change["inputSchema"] = func(dst, schema []byte) []byte { return append(dst, wishes.shown(schema)...) }
	}
	if e.profile.String() != profile.Default {
		shown, err := e.profile.Apply(*e.Tool)
		if err != nil {
			return nil, err
		}
		shown.Input = e.reserves().shown(shown.Input)
		for key, schema := range map[string]json.RawMessage{"inputSchema": shown.Input, "outputSchema": shown.Output} {
			if len(schema) > 0 {
				change[key] = set(schema)
			}
		}
	}
	if len(change) == 0 {
		return e.Tool.Definition, nil
	}
	text := change.object(make([]byte, 0, len(e.Tool.Definition)+64), e.Tool.Definition)
	if _, has := protocol.Member(text, "description"); !has && change["description"] != nil {
		text = protocol.With(nil, text, "description", quoted(e.Tool.Description))
	}
	return text, nil
}
