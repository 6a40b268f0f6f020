package native

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync/atomic"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

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
	_, err = protocol.ParseBatch(protocol.Mended(data), maxBatch, func(m protocol.Message, err error) {
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
