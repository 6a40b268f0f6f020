package corpus_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/bridge-gateway/bridge/runtime/openapi"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// TestReachSeesEveryLoss takes one thing at a time from the tools of a document
// and checks that the walk over the raw document misses it.
func TestReachSeesEveryLoss(t *testing.T) {
	for _, path := range []string{filepath.Join(repository, "specs", "crm.yaml"), filepath.Join("testdata", "wire.yaml")} {
		doc, err := openapi.Load(t.Context(), path, openapi.Options{})
		if err != nil {
			t.Fatal(err)
		}
		root, err := openRaw(path)
		if err != nil {
			t.Fatal(err)
		}
		if lost := reach(root, doc).lost; len(lost) > 0 {
			t.Errorf("%s: lost: %q", path, lost)
		}
		n := 0
		for i, tl := range doc.Tools {
			for what, changed := range mutilated(tl) {
				less := *doc
				less.Tools = slices.Clone(doc.Tools)
				less.Tools[i] = changed
				if len(reach(root, &less).lost) == 0 {
					t.Errorf("%s: %s without %s: nobody misses it", path, tl.Name, what)
				}
				n++
			}
		}
		t.Logf("%s: %d losses seen", path, n)
	}
}

// mutilated returns the tool without each of its parameters and fields, with
// their arguments taken away, and the tool gone.
func mutilated(tl tool.Tool) map[string]tool.Tool {
	out := map[string]tool.Tool{}
	add := func(what string, change func(op *tool.Operation)) {
		op := *tl.Operation
		if op.Body != nil {
			body := *op.Body
			op.Body = &body
		}
		change(&op)
		changed := tl
		changed.Operation = &op
		out[what] = changed
	}
	add("itself", func(op *tool.Operation) { op.Path += "/other" })
	for i, p := range tl.Operation.Parameters {
		add("the parameter "+p.Name, func(op *tool.Operation) {
			op.Parameters = slices.Delete(slices.Clone(op.Parameters), i, i+1)
		})
		unnamed := tl
		unnamed.Input = bytes.ReplaceAll(tl.Input, []byte(`"`+p.Arg+`":{`), []byte(`"gone!":{`))
		out["the argument "+p.Arg] = unnamed
	}
	if tl.Operation.Body == nil {
		return out
	}
	for i, f := range tl.Operation.Body.Fields {
		add("the field "+f.Name, func(op *tool.Operation) {
			op.Body.Fields = slices.Delete(slices.Clone(op.Body.Fields), i, i+1)
		})
	}
	return out
}
