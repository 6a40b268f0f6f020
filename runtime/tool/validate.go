package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// rootCombinators may not stand at the root of a tool's schema: one of them
// makes some clients refuse every tool.
var rootCombinators = []string{"oneOf", "anyOf", "allOf", "not", "if", "enum", "const", "$ref"}

// Validate reports all that would keep clients from using the tool, joined;
// nil if there is nothing.
func (t *Tool) Validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if !ValidName(t.Name) {
		fail("name %q is not 1 to %d letters, digits, '_' or '-'", t.Name, MaxName)
	}
	args, err := checkRoot(t.Input)
	if err != nil {
		fail("input schema: %w", err)
	}
	if len(t.Output) > 0 {
		if _, err := checkRoot(t.Output); err != nil {
			fail("output schema: %w", err)
		}
	}
	if t.Operation != nil {
		errs = append(errs, t.Operation.validate(args)...)
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("tool %q: %w", t.Name, errors.Join(errs...))
}

// checkRoot checks a schema's root and returns its properties.
func checkRoot(schema json.RawMessage) (map[string]json.RawMessage, error) {
	var root map[string]json.RawMessage
	if err := json.Unmarshal(schema, &root); err != nil {
		return nil, fmt.Errorf("is no JSON object: %w", err)
	}
	if string(root["type"]) != `"object"` {
		return nil, fmt.Errorf(`root must have "type": "object", has %s`, root["type"])
	}
	for _, key := range rootCombinators {
		if _, ok := root[key]; ok {
			return nil, fmt.Errorf("root must not have %q", key)
		}
	}
	var properties map[string]json.RawMessage
	if raw, ok := root["properties"]; ok {
		if err := json.Unmarshal(raw, &properties); err != nil {
			return nil, fmt.Errorf("properties: %w", err)
		}
	}
	return properties, nil
}

func (op *Operation) validate(args map[string]json.RawMessage) []error {
	var errs []error
	if op.Method == "" || op.Method != strings.ToUpper(op.Method) {
		errs = append(errs, fmt.Errorf("method %q is not upper case", op.Method))
	}
	if !strings.HasPrefix(op.Path, "/") || strings.ContainsAny(op.Path, "?#") {
		errs = append(errs, fmt.Errorf("path %q must begin with / and have no query or fragment", op.Path))
	}
	seen := map[string]bool{}
	use := func(arg string) {
		switch {
		case !ValidArg(arg):
			errs = append(errs, fmt.Errorf("argument %q is not a name that every client takes", arg))
		case seen[arg]:
			errs = append(errs, fmt.Errorf("argument %q stands for two values", arg))
		case args[arg] == nil:
			errs = append(errs, fmt.Errorf("argument %q is not in the input schema", arg))
		}
		seen[arg] = true
	}
	for _, p := range op.Parameters {
		use(p.Arg)
		if p.In == InPath && !strings.Contains(op.Path, "{"+p.Name+"}") {
			errs = append(errs, fmt.Errorf("path parameter %q is not in the path %q", p.Name, op.Path))
		}
	}
	if op.Body != nil && op.Body.Arg != "" {
		use(op.Body.Arg)
	}
	if op.Body != nil {
		for _, f := range op.Body.Fields {
			use(f.Arg)
		}
	}
	return errs
}
