package config

import (
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// problems are all that is wrong with a configuration, a line each.
type problems []string

// add notes a problem: where it stands (may be ""), the key's path (may be ""),
// and what is wrong.
func (p *problems) add(where, path, format string, args ...any) {
	var b strings.Builder
	for _, head := range []string{where, path} {
		if head != "" {
			b.WriteString(head + ": ")
		}
	}
	fmt.Fprintf(&b, format, args...)
	*p = append(*p, b.String())
}

// fault returns the problems as one error; nil if there are none.
func (p problems) fault(name string) error {
	switch len(p) {
	case 0:
		return nil
	case 1:
		return fault.New("config.parse", fault.Invalid, p[0])
	}
	if name == "" {
		name = "the configuration"
	}
	return fault.New("config.parse", fault.Invalid,
		fmt.Sprintf("%s has %d problems:\n%s", name, len(p), strings.Join(p, "\n")))
}
