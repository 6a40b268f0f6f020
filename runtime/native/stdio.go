package native

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// maxNoise is how many lines in a row that are no message a server may print on
// its standard output. Many print a greeting; one that prints just text is none.
const maxNoise = 1000

var errNoMessage = errors.New("no message")

// stdio speaks newline-delimited JSON-RPC with a process.
type stdio struct {
	duplex
	src  *Source
	proc *process
	in   *bufio.Reader

	writing chan struct{} // held while writing; a mutex that a context can leave
}

func newStdio(sess *session) *stdio {
	return &stdio{duplex: duplex{sess}, src: sess.src, proc: sess.proc,
		in: bufio.NewReaderSize(sess.proc.stdout, 64<<10), writing: make(chan struct{}, 1)}
}

func (c *stdio) speaks(string)         {}
func (c *stdio) ready(context.Context) {}

// close ends the input and the reading. The process is ended by its session.
func (c *stdio) close() {
	closeFiles(c.proc.stdin, c.proc.stdout)
	c.proc.finish()
}

// read takes what the server says until it ends.
func (c *stdio) read() {
	err := c.readAll()
	c.proc.finish()
	c.sess.lost(err)
}

// readAll returns why nothing more is read. Lines that are no message are logged
// and left out.
func (c *stdio) readAll() error {
	for noise := 0; ; {
		line, err := c.readLine()
		if err != nil {
			return err
		}
		if c.receive(line) == nil {
			noise = 0
			continue
		}
		if noise++; noise > maxNoise {
			return c.sess.blame(c.src.errNoise(line))
		}
		if len(bytes.TrimSpace(line)) > 0 {
			c.proc.noise(string(clipBytes(line)))
		}
	}
}

// readLine reads a line of at most the bound. A longer one ends the connection:
// what it answers can't be told.
func (c *stdio) readLine() ([]byte, error) {
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

// roundTrip implements wire.
func (c *stdio) roundTrip(ctx context.Context, x *exchange, body []byte) (protocol.Message, error) {
	return c.await(ctx, x, func() error {
		err := c.send(ctx, protocol.OneLine(body))
		if err == nil {
			x.sent.Store(true)
		}
		return err
	})
}

// send sends a message. A server that does not read its input can't hold it for
// longer than ctx; a message that was sent in part ends the connection.
func (c *stdio) send(ctx context.Context, body []byte) error {
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	n, err := c.write(ctx, append(body, '\n'))
	if err == nil {
		return nil
	}
	if n > 0 || ctx.Err() == nil {
		c.close()
	}
	return err
}

func (c *stdio) write(ctx context.Context, data []byte) (int, error) {
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
