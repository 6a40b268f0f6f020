package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// tasksExtension is what tasks are called from 2026-07-28 on (SEP-2663).
const tasksExtension = protocol.MetaPrefix + "tasks"

// Bounds of what clients are told of the sources' own instructions, in bytes: a
// model reads them in every conversation.
const (
	maxInstructions    = 4 << 10  // of one source
	maxAllInstructions = 16 << 10 // of all
)

// Describe says what the endpoint serves.
func (h *handler) Describe(ctx context.Context, r *face.Request) face.Description {
	h.gateway.settle(ctx)
	c := h.view.catalog.Load()
	e := c.settings.endpoint
	cache := h.caching(r)
	d := face.Description{Name: cmp.Or(e.Name, "bridge"), Version: h.gateway.opts.Version, TTL: cache.ttl, Private: cache.private,
		Instructions: c.instructions(), Capabilities: c.capabilities(protocol.IsModern(r.Revision))}
	if e.Name == "" {
		d.Title = "Bridge"
	}
	return d
}

// instructions returns the endpoint's own, and after them those of the sources
// that it shows, each under its name.
func (c *Catalog) instructions() string {
	var b strings.Builder
	b.WriteString(c.settings.endpoint.Instructions)
	for _, s := range c.sites {
		own := strings.TrimSpace(s.features.Instructions)
		if own == "" || !s.shown || b.Len() > maxAllInstructions {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString("# " + s.name() + "\n")
		if s.mount.Prefix != noPrefix {
			b.WriteString("Names of its tools and prompts begin with " + s.mount.Prefix + "_ here.\n")
		}
		b.WriteString(fault.Clip(own, maxInstructions))
	}
	return b.String()
}

// capability returns what a source declared under a name; nil for nothing.
func (s *site) capability(name string) json.RawMessage {
	value, _ := protocol.Member(s.features.Capabilities, name)
	if !protocol.IsObject(value) {
		return nil
	}
	return value
}

func (s *site) hasTasks() bool {
	if s.capability("tasks") != nil {
		return true
	}
	_, ok := protocol.Member(s.capability("extensions"), tasksExtension)
	return ok
}

// offers reports whether a source that is shown declared a capability.
func (c *Catalog) offers(name string) bool {
	return slices.ContainsFunc(c.sites, func(s *site) bool {
		return s.shown && (s.capability(name) != nil || name == "tasks" && s.hasTasks())
	})
}

// has reports whether any source that is shown has something by a capability's
// name, or may have, as it was not loaded yet.
func (c *Catalog) has(name string) bool {
	if slices.ContainsFunc(c.sites, func(s *site) bool { return s.shown && !s.loaded }) || c.offers(name) {
		return true
	}
	switch name {
	case "tools":
		return true
	case "resources":
		return len(c.resources.found)+len(c.templates.found) > 0
	case "prompts":
		return len(c.prompts.found) > 0
	}
	return false
}

// capabilityOf returns the capability that a method belongs to.
func capabilityOf(method string) string {
	switch method {
	case protocol.ListTools, protocol.CallTool:
		return "tools"
	case protocol.ListPrompts, protocol.GetPrompt:
		return "prompts"
	case protocol.Complete:
		return "completions"
	case protocol.GetTask, protocol.ListTasks, protocol.TaskResult, protocol.UpdateTask, protocol.CancelTask:
		return "tasks"
	default:
		return "resources"
	}
}

// capabilities returns the object of the server's capabilities: tools, which
// there always may be, and what the sources that are shown declare. Of a source
// that was not loaded yet it is taken that it has resources and prompts, so that
// who connects early is told of them when they come.
func (c *Catalog) capabilities(modern bool) json.RawMessage {
	out := map[string]json.RawMessage{"tools": json.RawMessage(`{"listChanged":true}`)}
	changing := func(name, is string) {
		if c.has(name) {
			out[name] = json.RawMessage(is)
		}
	}
	changing("prompts", `{"listChanged":true}`)
	changing("resources", c.resourcesCapability())
	changing("completions", `{}`)
	if c.offers("logging") {
		out["logging"] = json.RawMessage(`{}`)
	}
	if !modern {
		if tasks := c.merged("tasks", ""); tasks != nil {
			out["tasks"] = tasks
		}
	}
	without := tasksExtension
	if modern {
		without = ""
	}
	if extensions := c.merged("extensions", without); extensions != nil {
		out["extensions"] = extensions
	}
	return object(out)
}

// resourcesCapability says that updates can be subscribed to if any source has
// them, or may have.
func (c *Catalog) resourcesCapability() string {
	if slices.ContainsFunc(c.sites, func(s *site) bool {
		subscribe, _ := protocol.Member(s.capability("resources"), "subscribe")
		return s.shown && (!s.loaded || string(subscribe) == "true")
	}) {
		return `{"subscribe":true,"listChanged":true}`
	}
	return `{"listChanged":true}`
}

// merged returns the members, to any depth, that the sources that are shown
// declared together under a name, without one; nil for none.
func (c *Catalog) merged(name, without string) json.RawMessage {
	var out json.RawMessage
	for _, s := range c.sites {
		if s.shown {
			out = merge(out, s.capability(name), 0)
		}
	}
	if without != "" && out != nil {
		out = protocol.Without(nil, out, without)
	}
	if out == nil || string(out) == "{}" {
		return nil
	}
	return out
}

// maxMerge bounds how deep capabilities are merged.
const maxMerge = 8

// merge returns an object with the members of both; where both have one that is
// no object in either, the first one's.
func merge(a, b json.RawMessage, depth int) json.RawMessage {
	if !protocol.IsObject(a) || !protocol.IsObject(b) || depth > maxMerge {
		if a != nil {
			return a
		}
		return b
	}
	out := map[string]json.RawMessage{}
	for _, object := range []json.RawMessage{a, b} {
		for key, value := range protocol.Members(object) {
			out[string(key)] = merge(out[string(key)], value, depth+1)
		}
	}
	return object(out)
}

// object writes members, sorted, so that the same ones are the same bytes.
func object(of map[string]json.RawMessage) json.RawMessage {
	out := []byte{'{'}
	for i, key := range slices.Sorted(maps.Keys(of)) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, quoted(key)...), ':'), of[key]...)
	}
	return append(out, '}')
}
