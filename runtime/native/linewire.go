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

// lineWire speaks newline-delimited JSON-RPC over a pair of pipes: with a process,
// or with a server that is compiled in.
type lineWire struct {
	duplex
	src  *Source
	ends ends
	in   *bufio.Reader

	writing chan struct{} // held while writing; a mutex that a context can leave
}

// ends are the gateway's ends of the pipes.
type ends struct {
	in  io.Reader
	out interface {
		io.Writer
		SetWriteDeadline(time.Time) error
	}
	close   func()            // closes both; may be called again
	drained func()            // is told that nothing more is read
	noise   func(line string) // takes a line that is no message
}

func newLineWire(sess *session, e ends) *lineWire {
	return &lineWire{duplex: duplex{sess}, src: sess.src, ends: e,
		in: bufio.NewReaderSize(e.in, 64<<10), writing: make(chan struct{}, 1)}
}

func (c *lineWire) speaks(string)         {}
func (c *lineWire) ready(context.Context) {}

// close ends the input and the reading. What serves is ended by the session.
func (c *lineWire) close() {
	c.ends.close()
	c.ends.drained()
}

// read takes what the server says until it ends.
func (c *lineWire) read() {
	err := c.readAll()
	c.ends.drained()
	c.sess.lost(err)
}

// readAll returns why nothing more is read. Lines that are no message are logged
// and left out.
func (c *lineWire) readAll() error {
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
			c.ends.noise(string(clipBytes(line)))
		}
	}
}

// readLine reads a line of at most the bound. A longer one ends the connection:
// what it answers can't be told.
func (c *lineWire) readLine() ([]byte, error) {
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
		case errors.Is(err, os.ErrClosed), errors.Is(err, io.ErrClosedPipe):
			return nil, io.EOF
		default:
			return line, err
		}
	}
}

func clipBytes(line []byte) []byte { return line[:min(len(line), maxLine)] }

// roundTrip implements wire.
func (c *lineWire) roundTrip(ctx context.Context, x *exchange, body []byte) (protocol.Message, error) {
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
func (c *lineWire) send(ctx context.Context, body []byte) error {
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

func (c *lineWire) write(ctx context.Context, data []byte) (int, error) {
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.ends.out.SetWriteDeadline(time.Unix(1, 0))
		close(fired)
	})
	n, err := c.ends.out.Write(data)
	if !stop() {
		<-fired
		_ = c.ends.out.SetWriteDeadline(time.Time{})
	}
	return n, err
}

func (s *Source) errNoise(line []byte) error {
	sample := quote(fault.Clip(strings.TrimSpace(s.redact.clean(string(clipBytes(line)))), 80))
	return fault.New("native.read", fault.Upstream, s.says("prints text where MCP messages belong, e.g. "+sample+": it must write its log to standard error"))
}
