package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/shape"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// checkPrograms reports every jq program of a configuration that can't be run.
func checkPrograms(cfg config.Config) error {
	var lines []string
	for _, p := range cfg.Programs() {
		if err := shape.CheckJQ(p.Text); err != nil {
			lines = append(lines, fmt.Sprintf("%s: is no program that can be run: %s", p.At, err))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fault.New("config.jq", fault.Invalid, strings.Join(lines, "\n"))
}

// runnable returns the tools of a document without the jq programs that can't or
// must not be run, and what is to be said of these. Their results are shown whole.
// A program is code in the gateway, which can take all of its memory and end it:
// what others may change at a URL brings none.
func runnable(tools []tool.Tool, file string, fromURL bool) ([]tool.Tool, []openapi.Diagnostic) {
	var said []openapi.Diagnostic
	tools = slices.Clone(tools)
	for i := range tools {
		t := &tools[i]
		if t.Shaping == nil || t.Shaping.JQ == "" {
			continue
		}
		err := shape.CheckJQ(t.Shaping.JQ)
		if fromURL {
			err = errors.New("what is read from a URL brings no programs into the gateway; give it under shape.jq in bridge.yaml")
		}
		if err == nil {
			continue
		}
		kept := *t.Shaping
		kept.JQ = ""
		t.Shaping = kept.Effective()
		d := openapi.Diagnostic{Severity: openapi.SeverityError, Code: "x-mcp", File: file,
			Message: fmt.Sprintf("the jq program of tool %q is not run, and its results are shown without it: %s", t.Name, err)}
		if t.Operation != nil {
			d.Operation = t.Operation.Method + " " + t.Operation.Path
		}
		said = append(said, d)
	}
	return tools, said
}

// reshaping returns what a configuration says of results as a change of what
// tools say of theirs.
func reshaping(s config.Shape) tool.Reshaping {
	r := tool.Reshaping{Fields: s.Fields, Nulls: s.Drop.Nulls, Empty: s.Drop.Empty, Keys: s.Drop.Keys, Dedupe: s.Dedupe}
	if s.JQ != "" {
		r.JQ = &s.JQ
	}
	if s.Encoding != "" {
		layout := tool.Layout(s.Encoding)
		r.Encoding = &layout
	}
	if s.Pages != 0 {
		r.Pages = &s.Pages
	}
	if s.Cache != nil {
		seconds := int(time.Duration(*s.Cache) / time.Second)
		r.Cache = &seconds
	}
	return r
}
