package native

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Bounds on what is kept and logged of a server's free text.
const (
	maxLine     = 4 << 10 // bytes of one line in the log
	maxTailLine = 300     // bytes of one line in a message
	tailLines   = 3       // lines kept for messages
	lineBurst   = 200     // lines logged at once…
	linesPerSec = 50      // …and then per second
)

// lineLog writes a server's text to the log, line by line, at a bounded rate,
// and keeps the last lines.
type lineLog struct {
	log    *slog.Logger
	redact redactor

	mu      sync.Mutex
	pace    pace
	dropped int
	tail    []string
}

func newLineLog(log *slog.Logger, redact redactor) *lineLog {
	return &lineLog{log: log, redact: redact, pace: newPace(lineBurst, linesPerSec)}
}

// add logs one line of the stream of that name.
func (l *lineLog) add(level slog.Level, stream, line string) {
	line = strings.TrimSpace(l.redact.clean(line))
	if line == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, fault.Clip(line, maxTailLine))
	if len(l.tail) > tailLines {
		l.tail = l.tail[1:]
	}
	if !l.pace.allow() {
		l.dropped++
		return
	}
	l.reportDropped()
	l.log.Log(context.Background(), level, fault.Clip(line, maxLine), "stream", stream)
}

// reportDropped says how many lines were left out. The caller holds mu.
func (l *lineLog) reportDropped() {
	if l.dropped > 0 {
		l.log.Warn(fmt.Sprintf("%d lines were left out: the server writes too fast", l.dropped))
		l.dropped = 0
	}
}

// close reports what is still to be said.
func (l *lineLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reportDropped()
}

// lastWords returns the last lines as one text; "" if there were none.
func (l *lineLog) lastWords() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.tail, " / ")
}

// copyFrom logs r until it ends. Of a long line, the beginning is kept.
func (l *lineLog) copyFrom(r io.Reader, stream string) {
	defer l.close()
	br := bufio.NewReaderSize(r, maxLine)
	for {
		line, more, err := br.ReadLine()
		if err != nil {
			return
		}
		text := string(line)
		for more && err == nil {
			_, more, err = br.ReadLine()
		}
		l.add(slog.LevelInfo, stream, text)
	}
}
