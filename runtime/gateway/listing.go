package gateway

import (
	"fmt"
	"slices"
)

// Mode says which tools tools/list shows.
type Mode string

// The modes of a listing.
const (
	// ListAll shows every tool. It is the default.
	ListAll Mode = "all"
	// ListSearch shows the tools to find, describe and call the others by, and those
	// that are pinned.
	ListSearch Mode = "search"
	// ListAuto is ListAll where the definitions cost Threshold tokens or fewer, and
	// ListSearch where they cost more.
	ListAuto Mode = "auto"
)

// Listing says how tools/list shows the tools of an endpoint. Whatever it shows,
// all tools can be called by their names.
type Listing struct {
	Mode      Mode // "" is ListAll
	Threshold int  // of ListAuto, in tokens
	// Pinned are globs over the names at the endpoint: tools that are listed in any
	// mode.
	Pinned []string
	// Short has tools described in short unless the definition is asked for.
	Short bool
}

// searches reports whether tools are searched for at the endpoint, and not listed.
// For ListAuto the definitions have to be written to tell.
func (c *Catalog) searches() bool {
	switch c.settings.endpoint.Tools.Mode {
	case ListSearch:
		return true
	case ListAuto:
		return c.show().finders != nil
	default:
		return false
	}
}

// isLarge reports whether the definitions are too many to be listed.
func (c *Catalog) isLarge(definitions []byte) bool {
	switch how := c.settings.endpoint.Tools; {
	case how.Mode == ListSearch:
		return true
	case how.Mode != ListAuto || c.settings.counter == nil:
		return false
	default:
		_, within := c.settings.counter.CountUpTo(string(definitions), how.Threshold)
		return !within
	}
}

// hideTools puts the tools to find others by in the place of those that are not
// pinned. What is listed then changes with those alone, which is good for the
// caches of prompts.
func (c *Catalog) hideTools(s *shown) {
	s.finders = c.finders()
	var listed builder
	for _, e := range s.finders {
		listed.add(e.Name, e.Definition())
	}
	entries := s.entries[:0:0]
	for _, e := range s.entries {
		if isFinder(e.Name) {
			s.problems = append(s.problems, Problem{Source: e.Source, Tool: e.Tool.Name,
				Message: fmt.Sprintf("its name %q is that of a tool by which others are found here; give it another name, or its source a prefix", e.Name)})
			continue
		}
		entries = append(entries, e)
		if e.origin.mount.BuiltIn || matchAny(c.settings.endpoint.Tools.Pinned, e.Name) {
			listed.add(e.Name, e.Definition())
		}
	}
	s.entries, s.list = entries, listed.list()
	for _, glob := range c.settings.endpoint.Tools.Pinned {
		if c.complete && !slices.ContainsFunc(entries, func(e *Entry) bool { return matchAny([]string{glob}, e.Name) }) {
			s.problems = append(s.problems, c.selection.problem("tools.pinned %q matches nothing; `bridge tools` lists the names", glob))
		}
	}
}

func isFinder(name string) bool {
	return name == searchTool || name == describeTool || name == callTool
}

// callable returns the tool that a call of a name is to: one of the catalog, or one by
// which others are found.
func (c *Catalog) callable(name string) (*Entry, error) {
	if isFinder(name) && c.searches() {
		for _, e := range c.show().finders {
			if e.Name == name {
				return e, nil
			}
		}
	}
	return c.Lookup(name)
}

// ListTokens returns what tools/list costs a client, in tokens; 0 where the gateway
// has no counter.
func (c *Catalog) ListTokens() int {
	c.weigh.Do(func() {
		if c.settings.counter != nil {
			c.tokens = c.settings.counter.Count(string(c.show().list.text))
		}
	})
	return c.tokens
}
