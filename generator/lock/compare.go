package lock

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Compare says what changed from before to after, as a caller sees it. Tools are
// matched by name, then by method and path, which tells a rename from a removal.
func Compare(before, after *Lock) *Diff {
	c := &comparison{
		old: newSchemas(before.Defs), new: newSchemas(after.Defs), pairs: map[pairKey]*pair{},
	}
	matched := match(before, after)
	for i := range before.Tools {
		c.tool(&before.Tools[i], matched[before.Tools[i].Name])
	}
	c.added(after, matched)
	d := &Diff{Changes: merge(c.changes), Costs: []Cost{}}
	slices.SortStableFunc(d.Changes, func(a, b Change) int { return cmp.Compare(rank(a.Level), rank(b.Level)) })
	if before.Encoding == after.Encoding {
		d.Tokens = Cost{Old: before.Tokens, New: after.Tokens}
		d.Costs = costs(before, after, matched)
	}
	return d
}

// merge makes one of changes that differ in their tools alone, as those of a
// parameter that many operations share.
func merge(changes []Change) []Change {
	out := make([]Change, 0, len(changes))
	type key struct {
		kind           Kind
		where, message string
	}
	at := map[key]int{}
	for _, c := range changes {
		k := key{c.Kind, c.Where, c.Message}
		if i, ok := at[k]; ok && c.Where != "" {
			out[i].Tools = append(out[i].Tools, c.Tools...)
			continue
		}
		at[k] = len(out)
		out = append(out, c)
	}
	return out
}

func rank(l Level) int { return slices.Index([]Level{Breaking, Warning, Compatible, Text}, l) }

// match returns the new form of each old tool, by its old name.
func match(before, after *Lock) map[string]*Tool {
	byName, byOperation := map[string]*Tool{}, map[string]*Tool{}
	for i := range after.Tools {
		byName[after.Tools[i].Name] = &after.Tools[i]
	}
	matched := map[string]*Tool{}
	for _, t := range before.Tools {
		if same, ok := byName[t.Name]; ok {
			matched[t.Name] = same
			delete(byName, t.Name)
		}
	}
	for _, t := range byName {
		byOperation[t.Operation()] = t
	}
	for _, t := range before.Tools {
		if same, ok := byOperation[t.Operation()]; ok && matched[t.Name] == nil {
			matched[t.Name] = same
			delete(byOperation, t.Operation())
		}
	}
	return matched
}

// comparison gathers the changes between two locks.
type comparison struct {
	old, new *schemas
	pairs    map[pairKey]*pair
	changes  []Change
}

func (c *comparison) add(level Level, kind Kind, name, format string, args ...any) {
	c.changes = append(c.changes, Change{Level: level, Kind: kind, Tools: []string{name}, Message: fmt.Sprintf(format, args...)})
}

// tool compares a tool with its new form; nil means that it is gone.
func (c *comparison) tool(before, after *Tool) {
	if after == nil {
		c.add(Breaking, ToolRemoved, before.Name, "the tool is gone (it was %s)", before.Operation())
		return
	}
	name := after.Name
	if name != before.Name {
		c.add(Breaking, ToolRenamed, name, "was named %q: callers that use that name, and settings that select it, no longer find it", before.Name)
	}
	if before.Operation() != after.Operation() {
		c.add(Warning, OperationChanged, name, "now calls %s, not %s", after.Operation(), before.Operation())
	}
	c.hints(name, before.Annotations, after.Annotations)
	if before.Title != after.Title {
		c.add(Text, TextChanged, name, "its title changed")
	}
	if before.Description != after.Description {
		c.add(Text, TextChanged, name, "its description changed")
	}
	c.budget(name, before.Budget, after.Budget)
	c.shaping(name, before.Shaping, after.Shaping)
	c.schema(name, forInput, before.Input, after.Input)
	switch {
	case before.Output == nil && after.Output != nil:
		c.add(Compatible, OutputAdded, name, "now describes its result")
	case before.Output != nil && after.Output == nil:
		c.add(Breaking, OutputRemoved, name, "no longer describes its result: a reader can't count on any of it")
	case before.Output != nil:
		c.schema(name, forOutput, before.Output, after.Output)
	}
}

// hints compares the hints on behaviour. What clients do without asking, and
// what they try again, hangs on them.
func (c *comparison) hints(name string, before, after tool.Annotations) {
	for _, h := range []struct {
		name          string
		before, after bool
		bad           bool // the value that takes something from callers
		why           string
	}{
		{"readOnlyHint", before.ReadOnly, after.ReadOnly, false, "clients that ran it without asking must ask now, and read-only callers lose it"},
		{"destructiveHint", before.Destructive, after.Destructive, true, "clients that let it pass must ask now"},
		{"idempotentHint", before.Idempotent, after.Idempotent, false, "a caller that tries again may now do twice what it meant once"},
		{"openWorldHint", before.OpenWorld, after.OpenWorld, true, ""},
	} {
		switch {
		case h.before == h.after:
		case h.after == h.bad && h.why != "":
			c.add(Breaking, HintFlipped, name, "%s is now %t: %s", h.name, h.after, h.why)
		default:
			c.add(Compatible, HintFlipped, name, "%s is now %t", h.name, h.after)
		}
	}
}

// added notes the tools that no old one became.
func (c *comparison) added(after *Lock, matched map[string]*Tool) {
	known := map[string]bool{}
	for _, t := range matched {
		known[t.Name] = true
	}
	for _, t := range after.Tools {
		if !known[t.Name] {
			c.add(Compatible, ToolAdded, t.Name, "is new (%s)", t.Operation())
		}
	}
}

// costs returns the tools whose cost changed, the most grown first.
func costs(before, after *Lock, matched map[string]*Tool) []Cost {
	out := []Cost{}
	seen := map[string]bool{}
	for _, t := range before.Tools {
		cost := Cost{Tool: t.Name, Old: t.Tokens}
		if now := matched[t.Name]; now != nil {
			cost.Tool, cost.New = now.Name, now.Tokens
			seen[now.Name] = true
		}
		out = append(out, cost)
	}
	for _, t := range after.Tools {
		if !seen[t.Name] {
			out = append(out, Cost{Tool: t.Name, New: t.Tokens})
		}
	}
	out = slices.DeleteFunc(out, func(c Cost) bool { return c.Old == c.New })
	slices.SortFunc(out, func(a, b Cost) int {
		return cmp.Or(cmp.Compare(b.New-b.Old, a.New-a.Old), strings.Compare(a.Tool, b.Tool))
	})
	return out
}
