package face

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// reply is the response to a POST: a JSON answer, or an event stream from the
// first message that comes ahead of the answer.
type reply struct {
	w       http.ResponseWriter
	ctx     context.Context // of the HTTP request
	session *session        // nil from 2026-07-28 on

	mu      sync.Mutex
	wire    *wire   // nil as long as the response is no stream
	stream  *stream // of the wire, where clients can come back
	release func() bool
	done    bool
	batch   bool
	answers [][]byte // of a batch that is no stream yet
}

var errAnswered = fault.New("face.send", fault.Canceled, "the request has been answered")

// message implements outlet.
func (p *reply) message(data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return errAnswered
	}
	if p.wire == nil {
		p.begin()
	}
	return p.event(data, false)
}

// begin makes the response an event stream. Until 2025-11-25, clients that lose
// it may come back for the rest; those of that revision are told so by an event
// without data, on which older ones break (basic/transports, Sending Messages
// to the Server).
func (p *reply) begin() {
	p.wire = &wire{w: p.w}
	p.wire.open()
	if p.session != nil {
		p.stream = newStream(p.session.nextStream(), true)
		if p.session.revision >= protocol.R20251125 {
			_ = p.wire.write(p.stream.prime())
		}
		p.stream.attach(p.wire)
		stream := p.stream
		p.session.keepOpen(stream)
		p.release = context.AfterFunc(p.ctx, func() { stream.detach() })
	}
	for _, answer := range p.answers {
		_ = p.event(answer, false)
	}
	p.answers = nil
}

func (p *reply) event(data []byte, last bool) error {
	if p.stream == nil {
		return p.wire.write(protocol.Event{Data: data})
	}
	p.stream.add(append([]byte(nil), data...), last)
	return nil
}

// answer implements outlet.
func (p *reply) answer(data []byte, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.done:
	case p.wire != nil:
		_ = p.event(protocol.OneLine(data), !p.batch)
		if !p.batch {
			p.close()
		}
	case p.batch:
		p.answers = append(p.answers, append([]byte(nil), data...))
	default:
		p.done = true
		if status == statusCancelled {
			status = http.StatusOK
		}
		writeJSON(p.w, status, data)
	}
}

// endBatch sends the answers of a batch.
func (p *reply) endBatch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.done:
	case p.wire != nil:
		if p.stream != nil {
			p.stream.end()
		}
		p.close()
	case len(p.answers) == 0:
		p.done = true
		p.w.WriteHeader(http.StatusAccepted)
	default:
		p.done = true
		data := []byte{'['}
		for i, answer := range p.answers {
			if i > 0 {
				data = append(data, ',')
			}
			data = append(data, answer...)
		}
		writeJSON(p.w, http.StatusOK, append(data, ']'))
	}
}

// close ends a stream. It is kept for a while, for a client that did not get it
// whole: a connection that was cut often takes the last events without an error.
// What is large is kept only if it is known to be lost.
func (p *reply) close() {
	p.done = true
	if p.stream == nil {
		return
	}
	p.release()
	if p.stream.detach() && p.ctx.Err() == nil && p.stream.large() {
		p.session.forget(p.stream)
		return
	}
	p.session.server.lost.keep(p.session, p.stream, time.Now())
}

// writeJSON sends a JSON answer in one write.
func writeJSON(w http.ResponseWriter, status int, data []byte) {
	header := w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(len(data))}
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

var jsonType = []string{"application/json"}

// refuse answers a request that is not carried out.
func refuse(w http.ResponseWriter, status int, id protocol.ID, e *protocol.Error) {
	writeJSON(w, status, protocol.Message{ID: id, Error: e}.Append(nil))
}
