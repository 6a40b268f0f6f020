package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// position is where a value stands: in the file, or in what else it came from,
// without a line.
type position struct {
	name         string
	line, column int // from 1; 0 if unknown
}

// String returns "bridge.yaml:3:5", with no more than is known.
func (p position) String() string {
	text := p.name
	for _, n := range []int{p.line, p.column} {
		if n == 0 {
			break
		}
		text += ":" + strconv.Itoa(n)
	}
	return text
}

// problem is one thing that is wrong.
type problem struct {
	at   position
	path string // the key's; may be ""
	text string
}

func (p problem) String() string {
	text := p.text
	if p.path != "" {
		text = p.path + ": " + text
	}
	if at := p.at.String(); at != "" {
		text = at + ": " + text
	}
	return text
}

type problems []problem

func (p *problems) add(at position, path, format string, args ...any) {
	*p = append(*p, problem{at, path, fmt.Sprintf(format, args...)})
}

// within reports whether there is a problem with the key at path or in it.
func (p problems) within(path string) bool {
	return slices.ContainsFunc(p, func(x problem) bool {
		rest, ok := strings.CutPrefix(x.path, path)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// fault returns the problems as one error, in the file's order; nil if there
// are none.
func (p problems) fault(name string) error {
	switch len(p) {
	case 0:
		return nil
	case 1:
		return fault.New("config.parse", fault.Invalid, p[0].String())
	}
	slices.SortStableFunc(p, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.column, b.at.column))
	})
	if name == "" {
		name = "the configuration"
	}
	lines := []string{fmt.Sprintf("%s has %d problems:", name, len(p))}
	for _, x := range p {
		lines = append(lines, x.String())
	}
	return fault.New("config.parse", fault.Invalid, strings.Join(lines, "\n"))
}
