package native

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxNoise is how many lines in a row that are no message a server may print on
// its standard output. Many print a greeting; one that prints just text is none.
const maxNoise = 1000

// errRejected marks the error of a message that was not sent, so that the SDK
// keeps the connection for the others.
var errRejected = &jsonrpc.Error{Code: -32005, Message: "not sent"}

// stdioConn speaks newline-delimited JSON-RPC with a process. It implements
// mcp.Transport for its one connection.
type stdioConn struct {
	src  *Source
	sess *session
	proc *process
	in   *bufio.Reader
	next []jsonrpc.Message // rest of a batch

	writing chan struct{} // held while writing; a mutex that a context can leave
}

func newStdioConn(s *Source, sess *session) *stdioConn {
	in := bufio.NewReaderSize(sess.proc.stdout, 64<<10)
	return &stdioConn{src: s, sess: sess, proc: sess.proc, in: in, writing: make(chan struct{}, 1)}
}

// Connect returns the connection itself.
func (c *stdioConn) Connect(context.Context) (mcp.Connection, error) { return c, nil }

// SessionID returns "": a process is its own session.
func (c *stdioConn) SessionID() string { return "" }

// Close ends the input and the reading. The process is ended by its owner.
func (c *stdioConn) Close() error {
	closeFiles(c.proc.stdin, c.proc.stdout)
	c.finish()
	return nil
}

func (c *stdioConn) finish() { c.proc.drain.Do(func() { close(c.proc.drained) }) }

// Read returns the next message. Lines that are none are logged and left out.
func (c *stdioConn) Read(context.Context) (jsonrpc.Message, error) {
	for noise := 0; ; noise++ {
		if len(c.next) > 0 {
			msg := c.next[0]
			c.next = c.next[1:]
			return msg, nil
		}
		line, err := c.readLine()
		if err != nil {
			c.finish()
			return nil, err
		}
		if c.next, err = decodeLine(line); err == nil {
			continue
		}
		if noise >= maxNoise {
			c.finish()
			return nil, c.sess.blame(c.src.errNoise(line))
		}
		if len(bytes.TrimSpace(line)) > 0 {
			c.proc.noise(string(clipBytes(line)))
		}
	}
}

// readLine reads a line of at most the bound. A longer one ends the connection:
// what it answers can't be told.
func (c *stdioConn) readLine() ([]byte, error) {
	var line []byte
	for {
		part, err := c.in.ReadSlice('\n')
		if int64(len(line)+len(part)) > c.src.opts.MaxMessage {
			return nil, c.sess.blame(c.src.errTooLarge())
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && len(line) > 0 && errors.Is(err, io.EOF):
			return line, nil // the last line may lack its end; the next read says EOF
		case errors.Is(err, os.ErrClosed):
			return nil, io.EOF
		default:
			return line, err
		}
	}
}

func clipBytes(line []byte) []byte { return line[:min(len(line), maxLine)] }

// decodeLine decodes a message, or a batch of them as revision 2025-03-26 had.
func decodeLine(line []byte) ([]jsonrpc.Message, error) {
	line = bytes.TrimSpace(line)
	parts := []json.RawMessage{line}
	switch {
	case len(line) == 0:
		return nil, io.ErrUnexpectedEOF
	case line[0] == '[':
		if err := json.Unmarshal(line, &parts); err != nil {
			return nil, err
		}
	case line[0] != '{':
		return nil, errors.New("no JSON object")
	}
	msgs := make([]jsonrpc.Message, 0, len(parts))
	for _, part := range parts {
		msg, err := jsonrpc.DecodeMessage(part)
		if err != nil {
			return nil, err
		}
		msgs = append(msgs, msg)
	}
	if len(msgs) == 0 {
		return nil, errors.New("empty batch")
	}
	return msgs, nil
}

// Write sends a message. A server that does not read its input can't hold it
// for longer than ctx; a message that was sent in part ends the connection.
func (c *stdioConn) Write(ctx context.Context, msg jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(trueName(msg))
	if err != nil {
		return fmt.Errorf("%w: %w", errRejected, err)
	}
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	n, err := c.write(ctx, append(data, '\n'))
	if err == nil {
		if x := exchangeOf(ctx); x != nil {
			x.sent.Store(true)
		}
		return nil
	}
	if n > 0 || ctx.Err() == nil {
		_ = c.Close()
	}
	return err
}

func (c *stdioConn) write(ctx context.Context, data []byte) (int, error) {
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.proc.stdin.SetWriteDeadline(time.Unix(1, 0))
		close(fired)
	})
	n, err := c.proc.stdin.Write(data)
	if !stop() {
		<-fired
		_ = c.proc.stdin.SetWriteDeadline(time.Time{})
	}
	return n, err
}

func (s *Source) errNoise(line []byte) error {
	sample := quote(fault.Clip(strings.TrimSpace(s.redact.clean(string(clipBytes(line)))), 80))
	return fault.New("native.read", fault.Upstream, s.says("prints text where MCP messages belong, e.g. "+sample+": it must write its log to standard error"))
}

func (s *Source) errTooLarge() error {
	return fault.New("native.read", fault.TooLarge, s.says(fmt.Sprintf("answered with more than %d bytes: ask it for less", s.opts.MaxMessage)))
}
