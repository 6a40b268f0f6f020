package rest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Adapter is what one generated package holds: the tools of one API and, apart
// from them so that the code stays readable, their schemas.
type Adapter struct {
	Name  string
	API   tool.API
	Tools []tool.Tool // without Input and Output
	// Lock is the text of the package's bridge.lock, of version 1. What counts
	// here is "$defs", the definitions by name, and "tools", which has for each
	// tool its "input" and, if any, its "output".
	Lock string
	// Custom is what was written by hand beside the generated code; nil for
	// nothing. The source that carries out the tools needs it too.
	Custom *Custom
}

// lockVersion is the version of bridge.lock that [Adapter.Load] takes.
const lockVersion = 1

// lockFile is what an adapter needs of bridge.lock.
type lockFile struct {
	Version int                        `json:"version"`
	Defs    map[string]json.RawMessage `json:"$defs"`
	Tools   map[string]toolSchemas     `json:"tools"`
}

type toolSchemas struct {
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
}

// Load returns the tools with their schemas, equal to the byte to the tools that
// the adapter was generated from, and with what Custom adds, hides and replaces.
// The adapter itself stays as it is. The error is of kind Conflict where the
// generated code is stale, of kind Invalid where Custom does not fit it.
func (a Adapter) Load() ([]tool.Tool, error) {
	tools, err := a.generated()
	if err != nil {
		return nil, err
	}
	return a.Custom.apply(a.Name, tools)
}

// generated returns the tools that the adapter was generated from.
func (a Adapter) generated() ([]tool.Tool, error) {
	var file lockFile
	if err := json.Unmarshal([]byte(a.Lock), &file); err != nil {
		return nil, a.stale("its bridge.lock is no JSON", err)
	}
	if file.Version != lockVersion {
		return nil, a.stale(fmt.Sprintf("its bridge.lock is of version %d, and this bridge knows version %d", file.Version, lockVersion), nil)
	}
	for name, def := range file.Defs {
		compacted, err := compact(def)
		if err != nil {
			return nil, a.stale("its bridge.lock is no JSON", err)
		}
		file.Defs[name] = compacted
	}
	tools := make([]tool.Tool, len(a.Tools))
	for i, t := range a.Tools {
		schemas, ok := file.Tools[t.Name]
		if !ok || len(schemas.Input) == 0 {
			return nil, a.stale(fmt.Sprintf("its bridge.lock has no input schema for the tool %q", t.Name), nil)
		}
		var err error
		if t.Input, err = bundle(schemas.Input, file.Defs); err == nil && len(schemas.Output) > 0 {
			t.Output, err = bundle(schemas.Output, file.Defs)
		}
		if err != nil {
			return nil, a.stale(fmt.Sprintf("the schemas of its tool %q are broken", t.Name), err)
		}
		tools[i] = t
	}
	return tools, nil
}

func (a Adapter) stale(what string, cause error) error {
	return fault.Wrap("rest.load", fault.Conflict,
		fmt.Sprintf("the adapter %q can't be loaded: %s; generate it anew with bridge gen", a.Name, what), cause)
}

func bundle(schema json.RawMessage, defs map[string]json.RawMessage) (json.RawMessage, error) {
	compacted, err := compact(schema)
	if err != nil {
		return nil, err
	}
	return tool.Bundle(compacted, defs)
}

func compact(raw json.RawMessage) (json.RawMessage, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
