package native

import (
	"bytes"
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

const maxToolName = 256 // bytes; the gateway gives clients a shorter one

// Tools asks the server for all its tools, in its own order. Each has the
// server's definition whole. A definition that no client could use is left out;
// the log says why, and [State] counts them.
func (s *Source) Tools(ctx context.Context) ([]tool.Tool, error) {
	defs, err := s.list(ctx, toolsList)
	if err != nil {
		return nil, err
	}
	tools := make([]tool.Tool, 0, len(defs))
	seen := map[string]bool{}
	skipped := 0
	for i, def := range defs {
		t, err := parseTool(def)
		if err == nil && s.url != nil {
			err = checkMirrored(t.Input)
		}
		if err == nil && seen[t.Name] {
			err = errors.New("another tool has the same name")
		}
		if err != nil {
			skipped++
			s.leftOut("tool", i, t.Name, err)
			continue
		}
		seen[t.Name] = true
		tools = append(tools, t)
	}
	s.shared.note(func(st *State) { st.Tools, st.Skipped = len(tools), skipped })
	return tools, nil
}

// leftOut logs that a definition is not served.
func (s *Source) leftOut(what string, index int, name string, reason error) {
	s.log.Warn("a "+what+" of the MCP server is left out", "index", index, what, fault.Clip(s.redact.clean(name), maxToolName), "reason", reason)
}

// parseTool reads a definition. What it holds beyond the model stays in
// Definition.
func parseTool(def json.RawMessage) (tool.Tool, error) {
	var d struct {
		Name        string          `json:"name"`
		Title       string          `json:"title"`
		Description string          `json:"description"`
		Input       json.RawMessage `json:"inputSchema"`
		Output      json.RawMessage `json:"outputSchema"`
		Annotations struct {
			Title       string `json:"title"`
			ReadOnly    *bool  `json:"readOnlyHint"`
			Destructive *bool  `json:"destructiveHint"`
			Idempotent  *bool  `json:"idempotentHint"`
			OpenWorld   *bool  `json:"openWorldHint"`
		} `json:"annotations"`
	}
	if err := json.Unmarshal(def, &d); err != nil {
		return tool.Tool{Name: protocol.MemberString(def, "name")}, malformed(err)
	}
	t := tool.Tool{
		Name: d.Name, Title: d.Title, Description: d.Description, Input: d.Input, Definition: bytes.Clone(def),
		// Defaults: 2026-07-28, schema, ToolAnnotations.
		Annotations: tool.Annotations{
			ReadOnly:    hint(d.Annotations.ReadOnly, false),
			Destructive: hint(d.Annotations.Destructive, true),
			Idempotent:  hint(d.Annotations.Idempotent, false),
			OpenWorld:   hint(d.Annotations.OpenWorld, true),
		},
	}
	if t.Title == "" {
		t.Title = d.Annotations.Title
	}
	if t.Annotations.ReadOnly && d.Annotations.Destructive == nil {
		t.Annotations.Destructive = false // has no meaning for what only reads
	}
	if err := checkName(t.Name); err != nil {
		return t, err
	}
	if err := checkSchema(d.Input); err != nil {
		return t, fmt.Errorf("inputSchema %w", err)
	}
	if len(d.Output) > 0 && string(d.Output) != "null" {
		t.Output = d.Output
		if err := checkSchema(d.Output); err != nil {
			return t, fmt.Errorf("outputSchema %w", err)
		}
	}
	return t, nil
}

// malformed says which member is of a wrong type, in the words of JSON.
func malformed(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("the definition is malformed: %s is a JSON %s, which does not belong there", wrong.Field, wrong.Value)
	}
	return errors.New("the definition is malformed: it is no JSON object with a tool's members")
}

func hint(given *bool, otherwise bool) bool {
	if given == nil {
		return otherwise
	}
	return *given
}

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("it has no name")
	case len(name) > maxToolName:
		return fmt.Errorf("its name is longer than %d bytes", maxToolName)
	case !utf8.ValidString(name):
		return errors.New("its name is no UTF-8")
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return errors.New("its name holds a control character")
		}
	}
	return nil
}

// checkSchema reports why a schema can't be one of an object.
func checkSchema(schema json.RawMessage) error {
	if len(schema) == 0 || string(schema) == "null" {
		return errors.New("is missing")
	}
	var root map[string]json.RawMessage
	if err := json.Unmarshal(schema, &root); err != nil {
		return errors.New("is no JSON object")
	}
	if kind, given := root["type"]; given && string(kind) != `"object"` {
		return fmt.Errorf(`has "type": %s where "object" belongs`, fault.Clip(string(kind), 80))
	}
	return nil
}
