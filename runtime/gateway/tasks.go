package gateway

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Bounds of a list of tasks, which is told whole.
const (
	maxTaskPages = 50 // of one source
	maxTasks     = 5000
)

// askAll asks every source for its tasks and returns them as one list. A source
// that fails is left out and logged, unless all do.
func (g *Gateway) askAll(ctx context.Context, q *query, targets []target) (json.RawMessage, error) {
	out, count, failed := []byte(`{"tasks":[`), 0, error(nil)
	answered := false
	for _, t := range targets {
		err := g.eachTask(ctx, q, t, func(task json.RawMessage) bool {
			if count++; count > 1 {
				out = append(out, ',')
			}
			out = append(out, task...)
			return count < maxTasks
		})
		if err != nil {
			failed = err
			g.logger.LogAttrs(ctx, slog.LevelWarn, "a source's tasks can't be listed", slog.String("source", t.site.name()), slog.String("error", err.Error()))
			continue
		}
		answered = true
	}
	if !answered {
		return nil, failed
	}
	return append(out, "]}"...), nil
}

// isAnothers reports whether a request is about a task that another caller has
// begun at a server which its callers share.
func (g *Gateway) isAnothers(q *query, t target) bool {
	if capabilityOf(q.Method) != "tasks" || t.site.mount.Isolated {
		return false
	}
	return g.owners.ofAnother(t.site.name(), protocol.MemberString(t.params, "taskId"), q.Caller.ID)
}

// eachTask hands on the caller's tasks of one source, as clients see them. A
// server that its callers share lists those of all.
func (g *Gateway) eachTask(ctx context.Context, q *query, t target, take func(json.RawMessage) bool) error {
	for range maxTaskPages {
		res, err := g.askOne(ctx, q, t)
		if err != nil {
			return err
		}
		tasks, _ := protocol.Member(res, "tasks")
		for task := range protocol.Elements(tasks) {
			if !t.site.mount.Isolated && !g.owners.lists(q.Source, protocol.MemberString(task, "taskId"), q.Caller.ID) {
				continue
			}
			if !take(t.site.dialect.task(task)) {
				return nil
			}
		}
		cursor := protocol.MemberString(res, "nextCursor")
		if cursor == "" {
			return nil
		}
		t.params = protocol.With(nil, nil, "cursor", quoted(cursor))
	}
	return nil
}
