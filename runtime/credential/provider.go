package credential

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Options are what a [Provider] is made of.
type Options struct {
	Source string   // the source's name
	API    tool.API // for its schemes
	// Tools are the source's tools. They tell whether any operation asks for a
	// credential; where they are not given, some is taken to.
	Tools []*tool.Tool
	// Default stands in for every scheme that it fits; nil for none.
	Default *Value
	// Besides are signatures and certificates that go with every call, whatever the
	// document says.
	Besides []Value
	// ByScheme holds values by the names of the document's schemes. They go
	// before Default.
	ByScheme map[string]Value
	// Resolver resolves the values; nil takes one of its own.
	Resolver *Resolver
}

// Provider holds the credentials of one source. It is safe for parallel use.
type Provider struct {
	source   string
	api      tool.API
	fallback *Value
	besides  []call.Credential // their signatures
	byScheme map[string]Value
	resolver *Resolver
	// always is what is sent with each call, as the document asks for nothing;
	// nil where the operations say it.
	always tool.Requirement
}

// unnamed is the scheme of a document that declares none: the Authorization
// header.
var unnamed = tool.Scheme{Type: tool.APIKey, In: tool.InHeader, Key: authorization}

// New checks that the values fit the document's schemes. Its error lists all
// that do not, with what would.
func New(o Options) (*Provider, error) {
	p := &Provider{
		source: o.Source, api: o.API, fallback: o.Default,
		byScheme: maps.Clone(o.ByScheme), resolver: o.Resolver,
	}
	if p.resolver == nil {
		p.resolver = &Resolver{}
	}
	for _, v := range o.Besides {
		if v.signer != nil {
			p.besides = append(p.besides, call.Credential{Name: string(v.kind), Sign: v.signer.Sign})
		}
	}
	var errs []string
	for _, name := range slices.Sorted(maps.Keys(o.ByScheme)) {
		if err := p.checkNamed(name, o.ByScheme[name]); err != nil {
			errs = append(errs, fmt.Sprintf("sources.%s.credentials.%s: %v", o.Source, name, err))
		}
	}
	if o.Default != nil {
		if err := p.checkDefault(*o.Default); err != nil {
			errs = append(errs, fmt.Sprintf("sources.%s.credential: %v", o.Source, err))
		}
	}
	if len(errs) > 0 {
		return nil, fault.New("credential.new", fault.Invalid, strings.Join(errs, "\n"))
	}
	p.always = p.implied(o.Tools)
	return p, nil
}

// checkNamed checks a value that was given for a scheme by its name.
func (p *Provider) checkNamed(name string, v Value) error {
	if err := v.check(); err != nil {
		return err
	}
	s, ok := p.api.Scheme(name)
	switch {
	case !ok && len(p.api.Schemes) == 0:
		return errors.New("the document declares no security schemes; give a bearer or basic credential under credential, or any header under headers")
	case !ok:
		return p.unknown(name)
	case takes(s) == "" && !v.fits(s):
		return fmt.Errorf("no credential of bridge.yaml can stand for %s; if the API takes a fixed header as well, give it under headers", describe(s))
	case !v.fits(s):
		return fmt.Errorf("a value of the form %s does not fit %s, which takes %s", v.kind, describe(s), takes(s))
	}
	return nil
}

func (p *Provider) unknown(name string) error {
	names := make([]string, len(p.api.Schemes))
	for i, s := range p.api.Schemes {
		names[i] = s.Name
	}
	hint := ""
	if near := fault.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("the document has no such scheme; it has %s%s", p.schemes(), hint)
}

// checkDefault checks that the default value is of use for some scheme.
func (p *Provider) checkDefault(v Value) error {
	if err := v.check(); err != nil {
		return err
	}
	if len(p.api.Schemes) == 0 && v.kind == apiKey {
		return errors.New("the document declares no scheme that says where an apiKey goes; give the header under headers")
	}
	if len(p.api.Schemes) > 0 && !slices.ContainsFunc(p.api.Schemes, v.fits) {
		return fmt.Errorf("a value of the form %s fits none of the document's schemes: %s; if the API takes it all the same, give the header under headers", v.kind, p.schemes())
	}
	return nil
}

// schemes lists the document's schemes for messages, each with what it takes.
func (p *Provider) schemes() string {
	const most = 10
	var names []string
	for i, s := range p.api.Schemes {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(p.api.Schemes)-most))
			break
		}
		names = append(names, describe(s))
	}
	return strings.Join(names, ", ")
}

// implied returns what is sent with every call of a document whose operations
// ask for nothing though they should.
func (p *Provider) implied(tools []*tool.Tool) tool.Requirement {
	asks := func(t *tool.Tool) bool { return t.Operation != nil && len(t.Operation.Security) > 0 }
	if len(p.api.Schemes) == 0 || len(tools) == 0 || slices.ContainsFunc(tools, asks) {
		return nil
	}
	var all tool.Requirement
	taken := map[string]bool{}
	for _, named := range []bool{true, false} {
		for _, s := range p.api.Schemes {
			_, isNamed := p.byScheme[s.Name]
			in, key := place(s)
			at := string(in) + " " + key
			if v, ok := p.value(s.Name); ok && v.kind != mutual && isNamed == named && !taken[at] {
				taken[at] = true
				all = append(all, tool.SchemeUse{Scheme: s.Name})
			}
		}
	}
	return all
}

// value returns what is configured for a scheme.
func (p *Provider) value(scheme string) (Value, bool) {
	if v, ok := p.byScheme[scheme]; ok {
		return v, true
	}
	s, ok := p.api.Scheme(scheme)
	if ok && p.fallback != nil && p.fallback.fits(s) {
		return *p.fallback, true
	}
	return Value{}, false
}

// For returns what to present for a call of an operation; nothing where none is
// configured or none is asked for. It is an error if something is configured
// but no alternative of the operation is satisfied by it, or if a value can't
// be resolved.
func (p *Provider) For(ctx context.Context, op *tool.Operation) ([]call.Credential, error) {
	if op == nil {
		return nil, nil
	}
	asked, err := p.asked(ctx, op)
	if err != nil || len(p.besides) == 0 {
		return asked, err
	}
	return slices.Concat(asked, p.besides), nil // signatures last: they may cover the rest
}

// asked returns what the operation's requirements ask for.
func (p *Provider) asked(ctx context.Context, op *tool.Operation) ([]call.Credential, error) {
	switch {
	case p.fallback == nil && len(p.byScheme) == 0:
		return nil, nil
	case len(p.api.Schemes) == 0:
		c, err := p.fallback.present(ctx, p.resolver, unnamed, p.what(""))
		if err != nil {
			return nil, err
		}
		return []call.Credential{c}, nil
	case p.always != nil:
		return p.present(ctx, p.always)
	}
	need, err := p.pick(op)
	if err != nil {
		return nil, err
	}
	return p.present(ctx, need)
}

// pick returns the first alternative that is satisfied, one that takes nothing
// last.
func (p *Provider) pick(op *tool.Operation) (tool.Requirement, error) {
	open := len(op.Security) == 0
	for _, need := range op.Security {
		if len(need) == 0 {
			open = true
			continue
		}
		lacks := func(u tool.SchemeUse) bool { _, ok := p.value(u.Scheme); return !ok }
		if !slices.ContainsFunc(need, lacks) {
			return need, nil
		}
	}
	if open {
		return nil, nil
	}
	return nil, p.unsatisfied(op)
}

// unsatisfied says what bridge.yaml lacks for an operation.
func (p *Provider) unsatisfied(op *tool.Operation) error {
	var alternatives, lacking []string
	for _, need := range op.Security {
		var all []string
		for _, u := range need {
			s, _ := p.api.Scheme(u.Scheme)
			s.Name = u.Scheme
			all = append(all, describe(s))
			_, has := p.value(u.Scheme)
			entry := fmt.Sprintf("%s: {%s: …}", u.Scheme, takes(s))
			if !has && takes(s) != "" && !slices.Contains(lacking, entry) {
				lacking = append(lacking, entry)
			}
		}
		alternatives = append(alternatives, strings.Join(all, " with "))
	}
	message := fmt.Sprintf("%s %s needs %s, and source %s has no credential for it", op.Method, op.Path, strings.Join(alternatives, ", or "), p.source)
	if len(lacking) > 0 {
		message += fmt.Sprintf("; in bridge.yaml, give what fits under sources.%s.credentials: %s", p.source, strings.Join(lacking, ", or "))
	} else {
		message += ", nor can Bridge present one of that type"
	}
	return fault.New("credential.for", fault.Unavailable, message)
}

// present resolves all of a requirement. Two schemes may ask for the same place
// only with the same value.
func (p *Provider) present(ctx context.Context, need tool.Requirement) ([]call.Credential, error) {
	var all []call.Credential
	for _, u := range need {
		v, _ := p.value(u.Scheme)
		if v.kind == mutual {
			continue // the transport presents it
		}
		s, _ := p.api.Scheme(u.Scheme)
		c, err := v.present(ctx, p.resolver, s, p.what(u.Scheme))
		if err != nil {
			return nil, err
		}
		same := func(o call.Credential) bool { return o.In == c.In && strings.EqualFold(o.Name, c.Name) }
		if i := slices.IndexFunc(all, same); i < 0 {
			all = append(all, c)
		} else if c.Sign != nil || all[i].Value != c.Value {
			return nil, fault.New("credential.for", fault.Unsupported,
				fmt.Sprintf("the document asks for two different credentials in the %s %s of one request (one is %s); give just one of them in bridge.yaml", c.In, c.Name, describe(s)))
		}
	}
	return all, nil
}

// what names the value that stands for a scheme, as bridge.yaml has it.
func (p *Provider) what(scheme string) string {
	if _, ok := p.byScheme[scheme]; ok {
		return fmt.Sprintf("sources.%s.credentials.%s", p.source, scheme)
	}
	return fmt.Sprintf("sources.%s.credential", p.source)
}

// Middleware fills in the credentials of each call of the source's operations.
// Calls of other sources and of native tools pass as they are.
func (p *Provider) Middleware() call.Middleware {
	return func(next call.Handler) call.Handler {
		return func(ctx context.Context, c *call.Call) (*call.Result, error) {
			if c.Source != p.source || c.Tool == nil || c.Tool.Operation == nil {
				return next(ctx, c)
			}
			credentials, err := p.For(ctx, c.Tool.Operation)
			if err != nil {
				return nil, err
			}
			c.Credentials = credentials
			return next(ctx, c)
		}
	}
}
