package rest

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/fit"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// plan is what a source works out once per tool, so that a call need not.
type plan struct {
	op       *tool.Operation
	base     *base
	baseErr  error          // why there is no base
	slots    map[string]int // argument → its index in arguments
	args     []string       // argument keys, in the order of the operation
	required []bool
	path     []pathPart
	accept   string

	input     []byte
	readOnce  sync.Once
	validator *validator // nil without a usable schema

	output   json.RawMessage // what clients are shown of the tool's output schema
	checker  *fit.Checker    // by output; may be nil
	fitsOnce sync.Once
}

// vouch reports whether an upstream's JSON is an object that satisfies the schema
// that the tool is served with: then it is valid JSON too, without another look.
func (p *plan) vouch(t *tool.Tool, raw []byte) bool {
	if len(t.Output) == 0 || p.op.Wrap != "" || len(raw) == 0 || raw[0] != '{' {
		return false
	}
	p.fitsOnce.Do(func() {
		if output, err := tool.Tolerant(t.Output); err == nil {
			p.output, p.checker = output, fit.Read(output)
		}
	})
	return p.checker.Fits(raw)
}

// pathPart is literal text, or the parameter that stands there.
type pathPart struct {
	literal string
	param   *tool.Parameter
	slot    int
}

// planKey tells plans apart: both are immutable, and shared by copies of a tool.
type planKey struct {
	op    *tool.Operation
	input *byte
}

// plan returns the tool's plan. Plans are kept; their number is bounded, should
// somebody make tools anew for each call.
func (s *Source) plan(c *call.Call) (*plan, error) {
	if c.Tool == nil || c.Tool.Operation == nil {
		return nil, fault.New("rest.plan", fault.Internal, "the tool "+c.Name+" has no operation")
	}
	key := planKey{op: c.Tool.Operation}
	if len(c.Tool.Input) > 0 {
		key.input = &c.Tool.Input[0]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.plans[key]; ok {
		return p, nil
	}
	if len(s.plans) >= max(1024, 4*len(s.opts.Tools)) {
		clear(s.plans)
	}
	p := s.newPlan(c.Tool)
	s.plans[key] = p
	return p, nil
}

func (s *Source) newPlan(t *tool.Tool) *plan {
	op := t.Operation
	p := &plan{op: op, slots: map[string]int{}, input: t.Input, accept: acceptOf(op)}
	p.base, p.baseErr = s.baseOf(op)
	for i := range op.Parameters {
		p.add(op.Parameters[i].Arg, op.Parameters[i].Required)
	}
	if b := op.Body; b != nil {
		if b.Arg != "" {
			p.add(b.Arg, b.Required)
		}
		for _, f := range b.Fields {
			p.add(f.Arg, false)
		}
	}
	p.path = p.splitPath(op.Path)
	return p
}

func (p *plan) add(arg string, required bool) {
	p.slots[arg] = len(p.args)
	p.args = append(p.args, arg)
	p.required = append(p.required, required)
}

// splitPath takes a template apart. Braces that no path parameter fills stay as
// literal text, so that the upstream's answer shows what is missing.
func (p *plan) splitPath(template string) []pathPart {
	var parts []pathPart
	literal := func(s string) {
		if s != "" {
			parts = append(parts, pathPart{literal: string(escapeLiteral(nil, s))})
		}
	}
	for {
		open := strings.IndexByte(template, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(template[open:], '}')
		if end < 0 {
			break
		}
		end += open
		param := p.pathParameter(template[open+1 : end])
		if param == nil {
			literal(template[:end+1])
		} else {
			literal(template[:open])
			parts = append(parts, pathPart{param: param, slot: p.slots[param.Arg]})
		}
		template = template[end+1:]
	}
	literal(template)
	return parts
}

func (p *plan) pathParameter(name string) *tool.Parameter {
	for i := range p.op.Parameters {
		if param := &p.op.Parameters[i]; param.In == tool.InPath && param.Name == name {
			return param
		}
	}
	return nil
}

// acceptOf returns the Accept header: what the document describes, then
// anything, as many upstreams answer in types that they do not describe.
func acceptOf(op *tool.Operation) string {
	const anything = "*/*;q=0.1"
	if len(op.Accept) == 0 {
		return "application/json, " + anything
	}
	types := make([]string, 0, len(op.Accept)+1)
	for _, t := range op.Accept {
		if t = strings.TrimSpace(t); validHeaderValue(t) && strings.Contains(t, "/") && t != "*/*" {
			types = append(types, t)
		}
	}
	return strings.Join(append(types, anything), ", ")
}
