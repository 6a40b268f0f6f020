package config

import (
	"fmt"
	"strings"
)

// Located is a value that may hold references, and where it stands.
type Located struct {
	At    string // e.g. "bridge.yaml:8:3: sources.crm.credential.bearer"
	Value Reference
}

// References returns every value of the configuration that may hold references
// to secrets, in the file's order of sources.
func (c Config) References() []Located {
	var out []Located
	add := func(path string, r Reference) {
		if strings.Contains(string(r), "${") {
			out = append(out, Located{c.locate(path), r})
		}
	}
	credential := func(path string, v Credential) {
		for _, r := range v.references() {
			add(path+"."+r.key, r.value)
		}
	}
	add("state_key", c.StateKey)
	add("store.redis", c.Store.Redis)
	for _, s := range c.Sources {
		path := join("sources", s.Name)
		for _, name := range sorted(s.Env) {
			add(join(path+".env", name), s.Env[name])
		}
		for _, name := range sorted(s.Headers) {
			add(join(path+".headers", name), s.Headers[name])
		}
		if s.Credential != nil {
			credential(path+".credential", *s.Credential)
		}
		for _, scheme := range sorted(s.Credentials) {
			credential(join(path+".credentials", scheme), s.Credentials[scheme])
		}
	}
	return out
}

// locate says where the key at a path stands, with the path.
func (c Config) locate(path string) string {
	if at := c.at[path].String(); at != "" {
		return fmt.Sprintf("%s: %s", at, path)
	}
	return path
}
