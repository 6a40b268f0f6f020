package config

import "go.yaml.in/yaml/v3"

// Lookup returns the value given from outside the file for a key, named by its
// path in lower case, and where it comes from, e.g. "environment variable
// BRIDGE_LISTEN". A list is written as "[a, b]" or "a, b", a mapping as
// "{a: b}".
type Lookup func(key string) (value, origin string, ok bool)

// Parse reads a configuration. The file's name is for messages only. Empty data
// give the defaults. The error is a *fault.Error whose message lists every
// problem, a line each.
func Parse(data []byte, filename string) (Config, error) {
	return ParseWith(data, filename, nil)
}

// ParseWith is [Parse] with values from outside the file, which go before the
// file's own.
func ParseWith(data []byte, filename string, lookup Lookup) (Config, error) {
	d := &decoder{file: filename, lookup: lookup, origins: map[*yaml.Node]string{}, at: map[string]position{}}
	if lookup == nil {
		d.lookup = func(string) (string, string, bool) { return "", "", false }
	}
	c := d.config(d.document(data))
	c.at = d.at
	d.problems = append(d.problems, c.validate(d.problems)...)
	return c, d.problems.fault(filename)
}

// Keys returns the paths that [ParseWith] asks for, for a configuration with
// these sources and endpoints, in order.
func Keys(c Config) []string {
	scalar := func(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }
	sources, endpoints := &yaml.Node{Kind: yaml.MappingNode}, &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range c.Sources {
		sources.Content = append(sources.Content, scalar(s.Name), &yaml.Node{Kind: yaml.MappingNode})
	}
	for _, e := range c.Endpoints {
		endpoints.Content = append(endpoints.Content, scalar(e.Path), &yaml.Node{Kind: yaml.MappingNode})
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		scalar("sources"), sources, scalar("endpoints"), endpoints}}

	var keys []string
	record := func(key string) (string, string, bool) {
		keys = append(keys, key)
		return "", "", false
	}
	d := &decoder{lookup: record, origins: map[*yaml.Node]string{}, at: map[string]position{}}
	d.config(root)
	return keys
}
