package shape

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/itchyny/gojq"
)

const (
	// maxPrograms bounds the jq programs that a Shaper remembers.
	maxPrograms = 1024
	// jqTime is how long a program may run on one document, and jqTotal on all of
	// a result's: NDJSON has one a line.
	jqTime  = 2 * time.Second
	jqTotal = 10 * time.Second
	// jqOutputs and jqBytes bound what a program may put out for one document.
	jqOutputs = 100_000
	jqBytes   = 32 << 20
)

var (
	errJQTooMuch = errors.New("its output is too large")
	errJQTime    = errors.New("it did not end in time")
)

// CheckJQ reports why a text is not a jq program that shaping can run. That it can
// be run does not make it harmless: its time and output are bounded, what memory it
// takes meanwhile is not, and a program that nests without end can end the process.
// Programs must come from who runs the gateway.
func CheckJQ(program string) error {
	_, err := compileJQ(program)
	return err
}

// compileJQ compiles a program without access to the environment, to files and
// to inputs other than the document that it is given.
func compileJQ(program string) (*gojq.Code, error) {
	query, err := gojq.Parse(program)
	if err != nil {
		return nil, fmt.Errorf("jq: %w", err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, fmt.Errorf("jq: %w", err)
	}
	return code, nil
}

// programs remembers compiled jq programs by their text.
type programs struct {
	mu   sync.Mutex
	seen map[string]compiled
}

type compiled struct {
	code *gojq.Code
	err  error
}

func (p *programs) get(program string) (*gojq.Code, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.seen[program]; ok {
		return c.code, c.err
	}
	if p.seen == nil || len(p.seen) >= maxPrograms {
		p.seen = map[string]compiled{}
	}
	code, err := compileJQ(program)
	p.seen[program] = compiled{code, err}
	return code, err
}

// runJQ returns what a program puts out for a value, each as JSON. Numbers that
// it does not calculate with keep their spelling; keys are sorted.
func runJQ(ctx context.Context, code *gojq.Code, value any) ([]string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, jqTime, errJQTime)
	defer cancel()
	iter := code.RunWithContext(ctx, value)
	var out []string
	left := jqBytes
	for {
		v, ok := iter.Next()
		if !ok {
			return out, nil
		}
		if err, ok := v.(error); ok {
			var halt *gojq.HaltError
			if errors.As(err, &halt) && halt.Value() == nil {
				return out, nil
			}
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return nil, err
		}
		e := encoder{left: left}
		if !e.value(v, 0) || len(out) >= jqOutputs {
			return nil, errJQTooMuch
		}
		left = e.left
		out = append(out, string(e.out))
	}
}

// encoder writes a value of jq's as JSON of a bounded size: values may share
// parts, so that a small one can be very long.
type encoder struct {
	out  []byte
	left int
}

func (e *encoder) add(text string) bool {
	e.left -= len(text)
	if e.left < 0 {
		return false
	}
	e.out = append(e.out, text...)
	return true
}

func (e *encoder) value(v any, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch v := v.(type) {
	case bool:
		return e.add(strconv.FormatBool(v))
	case int:
		return e.add(strconv.Itoa(v))
	case *big.Int:
		return e.add(v.String())
	case json.Number:
		return e.add(v.String())
	case float64:
		return e.add(jqFloat(v))
	case string:
		return e.string(v)
	case []any:
		return e.array(v, depth)
	case map[string]any:
		return e.object(v, depth)
	}
	return e.add("null")
}

// jqFloat writes a float as jq does: what JSON can't say as the nearest that it can.
func jqFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "null"
	case math.IsInf(f, 0):
		f = math.Copysign(math.MaxFloat64, f)
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return "null"
	}
	return string(raw)
}

func (e *encoder) string(s string) bool {
	raw, err := json.Marshal(s)
	return err == nil && len(s) <= e.left && e.add(string(raw))
}

func (e *encoder) array(list []any, depth int) bool {
	ok := e.add("[")
	for i, v := range list {
		ok = ok && (i == 0 || e.add(",")) && e.value(v, depth+1)
		if !ok {
			return false
		}
	}
	return ok && e.add("]")
}

func (e *encoder) object(object map[string]any, depth int) bool {
	ok := e.add("{")
	for i, k := range slices.Sorted(maps.Keys(object)) {
		ok = ok && (i == 0 || e.add(",")) && e.string(k) && e.add(":") && e.value(object[k], depth+1)
		if !ok {
			return false
		}
	}
	return ok && e.add("}")
}

// queried returns a node as jq takes it. Of repeated keys the last counts.
func (t *tree) queried(id int32) any {
	n := &t.nodes[id]
	switch n.kind {
	case kindNumber:
		return json.Number(t.text[n.pos:n.end])
	case kindArray:
		list := make([]any, 0, n.count)
		for c := n.first; c != none; c = t.nodes[c].next {
			list = append(list, t.queried(c))
		}
		return list
	case kindObject:
		object := make(map[string]any, n.count)
		for c := n.first; c != none; c = t.nodes[c].next {
			object[t.name(c)] = t.queried(c)
		}
		return object
	}
	return t.value(id)
}
