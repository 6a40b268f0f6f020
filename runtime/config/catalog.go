package config

import "slices"

// DefaultThreshold is from how many tokens of definitions on "auto" searches. It
// is within what ChatGPT takes of definitions in all (5,000 to 16,000 tokens), and
// a twentieth of a context of 200,000.
const DefaultThreshold = 10_000

// MaxThreshold bounds a threshold, in tokens.
const MaxThreshold = 10_000_000

// The modes of a catalog, and how it describes tools.
var (
	modes        = []string{"all", "search", "auto"}
	descriptions = []string{"full", "short"}
)

// Catalog says how tools/list shows the tools of an endpoint. In [Config] every
// key has a value; in an [Endpoint], what is not given is taken from there: see
// [Config.CatalogAt].
type Catalog struct {
	// Mode is "all", which lists every tool, "search", which lists tools to find,
	// describe and call the others by, or "auto", which lists all where their
	// definitions cost Threshold tokens or fewer, and else searches.
	Mode      string `yaml:"mode,omitempty"`
	Threshold int    `yaml:"threshold,omitempty"`
	// Pinned are patterns of served names, prefix included, of tools that are listed
	// in any mode.
	Pinned []string `yaml:"pinned,omitempty"`
	// Describe is "full", for definitions as they are, or "short", for slimmed ones.
	Describe string `yaml:"describe,omitempty"`
}

// CatalogAt returns how an endpoint's tools are shown: its own settings over the
// config's, key by key.
func (c Config) CatalogAt(e Endpoint) Catalog {
	out := c.Tools
	if e.Tools.Mode != "" {
		out.Mode = e.Tools.Mode
	}
	if e.Tools.Threshold != 0 {
		out.Threshold = e.Tools.Threshold
	}
	if e.Tools.Pinned != nil {
		out.Pinned = e.Tools.Pinned
	}
	if e.Tools.Describe != "" {
		out.Describe = e.Tools.Describe
	}
	out.Pinned = slices.Clone(out.Pinned)
	return out
}

func (d *decoder) catalog(into *Catalog) field {
	return field{"tools", mapping, func(v value) {
		d.object(v, []field{
			d.text("mode", &into.Mode),
			d.number("threshold", &into.Threshold),
			d.given("pinned", &into.Pinned),
			d.text("describe", &into.Describe),
		})
	}}
}

// catalog checks what of a catalog's settings is given.
func (k *checker) catalog(path string, c Catalog) {
	if c.Mode != "" {
		k.oneOf(path+".mode", c.Mode, modes)
	}
	if c.Describe != "" {
		k.oneOf(path+".describe", c.Describe, descriptions)
	}
	if c.Threshold < 0 || c.Threshold > MaxThreshold {
		k.fail(path+".threshold", "must be from 1 to %d tokens of definitions, is %d", MaxThreshold, c.Threshold)
	}
	k.servedPatterns(path+".pinned", c.Pinned)
}
