package lint

import (
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// longName is the longest name that Cursor takes, as it counts the server's name
// too: the profiles for it cut longer ones.
const longName = tool.FitsAll

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
			"the name was cut to fit %d characters and closed with a hash, %q: give it a shorter one, or its source%s", tool.FitsAll, served, c.prefixed())
	case len(served) > longName:
		c.report(s, info, "name-long", id, c.shortName(s),
			"the name %q has %d characters; Cursor takes %d, and its profile and the default one cut what is longer: give it a shorter one, or its source%s", served, len(served), longName, c.prefixed())
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
	words = unrepeated(slices.DeleteFunc(words, func(w string) bool { return connectives[w] }))
	unversioned := slices.DeleteFunc(slices.Clone(words), versions.MatchString)
	for _, try := range [][]string{words, unversioned} {
		if name := strings.Join(try, "_"); name != "" && c.fits(name) && c.claim(name, strings.Join(meaning(name), " ")) {
			return s.hints(map[string]any{"name": name})
		}
	}
	if name := tool.SnakeName(c.proposals[s.written.Key]); name != "" && c.claim(name, name) {
		return s.hints(map[string]any{"name": name})
	}
	return nil
}

// claim takes a name that is proposed, if it is free and no tool's name means the
// same.
func (c *checker) claim(name, sense string) bool {
	if c.claimed == nil {
		c.claimed = map[string]bool{}
		for i := range c.subjects {
			other := c.subjects[i].tool.Name
			c.claimed[other] = true
			if !c.subjects[i].cut() {
				c.claimed[strings.Join(meaning(other), " ")] = true
			}
		}
	}
	if c.claimed[name] || c.claimed[sense] {
		return false
	}
	c.claimed[name], c.claimed[sense] = true, true
	return true
}

// connectives are words that a name keeps its meaning without.
var connectives = setOf("a", "an", "the", "of", "for", "to", "in", "on", "with", "by", "from", "given", "specified")

// prefixed says which prefix a name has.
func (c *checker) prefixed() string {
	if c.opts.Prefix == "" {
		return ""
	}
	return " one shorter than \"" + c.opts.Prefix + "\""
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
