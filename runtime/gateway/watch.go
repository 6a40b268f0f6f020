package gateway

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/face"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// unwatchTimeout is how long a source may take to end a subscription.
const unwatchTimeout = 10 * time.Second

// watches are the subscriptions to resources at the sources. A source hears of
// the first client that wants a resource's updates and of the last that goes, at
// whichever endpoints they are.
type watches struct {
	mu    sync.Mutex
	at    map[watched]target     // by endpoint and the clients' URI
	users map[string]int         // by watchKey
	turns map[string]*sync.Mutex // by source: its subscriptions change one after the other
}

// watched is a resource that clients of an endpoint have subscribed to.
type watched struct{ endpoint, uri string }

// key is what tells subscriptions apart at the sources.
func (t target) key() string { return t.site.name() + "\x00" + protocol.MemberString(t.params, "uri") }

// turn waits for the source's turn and returns what ends it.
func (w *watches) turn(source string) (done func()) {
	w.mu.Lock()
	if w.turns == nil {
		w.turns = map[string]*sync.Mutex{}
	}
	turn, ok := w.turns[source]
	if !ok {
		turn = &sync.Mutex{}
		w.turns[source] = turn
	}
	w.mu.Unlock()
	turn.Lock()
	return turn.Unlock
}

// add notes that a source was subscribed to.
func (w *watches) add(of watched, t target) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, again := w.at[of]; again {
		return
	}
	if w.at == nil {
		w.at, w.users = map[watched]target{}, map[string]int{}
	}
	w.at[of] = t
	w.users[t.key()]++
}

// remove forgets a subscription, and reports whether there was one.
func (w *watches) remove(of watched) (target, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.at[of]
	if !ok {
		return target{}, false
	}
	delete(w.at, of)
	if w.users[t.key()]--; w.users[t.key()] == 0 {
		delete(w.users, t.key())
	}
	return t, true
}

// of returns the subscriptions of an endpoint, by the clients' URIs.
func (w *watches) of(endpoint string) map[string]target {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := map[string]target{}
	for of, t := range w.at {
		if of.endpoint == endpoint {
			found[of.uri] = t
		}
	}
	return found
}

// replace puts another target in the place of a subscription's, if that has not
// ended meanwhile.
func (w *watches) replace(of watched, t target) {
	if _, ok := w.remove(of); ok {
		w.add(of, t)
	}
}

// wanted reports whether anyone still wants what a target tells.
func (w *watches) wanted(t target) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.users[t.key()] > 0
}

// Watch subscribes to a resource at its source.
func (h *handler) Watch(ctx context.Context, r *face.Request, uri string) error {
	q := newWatch(h.view, uri)
	q.Caller, q.Client, q.revision = r.Caller, r.Client, r.Revision
	if _, err := h.gateway.query(ctx, q); err != nil {
		return clientError(err)
	}
	h.gateway.watches.add(watched{h.view.path, uri}, q.answered)
	return nil
}

func newWatch(v *view, uri string) *query {
	return &query{Request: call.Request{Endpoint: v.path, Method: protocol.Subscribe, Params: protocol.With(nil, nil, "uri", quoted(uri))},
		view: v, revision: protocol.R20260728, name: uri}
}

// rewatch subscribes anew to the resources of sources that others have taken the
// place of.
func (g *Gateway) rewatch(ctx context.Context, v *view, now *Catalog) {
	for uri, t := range g.watches.of(v.path) {
		if now.siteOf(t.site.mount.Source) != nil {
			continue
		}
		q := newWatch(v, uri)
		if _, err := g.query(ctx, q); err == nil { // else the log has it
			g.watches.replace(watched{v.path, uri}, q.answered)
		}
	}
}

// Unwatch ends the subscription, without waiting for the source.
func (h *handler) Unwatch(uri string) {
	g := h.gateway
	t, ok := g.watches.remove(watched{h.view.path, uri})
	if !ok {
		return
	}
	g.wg.Go(func() {
		defer g.watches.turn(t.site.name())()
		release, held := t.site.mount.hold()
		if !held || g.watches.wanted(t) {
			return
		}
		defer release()
		ctx, cancel := context.WithTimeout(g.life, unwatchTimeout)
		defer cancel()
		_, err := t.site.server.Request(ctx, &call.Request{ID: newID(), Method: protocol.Unsubscribe, Source: t.site.name(), Params: t.params})
		if err != nil {
			g.logger.LogAttrs(ctx, slog.LevelDebug, "ending a subscription", slog.String("source", t.site.name()), slog.String("error", err.Error()))
		}
	})
}

// Ended forgets what a session was told. The face ends what is under way in it.
func (h *handler) Ended(session string) { h.gateway.repeats.forget(session) }
