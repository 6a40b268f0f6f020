package generator

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/bridge-gateway/bridge/generator/naming"
	"github.com/bridge-gateway/bridge/generator/schema"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// schemas are the schemas of all tools, taken apart into what is each tool's own
// and the definitions that they share.
type schemas struct {
	defs  map[string]json.RawMessage
	tools []toolSchemas
}

type toolSchemas struct {
	input, output json.RawMessage // without "$defs"
}

// collect takes the tools' schemas apart. Two tools that have different
// definitions under one name are an error.
func collect(tools []tool.Tool) (*schemas, error) {
	s := &schemas{defs: map[string]json.RawMessage{}, tools: make([]toolSchemas, len(tools))}
	for i, t := range tools {
		var err error
		if s.tools[i].input, err = s.split(t.Name, "input", t.Input); err != nil {
			return nil, err
		}
		if len(t.Output) == 0 {
			continue
		}
		if s.tools[i].output, err = s.split(t.Name, "output", t.Output); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// split returns a schema without its "$defs", and keeps those.
func (s *schemas) split(name, which string, raw json.RawMessage) (json.RawMessage, error) {
	members, err := schema.Members(raw)
	if err != nil {
		return nil, invalid("the %s schema of the tool %q is no JSON object", which, name)
	}
	own := make([][]byte, 0, len(members))
	for _, m := range members {
		if m.Name != "$defs" {
			own = append(own, m.Text)
			continue
		}
		defs, err := schema.Members(m.Value)
		if err != nil {
			return nil, invalid("the $defs of the %s schema of the tool %q are no JSON object", which, name)
		}
		if err := s.keep(name, defs); err != nil {
			return nil, err
		}
	}
	out := slices.Concat([]byte("{"), bytes.Join(own, []byte(",")), []byte("}"))
	if !json.Valid(out) {
		return nil, invalid("the %s schema of the tool %q is no JSON", which, name)
	}
	return out, nil
}

func (s *schemas) keep(name string, defs []schema.Member) error {
	for _, d := range defs {
		have, ok := s.defs[d.Name]
		switch {
		case ok && !bytes.Equal(have, d.Value):
			return invalid("the definition %q of the tool %q differs from that of another tool; all tools of an adapter must be of one document", d.Name, name)
		case ok:
		case !json.Valid(d.Value):
			return invalid("the definition %q of the tool %q is no JSON", d.Name, name)
		default:
			s.defs[d.Name] = d.Value
		}
	}
	return nil
}

// file returns schemas.json: the definitions sorted by name, then each tool's
// schemas in the order of the tools. Compacted, each schema is what it was.
func (s *schemas) file(tools []tool.Tool) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"$defs":{`)
	for i, name := range s.names() {
		comma(&b, i)
		key(&b, name)
		b.Write(s.defs[name])
	}
	b.WriteString(`},"tools":{`)
	for i, t := range tools {
		comma(&b, i)
		key(&b, t.Name)
		b.WriteString(`{"input":`)
		b.Write(s.tools[i].input)
		if output := s.tools[i].output; output != nil {
			b.WriteString(`,"output":`)
			b.Write(output)
		}
		b.WriteByte('}')
	}
	b.WriteString("}}")
	var out bytes.Buffer
	out.Grow(2 * b.Len())
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return nil, fault.Wrap("generator.schemas", fault.Internal, "the schemas can't be written as JSON", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// names returns the names of the definitions, sorted.
func (s *schemas) names() []string {
	names := make([]string, 0, len(s.defs))
	for name := range s.defs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// known returns the definitions' names by their text, so that a response that
// is a definition, written out at the root as MCP needs it, is found to be it.
func (s *schemas) known() map[string]string {
	known := make(map[string]string, len(s.defs))
	for _, name := range s.names() {
		text := string(s.defs[name])
		if _, ok := known[text]; !ok && len(text) > len(`{"type":"object"}`) {
			known[text] = name
		}
	}
	return known
}

// titled returns the responses that are one schema of the document, by the title
// that says which, where it is a name and stands for nothing else.
func (s *schemas) titled(tools []tool.Tool) map[string]json.RawMessage {
	found := map[string]json.RawMessage{}
	for i, t := range tools {
		output := s.tools[i].output
		if output == nil || t.Operation.Wrap != "" {
			continue
		}
		title := schema.Parse(output).Title
		if naming.Exported(title, "") != title || title == "" || s.defs[title] != nil {
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

func comma(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

// key writes a member's name and colon, as it stands in JSON and not in HTML.
func key(b *bytes.Buffer, name string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(name) // a string always encodes, to a buffer
	b.Truncate(b.Len() - len("\n"))
	b.WriteByte(':')
}
