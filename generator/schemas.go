package generator

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/generator/naming"
	"github.com/bridge-gateway/bridge/generator/schema"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// known returns the definitions' names by their text, so that a response that
// is a definition, written out at the root as MCP needs it and titled with its
// name, is found to be it.
func known(l *lock.Lock) map[string]string {
	known := make(map[string]string, len(l.Defs))
	for _, name := range l.DefNames() {
		text := string(l.Defs[name])
		if _, ok := known[text]; !ok && len(text) > len(`{"type":"object"}`) {
			known[text] = name
		}
		if rest, ok := strings.CutPrefix(text, "{"); ok && rest != "}" {
			known[`{"title":"`+name+`",`+rest] = name
		}
	}
	return known
}

// titled returns the responses that are one schema of the document, by the title
// that says which, where it is a name and stands for nothing else.
func titled(tools []tool.Tool, l *lock.Lock) map[string]json.RawMessage {
	found := map[string]json.RawMessage{}
	for i, t := range tools {
		output := l.Tools[i].Output
		if output == nil || t.Operation.Wrap != "" {
			continue
		}
		title := schema.Parse(output).Title
		if naming.Exported(title, "") != title || title == "" || l.Defs[title] != nil {
			continue
		}
		if have, ok := found[title]; ok && !bytes.Equal(have, output) {
			output = nil // two responses of one title
		}
		found[title] = output
	}
	maps.DeleteFunc(found, func(_ string, raw json.RawMessage) bool { return raw == nil })
	return found
}
