package lock

import (
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// budget compares the most tokens that a result may cost.
func (c *comparison) budget(name string, before, after int) {
	switch {
	case before == after:
	case after == 0:
		c.add(Compatible, BudgetChanged, name, "has no budget of its own now (it was %d tokens): its results are trimmed by the source's", before)
	case before == 0:
		c.add(Warning, BudgetChanged, name, "has a budget of its own now: what of a result is over %d tokens is cut off", after)
	case after < before:
		c.add(Warning, BudgetChanged, name, "its budget is %d tokens now, not %d: what of a result is over it is cut off", after, before)
	default:
		c.add(Compatible, BudgetChanged, name, "its budget is %d tokens now, not %d", after, before)
	}
}

// shaping compares what is done to results. Part of it is what readers of results
// count on as they do on the output schema.
func (c *comparison) shaping(name string, before, after *tool.Shaping) {
	if before == nil {
		before = &tool.Shaping{}
	}
	if after == nil {
		after = &tool.Shaping{}
	}
	c.projection(name, before, after)
	c.drop(name, before.Drop, after.Drop)
	if was, is := layoutOf(before), layoutOf(after); was != is {
		c.add(Warning, ShapingChanged, name, "lists in its text are written as %s now, not as %s: who reads the text and not the structured result should look", is, was)
	}
	switch was, is := max(before.Pages, 1), max(after.Pages, 1); {
	case is < was:
		c.add(Warning, ShapingChanged, name, "a call reads at most %d pages of a list now, not %d: a list may end sooner", is, was)
	case is > was:
		c.add(Compatible, ShapingChanged, name, "a call reads up to %d pages of a list now, not %d", is, was)
	}
	switch {
	case after.Cache > before.Cache:
		c.add(Warning, ShapingChanged, name, "a result may be up to %d seconds old now (it was %d): a reader may miss what was changed meanwhile", after.Cache, before.Cache)
	case after.Cache < before.Cache:
		c.add(Compatible, ShapingChanged, name, "a result is at most %d seconds old now (it was %d)", after.Cache, before.Cache)
	}
	switch {
	case after.Dedupe && !before.Dedupe:
		c.add(Warning, ShapingChanged, name, "a result that a session has had is not told again now: who forgets results should look")
	case before.Dedupe && !after.Dedupe:
		c.add(Compatible, ShapingChanged, name, "a result is told in full each time now")
	}
}

// projection compares which part of a result is kept.
func (c *comparison) projection(name string, before, after *tool.Shaping) {
	switch {
	case before.JQ != after.JQ && after.JQ == "":
		c.add(Breaking, ShapingChanged, name, "no jq program makes its results any more: they are of another form now")
	case before.JQ != after.JQ && before.JQ == "":
		c.add(Breaking, ShapingChanged, name, "a jq program makes its results now: they are of another form")
	case before.JQ != after.JQ:
		c.add(Breaking, ShapingChanged, name, "another jq program makes its results: they may be of another form now")
	case len(before.Fields) > 0 && len(after.Fields) == 0 && after.JQ == "":
		c.add(Compatible, ShapingChanged, name, "its results are whole now, and not just %s", listOf(before.Fields))
	case len(before.Fields) == 0 && len(after.Fields) > 0:
		c.add(Breaking, ShapingChanged, name, "its results have only %s now: readers no longer find the rest", listOf(after.Fields))
	default:
		if gone := lacking(before.Fields, after.Fields); len(gone) > 0 {
			c.add(Breaking, ShapingChanged, name, "its results no longer have %s, unless another field that is kept holds it", listOf(gone))
		}
		if more := lacking(after.Fields, before.Fields); len(more) > 0 {
			c.add(Compatible, ShapingChanged, name, "its results have %s too now", listOf(more))
		}
	}
}

// drop compares which members of a result's objects are left out. That null and
// nothing are the same is for readers to find out.
func (c *comparison) drop(name string, before, after tool.Drop) {
	for _, d := range []struct {
		what          string
		before, after bool
	}{{"null", before.Nulls, after.Nulls}, {`"", [] or {}`, before.Empty, after.Empty}} {
		switch {
		case d.after && !d.before:
			c.add(Warning, ShapingChanged, name, "members that are %s are left out of its results now: readers must take what is not there for that", d.what)
		case d.before && !d.after:
			c.add(Compatible, ShapingChanged, name, "members that are %s are in its results now", d.what)
		}
	}
	if gone := lacking(after.Keys, before.Keys); len(gone) > 0 {
		c.add(Breaking, ShapingChanged, name, "members named %s are left out of its results now: readers no longer find them", listOf(gone))
	}
	if back := lacking(before.Keys, after.Keys); len(back) > 0 {
		c.add(Compatible, ShapingChanged, name, "members named %s are in its results now", listOf(back))
	}
}

func layoutOf(s *tool.Shaping) tool.Layout {
	if s.Encoding == "" {
		return tool.LayoutJSON
	}
	return s.Encoding
}

// lacking returns what of a is not in b.
func lacking(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// maxNamed is how many fields a message names.
const maxNamed = 10

func listOf(words []string) string {
	if len(words) > maxNamed {
		return strings.Join(words[:maxNamed], ", ") + " and others"
	}
	return strings.Join(words, ", ")
}
