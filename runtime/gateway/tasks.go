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

// eachTask hands on the tasks of one source, as clients see them.
func (g *Gateway) eachTask(ctx context.Context, q *query, t target, take func(json.RawMessage) bool) error {
	for range maxTaskPages {
		res, err := g.askOne(ctx, q, t)
		if err != nil {
			return err
		}
		res = t.site.dialect.result(q.Method, res)
		tasks, _ := protocol.Member(res, "tasks")
		for task := range protocol.Elements(tasks) {
			if !take(task) {
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
