package lint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Action is an update action of an overlay (OpenAPI Overlay 1.0, section 4.4.3):
// Update is merged into what Target, a JSONPath, selects.
type Action struct {
	Target string         `json:"target"`
	Update map[string]any `json:"update"`
}

// update makes the action that merges an object into a tool's operation; nil
// where an overlay can't reach it.
func (s *subject) update(object map[string]any) *Action {
	if s.written.Target == "" || len(object) == 0 {
		return nil
	}
	return &Action{Target: s.written.Target, Update: object}
}

// hints makes the action that sets members of an operation's x-mcp.
func (s *subject) hints(members map[string]any) *Action {
	return s.update(map[string]any{"x-mcp": members})
}

// overlay is an OpenAPI Overlay document, in the order in which it is written.
type overlay struct {
	Version string          `json:"overlay" yaml:"overlay"`
	Info    overlayInfo     `json:"info" yaml:"info"`
	Actions []overlayAction `json:"actions" yaml:"actions"`
}

type overlayInfo struct {
	Title   string `json:"title" yaml:"title"`
	Version string `json:"version" yaml:"version"`
}

type overlayAction struct {
	Target      string         `json:"target" yaml:"target"`
	Description string         `json:"description,omitempty" yaml:"description,omitempty"`
	Update      map[string]any `json:"update" yaml:"update"`
}

// Overlay returns the actions of findings as an OpenAPI Overlay 1.0 document, one
// action for each target, in document order, and their number. It is JSON where the file's name ends
// in ".json" and YAML otherwise. title is that of the document it is for. With
// no action there is no overlay, as an overlay must have one: the data is nil.
func Overlay(findings []Finding, title, name string) (data []byte, actions int, err error) {
	doc := overlay{Version: "1.0.0", Info: overlayInfo{Title: "What bridge lint proposes for " + title, Version: "1.0.0"}}
	index := map[string]int{}
	inOrder := slices.Clone(findings)
	slices.SortStableFunc(inOrder, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	for _, f := range inOrder {
		if f.Action == nil {
			continue
		}
		i, ok := index[f.Action.Target]
		if !ok {
			i = len(doc.Actions)
			index[f.Action.Target] = i
			doc.Actions = append(doc.Actions, overlayAction{Target: f.Action.Target, Update: map[string]any{}})
		}
		a := &doc.Actions[i]
		if !strings.Contains(a.Description, f.Code) {
			a.Description = strings.TrimPrefix(a.Description+", "+f.Code, ", ")
		}
		merge(a.Update, f.Action.Update)
	}
	if len(doc.Actions) == 0 {
		return nil, 0, nil
	}
	data, err = encodeOverlay(doc, path.Ext(name) == ".json")
	return data, len(doc.Actions), err
}

func encodeOverlay(doc overlay, asJSON bool) ([]byte, error) {
	var buf bytes.Buffer
	var err error
	if asJSON {
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(doc)
	} else {
		enc := yaml.NewEncoder(&buf)
		enc.SetIndent(2)
		err = enc.Encode(doc)
	}
	if err != nil {
		return nil, fault.Wrap("lint.overlay", fault.Internal, "the overlay can't be written", err)
	}
	return buf.Bytes(), nil
}

// merge merges an update into another. The first to set a value keeps it.
func merge(into, from map[string]any) {
	for key, value := range from {
		have, isObject := into[key].(map[string]any)
		more, moreObject := value.(map[string]any)
		switch {
		case isObject && moreObject:
			merge(have, more)
		case moreObject:
			into[key] = maps.Clone(more) // an action is not changed by being written
		case into[key] == nil:
			into[key] = value
		}
	}
}
