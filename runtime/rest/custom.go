package rest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Custom is what a team wrote by hand beside a generated adapter: hooks on
// operations, composite tools, and which tools are hidden. [Before], [After],
// [Around], [Compose] and [Hide] add to an adapter's.
type Custom struct {
	hooks      map[string][]hook // by the tool's name, the outermost first
	hidden     map[string]bool
	composites []*composite
	problems   []string // what is wrong whatever the tools are
}

// custom returns the adapter's hand-written part, which is made at first need.
func (a *Adapter) custom() *Custom {
	if a.Custom == nil {
		a.Custom = &Custom{hooks: map[string][]hook{}, hidden: map[string]bool{}}
	}
	return a.Custom
}

// Hide keeps the operations from being tools. Hooks and composite tools may
// still call them. To replace a tool, hide it and [Compose] one of its name.
func Hide(a *Adapter, operations ...interface{ Tool() tool.Tool }) {
	c := a.custom()
	for _, op := range operations {
		c.hidden[op.Tool().Name] = true
	}
}

// apply returns the tools as the hand-written part has them: without those that
// are hidden, with the composite ones, each in the place of the tool that it
// replaces or behind all others. The error names everything that was written by
// hand and does not fit, so that no hook is left out in silence.
func (c *Custom) apply(adapter string, tools []tool.Tool) ([]tool.Tool, error) {
	if c == nil {
		return tools, nil
	}
	if problems := c.check(tools); len(problems) > 0 {
		return nil, fault.New("rest.load", fault.Invalid, fmt.Sprintf(
			"what is written by hand for the adapter %q does not fit:\n%s", adapter, strings.Join(problems, "\n")))
	}
	kept := make([]tool.Tool, 0, len(tools)+len(c.composites))
	placed := map[string]bool{}
	for _, t := range tools {
		switch own := c.composite(t.Name); {
		case !c.hidden[t.Name]:
			kept = append(kept, t)
		case own != nil:
			p, _ := own.prepare() // checked above
			kept = append(kept, p.tool)
			placed[t.Name] = true
		}
	}
	for _, own := range c.composites {
		if p, _ := own.prepare(); !placed[own.Name] {
			kept = append(kept, p.tool)
		}
	}
	return kept, nil
}

// check reports what does not fit the adapter's tools, a line each.
func (c *Custom) check(tools []tool.Tool) []string {
	problems := slices.Clone(c.problems)
	generated := make(map[string]bool, len(tools))
	names := make([]string, len(tools))
	for i, t := range tools {
		generated[t.Name], names[i] = true, t.Name
	}
	missing := func(what, name string) {
		if generated[name] {
			return
		}
		line := fmt.Sprintf("%s %q: the adapter has no such tool", what, name)
		if near := fault.Nearest(name, names); near != "" {
			line += fmt.Sprintf("; did you mean %q?", near)
		}
		problems = append(problems, line)
	}
	for _, name := range slices.Sorted(maps.Keys(c.hooks)) {
		missing("hook on", name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.hidden)) {
		missing("hide", name)
	}
	seen := map[string]bool{}
	for _, own := range c.composites {
		fail := func(why string) { problems = append(problems, fmt.Sprintf("composite tool %q: %s", own.Name, why)) }
		if _, err := own.prepare(); err != nil {
			fail(err.Error())
		}
		if seen[own.Name] {
			fail("there are two of this name")
		}
		if generated[own.Name] && !c.hidden[own.Name] {
			fail("the adapter has a tool of this name; hide that with rest.Hide to replace it")
		}
		seen[own.Name] = true
	}
	return problems
}

// hooksOn returns the hooks on a tool's operation.
func (c *Custom) hooksOn(t *tool.Tool) []hook {
	if c == nil || t == nil || t.Operation == nil {
		return nil
	}
	return c.hooks[t.Name]
}

// compositeOf returns the composite that a tool is, or nil.
func (c *Custom) compositeOf(t *tool.Tool) *composite {
	if c == nil || t == nil || t.Operation != nil {
		return nil
	}
	return c.composite(t.Name)
}

func (c *Custom) composite(name string) *composite {
	for _, own := range c.composites {
		if own.Name == name {
			return own
		}
	}
	return nil
}
