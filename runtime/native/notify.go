package native

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// progressTable knows which call a progress token of ours belongs to.
type progressTable struct {
	mu    sync.Mutex
	seq   uint64
	calls map[string]*progressCall
}

type progressCall struct {
	ctx    context.Context
	report func(context.Context, call.Progress)
	mu     sync.Mutex
	over   bool
}

// register returns a token for a call, and a function that forgets it. After
// that, nothing is reported.
func (t *progressTable) register(ctx context.Context, report func(context.Context, call.Progress)) (token string, done func()) {
	p := &progressCall{ctx: ctx, report: report}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seq++
	token = "bridge-" + strconv.FormatUint(t.seq, 10)
	if t.calls == nil {
		t.calls = map[string]*progressCall{}
	}
	t.calls[token] = p
	return token, func() {
		t.mu.Lock()
		delete(t.calls, token)
		t.mu.Unlock()
		p.mu.Lock()
		p.over = true
		p.mu.Unlock()
	}
}

// notify hands a progress notification to its call; one without is dropped, as
// its call is over.
func (t *progressTable) notify(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
	token, _ := req.Params.ProgressToken.(string)
	t.mu.Lock()
	p := t.calls[token]
	t.mu.Unlock()
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.report(p.ctx, call.Progress{Done: req.Params.Progress, Total: req.Params.Total, Message: req.Params.Message})
	}
}

// logNotification writes a server's log message to the log. Levels are those of
// RFC 5424, as MCP has them.
func (s *Source) logNotification(_ context.Context, req *mcp.LoggingMessageRequest) {
	text, ok := req.Params.Data.(string)
	if !ok {
		raw, err := json.Marshal(req.Params.Data)
		if err != nil {
			raw = []byte(err.Error())
		}
		text = string(raw)
	}
	level := slog.LevelInfo
	switch req.Params.Level {
	case "debug":
		level = slog.LevelDebug
	case "warning":
		level = slog.LevelWarn
	case "error", "critical", "alert", "emergency":
		level = slog.LevelError
	}
	s.notes.add(level, "notification", text)
}
