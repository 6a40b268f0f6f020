package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// maxResumes bounds how many times in a row a broken stream is taken up again
// that brought nothing new.
const maxResumes = 5

// streamable is streamable HTTP: one POST for each message, answered by JSON or
// by an event stream.
type streamable struct {
	src  *Source
	sess *session
	id   atomic.Pointer[string] // of the session; nil or "" for none
	base http.Header            // what each POST has; not changed once ready
}

func newStreamable(sess *session) *streamable {
	return &streamable{src: sess.src, sess: sess, base: http.Header{
		"Content-Type": {typeJSON}, "Accept": {typeJSON + ", " + typeStream},
	}}
}

func (w *streamable) sessionID() string {
	if id := w.id.Load(); id != nil {
		return *id
	}
	return ""
}

// header returns the headers of one request.
func (w *streamable) header(x *exchange) http.Header {
	h := make(http.Header, 8) // more make it another kind of map, which costs more
	maps.Copy(h, w.base)
	if id := w.sessionID(); id != "" {
		h[protocol.HeaderSession] = []string{id}
	}
	if x == nil {
		return h
	}
	if w.sess.modern || x.method == protocol.Discover {
		h[headerVersion] = modernVersion
		h[protocol.HeaderMethod] = []string{x.method}
		if x.name != "" {
			h[protocol.HeaderName] = []string{protocol.EncodeHeader(x.name)}
		}
		maps.Copy(h, x.header)
	}
	return h
}

// headerVersion is protocol.HeaderVersion as net/http has it.
var (
	headerVersion = http.CanonicalHeaderKey(protocol.HeaderVersion)
	modernVersion = []string{protocol.R20260728}
)

// speaks implements wire.
func (w *streamable) speaks(revision string) { w.base.Set(headerVersion, revision) }

// ready opens the stream for what the server says unasked.
func (w *streamable) ready(ctx context.Context) {
	if !w.sess.modern {
		w.hear(ctx)
	}
}

// roundTrip implements wire.
func (w *streamable) roundTrip(ctx context.Context, x *exchange, body []byte) (protocol.Message, error) {
	resp, err := w.src.fetch(ctx, http.MethodPost, w.src.url, w.header(x), body, x)
	if err != nil {
		return protocol.Message{}, err
	}
	defer resp.Body.Close()
	x.status = resp.StatusCode
	kind := mediaType(resp)
	switch {
	case !ok(resp):
		return protocol.Message{}, w.src.refusal(resp)
	case kind == typeStream:
		w.noteSession(x, resp)
		return w.stream(ctx, x, resp)
	case kind != typeJSON:
		return protocol.Message{}, w.src.errKind(kind)
	}
	data, err := w.src.readBody(resp)
	if err != nil {
		return protocol.Message{}, err
	}
	w.noteSession(x, resp)
	m, found, err := w.take(x, data)
	if err == nil && !found {
		err = w.src.errBroken(errors.New("the answer is to another request"))
	}
	return m, err
}

// noteSession keeps the session's id, which the answer to initialize may have.
func (w *streamable) noteSession(x *exchange, resp *http.Response) {
	if x.method != protocol.Initialize {
		return
	}
	if id := resp.Header.Get(protocol.HeaderSession); id != "" {
		w.id.Store(&id)
	}
}

// take reads a message, or a batch as revision 2025-03-26 has it, and returns
// the answer to x if it is among them.
func (w *streamable) take(x *exchange, data []byte) (answer protocol.Message, found bool, err error) {
	_, err = protocol.ParseBatch(data, maxBatch, func(m protocol.Message, err error) {
		switch {
		case err != nil:
			w.src.drop("malformed messages", "they are no JSON-RPC")
		case !m.IsResponse():
			w.sess.incoming(m, x)
		case x != nil && x.is(m.ID):
			answer, found = m, true
		}
	})
	if err != nil {
		return answer, false, w.src.errBroken(err)
	}
	return answer, found, nil
}

// is reports whether an answer of that id answers the request. An error that
// does not know its request's id is the answer to what was asked.
func (x *exchange) is(id protocol.ID) bool {
	n, ok := numberOf(id)
	return id == nil || ok && n == x.id
}

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
		if resp, err = w.resume(ctx, &p); err != nil {
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

// resume takes up a stream after the last event that was read.
func (w *streamable) resume(ctx context.Context, p *place) (*http.Response, error) {
	resp, err := w.get(ctx, p.last)
	if err != nil {
		return nil, err
	}
	if !ok(resp) || mediaType(resp) != typeStream {
		_ = resp.Body.Close()
		return nil, fault.New(opHTTP, fault.Unavailable, w.src.says("broke off its answer and does not go on with it: the call may or may not have taken effect"))
	}
	return resp, nil
}

func (w *streamable) get(ctx context.Context, last string) (*http.Response, error) {
	h := w.header(nil)
	delete(h, "Content-Type")
	h["Accept"] = []string{typeStream}
	if last != "" {
		h.Set(protocol.HeaderLastEvent, last)
	}
	return w.src.fetch(ctx, http.MethodGet, w.src.url, h, nil, nil)
}

// hear opens the stream for what the server says unasked, and waits a moment for
// it to begin: what is said before may be lost.
func (w *streamable) hear(ctx context.Context) {
	began := make(chan struct{})
	tell := sync.OnceFunc(func() { close(began) })
	if !w.sess.spawn(func() { w.hearAll(tell) }) {
		return
	}
	timer := time.NewTimer(min(noticesGrace, w.src.opts.StartTimeout/2))
	defer timer.Stop()
	select {
	case <-began:
	case <-ctx.Done():
	case <-timer.C:
		w.src.warnSilent()
	}
}

// hearAll keeps the stream open for as long as the session lives. Servers need
// not have it: they answer 405.
func (w *streamable) hearAll(began func()) {
	defer began()
	ctx := w.sess.life
	var p place
	failures, short := 0, 0
	for again := false; ; again = true {
		opened := time.Now()
		resp, err := w.get(ctx, p.last)
		switch {
		case ctx.Err() != nil:
			closeBody(resp)
			return
		case err == nil && resp.StatusCode == http.StatusNotFound && w.sessionID() != "" && again:
			closeBody(resp)
			w.sess.lost(w.src.errStatus(resp.StatusCode)) // it forgot the session
			return
		case err == nil && (resp.StatusCode < 500 && !ok(resp) || ok(resp) && mediaType(resp) != typeStream):
			closeBody(resp)
			return
		case err == nil && ok(resp):
			began()
			failures = 0
			if again && p.last == "" {
				w.sess.changed() // what was said meanwhile is lost
			}
			_, _, err = w.events(nil, resp.Body, &p)
			closeBody(resp)
			if err != nil && !broken(err) {
				w.sess.lost(w.sess.blame(err))
				return
			}
			if short++; time.Since(opened) >= stable {
				short = 0
			}
		default:
			closeBody(resp)
			if failures++; failures >= maxBroken {
				w.sess.lost(errors.Join(errGone, err))
				return
			}
		}
		if !pauseFor(ctx, max(p.wait(), min(minReopen<<min(failures+short, 5), maxReopen)/2)) {
			return
		}
	}
}

func closeBody(resp *http.Response) {
	if resp != nil {
		_ = resp.Body.Close()
	}
}

// send implements wire.
func (w *streamable) send(ctx context.Context, body []byte) error {
	h := w.header(nil)
	if w.sess.modern {
		h.Set(protocol.HeaderMethod, protocol.MemberString(body, "method"))
	}
	resp, err := w.src.fetch(ctx, http.MethodPost, w.src.url, h, body, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if !ok(resp) {
		return w.src.refusal(resp)
	}
	return nil
}

// close ends the session at the server, if it has one.
func (w *streamable) close() {
	if w.sessionID() == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	if resp, err := w.src.fetch(ctx, http.MethodDelete, w.src.url, w.header(nil), nil, nil); err == nil {
		_ = resp.Body.Close()
	}
}
