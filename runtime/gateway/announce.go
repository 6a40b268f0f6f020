package gateway

import (
	"context"
	"log/slog"
)

// announce writes a new catalog's definitions, so that no client has to wait for
// them, and tells who should know what is new: the log of problems, and the
// clients that listen of the lists.
func (g *Gateway) announce(ctx context.Context, v *view, before, next *Catalog) {
	if !before.prepare(ctx) || !next.prepare(ctx) {
		return
	}
	defer g.rewatch(ctx, v, next)
	if g.opts.Ledger != nil {
		next.ListTokens()
	}
	if next.searches() {
		next.indexTools()
	}
	g.announcing.Lock()
	defer g.announcing.Unlock()
	for _, p := range newProblems(before, next) {
		g.logger.LogAttrs(ctx, slog.LevelWarn, "not served", slog.String("endpoint", v.path), slog.String("source", p.Source), slog.String("tool", p.Tool), slog.String("reason", p.Message))
	}
	v.tellChanges(before, next)
}

func newProblems(before, after *Catalog) []Problem {
	known := map[Problem]bool{}
	for _, p := range before.Problems() {
		known[p] = true
	}
	var fresh []Problem
	for _, p := range after.Problems() {
		if !known[p] {
			fresh = append(fresh, p)
		}
	}
	return fresh
}
