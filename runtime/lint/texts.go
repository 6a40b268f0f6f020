package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// texts looks at what an operation says of itself.
func (c *checker) texts(s *subject) {
	title, text := s.title, s.text
	if title == "" && text == "" {
		var mend *Action
		if summary := s.summary(); summary != "" {
			mend = s.update(map[string]any{"summary": summary})
		}
		c.report(s, warning, "no-description", s.written.Place(), mend,
			"a model learns of this tool only %q: say what it does and when to use it", s.tool.Description)
		return
	}
	said := meaning(title + " " + text)
	if known := meaning(s.tool.Name); len(said) > 0 && !slices.ContainsFunc(said, func(w string) bool { return !slices.Contains(known, w) }) {
		at := s.written.Node.KeyPlace("description")
		if !s.written.Node.Get("description").Exists() {
			at = s.written.Node.KeyPlace("summary")
		}
		c.report(s, info, "description-repeats-name", at, nil,
			"the description %q says no more than the name %q: say what comes back, what it needs and when to use another tool", short(cmp.Or(text, title)), s.tool.Name)
	}
}

// maxText is how much of a text is read, in bytes: lowering takes no more.
const maxText = 4000

// textsOf returns an operation's own summary and description, or those that its
// path or x-mcp give it, as lowering takes them.
func textsOf(w openapi.WrittenOperation) (title, text string) {
	of := func(n openapi.Node, key string) string {
		text := n.Get(key).Text()
		return plain(text[:min(len(text), maxText)])
	}
	title, text = of(w.Node, "summary"), of(w.Node, "description")
	if title == "" && text == "" {
		title, text = of(w.Item, "summary"), of(w.Item, "description")
	}
	if own := of(w.Node.Get("x-mcp"), "description"); own != "" {
		text = own
	}
	return title, text
}

// short cuts a text for a message.
func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
