package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/bridge-gateway/bridge/runtime/openapi"
)

// printGenerated prints the table of tools and the diagnostics.
func (a *app) printGenerated(adapter adapterFiles, over *overLimit, o genOptions) error {
	listed := adapter.listed
	if o.json {
		return a.printJSON(toolList{Tools: listed, Diagnostics: nonNil(adapter.doc.Diagnostics), Over: over})
	}
	for _, d := range adapter.doc.Diagnostics {
		fmt.Fprintln(a.Err, d.String())
	}
	if o.check {
		return nil
	}
	a.printTools(listed)
	fmt.Fprintf(a.Out, "%s: %s\n", adapter.dir, summary(listed, adapter.doc.Diagnostics))
	return nil
}

// summary says in a line what came of a document.
func summary(listed []listedTool, diagnostics []openapi.Diagnostic) string {
	tokens := 0
	for _, t := range listed {
		tokens += t.Tokens
	}
	count := map[openapi.Severity]int{}
	for _, d := range diagnostics {
		count[d.Severity]++
	}
	return fmt.Sprintf("%d tools, %d tokens of definitions, %d errors, %d warnings, %d notes",
		len(listed), tokens, count[openapi.SeverityError], count[openapi.SeverityWarning], count[openapi.SeverityInfo])
}

// printTools prints a table of tools.
func (a *app) printTools(listed []listedTool) {
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOOL\tTOKENS\tOPERATION")
	for _, t := range listed {
		operation := ""
		if t.Operation != nil {
			operation = t.Operation.Method + " " + t.Operation.Path
		}
		fmt.Fprintf(w, "%s\t%d\t%s\n", t.Name, t.Tokens, operation)
	}
	_ = w.Flush() // nobody to tell if the terminal is gone
}

// isTerminal reports whether a stream is read by a person.
func isTerminal(w io.Writer) bool {
	if _, ok := w.(*screen); ok {
		return true
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

// patience is how long work goes on without a word where nobody watches.
const patience = time.Second

// progress tells of long work. It is for several goroutines.
type progress struct {
	always bool
	mu     sync.Mutex
	out    io.Writer
}

// newProgress tells of all work on a terminal, and else only of what takes long.
// Standard error is shared with it from here on.
func (a *app) newProgress() *progress {
	p := &progress{always: isTerminal(a.Err), out: a.Err}
	a.Err = p
	return p
}

// Write writes to standard error, a whole text at a time.
func (p *progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(text)
}

// task is the work on one document.
type task struct {
	*progress
	document string
	began    time.Time
}

func (p *progress) begin(document string) *task {
	return &task{progress: p, document: document, began: time.Now()}
}

func (t *task) lowered(operations int) {
	if t.always || time.Since(t.began) > patience {
		fmt.Fprintf(t, "%s: %d operations…\n", t.document, operations)
	}
}

func (t *task) end() {
	if took := time.Since(t.began); took > patience {
		fmt.Fprintf(t, "%s: took %s\n", t.document, took.Round(100*time.Millisecond))
	}
}
