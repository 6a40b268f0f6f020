package lint

import (
	"slices"
	"strings"
)

// texts looks at what an operation says of itself.
func (c *checker) texts(s *subject) {
	title, text := s.texts()
	if title == "" && text == "" {
		var mend *Action
		if summary := s.summary(); summary != "" {
			mend = s.update(map[string]any{"summary": summary})
		}
		c.report(s, warning, "no-description", s.written.Place(), mend,
			"a model learns of this tool only %q: say what it does and when to use it", s.tool.Description)
		return
	}
	if text == "" {
		text = title
	}
	said := meaning(text)
	if known := meaning(s.tool.Name); len(said) > 0 && !slices.ContainsFunc(said, func(w string) bool { return !slices.Contains(known, w) }) {
		at := s.written.Node.KeyPlace("description")
		if !s.written.Node.Get("description").Exists() {
			at = s.written.Node.KeyPlace("summary")
		}
		c.report(s, info, "description-repeats-name", at, nil,
			"the description %q says no more than the name %q: say what comes back, what it needs and when to use another tool", short(text), s.tool.Name)
	}
}

// texts returns the operation's own summary and description, or those that its
// path or x-mcp give it, as lowering takes them.
func (s *subject) texts() (title, text string) {
	n := s.written.Node
	title, text = plain(n.Get("summary").Text()), plain(n.Get("description").Text())
	if title == "" && text == "" {
		title, text = plain(s.written.Item.Get("summary").Text()), plain(s.written.Item.Get("description").Text())
	}
	if own := plain(n.Get("x-mcp").Get("description").Text()); own != "" {
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
