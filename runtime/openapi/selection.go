package openapi

import (
	"regexp"
	"slices"
	"strings"
)

// selection says which operations become tools: the document's own "x-mcp", as
// its author or an overlay wrote it.
type selection struct {
	include, exclude []rule
}

// rule is a set of conditions that must all hold of an operation; each holds if
// one of its patterns matches.
type rule struct {
	patterns   map[string][]*regexp.Regexp // by the condition's key
	deprecated *bool
}

// ruleKeys are the conditions that take patterns.
var ruleKeys = []string{"tags", "paths", "methods", "operationIds"}

// readExtension reads the document's "x-mcp": which operations become tools, and
// what holds for all of them.
func (l *lowerer) readExtension() {
	x := l.root.get("x-mcp")
	if x == nil {
		return
	}
	known := "include, exclude, " + strings.Join(shapingKeys, ", ")
	if !x.is(kindObject) {
		l.badSelection(x, "x-mcp of a document must be an object with %s", known)
		return
	}
	results := shaper{warn: l.badSelection}
	for _, m := range x.members {
		switch m.key {
		case "include":
			l.selected.include = l.rules(m.value)
		case "exclude":
			l.selected.exclude = l.rules(m.value)
		default:
			if at := x.keyNode(m.key); !results.member(m.key, m.value, at) {
				l.badSelection(at, "x-mcp of a document has no member %q: it is ignored; use %s", m.key, known)
			}
		}
	}
	l.shaped = results.shaped
}

func (l *lowerer) badSelection(at *node, format string, args ...any) {
	l.rep.report(SeverityWarning, "bad-extension", at, "", format, args...)
}

// rules reads one rule or a list of them.
func (l *lowerer) rules(n *node) []rule {
	list := n.items()
	if !n.is(kindArray) {
		list = []*node{n}
	}
	var out []rule
	for _, item := range list {
		if !item.is(kindObject) || len(item.members) == 0 {
			l.badSelection(item, "a rule must be an object with %s or deprecated, and is %s: it is ignored", strings.Join(ruleKeys, ", "), item.kind)
			continue
		}
		r := rule{patterns: map[string][]*regexp.Regexp{}}
		for _, m := range item.members {
			flag, isFlag := m.value.truth()
			switch {
			case m.key == "deprecated" && isFlag:
				r.deprecated = &flag
			case slices.Contains(ruleKeys, m.key):
				r.patterns[m.key] = wordPatterns(m.value)
			default:
				l.badSelection(item.keyNode(m.key), "a rule has no %q: use %s or deprecated; it matches nothing", m.key, strings.Join(ruleKeys, ", "))
				r.patterns[m.key] = nil
			}
		}
		out = append(out, r)
	}
	return out
}

// wordPatterns makes patterns of a text or a list of texts, in which "*" stands
// for any text and "?" for one character.
func wordPatterns(n *node) []*regexp.Regexp {
	words := n.strings()
	if !n.is(kindArray) {
		words = []string{n.str()}
	}
	var out []*regexp.Regexp
	for _, word := range words {
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(word))
		if re, err := regexp.Compile(`(?is)\A` + quoted + `\z`); err == nil {
			out = append(out, re)
		}
	}
	return out
}

// leavesOut reports whether an operation is not to be a tool. What the operation
// says of itself goes before.
func (s selection) leavesOut(op *operation) bool {
	matches := func(r rule) bool { return r.matches(op) }
	return len(s.include) > 0 && !slices.ContainsFunc(s.include, matches) || slices.ContainsFunc(s.exclude, matches)
}

func (r rule) matches(op *operation) bool {
	if r.deprecated != nil && *r.deprecated != op.node.get("deprecated").isTrue() {
		return false
	}
	values := map[string][]string{
		"tags": op.node.get("tags").strings(), "paths": {op.path}, "methods": {op.method}, "operationIds": {op.node.get("operationId").str()},
	}
	for key, patterns := range r.patterns {
		if !slices.ContainsFunc(patterns, func(re *regexp.Regexp) bool { return slices.ContainsFunc(values[key], re.MatchString) }) {
			return false
		}
	}
	return true
}
