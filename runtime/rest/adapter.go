package rest

import (
	"bytes"
	"cmp"
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
const lockVersion = "1"

// lockFile is what an adapter needs of bridge.lock.
type lockFile struct {
	version string
	defs    map[string]json.RawMessage
	tools   map[string]toolSchemas
}

type toolSchemas struct{ input, output json.RawMessage }

// readLock reads a lock. It is compacted once, whole, and then only taken apart:
// the locks of large APIs are megabytes, and a gateway that starts waits for them.
func readLock(text string) (lockFile, error) {
	f := lockFile{defs: map[string]json.RawMessage{}, tools: map[string]toolSchemas{}}
	b := bytes.NewBuffer(make([]byte, 0, len(text)))
	if err := json.Compact(b, []byte(text)); err != nil {
		return f, err
	}
	for key, value := range eachMember(b.Bytes()) {
		switch key {
		case "version":
			f.version = string(value)
		case "$defs":
			for name, def := range eachMember(value) {
				f.defs[name] = def
			}
		case "tools":
			for name, about := range eachMember(value) {
				f.tools[name] = readSchemas(about)
			}
		}
	}
	return f, nil
}

func readSchemas(about []byte) toolSchemas {
	var s toolSchemas
	for key, value := range eachMember(about) {
		switch key {
		case "input":
			s.input = value
		case "output":
			s.output = value
		}
	}
	return s
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
	file, err := readLock(a.Lock)
	if err != nil {
		return nil, a.stale("its bridge.lock is no JSON", err)
	}
	if file.version != lockVersion {
		return nil, a.stale(fmt.Sprintf("its bridge.lock is of version %s, and this bridge knows version %s", cmp.Or(file.version, "none"), lockVersion), nil)
	}
	tools := make([]tool.Tool, len(a.Tools))
	for i, t := range a.Tools {
		schemas, ok := file.tools[t.Name]
		if !ok || len(schemas.input) == 0 {
			return nil, a.stale(fmt.Sprintf("its bridge.lock has no input schema for the tool %q", t.Name), nil)
		}
		if t.Input, err = tool.Bundle(schemas.input, file.defs); err == nil && len(schemas.output) > 0 {
			t.Output, err = tool.Bundle(schemas.output, file.defs)
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
