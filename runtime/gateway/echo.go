package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Two gateways that mount each other would never be done: what one has from the
// other comes back from there under a longer name, is announced, and comes back
// once more. An echo is such a thing: the source that is mounted under PREFIX has
// NAME, and it has OTHER_PREFIX_NAME, and both are told of in the same words.

// maxMarks bounds how many marks of a URI are looked behind.
const maxMarks = 8

// echoes reports which of a source's things are echoes, given the names that each
// would be an echo of.
func echoes(names []string, of func(name string) []string, same func(i, j int) bool) []bool {
	var found []bool
	var index map[string]int
	for i, name := range names {
		for _, inner := range of(name) {
			if index == nil {
				index = make(map[string]int, len(names))
				for j, other := range names {
					index[other] = j
				}
			}
			if j, ok := index[inner]; ok && same(i, j) {
				if found == nil {
					found = make([]bool, len(names))
				}
				found[i] = true
			}
		}
	}
	return found
}

// echoedTools reports which tools of a mount are echoes; nil for none.
func echoedTools(m *Mount, tools []tool.Tool) []bool {
	if _, ok := m.Source.(Server); !ok || m.Prefix == noPrefix {
		return nil
	}
	names := make([]string, len(tools))
	for i := range tools {
		names[i] = tools[i].Name
	}
	return echoes(names, func(name string) []string { return behind(name, m.Prefix) }, func(i, j int) bool {
		return tools[i].Description == tools[j].Description && bytes.Equal(tools[i].Input, tools[j].Input)
	})
}

// echoedItems does the same for what a server has besides tools.
func echoedItems(s *site, definitions []json.RawMessage, key string) []bool {
	if s.mount.Prefix == noPrefix {
		return nil
	}
	names := make([]string, len(definitions))
	for i, d := range definitions {
		names[i] = protocol.MemberString(d, key)
	}
	of := func(name string) []string { return behindMark(name, s.dialect.mark) }
	if key == "name" {
		of = func(name string) []string { return behind(name, s.mount.Prefix) }
	}
	return echoes(names, of, func(i, j int) bool {
		return protocol.MemberString(definitions[i], "description") == protocol.MemberString(definitions[j], "description")
	})
}

// behind returns what of a name stands behind a prefix in it.
func behind(name, prefix string) []string {
	var found []string
	for rest := name; ; {
		before, after, ok := strings.Cut(rest, prefix+"_")
		if !ok {
			return found
		}
		if before == "" || strings.HasSuffix(before, "_") {
			found = append(found, after)
		}
		rest = after
	}
}

// behindMark returns what of a URI stands behind a mark in it.
func behindMark(uri, mark string) []string {
	var found []string
	for range maxMarks {
		m, own := inURI(uri)
		if m == "" {
			break
		}
		if m == mark {
			found = append(found, own)
		}
		uri = own
	}
	return found
}

// echoed notes that echoes of a source are left out.
func (c *Catalog) echoed(m *Mount, kind string, echoes []bool) {
	n := 0
	for _, is := range echoes {
		if is {
			n++
		}
	}
	if n > 0 {
		c.problem(m.Source.Name(), "", fmt.Sprintf("%d of its %ss are left out: they repeat others of its own under this source's prefix, as where two gateways mount each other; take the source out of one of them", n, kind))
	}
}
