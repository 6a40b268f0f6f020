package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/profile"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// maxShownName bounds, in bytes, what of a name from outside is shown in errors
// and the log. Clients take no longer ones.
const maxShownName = 128

// Catalog is all that is served at one moment. It never changes. What it costs
// time to write, the definitions, is written when it is first asked for: a
// gateway with thousands of tools is ready at once, and can be called.
type Catalog struct {
	all      []*Entry // in order; one may yet turn out to have no definition
	byName   map[string]*Entry
	problems []Problem // found while compiling

	once  sync.Once
	shown shown
}

// shown is what clients are shown of a catalog.
type shown struct {
	entries  []*Entry
	list     json.RawMessage // of the definitions
	problems []Problem
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
func (c *Catalog) Entries() []*Entry { return c.show().entries }

// Problems returns what was left out, and why.
func (c *Catalog) Problems() []Problem { return c.show().problems }

// show writes every definition, once. A tool whose definition can't be written
// is left out.
func (c *Catalog) show() *shown {
	c.once.Do(func() {
		c.write(context.Background())
		c.shown.problems = slices.Clone(c.problems)
		definitions := make([][]byte, 0, len(c.all))
		for _, e := range c.all {
			definition, err := e.definition()
			if err != nil {
				c.shown.problems = append(c.shown.problems, Problem{Source: e.Source, Tool: e.Tool.Name, Message: err.Error()})
				continue
			}
			c.shown.entries = append(c.shown.entries, e)
			definitions = append(definitions, definition)
		}
		sortProblems(c.shown.problems)
		c.shown.list = slices.Concat([]byte{'['}, bytes.Join(definitions, []byte{','}), []byte{']'})
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
	known := make([]string, len(c.all))
	for i, e := range c.all {
		known[i] = e.Name
	}
	hint := "list the tools to see which there are"
	if near := fault.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return nil, fault.New("catalog.lookup", fault.NotFound, fmt.Sprintf("there is no tool %q; %s", fault.Clip(name, maxShownName), hint))
}

// Preview returns the catalog of these tools alone, mounted under a prefix, for
// showing what serving them to clients of a profile would give.
func Preview(prefix string, tools []tool.Tool, p profile.Profile) *Catalog {
	return compile([]mounted{{&Mount{Source: preview(prefix), Prefix: prefix}, tools}}, settings{profile: p}, nil)
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

// compile builds the catalog of these mounts. Entries that have not changed are
// taken from the catalog before, with what was written of them.
func compile(mounts []mounted, all settings, before *Catalog) *Catalog {
	c := &Catalog{byName: map[string]*Entry{}}
	known := map[origin]*Entry{}
	if before != nil {
		for _, e := range before.all {
			known[e.origin] = e
		}
	}
	for _, m := range mounts {
		for i := range m.tools {
			if !m.mount.serves(m.tools[i].Name) {
				continue
			}
			from := origin{m.mount, &m.tools[i]}
			entry, ok := known[from]
			if !ok {
				entry = newEntry(from, all)
			}
			c.add(entry)
		}
		if len(m.tools) > 0 {
			c.problems = append(c.problems, m.mount.unmatched(m.tools)...)
		}
	}
	return c
}

// add adds an entry, or a problem that says why not.
func (c *Catalog) add(e *Entry) {
	err := e.check()
	if other, taken := c.byName[e.Name]; err == nil && taken {
		err = fmt.Errorf("its name %q is taken by source %q; give one of the sources a prefix, or the tool another name", e.Name, other.Source)
	}
	if err != nil {
		c.problems = append(c.problems, Problem{Source: e.Source, Tool: e.Tool.Name, Message: err.Error()})
		return
	}
	c.all = append(c.all, e)
	c.byName[e.Name] = e
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
