package lint

import (
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// clients says what no profile can adapt to every client. Lists of types, "$ref"
// and the like are no matter of the document: profiles write them otherwise.
func (c *checker) clients() {
	g := refGraph{edges: map[string][]string{}, state: map[string]visit{}}
	for i := range c.subjects {
		for name, raw := range c.subjects[i].input.Defs {
			if _, known := g.edges[name]; !known {
				g.edges[name] = tool.Refs(raw)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.edges)) {
		g.walk(name)
	}
	tools := 0
	for i := range c.subjects {
		if slices.ContainsFunc(g.cyclic, func(name string) bool { return c.subjects[i].input.Defs[name] != nil }) {
			tools++
		}
	}
	if tools > 0 {
		slices.Sort(g.cyclic)
		c.reportDocument(info, "recursive-schema", c.written.Root().KeyPlace("paths"),
			"the inputs of %s have schemas that lead to themselves (%s), which clients without \"$ref\", such as Gemini, get only to some depth", count(tools, "tool"), enumerate(slices.Compact(g.cyclic)))
	}
}

// refGraph is which definitions refer to which.
type refGraph struct {
	edges  map[string][]string
	state  map[string]visit
	cyclic []string // those by which a cycle was entered
}

type visit uint8

const (
	onPath visit = iota + 1
	done
)

func (g *refGraph) walk(name string) {
	switch g.state[name] {
	case onPath:
		g.cyclic = append(g.cyclic, name)
		return
	case done:
		return
	}
	g.state[name] = onPath
	for _, next := range g.edges[name] {
		g.walk(next)
	}
	g.state[name] = done
}
