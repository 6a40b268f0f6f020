package native

import (
	"bytes"
	"io"
	"net/http"
)

// stream is the body of an event stream: it bounds each event, and tells when
// the stream has ended.
type stream struct {
	io.ReadCloser
	limit    int64
	tooLarge func() error
	ended    func()

	event int64 // bytes of the event so far
	line  int64 // bytes of the line so far
}

// newStream returns a stream's body. What it breaks off for its size is told to
// the call that it answers, if it answers one, else to all of the session.
func (t *originTransport) newStream(req *http.Request, body io.ReadCloser, release func()) *stream {
	s := &stream{ReadCloser: body, limit: t.src.opts.MaxMessage, ended: release}
	x := exchangeOf(req.Context())
	s.tooLarge = func() error {
		err := t.src.errTooLarge()
		if x != nil && x.abort != nil {
			x.abort(err)
			return err
		}
		return t.sess.blame(err)
	}
	if req.Header.Get(headerMethod) == methodListen {
		// The SDK does not open it again, and changes would be missed.
		s.ended = func() { release(); t.src.retire(t.sess, nil) }
	}
	return s
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if !s.fits(p[:n]) {
		return 0, s.tooLarge()
	}
	return n, err
}

// fits counts bytes, and reports whether the event that they belong to is within
// its bound. An empty line ends an event.
func (s *stream) fits(p []byte) bool {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		part := p
		if end >= 0 {
			part = p[:end+1]
		}
		s.event += int64(len(part))
		s.line += int64(len(part))
		if s.event > s.limit {
			return false
		}
		if end >= 0 {
			if len(bytes.TrimRight(part, "\r\n")) == 0 && s.line <= 2 {
				s.event = 0
			}
			s.line = 0
		}
		p = p[len(part):]
	}
	return true
}

// Close implements io.Closer.
func (s *stream) Close() error {
	err := s.ReadCloser.Close()
	s.ended()
	return err
}
