package lint

import (
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// minMeaning is how many telling words a description needs for being the same as
// another's to mean anything.
const minMeaning = 2

// maxGroup is how many tools of a group the others are compared with.
const maxGroup = 8

// similar reports tools that a model will confuse: those whose names, or whose
// descriptions, have the same telling words. Names alone confuse less where the
// descriptions differ.
func (c *checker) similar() {
	c.alike(func(s *subject) []string { return meaning(s.tool.Name) }, c.similarNames)
	c.alike((*subject).says, c.similarTexts)
}

// says are the telling words of an operation's description; nil where it has too
// few.
func (s *subject) says() []string {
	if words := meaning(s.said()); len(words) >= minMeaning {
		return words
	}
	return nil
}

// said is all that an operation says of itself.
func (s *subject) said() string {
	return s.title + " " + s.text
}

// alike groups tools by the words that are taken of them, and reports every
// member of a group but the first, together with one before it.
func (c *checker) alike(take func(*subject) []string, report func(s, other *subject) bool) {
	groups := map[string][]*subject{}
	for i := range c.subjects {
		s := &c.subjects[i]
		key := strings.Join(take(s), " ")
		if key == "" {
			continue
		}
		for _, other := range groups[key] {
			if report(s, other) {
				break
			}
		}
		if len(groups[key]) < maxGroup {
			groups[key] = append(groups[key], s)
		}
	}
}

func (c *checker) similarNames(s, other *subject) bool {
	if s.op.Method != other.op.Method || onePlusMany(s, other) {
		return false
	}
	severity := info
	if said, others := s.says(), other.says(); said == nil || others == nil || slices.Equal(said, others) {
		severity = warning
	}
	c.report(s, severity, "similar-names", s.written.Node.KeyPlace("operationId"), nil,
		"the name %q differs from %s only in number, word order or filler words: name what sets them apart", s.tool.Name, other.quoted())
	return true
}

func (c *checker) similarTexts(s, other *subject) bool {
	if pathArguments(s) != pathArguments(other) && !slices.Equal(wordsOf(s.said()), wordsOf(other.said())) &&
		!slices.Equal(meaning(s.tool.Name), meaning(other.tool.Name)) {
		return false // "Get a dataset" and "Get all datasets"
	}
	key := "summary"
	if s.written.Node.Get("description").Exists() {
		key = "description"
	}
	c.report(s, warning, "similar-descriptions", s.written.Node.KeyPlace(key), nil,
		"the description of %q says the same as that of %s: say in each when to use it and not the other", s.tool.Name, other.quoted())
	return true
}

func (s *subject) quoted() string { return "\"" + s.tool.Name + "\" (" + s.written.Key + ")" }

// onePlusMany reports whether two tools are the usual pair of one thing and many
// with verbs that tell them apart, such as get_user and list_users.
func onePlusMany(a, b *subject) bool {
	return pathArguments(a) != pathArguments(b) && wordsOf(a.tool.Name)[0] != wordsOf(b.tool.Name)[0]
}

func pathArguments(s *subject) (n int) {
	for i := range s.args {
		if s.args[i].in == tool.InPath {
			n++
		}
	}
	return n
}
