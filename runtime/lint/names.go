package lint

import (
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// cursorName is the longest name, with that of the server, that Cursor takes.
const cursorName = 60

// names looks at a tool's name.
func (c *checker) names(s *subject) {
	node := s.written.Node
	id := node.KeyPlace("operationId")
	named := node.Get("x-mcp").Get("name").Text() != ""
	if s.op.ID == "" && !named {
		id = s.written.Place()
		c.report(s, info, "no-operation-id", id, c.proposeID(s),
			"the operation has no operationId, so its tool is called %q after its method and path; an operationId makes a name that is easier to choose", s.tool.Name)
	}
	served := c.served(s.tool.Name)
	switch {
	case s.cut():
		c.report(s, warning, "name-cut", id, c.shortName(s),
			"the name was cut to fit %d characters and closed with a hash, %q: give it a shorter one", tool.MaxName, served)
	case len(served) > cursorName:
		c.report(s, info, "name-long", id, c.shortName(s),
			"the name %q has %d characters with its source's prefix; Cursor leaves out tools whose name and server have more than %d", served, len(served), cursorName)
	}
}

// cut reports whether the tool's name was cut: it ends in the hash of its
// operation, and is no longer what was asked for.
func (s *subject) cut() bool {
	if !strings.HasSuffix(s.tool.Name, "_"+tool.NameHash(s.written.Key)) {
		return false
	}
	wanted := s.written.Node.Get("x-mcp").Get("name").Text()
	if wanted == "" {
		wanted = tool.SnakeName(s.op.ID)
	}
	return wanted == "" || len(wanted) > len(s.tool.Name)
}

// shortName proposes a name that fits, by leaving out words that say least; nil
// where none is found.
func (c *checker) shortName(s *subject) *Action {
	words := wordsOf(s.op.ID)
	if len(words) == 0 {
		words = wordsOf(c.proposals[s.written.Key])
	}
	if len(words) == 0 {
		return nil
	}
	words = slices.DeleteFunc(words, func(w string) bool { return fillers[w] || versions.MatchString(w) })
	name := strings.Join(unrepeated(words), "_")
	if name == "" || len(c.served(name)) > cursorName || c.nameTaken(name) {
		return nil
	}
	return s.hints(map[string]any{"name": name})
}

// unrepeated leaves out words that stood before.
func unrepeated(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.ContainsFunc(out, func(o string) bool { return singular(o) == singular(w) }) {
			out = append(out, w)
		}
	}
	return out
}

func (c *checker) nameTaken(name string) bool {
	for i := range c.subjects {
		if other := c.subjects[i].tool.Name; other == name {
			return true
		}
	}
	for i := range c.findings {
		if a := c.findings[i].Action; a != nil {
			if x, ok := a.Update["x-mcp"].(map[string]any); ok && x["name"] == name {
				return true
			}
		}
	}
	return false
}
