package naming

import (
	"cmp"
	"slices"
	"strconv"
)

// Scope is a set of names in which each stands for one thing: a Go package or
// the fields of a struct. The zero value is empty and ready to use.
type Scope struct {
	taken map[string]bool
}

// Claim takes and returns the first of the candidates that is free; if none is,
// the last of them with the first number from 2 on that makes it so.
func (s *Scope) Claim(candidates ...string) string {
	for _, name := range candidates {
		if s.take(name) {
			return name
		}
	}
	last := candidates[len(candidates)-1]
	for n := 2; ; n++ {
		if name := last + strconv.Itoa(n); s.take(name) {
			return name
		}
	}
}

func (s *Scope) take(name string) bool {
	if s.taken[name] {
		return false
	}
	if s.taken == nil {
		s.taken = map[string]bool{}
	}
	s.taken[name] = true
	return true
}

// ClaimAll claims an exported identifier for each of the names and returns them
// in the order of the names. What is given to which depends on the names alone
// and not on their order: of two that meet ("user-id", "userId"), the one that
// has the identifier's own spelling goes first, then the one that sorts first.
func (s *Scope) ClaimAll(names []string, fallback string) []string {
	idents := make([]string, len(names))
	order := make([]int, len(names))
	for i, name := range names {
		idents[i], order[i] = Exported(name, fallback), i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if own := cmp.Compare(rank(names[a], idents[a]), rank(names[b], idents[b])); own != 0 {
			return own
		}
		return cmp.Compare(names[a], names[b])
	})
	out := make([]string, len(names))
	for _, i := range order {
		out[i] = s.Claim(idents[i])
	}
	return out
}

func rank(name, ident string) int {
	if name == ident {
		return 0
	}
	return 1
}
