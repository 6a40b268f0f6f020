package lint

import (
	"maps"
	"slices"
)

// Bounds on what a model fills in well.
const (
	maxNesting = 5   // levels of objects and arrays below an argument
	maxEnum    = 100 // values to choose from
	maxUnion   = 3   // alternatives without a discriminator
)

// schemas looks at arguments that are hard to fill in.
func (c *checker) schemas(s *subject) {
	for i := range s.args {
		a := &s.args[i]
		r := c.defs.follow(s.input, a.schema)
		c.union(s, a, r)
		if values := c.values(s, r); values > maxEnum {
			c.report(s, info, "huge-enum", c.placeOf(s, a), nil,
				"the argument %q has %d values to choose from, all of which are in every tools/list: name the common ones in its description and take any text", a.key, values)
		}
		if depth := c.nesting(s, a.schema); depth > maxNesting {
			c.report(s, info, "deep-argument", c.placeOf(s, a), nil,
				"the argument %q is nested more than %d levels deep, where models leave things out and mix them up: give it an example", a.key, maxNesting)
		}
	}
}

// union reports a body that is one of several things.
func (c *checker) union(s *subject, a *argument, r *schema) {
	n := len(r.alternatives())
	if !a.whole || n < 2 {
		return
	}
	if n > maxUnion && r.Discriminator == nil && !c.toldApart(s, r) {
		c.report(s, warning, "root-union", c.placeOf(s, a), nil,
			"the body is one of %d things with nothing to tell them apart: give each a property with a constant value, or split the operation", n)
		return
	}
	c.report(s, info, "root-union", c.placeOf(s, a), nil,
		"the body is one of %d things, so it stands whole under the argument %q: describe when to send which", n, a.key)
}

// toldApart reports whether each alternative has a required property with a
// value of its own, or all have different required properties.
func (c *checker) toldApart(s *subject, union *schema) bool {
	var seen []string
	for _, alternative := range union.alternatives() {
		r := c.defs.follow(s.input, alternative)
		mark := string(r.Type)
		for _, name := range r.Required {
			p := c.defs.follow(s.input, r.Properties[name])
			mark += " " + name + string(p.Const)
			if len(p.Enum) == 1 {
				mark += string(p.Enum[0])
			}
		}
		if slices.Contains(seen, mark) {
			return false
		}
		seen = append(seen, mark)
	}
	return true
}

// values counts what an argument, or the items of a list, can be.
func (c *checker) values(s *subject, r *schema) int {
	if r.Items != nil && len(r.Enum) == 0 {
		r = c.defs.follow(s.input, r.Items)
	}
	return len(r.Enum)
}

// nesting counts the levels of objects and arrays below a schema, each schema
// once: one that leads to itself does not count again.
func (c *checker) nesting(s *subject, of *schema) int {
	r := c.defs.follow(s.input, of)
	if known, ok := c.depths[r]; ok {
		return known
	}
	c.depths[r] = 0 // while it is counted
	deepest := 0
	for _, name := range slices.Sorted(maps.Keys(r.Properties)) {
		deepest = max(deepest, 1+c.nesting(s, r.Properties[name]))
	}
	if r.Items != nil {
		deepest = max(deepest, 1+c.nesting(s, r.Items))
	}
	for _, list := range [][]*schema{r.OneOf, r.AnyOf, r.AllOf} {
		for _, alternative := range list {
			deepest = max(deepest, c.nesting(s, alternative))
		}
	}
	c.depths[r] = deepest
	return deepest
}
