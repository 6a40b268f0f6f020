package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bounds of how results are shaped.
const (
	maxFields  = 100      // pointers of fields, and names of drop.keys
	maxPointer = 512      // bytes of one of them
	maxJQ      = 16 << 10 // bytes
	MaxPages   = 100
	MaxCache   = Duration(24 * time.Hour)
)

// layouts are how arrays of objects are written in a result's text.
var layouts = []string{"json", "auto", "toon", "csv", "columns"}

// Shape says how results are shaped before they are trimmed to their budget: of
// all tools, of a source's, or of one. What is not given is left to the wider
// one, and last to the document's own "x-mcp"; the keys of Drop are added up.
// The configuration goes before the document: who runs a gateway decides what
// its clients get.
type Shape struct {
	// Fields are JSON pointers (RFC 6901) to what is kept, in which a segment "*"
	// stands for every element or key. Nil says nothing; empty keeps all, whatever a
	// wider setting says.
	Fields []string `yaml:"fields,omitempty"`
	// JQ is a jq program whose output takes the result's place; "" says nothing. Not
	// both of Fields and JQ are given.
	JQ   string `yaml:"jq,omitempty"`
	Drop Drop   `yaml:"drop,omitempty"`
	// Encoding is how arrays of objects are written in the text: json, auto, toon,
	// csv or columns; "" says nothing.
	Encoding string `yaml:"encoding,omitempty"`
	// Pages is how many pages of a list are read at most; 0 says nothing.
	Pages int `yaml:"pages,omitempty"`
	// Cache is how long the result of a tool that only reads is kept, in whole
	// seconds; 0 keeps none, nil says nothing.
	Cache *Duration `yaml:"cache,omitempty"`
	// Dedupe answers a result that the session has had by saying so; nil says
	// nothing.
	Dedupe *bool `yaml:"dedupe,omitempty"`
}

// Drop says which members of a result's objects are left out. Nil says nothing.
type Drop struct {
	Nulls *bool    `yaml:"nulls,omitempty"` // members that are null
	Empty *bool    `yaml:"empty,omitempty"` // members that are "", [] or {}
	Keys  []string `yaml:"keys,omitempty"`  // members of these names
}

// Program is a jq program of the configuration.
type Program struct {
	At   string // where it stands, e.g. "bridge.yaml:8:3: sources.crm.shape.jq"
	Text string
}

// Programs returns every jq program of the configuration, which does not know the
// language.
func (c Config) Programs() []Program {
	var out []Program
	add := func(path string, s Shape) {
		if s.JQ != "" {
			out = append(out, Program{c.locate(path + ".jq"), s.JQ})
		}
	}
	add("shape", c.Shape)
	for _, s := range c.Sources {
		path := join("sources", s.Name)
		add(path+".shape", s.Shape)
		for _, name := range sorted(s.Tools.Override) {
			add(join(path+".tools.override", name)+".shape", s.Tools.Override[name].Shape)
		}
	}
	return out
}

func (d *decoder) shape(key string, into *Shape) field {
	return field{key, mapping, func(v value) {
		d.object(v, []field{
			d.given("fields", &into.Fields),
			d.text("jq", &into.JQ),
			{"drop", mapping, func(v value) {
				d.object(v, []field{d.boolean("nulls", &into.Drop.Nulls), d.boolean("empty", &into.Drop.Empty), d.texts("keys", &into.Drop.Keys)})
			}},
			d.text("encoding", &into.Encoding),
			d.number("pages", &into.Pages),
			{"cache", scalar, func(v value) {
				var t Duration
				if d.duration("cache", &t).read(v); v.node != nil {
					into.Cache = &t
				}
			}},
			d.boolean("dedupe", &into.Dedupe),
		})
	}}
}

// given reads a list that may be empty, which is something else than none.
func (d *decoder) given(key string, into *[]string) field {
	f := d.texts(key, into)
	read := f.read
	f.read = func(v value) {
		if read(v); v.node != nil && *into == nil {
			*into = []string{}
		}
	}
	return f
}

func (k *checker) shape(path string, s Shape) {
	if s.Fields != nil && s.JQ != "" {
		k.fail(path, "has both fields and jq; give one: a jq program can pick fields too")
	}
	if k.at[path+".jq"] != (position{}) && strings.TrimSpace(s.JQ) == "" && !k.earlier.within(path+".jq") {
		k.fail(path+".jq", "has no program; give one, such as .items | map({id, name}), or leave the key out")
	}
	if len(s.JQ) > maxJQ {
		k.fail(path+".jq", "must be at most %d bytes, is %d", maxJQ, len(s.JQ))
	}
	for i, pointer := range s.Fields {
		if !isPointer(pointer) {
			k.fail(fmt.Sprintf("%s.fields[%d]", path, i), "must be a JSON pointer (RFC 6901) such as /items/*/id, is %q", clip(pointer))
		}
	}
	for i, name := range s.Drop.Keys {
		if name == "" || len(name) > maxPointer {
			k.fail(fmt.Sprintf("%s.drop.keys[%d]", path, i), "must be a name of 1 to %d bytes", maxPointer)
		}
	}
	k.atMost(path+".fields", len(s.Fields), maxFields)
	k.atMost(path+".drop.keys", len(s.Drop.Keys), maxFields)
	if s.Encoding != "" {
		k.oneOf(path+".encoding", s.Encoding, layouts)
	}
	k.count(path+".pages", s.Pages, MaxPages)
	if s.Cache != nil {
		k.cache(path+".cache", *s.Cache)
	}
}

func (k *checker) cache(path string, t Duration) {
	if t < 0 || t > MaxCache || t%Duration(time.Second) != 0 {
		k.fail(path, "must be whole seconds, from 0s (keep nothing) to %s, is %s", MaxCache, t)
	}
}

// atMost checks the length of a list.
func (k *checker) atMost(path string, n, most int) {
	if n > most {
		k.fail(path, "must have at most %d entries, has %d", most, n)
	}
}

// isPointer reports whether a text is a JSON pointer (RFC 6901, section 3) to
// something within a result.
func isPointer(s string) bool {
	if !strings.HasPrefix(s, "/") || len(s) > maxPointer {
		return false
	}
	return !slices.ContainsFunc(strings.Split(s, "~")[1:], func(after string) bool {
		return after == "" || after[0] != '0' && after[0] != '1'
	})
}
