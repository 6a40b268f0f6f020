package native

import (
	"context"
	"log/slog"
	"math"
	"net"
	"runtime/debug"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// toolGrace is how long a tool of a server that is compiled in may take to heed
// the end of its context before a session's end waits for it no more.
const toolGrace = 3 * time.Second

// openMemory connects to the server that is compiled in, by a pipe in memory: the
// messages on it are the same bytes as on standard input and output.
func (l *link) openMemory(ctx context.Context) (*session, error) {
	near, far := net.Pipe()
	served, err := l.src.opts.Server.Connect(context.WithoutCancel(ctx), &mcp.IOTransport{
		Reader: far, Writer: far, MaxLineLength: int(min(l.src.opts.MaxMessage, math.MaxInt32)),
	}, nil)
	if err != nil {
		_, _ = near.Close(), far.Close()
		return nil, fault.Wrap(opStart, fault.Unavailable, l.src.says("could not be started"), err)
	}
	sess := l.newSession("memory")
	sess.host = l.src.awaitServer(served)
	conn := newLineWire(sess, ends{
		in: near, out: near, close: func() { _ = near.Close() }, drained: func() {},
		noise: func(line string) { l.src.notes.add(slog.LevelWarn, "memory", line) },
	})
	sess.wire = conn
	sess.spawn(conn.read)
	if err = sess.greet(ctx, false); err == nil {
		return sess, nil
	}
	err = l.src.explain(ctx, err, failure{op: opStart, sess: sess})
	sess.close()
	return nil, err
}

// awaitServer returns what waits for the server's side of a session, whose pipe
// was closed: that ends its reading and the contexts of its calls. A tool that
// does not heed its context can't be ended from outside; it is waited for no
// longer than a while, and its goroutine then ends when the tool does.
func (s *Source) awaitServer(served *mcp.ServerSession) func() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = served.Wait() // why it ended is said by the near side
	}()
	return func() {
		timer := time.NewTimer(toolGrace)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
			s.log.Warn("a tool of the MCP server goes on though its session has ended: it should return when its context ends")
		}
	}
}

// Guard makes a panic of a handler of the server the failure of that one request,
// which is logged with its stack, instead of the end of the process. It is to be
// called once for a server, after the server's own middleware was added. It
// can't help where a tool starts goroutines of its own: a panic in one of these
// ends the process, as everywhere in Go.
func Guard(server *mcp.Server, log *slog.Logger) {
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (result mcp.Result, err error) {
			defer func() {
				if v := recover(); v != nil {
					log.ErrorContext(ctx, "an MCP server that is compiled in panicked", "method", method, "panic", v, "stack", string(debug.Stack()))
					result, err = nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "the server failed in a way that it did not expect; the gateway's log says how"}
				}
			}()
			return next(ctx, method, req)
		}
	})
}
