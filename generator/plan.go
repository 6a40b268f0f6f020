package generator

import (
	"slices"
	"strings"

	"github.com/bridge-gateway/bridge/generator/gotype"
	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/generator/naming"
	"github.com/bridge-gateway/bridge/generator/schema"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// planned is what an adapter consists of: all names given, all types made,
// nothing written.
type planned struct {
	operations []operation // in the order of the tools
	shared     []*gotype.Decl
}

// operation is a tool with what Go calls it.
type operation struct {
	tool    tool.Tool
	name    string // of its variable
	file    string
	in, out typ
	types   []*gotype.Decl
}

// plan names everything and makes all types. Names are given in an order that
// depends on names alone: first the operations, then the shared types, then what
// is within them.
func plan(tools []tool.Tool, l *lock.Lock) *planned {
	var scope naming.Scope
	scope.Claim("Adapter")
	toolNames := make([]string, len(tools))
	for i, t := range tools {
		toolNames[i] = t.Name
	}
	names := scope.ClaimAll(toolNames, "Call")

	defs := make(map[string]*schema.Schema, len(l.Defs))
	for name, raw := range l.Defs {
		defs[name] = schema.Parse(raw)
	}
	byText := known(l)
	for name, raw := range titled(tools, l) {
		defs[name], byText[string(raw)] = schema.Parse(raw), name
	}
	types := gotype.New(&scope, defs)
	p := &planned{operations: make([]operation, len(tools)), shared: types.Shared()}

	for _, i := range byName(tools) {
		op := operation{tool: tools[i], name: names[i], file: fileOf(tools[i].Operation)}
		in, decls := types.Arguments(op.name, schema.Parse(l.Tools[i].Input))
		op.in, op.types = typ{Type: in}, decls
		if name, ok := byText[string(l.Tools[i].Output)]; ok {
			op.out.Type, decls = types.Defined(name), nil
		} else {
			op.out, decls = response(types, op, l.Tools[i].Output)
		}
		op.types = append(op.types, decls...)
		p.operations[i] = op
	}
	types.Finish()
	return p
}

// byName returns the tools' places, sorted by the tools' names.
func byName(tools []tool.Tool) []int {
	order := make([]int, len(tools))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(tools[a].Name, tools[b].Name) })
	return order
}

// fileOf returns the name, without ".go", of the file that holds an operation:
// after its first tag, else after the first segment of its path that names
// something.
func fileOf(op *tool.Operation) string {
	var file string
	if len(op.Tags) > 0 {
		file = naming.File(op.Tags[0])
	}
	for segment := range strings.SplitSeq(op.Path, "/") {
		if file != "" {
			break
		}
		if naming.Version(segment) || strings.Contains(segment, "{") {
			continue
		}
		file = naming.File(segment)
	}
	switch file {
	case "":
		return "operations"
	case "adapter", "types":
		return file + "_api"
	default:
		return file
	}
}
