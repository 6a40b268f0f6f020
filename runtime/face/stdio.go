package face

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// lastAnswers is how long requests that are under way have when a client closes
// its end.
const lastAnswers = 10 * time.Second

// Serve serves one client on a pair of streams, such as standard input and
// output, of which each line is a message, until the client closes its end, ctx
// ends, or the server is closed. At the client's end requests under way are
// answered still. If ctx ends first and in can't be closed, the goroutine that
// reads it is left behind, until its read returns.
func (s *Server) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	l, err := s.newLink(ctx, func(data []byte) error {
		_, err := out.Write(append(data[:len(data):len(data)], '\n'))
		return err
	})
	if err != nil {
		return err
	}
	read := make(chan error, 1)
	go func() { read <- l.readLines(in) }()
	select {
	case err = <-read:
		l.lastAnswers()
	case <-l.ctx.Done():
		if closer, ok := in.(io.Closer); ok {
			_ = closer.Close()
		}
	}
	l.close(errLeft)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// readLines takes each line as a message.
func (l *link) readLines(in io.Reader) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	for l.ctx.Err() == nil {
		line, tooLong, err := readLine(lines, l.server.opts.MaxBody)
		switch {
		case tooLong:
			l.refuse(nil, protocol.Errorf(protocol.CodeInvalidRequest, "the message is over %d bytes, which is the most that is taken", l.server.opts.MaxBody))
		case len(bytes.TrimSpace(line)) > 0:
			l.receive(line)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readLine reads a line; of one that is too long, nothing is kept.
func readLine(from *bufio.Reader, limit int64) (line []byte, tooLong bool, err error) {
	for {
		part, err := from.ReadSlice('\n')
		if tooLong = tooLong || int64(len(line)+len(part)) > limit+1; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// lastAnswers waits for the requests that are under way, for a while.
func (l *link) lastAnswers() {
	done := make(chan struct{})
	l.server.links.Go(func() {
		l.requests.Wait()
		close(done)
	})
	patient, cancel := context.WithTimeout(l.ctx, lastAnswers)
	defer cancel()
	select {
	case <-done:
	case <-patient.Done():
	}
}
