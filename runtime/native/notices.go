package native

import (
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// maxNotices bounds the notices that wait to be taken.
const maxNotices = 256

// Notices are what the server tells that belongs to no call: a resource was
// updated, a task has ended, an elicitation is complete, a log message. Whoever
// takes them too slowly loses the oldest, which is counted and logged.
func (s *Source) Notices() <-chan call.Notice { return s.notices }

// dropped counts what was left out, by what it was.
type dropped struct {
	mu     sync.Mutex
	counts map[string]int
}

// drop counts something that is left out. Of many, few lines stand in the log:
// the first, the second, the fourth, …
func (s *Source) drop(what, why string) {
	s.dropped.mu.Lock()
	if s.dropped.counts == nil {
		s.dropped.counts = map[string]int{}
	}
	s.dropped.counts[what]++
	n := s.dropped.counts[what]
	s.dropped.mu.Unlock()
	if n&(n-1) == 0 {
		s.log.Warn(what+" are left out", "reason", why, "count", n)
	}
}

// logMessage writes a server's log message to the log. Levels are those of RFC
// 5424, as MCP has them.
func (s *Source) logMessage(params json.RawMessage) {
	data, _ := protocol.Member(params, "data")
	text, ok := protocol.String(data)
	if !ok {
		text = string(data)
	}
	text = fault.Clip(text, maxLine)
	level := slog.LevelInfo
	switch protocol.MemberString(params, "level") {
	case "debug":
		level = slog.LevelDebug
	case "warning":
		level = slog.LevelWarn
	case "error", "critical", "alert", "emergency":
		level = slog.LevelError
	}
	s.notes.add(level, "notification", text)
}
