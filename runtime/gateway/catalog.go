package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxShownName bounds, in bytes, what of a name from outside is shown in errors
// and the log. Clients take no longer ones.
const maxShownName = 128

// Catalog is all that is served at one moment, at one endpoint. It never
// changes. What it costs time to write, the tools' definitions, is written when
// it is first asked for: a gateway with thousands of tools is ready at once, and
// can be called.
type Catalog struct {
	settings  settings
	selection selection // of the settings' endpoint
	all       []*Entry  // in order; one may yet turn out to have no definition
	byName    map[string]*Entry
	problems  []Problem // found while compiling
	names     []string  // all that the selection can name

	resources, templates, prompts *collection
	sites                         []*site            // the sources that are whole servers, in order
	marks                         map[string][]*site // by their mark
	hidden                        map[string]bool    // URIs of resources that the endpoint does not show

	complete bool // every source has been loaded

	once    sync.Once
	shown   shown
	indexed indexed
	weigh   sync.Once
	tokens  int // of the list
}

// shown is what clients are shown of a catalog's tools.
type shown struct {
	entries  []*Entry
	list     list // of the definitions, as tools/list has it
	version  string
	problems []Problem
	// Where tools are searched for, the list has these, what is pinned and what is
	// built in.
	finders []*Entry // nil where all tools are listed
}

// Problem is something that keeps a tool, or a setting, from taking effect.
type Problem struct {
	Source  string `json:"source"`
	Tool    string `json:"tool,omitempty"`
	Message string `json:"message"`
}

// String returns the problem as one line.
func (p Problem) String() string {
	switch {
	case p.Source == "":
		return p.Message
	case p.Tool == "":
		return fmt.Sprintf("source %q: %s", p.Source, p.Message)
	}
	return fmt.Sprintf("source %q, tool %q: %s", p.Source, p.Tool, p.Message)
}

// Entries returns the tools in their order: sources as configured, and in each
// the source's own order.
func (c *Catalog) Entries() []*Entry { return c.show().entries }

// Version names the tools' definitions: catalogs with the same ones have the
// same version, in every process.
func (c *Catalog) Version() string { return c.show().version }

// Problems returns what was left out, and why.
func (c *Catalog) Problems() []Problem { return c.show().problems }

// show writes every definition, once. A tool whose definition can't be written
// is left out.
func (c *Catalog) show() *shown {
	c.once.Do(func() {
		c.write(context.Background())
		c.shown.problems = slices.Clone(c.problems)
		var definitions builder
		for _, e := range c.all {
			definition, err := e.definition()
			if err != nil {
				c.shown.problems = append(c.shown.problems, Problem{Source: e.Source, Tool: e.Tool.Name, Message: err.Error()})
				continue
			}
			c.shown.entries = append(c.shown.entries, e)
			definitions.add(e.Name, definition)
		}
		c.shown.list = definitions.list()
		sum := sha256.Sum256(c.shown.list.text)
		c.shown.version = hex.EncodeToString(sum[:16])
		if c.isLarge(c.shown.list.text) {
			c.hideTools(&c.shown)
		}
		sortProblems(c.shown.problems)
	})
	return &c.shown
}

// prepare writes the definitions ahead of the first client that asks for them.
// It stops, and returns false, when ctx ends.
func (c *Catalog) prepare(ctx context.Context) bool {
	c.write(ctx)
	if ctx.Err() != nil {
		return false
	}
	c.show()
	return true
}

// write writes the definitions, on all processors, until ctx ends.
func (c *Catalog) write(ctx context.Context) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(c.all)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(c.all) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				_, _ = c.all[i].definition() // show reports what can't be written
			}
		})
	}
	workers.Wait()
}

// Lookup returns the tool with that name. The error, of kind NotFound, says
// which name was most likely meant.
func (c *Catalog) Lookup(name string) (*Entry, error) {
	if e, ok := c.byName[name]; ok {
		return e, nil
	}
	return nil, c.missing(name)
}

// missing says that there is no tool of a name, and which one may be meant.
func (c *Catalog) missing(name string) error {
	known := make([]string, len(c.all))
	for i, e := range c.all {
		known[i] = e.Name
	}
	hint := "list the tools to see which there are"
	if c.searches() {
		hint = searchTool + " finds the tools that there are"
	}
	if near := fault.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fault.New("catalog.lookup", fault.NotFound, fmt.Sprintf("there is no tool %q; %s", fault.Clip(name, maxShownName), hint))
}

// Preview returns the catalog of these tools alone, mounted under a prefix, for
// showing what serving them to clients of a profile would give.
func Preview(prefix string, tools []tool.Tool, p profile.Profile) *Catalog {
	m := mounted{mount: &Mount{Source: preview(prefix), Prefix: prefix}, tools: tools, loaded: true}
	return compile([]mounted{m}, settings{profile: p}, nil)
}

// preview is the source of a catalog that is only looked at.
type preview string

func (p preview) Name() string                             { return string(p) }
func (preview) Tools(context.Context) ([]tool.Tool, error) { return nil, nil }
func (preview) Close() error                               { return nil }
func (preview) Invoke(context.Context, *call.Call) (*call.Result, error) {
	return nil, fault.New("catalog.preview", fault.Unsupported, "this catalog is only looked at")
}

// mounted is a mount and what its source has at this moment.
type mounted struct {
	mount    *Mount
	tools    []tool.Tool
	features tool.Features // of a source that is a [Server]
	loaded   bool          // whether the source was ever loaded
}

// compile builds the catalog of these mounts. Entries that have not changed are
// taken from the catalog before, if it was made by the same settings, with what
// was written of them.
//
// A name that two sources have belongs to the first in the order of the mounts.
// So a source that is added behind the others renames nothing and hides nothing.
func compile(mounts []mounted, all settings, before *Catalog) *Catalog {
	c := &Catalog{settings: all, selection: selectionOf(all.endpoint), byName: map[string]*Entry{}, marks: map[string][]*site{}, hidden: map[string]bool{},
		indexed:   indexed{ready: make(chan struct{})},
		resources: newCollection("resource", "uri"), templates: newCollection("resource template", "uriTemplate"), prompts: newCollection("prompt", "name")}
	known := map[origin]*Entry{}
	if before != nil && reflect.DeepEqual(before.settings, all) {
		for _, e := range before.all {
			known[e.origin] = e
		}
	}
	var tools []*Entry
	for _, m := range mounts {
		if m.mount.BuiltIn && (matchAny(all.endpoint.Exclude, shape.ReadTool) || !slices.ContainsFunc(tools, c.isBounded)) {
			continue // it is not wanted, or nothing is ever cut here
		}
		tools = append(tools, c.candidates(m, known)...)
		c.addServer(m)
		if len(m.tools) > 0 {
			c.problems = append(c.problems, m.mount.unmatched(m.tools)...)
		}
	}
	c.addTools(tools)
	c.addItems(c.resources)
	c.addItems(c.templates)
	c.addItems(c.prompts)
	if c.complete = !slices.ContainsFunc(mounts, func(m mounted) bool { return !m.loaded }); c.complete {
		// What a source that is still to be loaded has can't be told.
		c.problems = append(c.problems, c.selection.unmatched(c.names)...)
	}
	c.showSites()
	return c
}

// candidates returns the tools of a mount that can be served.
func (c *Catalog) candidates(m mounted, known map[origin]*Entry) []*Entry {
	var entries []*Entry
	between, echoes := dialectOf(m.mount), echoedTools(m.mount, m.tools)
	c.echoed(m.mount, "tool", echoes)
	for i := range m.tools {
		if echoes != nil && echoes[i] || !m.mount.serves(m.tools[i].Name) {
			continue
		}
		from := origin{m.mount, &m.tools[i]}
		entry, ok := known[from]
		if !ok {
			entry = newEntry(from, c.settings, between)
			if err := entry.check(); err != nil {
				c.problem(entry.Source, entry.Tool.Name, err.Error())
				continue
			}
		}
		entries = append(entries, entry)
	}
	return entries
}

// addTools adds the tools that the endpoint shows, by their names there.
func (c *Catalog) addTools(candidates []*Entry) {
	taken := map[string]string{}
	var shown []*Entry
	var names []string
	for _, e := range candidates {
		if other, ok := taken[e.served]; ok {
			c.problem(e.Source, e.Tool.Name, fmt.Sprintf("its name %q is taken by source %q; give one of the sources a prefix, or the tool another name", e.served, other))
			continue
		}
		taken[e.served] = e.Source
		c.names = append(c.names, e.served)
		if c.selects(e.origin.mount, e.served) {
			shown, names = append(shown, e), append(names, e.served)
		}
	}
	names = c.rename("tool", names)
	for i, e := range shown {
		if e.Name != names[i] {
			e = e.named(names[i])
		}
		c.all = append(c.all, e)
		c.byName[e.Name] = e
	}
}

// isBounded reports whether the endpoint shows a tool and its results have a
// budget.
func (c *Catalog) isBounded(e *Entry) bool { return e.Budget > 0 && c.selection.shows(e.served) }

// selects reports whether the endpoint shows something of a mount that goes by
// these names.
func (c *Catalog) selects(m *Mount, names ...string) bool {
	if m.BuiltIn {
		return !slices.ContainsFunc(names, func(name string) bool { return matchAny(c.selection.exclude, name) })
	}
	return c.selection.shows(names...)
}

// rename returns the names at the endpoint of things that have these, all
// different, without it.
func (c *Catalog) rename(kind string, served []string) []string {
	names, problems := c.selection.renamed(kind, served)
	c.problems = append(c.problems, problems...)
	return names
}

func (c *Catalog) problem(source, name, message string) {
	c.problems = append(c.problems, Problem{Source: source, Tool: name, Message: message})
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
