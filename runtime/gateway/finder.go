package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/search"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// The tools that stand for a catalog which is not listed. Their names are reserved
// where they are shown.
const (
	searchTool   = "search_tools"
	describeTool = "describe_tools"
	callTool     = "call_tool"
)

// Bounds of what they take and tell.
const (
	maxQueries   = 5
	maxQuery     = 300 // bytes
	defaultHits  = 8
	maxHits      = 30
	maxDescribed = 20
	maxSummary   = 140 // bytes
	indexWait    = 3 * time.Second
)

// BuiltInName is the name of the source that the gateway's own tools are of.
const BuiltInName = "bridge"

// finderTools are the definitions of those tools. Every conversation pays for
// them.
var finderTools = []tool.Tool{
	{Name: searchTool, Title: "Find tools",
		Description: "Finds tools by what they do. Tools are many and not listed: search before you say that something can't be done. Answers names, required arguments and a line each.",
		Input:       json.RawMessage(`{"type":"object","properties":{"queries":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":5,"description":"Short phrases: what is done, to what; e.g. \"refund a payment\"."},"limit":{"type":"integer","minimum":1,"maximum":30,"description":"8 if left out."}},"required":["queries"]}`),
		Annotations: tool.Annotations{ReadOnly: true, Idempotent: true}},
	{Name: describeTool, Title: "Describe tools",
		Description: "Tells the arguments of tools, by their names.",
		Input:       json.RawMessage(`{"type":"object","properties":{"names":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":20},"detail":{"type":"string","enum":["short","full"],"description":"full has the JSON Schemas."}},"required":["names"]}`),
		Annotations: tool.Annotations{ReadOnly: true, Idempotent: true}},
	{Name: callTool, Title: "Call a tool",
		Description: "Calls a tool by its name, with its own arguments.",
		Input:       json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"},"arguments":{"type":"object","description":"As describe_tools tells them."}},"required":["name"]}`),
		Annotations: tool.Annotations{Destructive: true, OpenWorld: true}},
}

// finder is the source of those tools, for one catalog.
type finder struct{ catalog *Catalog }

func (finder) Name() string                               { return BuiltInName }
func (finder) Close() error                               { return nil }
func (finder) Tools(context.Context) ([]tool.Tool, error) { return finderTools, nil }

// Invoke implements Source. A call of call_tool never comes here: resolve makes it
// one of the tool that it names.
func (f finder) Invoke(ctx context.Context, c *call.Call) (*call.Result, error) {
	if c.Tool.Name == searchTool {
		return f.search(ctx, c.Arguments)
	}
	return f.describe(c.Arguments), nil
}

// finders returns the entries of a catalog's own tools.
func (c *Catalog) finders() []*Entry {
	mount := &Mount{Source: finder{c}, BuiltIn: true}
	entries := make([]*Entry, len(finderTools))
	for i := range finderTools {
		entries[i] = newEntry(origin{mount, &finderTools[i]}, c.settings, newDialect(noPrefix))
		entries[i].Name = finderTools[i].Name // whatever a profile would make of it
	}
	return entries
}

// Finders returns the tools by which others are found, as clients of this catalog
// are shown them where it is searched.
func (c *Catalog) Finders() []*Entry { return c.finders() }

// indexed is the index of a catalog's tools, once it is built.
type indexed struct {
	once  sync.Once
	ready chan struct{}
	index *search.Index
}

// indexTools builds the index, once.
func (c *Catalog) indexTools() {
	c.indexed.once.Do(func() {
		entries := c.Entries()
		documents := make([]search.Document, len(entries))
		for i, e := range entries {
			documents[i] = search.FromTool(e.Name, e.Source, e.Tool)
		}
		c.indexed.index = search.New(documents)
		close(c.indexed.ready)
	})
}

// query looks the index up, and waits a little for one that is being built.
func (c *Catalog) query(ctx context.Context, queries []string, limit int) ([]search.Hit, error) {
	if len(c.all) == 0 {
		return nil, nil
	}
	timer := time.NewTimer(indexWait)
	defer timer.Stop()
	select {
	case <-c.indexed.ready:
		return c.indexed.index.Search(queries, limit), nil
	case <-timer.C:
		return nil, fault.New("gateway.search", fault.Unavailable, "the tools are still being indexed: search again in a few seconds")
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// search answers search_tools.
func (f finder) search(ctx context.Context, arguments json.RawMessage) (*call.Result, error) {
	var in struct {
		Queries []string `json:"queries"`
		Query   string   `json:"query"` // a slip that says well enough what is wanted
		Limit   *int     `json:"limit"`
	}
	if err := json.Unmarshal(orNone(arguments), &in); err != nil {
		return refused(`search_tools takes {"queries": ["what is done, to what"], "limit": 8}.`), nil
	}
	if in.Query != "" {
		in.Queries = append(in.Queries, in.Query)
	}
	in.Queries = slices.DeleteFunc(in.Queries, func(q string) bool { return strings.TrimSpace(q) == "" })
	if len(in.Queries) == 0 || len(in.Queries) > maxQueries {
		return refused(fmt.Sprintf("search_tools takes 1 to %d queries.", maxQueries)), nil
	}
	for i, q := range in.Queries {
		in.Queries[i] = fault.Clip(q, maxQuery)
	}
	limit := defaultHits
	if in.Limit != nil {
		limit = max(1, min(*in.Limit, maxHits))
	}
	hits, err := f.catalog.query(ctx, in.Queries, limit)
	if err != nil {
		return nil, err
	}
	return f.found(hits), nil
}

// found tells what was found, grouped by what the tools are about.
func (f finder) found(hits []search.Hit) *call.Result {
	if len(hits) == 0 {
		return &call.Result{Content: []call.Block{call.Text("Nothing was found. Try other words, and fewer: what is done, and to what.")}, Structured: json.RawMessage(`{"tools":[]}`)}
	}
	type found struct {
		Name    string `json:"name"`
		Group   string `json:"group,omitempty"`
		Summary string `json:"summary,omitempty"`
	}
	var groups []string
	lines := map[string][]string{}
	all := make([]found, 0, len(hits))
	for _, hit := range hits {
		e, err := f.catalog.Lookup(hit.Name)
		if err != nil {
			continue // its definition can't be written
		}
		if lines[hit.Group] == nil {
			groups = append(groups, hit.Group)
		}
		summary := summaryOf(e.Tool)
		lines[hit.Group] = append(lines[hit.Group], "- "+e.Name+"("+strings.Join(requiredOf(e.Tool.Input), ", ")+"): "+summary)
		all = append(all, found{e.Name, hit.Group, summary})
	}
	var b strings.Builder
	for _, group := range groups {
		if group != "" {
			b.WriteString(group + "\n")
		}
		b.WriteString(strings.Join(lines[group], "\n") + "\n")
	}
	structured, err := json.Marshal(map[string]any{"tools": all})
	if err != nil {
		structured = nil
	}
	return &call.Result{Content: []call.Block{call.Text(strings.TrimSuffix(b.String(), "\n"))}, Structured: structured}
}

// describe answers describe_tools.
func (f finder) describe(arguments json.RawMessage) *call.Result {
	var in struct {
		Names  []string `json:"names"`
		Name   string   `json:"name"`
		Detail string   `json:"detail"`
	}
	if err := json.Unmarshal(orNone(arguments), &in); err != nil || in.Detail != "" && in.Detail != "short" && in.Detail != "full" {
		return refused(`describe_tools takes {"names": ["…"], "detail": "short" or "full"}.`)
	}
	if in.Name != "" {
		in.Names = append(in.Names, in.Name)
	}
	if len(in.Names) == 0 || len(in.Names) > maxDescribed {
		return refused(fmt.Sprintf("describe_tools takes 1 to %d names.", maxDescribed))
	}
	short := in.Detail == "short" || in.Detail == "" && f.catalog.settings.endpoint.Tools.Short
	var parts []string
	known := false
	for _, name := range in.Names {
		e, err := f.catalog.callable(name)
		switch {
		case err != nil:
			parts = append(parts, fault.Message(err))
			continue
		case short:
			parts = append(parts, slimmed(e))
		default:
			parts = append(parts, string(e.Definition()))
		}
		known = true
	}
	res := &call.Result{Content: []call.Block{call.Text(strings.Join(parts, "\n"))}, IsError: !known}
	if !known {
		res.Fault = fault.NotFound
	}
	return res
}

// refused is the answer to wrong arguments.
func refused(text string) *call.Result {
	res := call.Failure(text)
	res.Fault = fault.Invalid
	return res
}

func orNone(arguments json.RawMessage) json.RawMessage {
	if len(arguments) == 0 {
		return json.RawMessage("{}")
	}
	return arguments
}

// unwrap makes a call of call_tool one of the tool that it names.
func unwrap(c *call.Call) *call.Result {
	var in struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	if err := json.Unmarshal(orNone(c.Arguments), &in); err != nil || in.Name == "" {
		return refused(`call_tool takes {"name": "…", "arguments": {…}}; search_tools finds names.`)
	}
	for key := range protocol.Members(c.Arguments) {
		if !strings.EqualFold(string(key), "name") && !strings.EqualFold(string(key), "arguments") {
			// Left out in silence, it would make for another call than was meant.
			return refused(fmt.Sprintf("Nothing was called: %q is an argument of %s, and stands in \"arguments\".", fault.Clip(string(key), maxShownName), fault.Clip(in.Name, maxShownName)))
		}
	}
	var text string
	if json.Unmarshal(in.Arguments, &text) == nil && json.Valid([]byte(text)) {
		in.Arguments = json.RawMessage(strings.TrimSpace(text)) // models often write them as text
	}
	if string(in.Arguments) == "null" {
		in.Arguments = nil
	}
	if len(in.Arguments) > 0 && in.Arguments[0] != '{' {
		return refused("The arguments of the tool that call_tool calls are an object.")
	}
	if in.Name == callTool {
		return refused("call_tool calls any tool but itself.")
	}
	c.Name, c.Arguments = in.Name, in.Arguments
	return nil
}
