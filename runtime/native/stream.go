package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// maxResumes bounds how many times in a row a broken stream is taken up again
// that brought nothing new.
const maxResumes = 5

// stream reads an event stream up to the answer. One that breaks off before is
// resumed if its events have ids (2025-11-25, basic/transports, Resumability).
func (w *streamable) stream(ctx context.Context, x *exchange, resp *http.Response) (protocol.Message, error) {
	var p place
	for resumes := 0; ; resumes++ {
		before := p.last
		m, found, err := w.events(x, resp.Body, &p)
		_ = resp.Body.Close()
		if found || err != nil && !broken(err) {
			return m, err
		}
		if p.last != before {
			resumes = 0
		}
		if ctx.Err() != nil || p.last == "" || w.sess.modern || resumes >= maxResumes {
			return m, fmt.Errorf("the stream ended before the answer: %w", cmpErr(err, io.ErrUnexpectedEOF))
		}
		if !pauseFor(ctx, p.wait()) {
			return m, ctx.Err()
		}
		if resp, err = w.resume(ctx, x, &p); err != nil {
			return m, err
		}
	}
}

// place is how far a stream was read.
type place struct {
	last  string        // the last event's id; "" for none
	retry time.Duration // what the server wants; 0 for nothing
}

func (p *place) wait() time.Duration {
	if p.retry > 0 {
		return min(p.retry, maxReopen)
	}
	return minReopen / 4
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// broken reports whether an error is the connection's, and not a word on what
// came through it.
func broken(err error) bool {
	var own *fault.Error
	return !errors.As(err, &own)
}

// events reads events until the answer to x, or the stream's end.
func (w *streamable) events(x *exchange, body io.Reader, p *place) (protocol.Message, bool, error) {
	events := protocol.NewEvents(body, int(min(w.src.opts.MaxMessage, math.MaxInt32)))
	for {
		e, err := events.Next()
		switch {
		case errors.Is(err, protocol.ErrEventTooLarge):
			return protocol.Message{}, false, w.src.errTooLarge()
		case errors.Is(err, io.EOF):
			return protocol.Message{}, false, nil
		case err != nil:
			return protocol.Message{}, false, err
		}
		if e.ID != "" {
			p.last = e.ID
		}
		if e.Retry > 0 {
			p.retry = e.Retry
		}
		if len(e.Data) == 0 || e.Name != "" && e.Name != "message" {
			continue
		}
		if m, found, err := w.take(x, bytes.Clone(e.Data)); found || err != nil {
			return m, found, err
		}
	}
}

// resume takes up the stream of x after the last event that was read.
func (w *streamable) resume(ctx context.Context, x *exchange, p *place) (*http.Response, error) {
	resp, err := w.get(ctx, p.last, x)
	if err != nil {
		return nil, err
	}
	if !ok(resp) || mediaType(resp) != typeStream {
		_ = resp.Body.Close()
		return nil, fault.New(opHTTP, fault.Unavailable, w.src.says("broke off its answer and does not go on with it: the call may or may not have taken effect"))
	}
	return resp, nil
}

// get opens a stream: that of x with its credentials, or, where x is nil, the one
// for what belongs to no request.
func (w *streamable) get(ctx context.Context, last string, x *exchange) (*http.Response, error) {
	h := w.header(nil)
	delete(h, "Content-Type")
	h["Accept"] = []string{typeStream}
	if last != "" {
		h.Set(protocol.HeaderLastEvent, last)
	}
	return w.src.fetch(ctx, http.MethodGet, w.src.url, h, nil, x)
}

func closeBody(resp *http.Response) {
	if resp != nil {
		_ = resp.Body.Close()
	}
}
