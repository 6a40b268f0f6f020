package cli

import (
	"fmt"
	"text/tabwriter"
)

// printTokens prints what a catalog costs, for people.
func (a *app) printTokens(r tokenReport, o tokensOptions) {
	fmt.Fprintf(a.Out, "%s of definitions in %s (%s, profile %s)\n\n", plural(r.Tokens, "token"), plural(r.Count, "tool"), r.Encoding, r.Profile)
	if r.Count > 0 {
		a.printParts(r)
		a.printCosts(r, o)
	}
	a.printSearch(r)
	if len(r.Profiles) > 0 {
		a.printProfiles(r)
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(a.Out)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(a.Out, "note: %s\n", note)
	}
}

// printParts prints what each source and endpoint costs, and what of it its
// parts do.
func (a *app) printParts(r tokenReport) {
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, c counted) {
		fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t  %s\n", c.Count, c.Tokens, share(c.Tokens, r.Tokens),
			share(c.Parts.Description, c.Tokens), share(c.Parts.Input, c.Tokens), share(c.Parts.Output, c.Tokens),
			share(c.Parts.Annotations, c.Tokens), share(c.Parts.Rest, c.Tokens), name)
	}
	fmt.Fprintln(w, "TOOLS\tTOKENS\tOF ALL\tDESCRIPTION\tINPUT\tOUTPUT\tANNOTATIONS\tREST\t  SOURCE")
	for _, s := range r.Sources {
		row(s.Name, s.counted)
	}
	if len(r.Sources) > 1 {
		row("all", r.counted)
	}
	for _, e := range r.Endpoints {
		row(fmt.Sprintf("at %s (profile %s)", e.Path, e.Profile), e.counted)
	}
	_ = w.Flush() // nobody to tell if the terminal is gone
	fmt.Fprintln(a.Out)
}

// printCosts prints the tools that cost most.
func (a *app) printCosts(r tokenReport, o tokensOptions) {
	shown := r.Tools
	if !o.all {
		shown = shown[:min(len(shown), o.top)]
	}
	if len(shown) == 0 {
		return
	}
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "TOKENS\tOF ALL\tDESCRIPTION\tINPUT\tOUTPUT\tREST\t  TOOL")
	for _, t := range shown {
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%d\t%d\t  %s\n", t.Tokens, share(t.Tokens, r.Tokens),
			t.Parts.Description, t.Parts.Input, t.Parts.Output, t.Parts.Annotations+t.Parts.Rest, t.Name)
	}
	_ = w.Flush() // nobody to tell if the terminal is gone
	if more := len(r.Tools) - len(shown); more > 0 {
		fmt.Fprintf(a.Out, "… and %d more; --all lists them\n", more)
	}
	fmt.Fprintln(a.Out)
}

// printSearch says what it would cost to search for tools.
func (a *app) printSearch(r tokenReport) {
	s := r.Search
	pinned := ""
	if s.Pinned > 0 {
		pinned = fmt.Sprintf(" with %d pinned", s.Pinned)
	}
	switch {
	case s.Searches:
		fmt.Fprintf(a.Out, "tools: {mode: %s} searches for them: clients are shown about %d tokens%s, and pay for what they look up\n", s.Mode, s.Tokens, pinned)
	case s.Tokens < r.Tokens:
		fmt.Fprintf(a.Out, "Searching for them instead, tools: {mode: search}, would show about %d tokens%s: %s less, and clients would pay for what they look up\n",
			s.Tokens, pinned, share(r.Tokens-s.Tokens, r.Tokens))
	default:
		fmt.Fprintf(a.Out, "Searching for them instead would save nothing: its own tools cost about %d tokens%s\n", s.Tokens, pinned)
	}
}

func (a *app) printProfiles(r tokenReport) {
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(a.Out)
	fmt.Fprintln(w, "TOKENS\tOF THIS\t  PROFILE")
	for _, p := range r.Profiles {
		fmt.Fprintf(w, "%d\t%s\t  %s\n", p.Tokens, share(p.Tokens, r.Tokens), p.Profile)
	}
	_ = w.Flush() // nobody to tell if the terminal is gone
}

// share is what part of the whole something is.
func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
}

// plural is a number of things in words.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
