package openapi

import (
	"regexp"
	"strconv"
	"unicode/utf8"
)

// condition is a logical expression of a filter.
type condition interface {
	holds(e *evaluator, current *located) bool
}

type (
	anyOfConditions []condition
	allOfConditions []condition
	notCondition    struct{ of condition }
	existsCondition struct{ query *query }
	comparison      struct {
		operator    string
		left, right operand
	}
)

func (c anyOfConditions) holds(e *evaluator, at *located) bool {
	for _, one := range c {
		if one.holds(e, at) {
			return true
		}
	}
	return false
}

func (c allOfConditions) holds(e *evaluator, at *located) bool {
	for _, one := range c {
		if !one.holds(e, at) {
			return false
		}
	}
	return true
}

func (c notCondition) holds(e *evaluator, at *located) bool { return !c.of.holds(e, at) }

func (c existsCondition) holds(e *evaluator, at *located) bool { return len(e.run(c.query, at)) > 0 }

func (c comparison) holds(e *evaluator, at *located) bool {
	a, b := c.left.value(e, at), c.right.value(e, at)
	switch c.operator {
	case "==":
		return e.same(a, b)
	case "!=":
		return !e.same(a, b)
	case "<":
		return lessValue(a, b)
	case "<=":
		return lessValue(a, b) || e.same(a, b)
	case ">":
		return lessValue(b, a)
	default:
		return lessValue(b, a) || e.same(a, b)
	}
}

// operand is one side of a comparison: a literal, a singular query, or a
// function's value.
type operand struct {
	literal *node
	query   *query
	call    *function
}

// value is the operand's; nil where it has none ("Nothing" in RFC 9535).
func (o operand) value(e *evaluator, at *located) *node {
	switch {
	case o.query != nil:
		if found := e.run(o.query, at); len(found) == 1 {
			return found[0].node
		}
		return nil
	case o.call != nil:
		return o.call.value(e, at)
	}
	return o.literal
}

// function is a call of one of RFC 9535's functions (section 2.4).
type function struct {
	name    string
	args    []operand
	pattern *regexp.Regexp // of match and search, where it is a literal
}

// functionArgs says for each function how many arguments it has, and whether
// they are nodes rather than values.
var functionArgs = map[string]struct {
	count   int
	nodes   bool
	logical bool
}{
	"length": {1, false, false}, "count": {1, true, false}, "value": {1, true, false},
	"match": {2, false, true}, "search": {2, false, true},
}

// holds is the result of match and search.
func (f *function) holds(e *evaluator, at *located) bool {
	text := f.args[0].value(e, at)
	re := f.pattern
	if re == nil {
		re, _ = f.compile(f.args[1].value(e, at))
	}
	if !text.is(kindString) || re == nil {
		return false
	}
	e.visits += len(text.text) / 16
	return re.MatchString(text.text)
}

// compile makes a regular expression of an I-Regexp (RFC 9485).
func (f *function) compile(n *node) (*regexp.Regexp, error) {
	const longest = 1000
	if !n.is(kindString) || len(n.text) > longest {
		return nil, nil
	}
	if f.name == "match" {
		return regexp.Compile(`\A(?:` + n.text + `)\z`)
	}
	return regexp.Compile(n.text)
}

func (f *function) value(e *evaluator, at *located) *node {
	switch f.name {
	case "count":
		return newInt(len(e.run(f.args[0].query, at)))
	case "value":
		return f.args[0].value(e, at)
	}
	switch v := f.args[0].value(e, at); {
	case v.is(kindString):
		return newInt(utf8.RuneCountInString(v.text))
	case v.is(kindArray):
		return newInt(len(v.list))
	case v.is(kindObject):
		return newInt(len(v.members))
	}
	return nil
}

// same compares as RFC 9535, section 2.3.5.2.2, says.
func (e *evaluator) same(a, b *node) bool {
	if a.is(kindNumber) && b.is(kindNumber) {
		x, errX := strconv.ParseFloat(a.text, 64)
		y, errY := strconv.ParseFloat(b.text, 64)
		return errX == nil && errY == nil && x == y
	}
	const most = 10_000
	budget := most
	same := a == b || equal(a, b, &budget)
	e.visits += most - budget
	return same
}

func lessValue(a, b *node) bool {
	switch {
	case a.is(kindNumber) && b.is(kindNumber):
		x, errX := strconv.ParseFloat(a.text, 64)
		y, errY := strconv.ParseFloat(b.text, 64)
		return errX == nil && errY == nil && x < y
	case a.is(kindString) && b.is(kindString):
		return a.text < b.text
	}
	return false
}
