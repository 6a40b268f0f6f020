package native

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const (
	noticesGrace = 5 * time.Second  // for a stream of notices to begin
	minReopen    = time.Second      // before a stream of notices is opened again
	maxReopen    = 30 * time.Second // …after failures in a row
	// maxBroken is how many times in a row a stream may fail to open before the
	// server counts as gone.
	maxBroken = 3
)

// listeners are the streams of notices of a session with a server of 2026-07-28:
// one for its lists, one for each resource.
type listeners struct {
	mu   sync.Mutex
	uris map[string]*listener
}

// listener is one stream; end ends it.
type listener struct{ end context.CancelFunc }

// forget ends the stream of a resource.
func (h *listeners) forget(uri string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.uris[uri]; l != nil {
		l.end()
		delete(h.uris, uri)
	}
}

// ended takes note that a stream has ended, so that the resource can be listened
// for again.
func (h *listeners) ended(uri string, l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.uris[uri] == l {
		delete(h.uris, uri)
	}
}

// hearChanges listens for changes of the server's lists, as far as it tells
// them, and waits a moment for the server to agree.
func (sess *session) hearChanges(ctx context.Context) {
	var b bytes.Buffer
	add := func(tells bool, name string) {
		if tells {
			b.WriteString(`,"` + name + `":true`)
		}
	}
	d := sess.declared
	add(d.Tools != nil && d.Tools.ListChanged, "toolsListChanged")
	add(d.Prompts != nil && d.Prompts.ListChanged, "promptsListChanged")
	add(d.Resources != nil && d.Resources.ListChanged, "resourcesListChanged")
	if b.Len() == 0 {
		return
	}
	members := []byte(`"notifications":{` + b.String()[1:] + `},`)
	agreed := make(chan struct{})
	sess.spawn(func() { sess.listen(sess.life, members, sync.OnceFunc(func() { close(agreed) }), sess.changed) })
	timer := time.NewTimer(min(noticesGrace, sess.src.opts.StartTimeout/2))
	defer timer.Stop()
	select {
	case <-agreed:
	case <-ctx.Done():
	case <-sess.gone:
	case <-timer.C:
		sess.src.warnSilent()
	}
}

func (s *Source) warnSilent() {
	s.log.Warn("the MCP server opens no stream for notices in time: changes of its lists may not be heard of")
}

// hearResource listens for a resource's updates.
func (sess *session) hearResource(uri string) {
	ctx, cancel := context.WithCancel(sess.life)
	sess.heard.mu.Lock()
	defer sess.heard.mu.Unlock()
	if sess.heard.uris[uri] != nil {
		cancel()
		return
	}
	if sess.heard.uris == nil {
		sess.heard.uris = map[string]*listener{}
	}
	l := &listener{cancel}
	sess.heard.uris[uri] = l
	members := append(protocol.AppendString([]byte(`"notifications":{"resourceSubscriptions":[`), uri), `]},`...)
	sess.spawn(func() {
		defer cancel()
		defer sess.heard.ended(uri, l)
		sess.listen(ctx, members, func() {}, func() {})
	})
}

// listen keeps one subscription (2026-07-28, subscriptions/listen) until ctx
// ends. agreed is called when the server agrees, resumed when it did so again
// after a gap.
func (sess *session) listen(ctx context.Context, members []byte, agreed, resumed func()) {
	failures := 0
	for again := false; ctx.Err() == nil; again = true {
		var heard atomic.Bool
		x := &exchange{method: protocol.Listen, agreed: func() {
			heard.Store(true)
			agreed()
			if again {
				resumed()
			}
		}}
		_, err := sess.request(ctx, x, members, nil)
		switch {
		case ctx.Err() != nil:
			return
		case heard.Load():
			failures = 0
		case err == nil || answered(err) != nil:
			sess.src.log.Warn("the MCP server takes no subscription: changes will not be heard of", "error", sess.src.redact.cause(err))
			agreed()
			return
		default:
			if failures++; failures >= maxBroken {
				sess.lost(errors.Join(errGone, err))
				return
			}
		}
		if !pauseFor(ctx, min(minReopen<<failures, maxReopen)) {
			return
		}
	}
}

// changed is called when the server's lists may be others than before.
func (sess *session) changed() {
	if sess.link.shared {
		sess.src.signalChange()
	}
}

// pauseFor waits, and reports whether ctx still stands.
func pauseFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
