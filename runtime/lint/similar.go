package lint

import (
	"slices"
	"strings"
)

// minMeaning is how many telling words a description needs for being the same as
// another's to mean anything.
const minMeaning = 2

// similar reports tools that a model will confuse: those whose names, or whose
// descriptions, have the same telling words.
func (c *checker) similar() {
	c.alike("similar-names", func(s *subject) []string { return meaning(s.tool.Name) },
		"the name %q differs from %s only in word order, number or filler words: say in each name what sets it apart")
	c.alike("similar-descriptions", func(s *subject) []string {
		title, text := s.texts()
		if text == "" {
			text = title
		}
		if words := meaning(text); len(words) >= minMeaning {
			return words
		}
		return nil
	}, "the description of %q says the same as that of %s: say in each when to use it and not the other")
}

// alike groups tools by the words that a rule takes of them, and reports every
// member of a group but the first.
func (c *checker) alike(code string, wordsOf func(*subject) []string, format string) {
	groups := map[string][]*subject{}
	for i := range c.subjects {
		s := &c.subjects[i]
		key := strings.Join(wordsOf(s), " ")
		if key == "" {
			continue
		}
		for _, other := range groups[key] {
			if code == "similar-names" && plainPair(s, other) {
				continue
			}
			at := s.written.Place()
			if code == "similar-descriptions" && s.written.Node.Get("description").Exists() {
				at = s.written.Node.KeyPlace("description")
			}
			c.report(s, warning, code, at, nil, format, s.tool.Name, quoted(other))
			break
		}
		groups[key] = append(groups[key], s)
	}
}

func quoted(s *subject) string { return "\"" + s.tool.Name + "\" (" + s.written.Key + ")" }

// plainPair reports whether two tools are the usual pair of one thing and many,
// such as get_user and list_users, or act in ways that the method tells apart.
func plainPair(a, b *subject) bool {
	if a.op.Method != b.op.Method {
		return true
	}
	inPath := func(s *subject) int {
		return len(slices.DeleteFunc(slices.Clone(s.args), func(x argument) bool { return x.in != "path" }))
	}
	return inPath(a) != inPath(b) && wordsOf(a.tool.Name)[0] != wordsOf(b.tool.Name)[0]
}
