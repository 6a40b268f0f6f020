package clients_test

import (
	"strings"
	"testing"

	"github.com/bridge-gateway/bridge/cmd/bridge/clients"
)

// fuzzEdits sees that whatever a file holds, an edit is refused or can be read
// back and undone: what is left has the servers that were there, and an edit of
// it leads to the same text again.
func fuzzEdits(f *testing.F, names ...string) {
	var all []clients.Client
	for _, name := range names {
		c, err := clients.Find(name)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, c)
		for _, x := range corpus[c.Format] {
			f.Add([]byte(strings.ReplaceAll(x.text, "KEY", "mcpServers")))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range all {
			before, err := c.Servers("f", data)
			if err != nil {
				if _, err := c.Put("f", data, remote); err == nil {
					t.Errorf("%s: a file that can't be read was edited", c.Name)
				}
				continue
			}
			with, err := c.Put("f", data, remote)
			if err != nil {
				continue
			}
			if there, equal, err := c.Has("f", with, remote); !there || !equal || err != nil {
				t.Errorf("%s: after the edit: %v, %v, %v\n%q", c.Name, there, equal, err, with)
			}
			out, _, err := c.Remove("f", with, remote.Name)
			if err != nil {
				continue
			}
			after, err := c.Servers("f", out)
			if err != nil || others(after) != others(before) {
				t.Errorf("%s: servers %s became %s, %v\n%q", c.Name, others(before), others(after), err, out)
			}
			restored, _, err := c.Remove("f", with, remote.Name, data)
			if !has(before) && (err != nil || string(restored) != string(data)) {
				t.Errorf("%s: %q was not restored but is %q, %v", c.Name, data, restored, err)
			}
		}
	})
}

// others are the names of the servers but that of the gateway.
func others(servers []clients.Server) string {
	var names []string
	for _, s := range servers {
		if s.Name != remote.Name {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, "\n")
}

func has(servers []clients.Server) bool {
	for _, s := range servers {
		if s.Name == remote.Name {
			return true
		}
	}
	return false
}

func FuzzJSON(f *testing.F) { fuzzEdits(f, "cursor") }
func FuzzTOML(f *testing.F) { fuzzEdits(f, "codex") }
func FuzzYAML(f *testing.F) { fuzzEdits(f, "goose", "continue") }
