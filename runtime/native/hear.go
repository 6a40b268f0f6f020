package native

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// hear opens the stream for what the server says unasked, and waits a moment for
// it to begin: what is said before may be lost.
func (w *streamable) hear(ctx context.Context) {
	began := make(chan struct{})
	tell := sync.OnceFunc(func() { close(began) })
	if !w.sess.spawn(func() { defer tell(); w.hearAll(tell) }) {
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

// hearAll keeps the stream open for as long as the session lives. A server need
// not have one, and calls do without it: one that answers with an error, or with
// what is no message, is asked again from time to time. Where there is nobody
// left to connect to, the session is over.
func (w *streamable) hearAll(began func()) {
	ctx := w.sess.life
	var p place
	failures, short := 0, 0 // in a row: streams that did not open, that ended soon
	for again := false; ; again = true {
		opened := time.Now()
		resp, err := w.get(ctx, p.last, nil)
		switch {
		case ctx.Err() != nil || err == nil && w.isOver(resp, again):
			closeBody(resp)
			return
		case err != nil || !ok(resp):
			closeBody(resp)
			if failures++; failures >= maxBroken && isDialError(err) {
				w.sess.lost(errors.Join(errGone, err))
				return
			}
			w.deaf(failures, resp, err)
			began() // for all that there is to wait for
		default:
			began()
			if again && p.last == "" {
				w.sess.changed() // what was said meanwhile is lost
			}
			if err := w.hearOut(resp, &p); err != nil {
				failures++
				w.deaf(failures, nil, err)
				p = place{} // it would begin with the same again
				break
			}
			failures = 0
			if short++; time.Since(opened) >= stable {
				short = 0
			}
		}
		if !pauseFor(ctx, max(p.wait(), min(minReopen<<min(failures+short, 5), maxReopen)/2)) {
			return
		}
	}
}

// deaf says, once for failures in a row, that the server's notices are not heard.
func (w *streamable) deaf(failures int, resp *http.Response, err error) {
	if failures != maxBroken {
		return
	}
	if resp != nil {
		err = w.src.errStatus(resp.StatusCode)
	}
	w.src.log.Warn("the stream for the MCP server's notices does not work: changes of its lists are not heard of; it is tried again from time to time",
		"error", w.src.redact.cause(err))
}

// isOver reports whether an answer says that there is no such stream, which
// servers need not have (405), or that the session is over.
func (w *streamable) isOver(resp *http.Response, again bool) bool {
	if ok(resp) {
		return mediaType(resp) != typeStream
	}
	if resp.StatusCode == http.StatusNotFound && again && w.sessionID() != "" {
		w.sess.lost(w.src.errStatus(resp.StatusCode))
	}
	return resp.StatusCode < 500
}

// hearOut takes what comes until the stream ends. It returns an error for what is
// no message.
func (w *streamable) hearOut(resp *http.Response, p *place) error {
	defer closeBody(resp)
	_, _, err := w.events(nil, resp.Body, p)
	if err == nil || broken(err) {
		return nil
	}
	return err
}
