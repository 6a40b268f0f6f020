package gateway

import (
	"fmt"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/runtime/tool"
)

// selection says what of the sources an endpoint shows, and what it is called
// there. The zero value shows everything under its own name.
type selection struct {
	endpoint         string
	include, exclude []string
	rename           map[string]string
}

func selectionOf(e Endpoint) selection {
	return selection{endpoint: e.Path, include: e.Include, exclude: e.Exclude, rename: e.Rename}
}

// shows reports whether something that goes by these names is shown.
func (s *selection) shows(names ...string) bool {
	included := len(s.include) == 0
	for _, name := range names {
		if matchAny(s.exclude, name) {
			return false
		}
		included = included || matchAny(s.include, name)
	}
	return included
}

// renamed returns the names at the endpoint of things of one kind that have
// these, all different, without it. What can't be renamed keeps its name.
func (s *selection) renamed(kind string, served []string) ([]string, []Problem) {
	names := slices.Clone(served)
	taken := map[string]bool{}
	for _, name := range served {
		if s.rename[name] == "" {
			taken[name] = true
		}
	}
	var problems []Problem
	for i, name := range served {
		to := s.rename[name]
		switch {
		case to == "":
			continue
		case kind == "tool" && !tool.ValidName(to):
			problems = append(problems, s.problem("the tool %q can't be renamed to %q: names have at most %d letters, digits, _ and -", name, to, tool.MaxName))
			to = name
		case taken[to]:
			problems = append(problems, s.problem("the %s %q can't be renamed to %q, which another has; choose another name", kind, name, to))
			to = name
		}
		if taken[to] {
			continue // the name it had was given away: it goes unseen, and its problem is told
		}
		names[i], taken[to] = to, true
	}
	return names, problems
}

func (s *selection) problem(format string, args ...any) Problem {
	return Problem{Message: fmt.Sprintf("endpoint %q: %s", s.endpoint, fmt.Sprintf(format, args...))}
}

// unmatched reports what of the selection nothing answers to: most often a slip
// in a name.
func (s *selection) unmatched(names []string) []Problem {
	var problems []Problem
	check := func(setting, glob string) {
		if !slices.ContainsFunc(names, func(name string) bool { return matchAny([]string{glob}, name) }) {
			problems = append(problems, s.problem("%s %q matches nothing; `bridge tools` lists the names", setting, glob))
		}
	}
	for _, g := range s.include {
		check("include", g)
	}
	for _, g := range s.exclude {
		check("exclude", g)
	}
	for _, name := range slices.Sorted(maps.Keys(s.rename)) {
		if !slices.Contains(names, name) {
			problems = append(problems, s.problem("rename %q matches nothing; `bridge tools` lists the names", name))
		}
	}
	return problems
}
