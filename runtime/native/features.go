package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

const maxURI = 8 << 10 // bytes

// Features returns what the server has besides tools, as it is now: what it says
// of itself, and the lists that it declares. A definition that no client could
// use is left out; the log says why, and [State] counts them.
func (s *Source) Features(ctx context.Context) (tool.Features, error) {
	var f tool.Features
	sess, err := s.shared.connected(ctx)
	if err != nil {
		return f, s.unlessClosed(err)
	}
	d := sess.declared
	f.Capabilities, f.Instructions = sess.capabilities, sess.instructions
	sess.calls.Done()

	omitted := 0
	take := func(declares bool, what listing, word, key string) (defs []json.RawMessage) {
		if !declares || err != nil {
			return nil
		}
		var out int
		defs, out, err = s.feature(ctx, what, word, key)
		omitted += out
		return defs
	}
	f.Resources = take(d.Resources != nil, resourcesList, "resource", "uri")
	f.Templates = take(d.Resources != nil, templatesList, "resource template", "uriTemplate")
	f.Prompts = take(d.Prompts != nil, promptsList, "prompt", "name")
	if err != nil {
		return tool.Features{}, err
	}
	s.shared.note(func(st *State) {
		st.Resources, st.Templates, st.Prompts, st.Omitted = len(f.Resources), len(f.Templates), len(f.Prompts), omitted
	})
	return f, nil
}

// feature returns one list without what is malformed, and counts that. A server
// that declares a list and does not know it, as many do with templates, has
// none; one that fails to give it is heard in the log, and the rest serves.
func (s *Source) feature(ctx context.Context, what listing, word, key string) (defs []json.RawMessage, omitted int, err error) {
	all, err := s.list(ctx, what)
	switch {
	case isMethodNotFound(err):
		return nil, 0, nil
	case err != nil && (isRefusal(err) || fault.KindOf(err) == fault.Upstream):
		s.log.Warn("the MCP server fails to list what it declares", "method", what.method, "error", err)
		return nil, 0, nil
	case err != nil:
		return nil, 0, err
	}
	seen := make(map[string]bool, len(all))
	for i, def := range all {
		name, err := checkFeature(def, key)
		if err == nil {
			err = wellFormed(def, key)
		}
		if err == nil && seen[name] {
			err = fmt.Errorf("another %s has the same %s", word, key)
		}
		if err != nil {
			omitted++
			s.leftOut(word, i, name, err)
			continue
		}
		seen[name] = true
		defs = append(defs, def)
	}
	return defs, omitted, nil
}

// wellFormed reports why clients that check what they read would refuse the whole
// list for this one definition (2026-07-28, schema: Resource, ResourceTemplate,
// Prompt, PromptArgument). It looks at the members that every revision has.
func wellFormed(def json.RawMessage, key string) error {
	members := []string{"name", "title", "description", "mimeType"}
	for _, member := range members {
		value, given := protocol.Member(def, member)
		if _, ok := protocol.String(value); given && !ok {
			return fmt.Errorf("its %s is no text", member)
		}
		if !given && member == "name" {
			return errors.New("it has no name")
		}
	}
	if key != "name" {
		return nil
	}
	arguments, given := protocol.Member(def, "arguments")
	if !given {
		return nil
	}
	var all []struct {
		Name     *string `json:"name"`
		Required bool    `json:"required"`
	}
	if json.Unmarshal(arguments, &all) != nil || all == nil {
		return errors.New("its arguments are no list of arguments")
	}
	for _, a := range all {
		if a.Name == nil {
			return errors.New("an argument has no name")
		}
	}
	return nil
}

// checkFeature returns what a definition goes by, and why it can't be served.
func checkFeature(def json.RawMessage, key string) (string, error) {
	if !protocol.IsObject(def) {
		return "", errors.New("the definition is no JSON object")
	}
	value, _ := protocol.Member(def, key)
	name, ok := protocol.String(value)
	switch {
	case !ok || name == "":
		return name, fmt.Errorf("it has no %s", key)
	case len(name) > maxURI:
		return name, fmt.Errorf("its %s is longer than %d bytes", key, maxURI)
	case !utf8.ValidString(name):
		return name, fmt.Errorf("its %s is no UTF-8", key)
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return name, fmt.Errorf("its %s holds a control character", key)
		}
	}
	return name, nil
}
