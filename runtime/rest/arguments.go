package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// arguments holds a call's values by the slots of its plan; nil where none was
// given.
type arguments []json.RawMessage

// bind reads, mends and checks the arguments of a call. Its errors are of kind
// Invalid, for the model to act on.
func (s *Source) bind(p *plan, c *call.Call) (arguments, error) {
	args := make(arguments, len(p.args))
	if raw := json.RawMessage(bytes.TrimSpace(c.Arguments)); len(raw) > 0 && string(raw) != "null" {
		if err := checkArguments(raw); err != nil {
			return nil, err
		}
		if err := p.assign(args, readObject(raw)); err != nil {
			return nil, err
		}
	}
	v := s.validatorOf(p, c)
	v.dropNulls(p, args)
	if err := p.checkRequired(args, v); err != nil {
		return nil, err
	}
	return args, v.check(p, args)
}

// assign puts the members into their slots.
func (p *plan) assign(args arguments, members []member) error {
	var unknown []string
	for _, m := range members {
		slot, ok := p.slots[m.key]
		if !ok {
			unknown = append(unknown, p.describeUnknown(m.key))
			continue
		}
		args[slot] = m.value
	}
	if len(unknown) == 0 {
		return nil
	}
	return invalid("%s", strings.Join(unknown, "; "))
}

func (p *plan) describeUnknown(key string) string {
	what := fmt.Sprintf("unknown argument %q", shorten(key))
	if near := fault.Nearest(key, p.args); near != "" {
		return what + fmt.Sprintf("; did you mean %q?", near)
	}
	if len(p.args) == 0 {
		return what + "; the tool takes no arguments"
	}
	const most = 30
	if len(p.args) > most {
		return what + "; the tool takes " + strings.Join(p.args[:most], ", ") + fmt.Sprintf(" and %d more", len(p.args)-most)
	}
	return what + "; the tool takes " + strings.Join(p.args, ", ")
}

// checkRequired names every argument that is missing, at once.
func (p *plan) checkRequired(args arguments, v *validator) error {
	var missing []string
	for i, arg := range p.args {
		if args[i] == nil && (p.required[i] || v.requires(arg)) {
			missing = append(missing, arg)
		}
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return invalid("missing required argument %q%s", missing[0], v.describe(missing[0]))
	default:
		return invalid("missing required arguments: %s", strings.Join(missing, ", "))
	}
}

func invalid(format string, args ...any) error {
	return fault.New("rest.arguments", fault.Invalid, fmt.Sprintf(format, args...))
}

// shorten bounds a text that came from outside, for messages.
func shorten(s string) string { return fault.Clip(s, 80) }
