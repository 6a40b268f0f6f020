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

// hearAll keeps the stream open for as long as the session lives.
func (w *streamable) hearAll(began func()) {
	ctx := w.sess.life
	var p place
	failures, short := 0, 0 // in a row: streams that did not open, that ended soon
	for again := false; ; again = true {
		opened := time.Now()
		resp, err := w.get(ctx, p.last)
		switch {
		case ctx.Err() != nil || err == nil && w.isOver(resp, again):
			closeBody(resp)
			return
		case err != nil || !ok(resp):
			closeBody(resp)
			if failures++; failures >= maxBroken {
				w.sess.lost(errors.Join(errGone, err))
				return
			}
		default:
			began()
			if again && p.last == "" {
				w.sess.changed() // what was said meanwhile is lost
			}
			if !w.hearOut(resp, &p) {
				return
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

// hearOut takes what comes until the stream ends. It returns false if the server
// sends what ends the session.
func (w *streamable) hearOut(resp *http.Response, p *place) bool {
	defer closeBody(resp)
	_, _, err := w.events(nil, resp.Body, p)
	if err == nil || broken(err) {
		return true
	}
	w.sess.lost(w.sess.blame(err))
	return false
}
