package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/gateway"
	"github.com/bridge-gateway/bridge/runtime/token"
)

// tokenReport is what `bridge tokens --json` prints: what is told to a client
// before it calls any tool.
type tokenReport struct {
	Encoding string `json:"encoding"`
	Profile  string `json:"profile"`
	counted
	Sources []sourceTokens `json:"sources"`
	// Endpoints are further ones, which show part of the catalog.
	Endpoints []endpointTokens `json:"endpoints"`
	// Tools are all tools, the costliest first.
	Tools    []toolTokens    `json:"costs"`
	Search   searchTokens    `json:"search"`
	Profiles []profileTokens `json:"profiles,omitempty"`
	Notes    []string        `json:"notes"`
}

// counted is what definitions cost, and what in them does.
type counted struct {
	Count  int   `json:"tools"`
	Tokens int   `json:"tokens"`
	Parts  parts `json:"parts"`
}

// parts are what each part of definitions costs when it stands alone; Rest is
// what all of them leave: names, other members, and how JSON holds it together.
type parts struct {
	Description int `json:"description"` // with the title
	Input       int `json:"inputSchema"`
	Output      int `json:"outputSchema"`
	Annotations int `json:"annotations"`
	Rest        int `json:"rest"`
}

type sourceTokens struct {
	Name string `json:"name"`
	counted
}

type endpointTokens struct {
	Path    string `json:"path"`
	Profile string `json:"profile"`
	counted
}

type toolTokens struct {
	Name      string           `json:"name"`
	Source    string           `json:"source"`
	Tokens    int              `json:"tokens"`
	Parts     parts            `json:"parts"`
	Operation *listedOperation `json:"operation,omitempty"`
}

// searchTokens is about what a catalog costs whose tools are searched for: the
// tools to search by, and those that are pinned.
type searchTokens struct {
	Tokens int `json:"tokens"`
	Pinned int `json:"pinned"` // tools
	// Mode and Threshold are as configured, and Searches says what comes of them.
	Mode      string `json:"mode"`
	Threshold int    `json:"threshold"`
	Searches  bool   `json:"searches"`
}

type profileTokens struct {
	Profile string `json:"profile"`
	Tokens  int    `json:"tokens"`
}

func (c *counted) add(tokens int, p parts) {
	c.Count++
	c.Tokens += tokens
	c.Parts.Description += p.Description
	c.Parts.Input += p.Input
	c.Parts.Output += p.Output
	c.Parts.Annotations += p.Annotations
	c.Parts.Rest += p.Rest
}

// reportTokens counts what a loaded gateway shows.
func reportTokens(cfg config.Config, g *gateway.Gateway, encoding *token.Encoding) tokenReport {
	r := tokenReport{Encoding: encoding.Name(), Profile: cfg.Profile, Sources: []sourceTokens{}, Endpoints: []endpointTokens{}, Tools: []toolTokens{}}
	at := map[string]int{}
	for _, s := range g.Status() {
		at[s.Name] = len(r.Sources)
		r.Sources = append(r.Sources, sourceTokens{Name: s.Name})
	}
	r.Search = searchTokens{Mode: cfg.Tools.Mode, Threshold: cfg.Tools.Threshold}
	for _, e := range g.Catalog().Finders() { // which then stand in place of all others
		r.Search.Tokens += encoding.CountBytes(e.Definition())
	}
	for _, e := range g.Catalog().Entries() {
		t := countEntry(e, encoding)
		r.Tools = append(r.Tools, t)
		r.add(t.Tokens, t.Parts)
		r.Sources[at[t.Source]].add(t.Tokens, t.Parts)
		if isPinned(cfg.Tools.Pinned, t.Name) {
			r.Search.Pinned++
			r.Search.Tokens += t.Tokens
		}
	}
	r.Search.Searches = cfg.Tools.Mode == "search" || cfg.Tools.Mode == "auto" && r.Tokens > cfg.Tools.Threshold
	slices.SortStableFunc(r.Tools, func(a, b toolTokens) int {
		return cmp.Or(cmp.Compare(b.Tokens, a.Tokens), strings.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(r.Sources, func(a, b sourceTokens) int { return cmp.Compare(b.Tokens, a.Tokens) })
	for _, e := range cfg.Endpoints {
		shown := endpointTokens{Path: e.Path, Profile: cmp.Or(e.Profile, cfg.Profile)}
		for _, entry := range g.CatalogAt(e.Path).Entries() {
			t := countEntry(entry, encoding)
			shown.add(t.Tokens, t.Parts)
		}
		r.Endpoints = append(r.Endpoints, shown)
	}
	r.Notes = clientNotes(r, cfg)
	return r
}

// countEntry counts a definition, whole and in its parts.
func countEntry(e *gateway.Entry, encoding *token.Encoding) toolTokens {
	definition := e.Definition()
	t := toolTokens{Name: e.Name, Source: e.Source, Tokens: encoding.CountBytes(definition)}
	if op := e.Tool.Operation; op != nil {
		t.Operation = &listedOperation{op.Method, op.Path}
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(definition, &members) != nil { // an entry that is listed is an object
		return t
	}
	count := func(keys ...string) (n int) {
		for _, key := range keys {
			n += encoding.CountBytes(members[key])
		}
		return n
	}
	p := parts{Description: count("title", "description"), Input: count("inputSchema"),
		Output: count("outputSchema"), Annotations: count("annotations")}
	p.Rest = max(0, t.Tokens-p.Description-p.Input-p.Output-p.Annotations)
	t.Parts = p
	return t
}

// isPinned reports whether a tool is listed in any mode.
func isPinned(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return ok && err == nil
	})
}

// What clients are known to take, in tokens.
const (
	chatGPTLeast, chatGPTMost = 5_000, 16_000 // of all definitions
	codexResult               = 10_000        // of a result
	claudeCodeWarns           = 10_000
	claudeCodeResult          = 25_000
)

// clientNotes says what the figures mean to clients whose limits are known.
func clientNotes(r tokenReport, cfg config.Config) []string {
	notes := []string{}
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	switch {
	case r.Search.Searches:
	case r.Tokens > chatGPTMost:
		add("ChatGPT takes %d to %d tokens of definitions in all, and these are %d: show it less by include and exclude of an endpoint, or let it search with tools: {mode: search}",
			chatGPTLeast, chatGPTMost, r.Tokens)
	case r.Tokens > chatGPTLeast:
		add("ChatGPT takes %d to %d tokens of definitions in all, and these are %d: they may not all fit", chatGPTLeast, chatGPTMost, r.Tokens)
	}
	switch {
	case cfg.Budget > claudeCodeResult:
		add("the budget of results is %d tokens: Claude Code takes %d and Codex about %d, and cut off what is over it themselves", cfg.Budget, claudeCodeResult, codexResult)
	case cfg.Budget > codexResult:
		add("the budget of results is %d tokens: Codex takes about %d and cuts off what is over it itself, and Claude Code warns from %d on", cfg.Budget, codexResult, claudeCodeWarns)
	}
	return notes
}
