package gateway

import (
	"context"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Source is where tools come from: an adapter, a document, an MCP server.
type Source interface {
	Name() string
	// Tools returns the source's tools as they are now, connecting if need be.
	Tools(ctx context.Context) ([]tool.Tool, error)
	// Invoke carries out a call to one of them; c.Tool says which.
	Invoke(ctx context.Context, c *call.Call) (*call.Result, error)
	// Close ends what the source holds and waits for it.
	Close() error
}

// Changing is a source whose tools can change while it runs.
type Changing interface {
	// Changes is signalled after the tools may have changed.
	Changes() <-chan struct{}
}

// Healthy is a source that knows at any moment how its server is.
type Healthy interface {
	// Health reports whether the server can be reached as far as is known, and if
	// not, why, in words that are safe for callers.
	Health() (ok bool, why string)
}

// Server is a source that is a whole MCP server, with more than tools.
type Server interface {
	Source
	// Features returns what the server has besides tools, as it is now. What it
	// does not have is empty, which is no error.
	Features(ctx context.Context) (tool.Features, error)
	// Request carries out a request other than a call of a tool, and returns the
	// server's result. An error that the server sent wraps a *protocol.Error.
	Request(ctx context.Context, r *call.Request) (json.RawMessage, error)
	// Notices are what the server tells that belongs to no call. Whoever takes
	// them too slowly loses the oldest, which is counted and logged.
	Notices() <-chan call.Notice
}

// Mount says how a source appears in the catalog.
type Mount struct {
	Source Source
	// Prefix stands before each tool's name, with "_" between; "" mounts the
	// tools under their own names.
	Prefix string
	// Include and Exclude are globs over the source's own tool names: a tool is
	// served if Include is empty or matches, and Exclude does not match. What a
	// server has besides tools is served whole; endpoints select from it.
	Include, Exclude []string
	// Overrides change tools, by the source's own tool names.
	Overrides map[string]Override
	// Budget is the most that a result of the source's tools may cost, whatever the
	// tools say of themselves; 0 takes the gateway's for those that say nothing.
	Budget int
	// Shaping changes how results of the source's tools are shaped. It goes before
	// what the tools say of themselves, as who mounts a source decides what clients
	// get of it; what an override says goes before both.
	Shaping tool.Reshaping
	// Credentials, if not nil, is the stage that gives a call its credentials.
	Credentials call.Middleware

	// Isolated says that the source keeps its callers apart: each has a server, or
	// a session with it, of his own.
	Isolated bool
	// BuiltIn says that the source is the gateway's own: every endpoint that has a
	// tool with a budget shows it, whatever the endpoint includes, and it is no
	// source that is told of.
	BuiltIn bool

	use *use // of the source, by the gateway that has mounted it
}

// Override changes how one tool appears. Empty fields change nothing.
type Override struct {
	Name        string // in place of the source's own name, without prefix
	Description string
	Budget      int
	Shaping     tool.Reshaping
}

// serves reports whether include and exclude let a tool through.
func (m *Mount) serves(name string) bool {
	return (len(m.Include) == 0 || matchAny(m.Include, name)) && !matchAny(m.Exclude, name)
}

func matchAny(globs []string, name string) bool {
	// path.Match keeps "*" from "/", which means nothing in a name.
	plain := strings.NewReplacer("/", "\x00")
	for _, g := range globs {
		if ok, err := path.Match(plain.Replace(g), plain.Replace(name)); err == nil && ok {
			return true
		}
	}
	return false
}

// unmatched reports what of the mount's settings no tool answers to: most often
// a slip in a name.
func (m *Mount) unmatched(tools []tool.Tool) []Problem {
	var problems []Problem
	hit := func(glob string) bool {
		for i := range tools {
			if matchAny([]string{glob}, tools[i].Name) {
				return true
			}
		}
		return false
	}
	report := func(setting, name string) {
		problems = append(problems, Problem{Source: m.Source.Name(), Tool: name,
			Message: setting + " matches no tool of the source; `bridge tools` lists their names"})
	}
	for _, g := range m.Include {
		if !hit(g) {
			report("tools.include", g)
		}
	}
	for _, g := range m.Exclude {
		if !hit(g) {
			report("tools.exclude", g)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Overrides)) {
		if !hit(name) {
			report("tools.override", name)
		}
	}
	return append(problems, m.uncached(tools)...)
}

// uncached reports overrides that ask for results of a tool to be kept, which
// only those of tools that read are.
func (m *Mount) uncached(tools []tool.Tool) []Problem {
	var problems []Problem
	for i := range tools {
		t := &tools[i]
		if c := m.Overrides[t.Name].Shaping.Cache; c != nil && *c > 0 && !t.Annotations.ReadOnly {
			problems = append(problems, Problem{Source: m.Source.Name(), Tool: t.Name,
				Message: "shape.cache is for tools that only read, and this one does not say that it does: its results are not kept"})
		}
	}
	return problems
}

// shaping returns how a tool's results are shaped here; nil for not at all.
func (m *Mount) shaping(t *tool.Tool) *tool.Shaping {
	s := m.Overrides[t.Name].Shaping.Over(m.Shaping).Apply(t.Shaping)
	if s == nil || s.Cache == 0 || t.Annotations.ReadOnly {
		return s
	}
	kept := *s
	kept.Cache = 0
	return kept.Effective()
}
