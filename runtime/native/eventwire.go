package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// eventWire is HTTP+SSE, as revision 2024-11-05 has it: one event stream from
// the server, whose first event says where messages are to be posted.
type eventWire struct {
	duplex
	src      *Source
	endpoint *url.URL
}

func newEventWire(sess *session) *eventWire {
	return &eventWire{duplex: duplex{sess}, src: sess.src}
}

func (w *eventWire) speaks(string)         {}
func (w *eventWire) ready(context.Context) {}
func (w *eventWire) close()                {} // the end of the session's life ends the stream

// connect opens the stream and waits for the endpoint. The stream outlasts ctx.
// The status is that of the answer; 0 for none.
func (w *eventWire) connect(ctx context.Context) (status int, err error) {
	defer context.AfterFunc(ctx, w.sess.kill)()
	resp, err := w.src.fetch(w.sess.life, http.MethodGet, w.src.url, http.Header{"Accept": {typeStream}}, nil, nil)
	if err != nil {
		return 0, err
	}
	if !ok(resp) || mediaType(resp) != typeStream {
		defer resp.Body.Close()
		if ok(resp) {
			return resp.StatusCode, w.src.errKind(mediaType(resp))
		}
		return resp.StatusCode, w.src.errStatus(resp.StatusCode)
	}
	events := protocol.NewEvents(resp.Body, int(min(w.src.opts.MaxMessage, math.MaxInt32)))
	if err := w.findEndpoint(events); err != nil {
		_ = resp.Body.Close()
		return resp.StatusCode, err
	}
	w.sess.spawn(func() {
		defer resp.Body.Close()
		w.sess.lost(w.read(events))
	})
	return resp.StatusCode, nil
}

func (w *eventWire) findEndpoint(events *protocol.Events) error {
	e, err := events.Next()
	for err == nil && e.Name != "endpoint" {
		e, err = events.Next()
	}
	if err != nil {
		return err
	}
	w.endpoint, err = w.src.url.Parse(string(bytes.TrimSpace(e.Data)))
	if err != nil || !sameOrigin(w.endpoint, w.src.url) {
		return fault.New(opHTTP, fault.Upstream, w.src.says("points to another origin than its URL's: no request is sent there"))
	}
	if w.endpoint.Path == w.src.url.Path && w.endpoint.RawQuery == "" {
		w.endpoint.RawQuery = w.src.url.RawQuery
	}
	return nil
}

// read takes what the server says until the stream ends.
func (w *eventWire) read(events *protocol.Events) error {
	for {
		e, err := events.Next()
		switch {
		case errors.Is(err, protocol.ErrEventTooLarge):
			return w.sess.blame(w.src.errTooLarge())
		case err != nil:
			return fmt.Errorf("the stream ended: %w", err)
		case len(e.Data) == 0 || e.Name != "" && e.Name != "message":
			continue
		}
		if w.receive(bytes.Clone(e.Data)) != nil {
			w.src.drop("malformed messages", "they are no JSON-RPC")
		}
	}
}

// roundTrip implements wire.
func (w *eventWire) roundTrip(ctx context.Context, x *exchange, body []byte) (protocol.Message, error) {
	return w.await(ctx, x, func() error { return w.post(ctx, body, x) })
}

// send implements wire.
func (w *eventWire) send(ctx context.Context, body []byte) error { return w.post(ctx, body, nil) }

func (w *eventWire) post(ctx context.Context, body []byte, x *exchange) error {
	resp, err := w.src.fetch(ctx, http.MethodPost, w.endpoint, http.Header{"Content-Type": {typeJSON}}, body, x)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if ok(resp) {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxLine)) // so that the connection serves again
		return nil
	}
	if x != nil {
		x.status = resp.StatusCode
	}
	return w.src.refusal(resp)
}
