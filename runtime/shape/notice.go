package shape

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
)

// MetaKey is the key of a trimmed result's "_meta" that says what was cut.
const MetaKey = "bridge/trimmed"

// maxMetaCuts bounds the cuts listed in "_meta".
const maxMetaCuts = 50

// reserve is how many tokens of a budget are kept for the notice. What a budget
// leaves to the result grows with the budget.
func reserve(budget int) int { return min(budget/2, 40+budget/40, 160) }

// maxGroups bounds the places that a notice names.
const maxGroups = 12

// tell returns the blocks that say what was cut and where the rest is, which cost
// at most limit tokens.
func (s *Shaper) tell(r Report, budget, limit int, k *rest) []call.Block {
	text := s.notice(r, budget, limit, k)
	if text == "" {
		return nil
	}
	blocks := []call.Block{call.Text(text)}
	if link, ok := k.link(); ok && s.within(string(link.Raw), limit-s.counter.Count(text)) {
		blocks = append(blocks, link)
	}
	return blocks
}

// notice tells a model what was cut and what to do, in at most limit tokens;
// empty if not even the shortest one fits.
func (s *Shaper) notice(r Report, budget, limit int, k *rest) string {
	short := " Ask for less: narrower filter, smaller limit, fewer fields.]"
	advice := " To see the rest, ask for less at a time: a narrower filter, a smaller limit or page, or fewer fields.]"
	least := []string{"[Trimmed. Ask for less: narrower filter, fewer fields.]", "[Trimmed; ask for less]", "[trimmed]"}
	if read := k.advice(); read != "" {
		short, advice = " "+read+".]", " "+read+", or ask for less: a narrower filter or fewer fields.]"
		least = append([]string{"[Trimmed. " + read + "]"}, least...)
	}
	intro := fmt.Sprintf("[Trimmed to %s of about %s tokens.", thousands(budget), thousands(r.Before))
	groups := summarize(r.Cut)
	for n := min(len(groups), maxGroups); n > 0; n-- {
		kept := intro + " Kept " + strings.Join(groups[:n], "; ")
		if n < len(groups) {
			kept += fmt.Sprintf("; %d more places cut", len(groups)-n)
		}
		for _, text := range []string{kept + "." + advice, kept + "." + short} {
			if s.within(text, limit) {
				return text
			}
		}
	}
	for _, text := range append([]string{intro + advice, intro + short}, least...) {
		if s.within(text, limit) {
			return text
		}
	}
	return ""
}

func (s *Shaper) within(text string, limit int) bool {
	if limit <= 0 {
		return false
	}
	_, ok := s.counter.CountUpTo(text, limit)
	return ok
}

var index = regexp.MustCompile(`/\d+(/|$)`)

// summarize says what was kept, cuts of the same kind together, the most telling first.
func summarize(cuts []Cut) []string {
	type group struct {
		path  string
		first Cut
		n     int
		depth int
		lost  int
	}
	byPath := map[string]*group{}
	var order []*group
	for _, c := range cuts {
		path := c.Path
		for index.MatchString(path) {
			path = index.ReplaceAllString(path, "/*$1")
		}
		key := fmt.Sprint(c.Block, path, c.Unit)
		g := byPath[key]
		if g == nil {
			g = &group{path: path, first: c, depth: strings.Count(path, "/")}
			byPath[key] = g
			order = append(order, g)
		}
		g.n++
		g.lost += c.Total - c.Kept
	}
	slices.SortStableFunc(order, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(b.lost, a.lost))
	})
	out := make([]string, len(order))
	for i, g := range order {
		out[i] = describe(g.path, g.first, g.n)
	}
	return out
}

func describe(path string, c Cut, n int) string {
	path = shorten(path)
	where := ""
	if c.Block > 0 {
		where = fmt.Sprintf("block %d ", c.Block+1)
	}
	if path != "" {
		where += path + " "
	}
	if n > 1 {
		return fmt.Sprintf("%ssome %s (in %s places)", where, c.Unit, thousands(n))
	}
	return fmt.Sprintf("%s%s of %s %s", where, thousands(c.Kept), thousands(c.Total), c.Unit)
}

// shorten returns a text with its middle left out if it is long.
func shorten(text string) string {
	if len(text) <= 120 {
		return text
	}
	return strings.ToValidUTF8(text[:60], "") + "…" + strings.ToValidUTF8(text[len(text)-50:], "")
}

// meta is the value of [MetaKey].
func (r Report) meta(k *rest) json.RawMessage {
	type record struct {
		Before int    `json:"before"`
		After  int    `json:"after"`
		ID     string `json:"id,omitempty"`
		URI    string `json:"uri,omitempty"`
		Cut    []Cut  `json:"cut"`
		More   int    `json:"more,omitempty"`
	}
	m := record{Before: r.Before, After: r.After, ID: k.handle, URI: k.uri(), Cut: r.Cut}
	if len(m.Cut) > maxMetaCuts {
		m.Cut, m.More = m.Cut[:maxMetaCuts], len(m.Cut)-maxMetaCuts
	}
	if m.Cut == nil {
		m.Cut = []Cut{}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return json.RawMessage("{}")
	}
	return raw
}
