package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// Bounds on what definitions cost, in tokens: what is over the first is worth
// knowing, what is over the second makes models choose and fill in worse.
const (
	largeDefinition, hugeDefinition = 2000, 6000
	largeCatalog, hugeCatalog       = 20000, 60000

	offenders = 5 // that are named
)

// sizes looks at what the definitions cost a model's context.
func (c *checker) sizes() {
	if c.opts.Tokens == nil {
		return
	}
	total := 0
	for i := range c.subjects {
		s := &c.subjects[i]
		n := c.opts.Tokens[s.tool.Name]
		total += n
		if n > largeDefinition {
			c.report(s, weight(n, hugeDefinition), "large-definition", s.written.Place(), nil,
				"the definition takes %d tokens, %d %% of that for %s; under %d is good", n, s.share(), s.largest(), largeDefinition)
		}
	}
	if total > largeCatalog {
		c.reportDocument(weight(total, hugeCatalog), "large-catalog", c.written.Root().KeyPlace("paths"),
			"the definitions of %s take %d tokens, which a model pays before its first word; under %d is good: serve a part of them (tools.include, tools.exclude); the largest are %s",
			count(len(c.subjects), "tool"), total, largeCatalog, c.largest())
	}
}

func weight(tokens, huge int) openapi.Severity {
	if tokens > huge {
		return warning
	}
	return info
}

// share is how much of a definition its largest part is, in percent.
func (s *subject) share() int {
	all := len(s.tool.Input) + len(s.tool.Output) + len(s.tool.Description)
	return 100 * max(len(s.tool.Input), len(s.tool.Output), len(s.tool.Description)) / max(all, 1)
}

func (s *subject) largest() string {
	switch max(len(s.tool.Input), len(s.tool.Output), len(s.tool.Description)) {
	case len(s.tool.Output):
		return "the output schema"
	case len(s.tool.Input):
		return "the input schema"
	}
	return "the description"
}

// largest names the tools that cost most.
func (c *checker) largest() string {
	list := make([]*subject, len(c.subjects))
	for i := range c.subjects {
		list[i] = &c.subjects[i]
	}
	slices.SortStableFunc(list, func(a, b *subject) int {
		return cmp.Compare(c.opts.Tokens[b.tool.Name], c.opts.Tokens[a.tool.Name])
	})
	var names []string
	for _, s := range list[:min(offenders, len(list))] {
		names = append(names, fmt.Sprintf("%s (%d)", s.tool.Name, c.opts.Tokens[s.tool.Name]))
	}
	return strings.Join(names, ", ")
}
