package gateway

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// item is a resource, a resource template or a prompt of the catalog.
type item struct {
	name string // as clients see it: a URI, a template, a prompt's name
	own  string // as its source has it
	site *site
	text json.RawMessage // the definition

	match func() *regexp.Regexp // of a template: what it expands to, at the source
}

// collection is all items of one kind.
type collection struct {
	kind   string // for messages
	key    string // the member of a definition that holds the name
	found  []*item
	byName map[string]*item
	list   list
}

func newCollection(kind, key string) *collection {
	return &collection{kind: kind, key: key, byName: map[string]*item{}}
}

// site is a source that is a whole server, as the catalog has it.
type site struct {
	mount    *Mount
	server   Server
	dialect  *dialect
	features tool.Features
	loaded   bool // all of it, and not its tools alone
	shown    bool // whether the endpoint shows any of it
}

func (s *site) name() string { return s.mount.Source.Name() }

// dialectOf returns what stands between a mount's URIs and the clients'. Only
// servers have URIs that can be asked for.
func dialectOf(m *Mount) *dialect {
	if _, ok := m.Source.(Server); ok {
		return newDialect(m.Prefix)
	}
	return newDialect(noPrefix)
}

// addServer notes a source that is a whole server, and what it has.
func (c *Catalog) addServer(m mounted) {
	server, ok := m.mount.Source.(Server)
	if !ok {
		return
	}
	s := &site{mount: m.mount, server: server, dialect: newDialect(m.mount.Prefix), features: m.features,
		loaded: m.loaded && m.features.Capabilities != nil}
	c.sites = append(c.sites, s)
	c.marks[s.dialect.mark] = append(c.marks[s.dialect.mark], s)
	uri := func(own string) string { return outURI(s.dialect.mark, own) }
	c.find(c.resources, s, m.features.Resources, uri)
	c.find(c.templates, s, m.features.Templates, uri)
	c.find(c.prompts, s, m.features.Prompts, func(own string) string { return outName(s.mount.Prefix, own) })
}

// find notes the items of a source that can be served.
func (c *Catalog) find(into *collection, s *site, definitions []json.RawMessage, name func(string) string) {
	echoes := echoedItems(s, definitions, into.key)
	c.echoed(s.mount, into.kind, echoes)
	for i, definition := range definitions {
		if echoes != nil && echoes[i] {
			continue
		}
		own := protocol.MemberString(definition, into.key)
		if own == "" || !protocol.Valid(definition) {
			c.problem(s.name(), "", fmt.Sprintf("a %s is left out: its definition has no %s", into.kind, into.key))
			continue
		}
		into.found = append(into.found, &item{name: name(own), own: own, site: s, text: definition})
	}
}

// addItems adds those of the items found that the endpoint shows, by their names
// there. A name that two sources have belongs to the first.
func (c *Catalog) addItems(k *collection) {
	taken := map[string]*item{}
	var shown []*item
	var names []string
	for _, i := range k.found {
		if reason := c.unreachable(k, i, taken); reason != "" {
			c.problem(i.site.name(), fault.Clip(i.own, maxShownName), reason)
			continue
		}
		taken[i.name] = i
		aliases := k.aliases(i)
		c.names = append(c.names, aliases...)
		if c.selects(i.site.mount, aliases...) {
			shown, names = append(shown, i), append(names, i.name)
		} else if k == c.resources {
			c.hidden[i.name] = true
		}
	}
	if k == c.prompts {
		names = c.rename(k.kind, names)
	}
	var definitions builder
	for n, i := range shown {
		i.name = names[n]
		i.site.shown = true
		k.byName[i.name] = i
		definitions.add(i.name, i.definition(k.key))
		if k == c.templates {
			i.match = sync.OnceValue(func() *regexp.Regexp { return expansions(i.own) })
		}
	}
	k.found, k.list = shown, definitions.list()
}

// unreachable says why an item can't be reached under its name; "" where it can.
func (c *Catalog) unreachable(k *collection, i *item, taken map[string]*item) string {
	name := fault.Clip(i.name, maxShownName)
	if other, ok := taken[i.name]; ok {
		return fmt.Sprintf("the %s %q is that of source %q; give one of the sources a prefix", k.kind, name, other.site.name())
	}
	if k == c.prompts {
		return ""
	}
	if mark, _ := inURI(i.name); mark != i.site.dialect.mark && len(c.marks[mark]) > 0 {
		return fmt.Sprintf("the %s %q reads as one of source %q; give that source another prefix", k.kind, name, c.marks[mark][0].name())
	}
	return ""
}

// aliases are the names by which an endpoint selects an item: a prompt's name; a
// resource's URI, and its name behind its source's prefix.
func (k *collection) aliases(i *item) []string {
	if k.key == "name" {
		return []string{i.name}
	}
	return []string{i.name, outName(i.site.mount.Prefix, protocol.MemberString(i.text, "name"))}
}

// definition returns the item as lists show it.
func (i *item) definition(key string) json.RawMessage {
	change := members{}
	if i.name != i.own {
		change[key] = set(quoted(i.name))
	}
	if i.site.dialect.meta != nil {
		change["_meta"] = i.site.dialect.meta
	}
	if len(change) == 0 {
		return i.text
	}
	return change.object(make([]byte, 0, len(i.text)+64), i.text)
}

// expansions returns the expression that URIs fit which a template expands to
// (RFC 6570). It may let through what is none: it only decides which of several
// sources is asked.
func expansions(template string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?s)^")
	rest := template
	for {
		literal, tail, ok := strings.Cut(rest, "{")
		b.WriteString(regexp.QuoteMeta(literal))
		if !ok {
			break
		}
		expression, after, _ := strings.Cut(tail, "}")
		if expression != "" && strings.ContainsRune("+#/", rune(expression[0])) {
			b.WriteString(".*")
		} else {
			b.WriteString("[^/]*")
		}
		rest = after
	}
	b.WriteString("$")
	expression, err := regexp.Compile(b.String())
	if err != nil {
		return regexp.MustCompile(`^\b$`) // a template that is no text fits nothing
	}
	return expression
}

// showSites notes which servers the endpoint shows anything of. Where it shows
// everything, that is all of them, also those that have nothing yet.
func (c *Catalog) showSites() {
	tools := map[*Mount]bool{}
	for _, e := range c.all {
		tools[e.origin.mount] = true
	}
	for _, s := range c.sites {
		s.shown = s.shown || tools[s.mount] || len(c.selection.include) == 0
	}
}
