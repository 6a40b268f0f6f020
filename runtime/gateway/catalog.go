package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Catalog is all that is served at one moment. It never changes.
type Catalog struct {
	entries  []*Entry
	byName   map[string]*Entry
	list     json.RawMessage
	problems []Problem
}

// Entry is one tool of the catalog.
type Entry struct {
	// Name is the name that clients see, prefix included.
	Name string
	// Tool is the tool as its source has it, with overrides applied and the
	// output schema in its tolerant form.
	Tool *tool.Tool
	// Source names the source.
	Source string
	// Budget is the most tokens that a result may cost.
	Budget int
	// Definition is the tool as tools/list shows it.
	Definition json.RawMessage

	mount *Mount
}

// Problem is something that keeps a tool, or a setting, from taking effect.
type Problem struct {
	Source  string `json:"source"`
	Tool    string `json:"tool,omitempty"`
	Message string `json:"message"`
}

// String returns the problem as one line.
func (p Problem) String() string {
	if p.Tool == "" {
		return fmt.Sprintf("source %q: %s", p.Source, p.Message)
	}
	return fmt.Sprintf("source %q, tool %q: %s", p.Source, p.Tool, p.Message)
}

// Entries returns the tools in their order: sources as configured, and in each
// the source's own order.
func (c *Catalog) Entries() []*Entry { return c.entries }

// Problems returns what was left out, and why.
func (c *Catalog) Problems() []Problem { return c.problems }

// Lookup returns the tool with that name. The error, of kind NotFound, says
// which name was most likely meant.
func (c *Catalog) Lookup(name string) (*Entry, error) {
	if e, ok := c.byName[name]; ok {
		return e, nil
	}
	known := make([]string, len(c.entries))
	for i, e := range c.entries {
		known[i] = e.Name
	}
	hint := "tools/list shows the tools there are"
	if near := fault.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return nil, fault.New("catalog.lookup", fault.NotFound, fmt.Sprintf("there is no tool %q; %s", name, hint))
}

// Preview returns the catalog of these tools alone, mounted under a prefix, for
// showing what serving them would give.
func Preview(prefix string, tools []tool.Tool) *Catalog {
	return compile([]mounted{{&Mount{Source: preview(prefix), Prefix: prefix}, tools}}, 0)
}

// preview is the source of a catalog that is only looked at.
type preview string

func (p preview) Name() string                             { return string(p) }
func (preview) Tools(context.Context) ([]tool.Tool, error) { return nil, nil }
func (preview) Close() error                               { return nil }
func (preview) Invoke(context.Context, *call.Call) (*call.Result, error) {
	return nil, fault.New("catalog.preview", fault.Unsupported, "this catalog is only looked at")
}

// mounted is a mount and its source's tools at this moment.
type mounted struct {
	mount *Mount
	tools []tool.Tool
}

// compile builds the catalog of these mounts. budget is for tools that have
// none of their own.
func compile(mounts []mounted, budget int) *Catalog {
	c := &Catalog{byName: map[string]*Entry{}}
	for _, m := range mounts {
		for i := range m.tools {
			c.add(m.mount, &m.tools[i], budget)
		}
		if len(m.tools) > 0 {
			c.problems = append(c.problems, m.mount.unmatched(m.tools)...)
		}
	}
	definitions := make([][]byte, len(c.entries))
	for i, e := range c.entries {
		definitions[i] = e.Definition
	}
	c.list = append(append([]byte{'['}, bytes.Join(definitions, []byte{','})...), ']')
	return c
}

// add adds a tool, or a problem that says why not.
func (c *Catalog) add(m *Mount, t *tool.Tool, budget int) {
	if !m.serves(t.Name) {
		return
	}
	entry, err := newEntry(m, t, budget)
	if err == nil {
		if other, taken := c.byName[entry.Name]; taken {
			err = fmt.Errorf("its name %q is taken by source %q; give one of the sources a prefix, or the tool another name", entry.Name, other.Source)
		}
	}
	if err != nil {
		c.problems = append(c.problems, Problem{Source: m.Source.Name(), Tool: t.Name, Message: err.Error()})
		return
	}
	c.entries = append(c.entries, entry)
	c.byName[entry.Name] = entry
}

func newEntry(m *Mount, t *tool.Tool, budget int) (*Entry, error) {
	served := *t
	override := m.Overrides[t.Name]
	if override.Description != "" {
		served.Description = override.Description
	}
	own := t.Name
	if override.Name != "" {
		own = override.Name
	}
	// A native server's schema is its own promise and stays as it is.
	if t.Operation != nil {
		output, err := tool.Tolerant(t.Output)
		if err != nil {
			return nil, err
		}
		served.Output = output
	}
	e := &Entry{
		Name:   servedName(m, own, t),
		Tool:   &served,
		Source: m.Source.Name(),
		Budget: firstPositive(override.Budget, t.Budget, m.Budget, budget),
		mount:  m,
	}
	definition, err := define(e.Name, &served)
	e.Definition = definition
	return e, err
}

func firstPositive(numbers ...int) int {
	for _, n := range numbers {
		if n > 0 {
			return n
		}
	}
	return 0
}

// servedName puts the prefix before a tool's name and makes it one that every
// client takes. The result depends on the mount and the tool alone.
func servedName(m *Mount, own string, t *tool.Tool) string {
	seed := m.Source.Name() + " " + t.Name
	if t.Operation != nil {
		seed = t.Operation.Method + " " + t.Operation.Path
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
	return tool.FitName(safe, seed, tool.MaxName)
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

// define returns a tool's definition. Native tools keep every member that their
// server gave them.
func define(name string, t *tool.Tool) (json.RawMessage, error) {
	if t.Definition == nil {
		if err := t.Validate(); err != nil {
			return nil, err
		}
		return json.Marshal(definition{name, t.Title, t.Description, t.Input, t.Output, t.Annotations})
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(t.Definition, &members); err != nil {
		return nil, fmt.Errorf("its definition is no JSON object: %w", err)
	}
	for key, value := range map[string]string{"name": name, "description": t.Description} {
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

// sortProblems orders problems by source and tool, for display.
func sortProblems(problems []Problem) {
	sort.SliceStable(problems, func(i, j int) bool {
		if problems[i].Source != problems[j].Source {
			return problems[i].Source < problems[j].Source
		}
		return problems[i].Tool < problems[j].Tool
	})
}
