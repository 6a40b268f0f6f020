package gateway

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// target is a source that may have what a request is about, and the request's
// params as that source is to get them.
type target struct {
	site   *site
	params json.RawMessage
}

// nameOf returns what a request is about: a URI, a prompt's name, a task's id.
func nameOf(method string, params json.RawMessage) (string, error) {
	member := "taskId"
	switch method {
	case protocol.ListTasks:
		return "", nil
	case protocol.ReadResource, protocol.Subscribe:
		member = "uri"
	case protocol.GetPrompt:
		member = "name"
	case protocol.Complete:
		ref, _ := protocol.Member(params, "ref")
		if name := protocol.MemberString(ref, "name"); protocol.MemberString(ref, "type") == refPrompt && name != "" {
			return name, nil
		}
		if uri := protocol.MemberString(ref, "uri"); protocol.MemberString(ref, "type") == refResource && uri != "" {
			return uri, nil
		}
		return "", invalid(`a completion needs a ref: {"type": "ref/prompt", "name": …} or {"type": "ref/resource", "uri": …}`)
	}
	name, err := stringParam(params, member)
	if err == nil && name == "" {
		err = invalid("the request needs " + member)
	}
	return name, err
}

// The types of what completion/complete refers to.
const (
	refPrompt   = "ref/prompt"
	refResource = "ref/resource"
)

// resolve returns the sources that may have what a query is about, the likeliest
// first. None means that nobody has it.
func (c *Catalog) resolve(q *query) ([]target, error) {
	if !c.has(capabilityOf(q.Method)) {
		return nil, noMethod(q.Method)
	}
	switch q.Method {
	case protocol.ReadResource, protocol.Subscribe:
		return targets(c.resolveURI(q.name), func(own string) json.RawMessage {
			return protocol.With(nil, q.Params, "uri", quoted(own))
		}), nil
	case protocol.GetPrompt:
		return targets(c.resolvePrompt(q.name), func(own string) json.RawMessage {
			return protocol.With(nil, q.Params, "name", quoted(own))
		}), nil
	case protocol.Complete:
		return c.resolveCompletion(q)
	case protocol.ListTasks:
		return c.resolveTaskLists()
	default:
		return c.resolveTask(q)
	}
}

// place is something at a source, by the name that it has there.
type place struct {
	site *site
	own  string
}

func targets(places []place, params func(own string) json.RawMessage) []target {
	out := make([]target, len(places))
	for i, p := range places {
		out[i] = target{p.site, params(p.own)}
	}
	return out
}

// resolveURI returns where a resource may be: at the source whose mark it bears,
// whether it is listed or not; without one, at the source that lists it, at one
// that has a template for it, and at those without a prefix, in their order.
// What an endpoint hides can't be read there.
func (c *Catalog) resolveURI(uri string) []place {
	if matchAny(c.selection.exclude, uri) || c.hidden[uri] {
		return nil
	}
	if i, ok := c.resources.byName[uri]; ok {
		return []place{{i.site, i.own}}
	}
	if mark, own := inURI(uri); mark != "" && len(c.marks[mark]) > 0 {
		return c.fitting(c.marks[mark], own)
	}
	return c.fitting(c.marks[""], uri)
}

// fitting returns the shown ones of these sources, those with a template for the
// URI first.
func (c *Catalog) fitting(sites []*site, own string) []place {
	var first, rest []place
	for _, s := range sites {
		switch {
		case !s.shown:
		case s.mount.BuiltIn && !s.hasScheme(own): // it must not answer for what nobody has
		case len(sites) > 1 && c.hasTemplate(s, own):
			first = append(first, place{s, own})
		default:
			rest = append(rest, place{s, own})
		}
	}
	return append(first, rest...)
}

// hasScheme reports whether a URI is of a scheme that the source's templates are of.
func (s *site) hasScheme(uri string) bool {
	scheme, _, ok := strings.Cut(uri, ":")
	return ok && slices.ContainsFunc(s.features.Templates, func(t json.RawMessage) bool {
		of, _, _ := strings.Cut(protocol.MemberString(t, "uriTemplate"), ":")
		return strings.EqualFold(scheme, of)
	})
}

func (c *Catalog) hasTemplate(s *site, own string) bool {
	for _, i := range c.templates.found {
		if i.site == s && i.match().MatchString(own) {
			return true
		}
	}
	return false
}

func (c *Catalog) resolvePrompt(name string) []place {
	if i, ok := c.prompts.byName[name]; ok {
		return []place{{i.site, i.own}}
	}
	return nil
}

func (c *Catalog) resolveCompletion(q *query) ([]target, error) {
	ref, _ := protocol.Member(q.Params, "ref")
	member, places := "name", c.resolvePrompt(q.name)
	if protocol.MemberString(ref, "type") == refResource {
		member = "uri"
		if i, ok := c.templates.byName[q.name]; ok {
			places = []place{{i.site, i.own}}
		} else {
			places = c.resolveURI(q.name)
		}
	}
	return targets(places, func(own string) json.RawMessage {
		return protocol.With(nil, q.Params, "ref", protocol.With(nil, ref, member, quoted(own)))
	}), nil
}

// resolveTask returns the source whose mark a task's id bears, else those without
// a prefix that have tasks.
func (c *Catalog) resolveTask(q *query) ([]target, error) {
	mark, own := inTask(q.name)
	sites := c.marks[mark]
	if mark == "" || len(sites) == 0 {
		sites, own = c.marks[""], q.name
	}
	var places []place
	for _, s := range sites {
		if s.shown && s.hasTasks() {
			places = append(places, place{s, own})
		}
	}
	return targets(places, func(own string) json.RawMessage {
		return protocol.With(nil, q.Params, "taskId", quoted(own))
	}), nil
}

// resolveTaskLists returns the sources that list tasks.
func (c *Catalog) resolveTaskLists() ([]target, error) {
	var out []target
	for _, s := range c.sites {
		if _, lists := protocol.Member(s.capability("tasks"), "list"); lists && s.shown {
			out = append(out, target{s, json.RawMessage("{}")})
		}
	}
	if len(out) == 0 {
		return nil, noMethod(protocol.ListTasks)
	}
	return out, nil
}
