package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// Composite says what a tool that is written by hand is called, and what clients
// are told of it.
type Composite struct {
	Name        string // without the source's prefix; see [tool.ValidName]
	Title       string
	Description string // what a model chooses it by; needed
	Annotations tool.Annotations
	// Budget is the most tokens that a result may cost; 0 takes the source's.
	Budget int
	// Timeout bounds a call as a whole; 0 takes the source's.
	Timeout time.Duration
}

// Compose adds a tool that run carries out, as a rule by calls of the adapter's
// operations on s: each with the source's credentials, timeout and bounds, and
// through the hooks on it.
//
// In is a struct; each field is an argument, by its "json" name. It is required
// unless the tag has omitempty or omitzero, and described by its "jsonschema"
// tag. Arguments are checked, and weak ones mended, before run sees them. Out is
// the structured result; string is plain text, [NoBody] says just that it
// worked. An error is shown to the caller as [Errorf] says.
func Compose[In, Out any](a *Adapter, about Composite, run func(ctx context.Context, s *Source, in In) (Out, error)) {
	own := &composite{Composite: about}
	own.prepare = sync.OnceValues(func() (*prepared, error) {
		if run == nil {
			return nil, errors.New("its function is nil")
		}
		return prepare[In, Out](about)
	})
	own.run = func(ctx context.Context, at site, args json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(args, &in); err != nil {
			return nil, fault.Wrap("rest.composite", fault.Invalid, "the arguments can't be read as what "+about.Name+" takes", err)
		}
		return run(ctx, at.source, in)
	}
	c := a.custom()
	c.composites = append(c.composites, own)
}

// composite is a tool that is written by hand.
type composite struct {
	Composite
	// prepare infers the schemas, once.
	prepare func() (*prepared, error)
	run     func(ctx context.Context, at site, args json.RawMessage) (any, error)
}

// prepared is what the types of a composite's function say of it.
type prepared struct {
	tool tool.Tool
	plan *plan  // of its arguments; it has no operation
	wrap string // see [tool.Operation.Wrap]
}

func prepare[In, Out any](about Composite) (*prepared, error) {
	if about.Description == "" {
		return nil, errors.New("it has no description, which is what a model chooses it by")
	}
	input, order, err := inputSchema[In]()
	if err != nil {
		return nil, err
	}
	output, wrap, err := outputSchema[Out]()
	if err != nil {
		return nil, err
	}
	p := &prepared{wrap: wrap, plan: &plan{slots: map[string]int{}, input: input}, tool: tool.Tool{
		Name: about.Name, Title: about.Title, Description: about.Description,
		Input: input, Output: output, Annotations: about.Annotations, Budget: about.Budget,
	}}
	for _, arg := range order {
		if !tool.ValidArg(arg) {
			return nil, fmt.Errorf("its argument %q has a name that not every client takes", arg)
		}
		p.plan.add(arg, false) // the schema says what is required
	}
	return p, p.tool.Validate()
}
