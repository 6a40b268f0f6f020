package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const (
	// maxAsked bounds the server's requests that are under way on one session, and
	// again the refusals of further ones.
	maxAsked = 64

	noticeBurst   = 5000 // notifications of one session taken at once…
	noticesPerSec = 1000 // …and then per second
)

// notified bounds how fast a session's notifications are taken: each may be read,
// translated and handed to many clients.
type notified struct {
	mu   sync.Mutex
	pace pace
}

func (n *notified) allow() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.pace.allow()
}

// asked are the server's requests that are under way.
type asked struct {
	mu  sync.Mutex
	all map[string]context.CancelFunc // by the id as it was written
}

// add takes note of a request, and reports whether there was room.
func (a *asked) add(id protocol.ID, cancel context.CancelFunc) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) >= maxAsked || a.all[string(id)] != nil {
		return false
	}
	if a.all == nil {
		a.all = map[string]context.CancelFunc{}
	}
	a.all[string(id)] = cancel
	return true
}

func (a *asked) remove(id protocol.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.all, string(id))
}

func (a *asked) cancel(id []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if cancel := a.all[string(id)]; cancel != nil {
		cancel()
	}
}

// incoming takes a request or a notification of the server. x is the request on
// whose stream it came; nil where all share one. m may be kept.
func (sess *session) incoming(m protocol.Message, x *exchange) {
	if m.IsRequest() {
		sess.requested(m, x)
		return
	}
	switch m.Method {
	case protocol.ToolsChanged, protocol.ResourcesChanged, protocol.PromptsChanged:
		sess.changed() // many are one
		return
	case protocol.Cancelled:
		id, _ := protocol.Member(m.Params, "requestId")
		sess.asked.cancel(id)
		return
	}
	if !sess.notified.allow() {
		sess.src.drop("notifications", fmt.Sprintf("the server sends more than %d a second", noticesPerSec))
		return
	}
	switch m.Method {
	case protocol.ProgressMade:
		token, _ := protocol.Member(m.Params, protocol.MetaProgressToken)
		if id, ok := tokenID(token); ok {
			sess.deliver(m, sess.table.byID(id), x)
		}
	case protocol.LogMessage:
		sess.src.logMessage(m.Params)
		to := x
		if to == nil {
			to = sess.table.relate(m.Params)
		}
		if to == nil || to.client == nil {
			sess.notice(m)
			return
		}
		sess.deliver(m, to, x)
	case protocol.Acknowledged:
		meta, _ := protocol.Member(m.Params, "_meta")
		id, _ := protocol.Member(meta, protocol.MetaSubscription)
		n, _ := numberOf(protocol.ID(id))
		if l := sess.table.byID(n); l != nil && l.agreed != nil {
			l.agreed()
		}
	default:
		sess.notice(m)
	}
}

// deliver hands a notification to its request: at once if it came on that
// request's own stream, else by way of whoever waits for the answer.
func (sess *session) deliver(m protocol.Message, to, stream *exchange) {
	switch {
	case to == nil:
	case to == stream || to.events == nil:
		to.tell(m)
	case !to.queue(m):
		sess.src.drop("notifications of calls", "the client takes them too slowly")
	}
}

// notice hands on what belongs to no call. One caller's own session has none: it
// could tell others about him.
func (sess *session) notice(m protocol.Message) {
	if !sess.link.shared {
		return
	}
	s := sess.src
	params, _ := protocol.Member(m.Params, "_meta")
	n := call.Notice{Source: s.opts.Name, Method: m.Method, Params: m.Params}
	if _, tagged := protocol.Member(params, protocol.MetaSubscription); tagged {
		n.Params = protocol.With(nil, m.Params, "_meta", protocol.Without(nil, params, protocol.MetaSubscription))
	}
	for {
		select {
		case s.notices <- n:
			return
		default:
		}
		select {
		case <-s.notices:
			s.drop("notices", "the gateway takes them too slowly")
		default:
		}
	}
}

// requested serves a request of the server in a goroutine of its own. Of too many
// at once the further ones are refused; those of a server that does not even read
// its refusals are dropped.
func (sess *session) requested(m protocol.Message, x *exchange) {
	if x == nil || x.isOwn() {
		x = sess.table.relate(m.Params)
	}
	pending := sess.answering.Add(1)
	if pending > 2*maxAsked {
		sess.answering.Add(-1)
		sess.src.drop("requests of the server", "it sends too many at once, and does not read what it is answered")
		return
	}
	ctx, cancel := context.WithCancel(sess.life)
	if pending > maxAsked || !sess.asked.add(m.ID, cancel) {
		cancel()
		sess.reply(func() protocol.Message {
			return refuse(m, protocol.CodeInternal, "too many requests of this server are under way, or this one's id is taken")
		})
		return
	}
	if x != nil && !x.beginAsk() {
		x = nil
	}
	started := sess.reply(func() protocol.Message {
		defer cancel()
		answer := sess.serve(ctx, m, x)
		if x != nil {
			x.endAsk()
		}
		sess.asked.remove(m.ID)
		return answer
	})
	if !started {
		cancel()
		if x != nil {
			x.endAsk()
		}
	}
}

// reply sends what answer returns, from a goroutine of its own. It returns false
// if the session has ended. answering counts it already.
func (sess *session) reply(answer func() protocol.Message) (started bool) {
	started = sess.spawn(func() {
		defer sess.answering.Add(-1)
		sess.respond(sess.life, answer())
	})
	if !started {
		sess.answering.Add(-1)
	}
	return started
}

// beginAsk notes that the server asks something about the request, unless that is
// over; endAsk notes that the question is answered.
func (x *exchange) beginAsk() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over {
		return false
	}
	x.asks.Add(1)
	x.waiting.Add(1)
	return true
}

func (x *exchange) endAsk() {
	x.waiting.Add(-1)
	x.asks.Done()
}

// serve answers a request of the server, on behalf of the client of a call.
func (sess *session) serve(ctx context.Context, m protocol.Message, x *exchange) protocol.Message {
	result := func(raw json.RawMessage) protocol.Message { return protocol.Message{ID: m.ID, Result: raw} }
	switch {
	case m.Method == protocol.Ping:
		return result(json.RawMessage("{}"))
	case m.Method != protocol.Elicit && m.Method != protocol.CreateMessage && m.Method != protocol.ListRoots:
		return refuse(m, protocol.CodeMethodNotFound, "the client has no such method")
	case (x == nil || x.client == nil) && m.Method == protocol.ListRoots:
		return result(json.RawMessage(`{"roots":[]}`))
	case x == nil:
		sess.src.drop("requests of the server", "no call is under way that they surely belong to; `isolate: caller` gives each caller a server of his own")
		return refuse(m, protocol.CodeMethodNotFound, "there is nobody to ask: the request belongs to no call that is under way, or to one of several")
	case x.client == nil:
		return refuse(m, protocol.CodeMethodNotFound, "there is nobody to ask: the caller is no client that could answer")
	}
	defer context.AfterFunc(x.ctx, func() { sess.asked.cancel(m.ID) })()
	defer x.clock.hold()()
	raw, err := x.client.Ask(ctx, m.Method, m.Params)
	if err == nil && protocol.IsObject(raw) {
		return result(raw)
	}
	if rpc := answered(err); rpc != nil && rpc.Code == protocol.CodeMissingCapability {
		x.lacking.CompareAndSwap(nil, rpc)
		return refuse(m, refusalOf(m.Method), rpc.Message)
	}
	return protocol.Message{ID: m.ID, Error: askError(err)}
}

// refusalOf is the code by which a client of an older revision refuses a request
// for which it lacks the capability (2025-11-25, client/elicitation, Error
// Handling; client/roots, Error Handling).
func refusalOf(method string) int {
	if method == protocol.Elicit {
		return protocol.CodeInvalidParams
	}
	return protocol.CodeMethodNotFound
}

// askError is what a server is told when its request failed.
func askError(err error) *protocol.Error {
	var rpc *protocol.Error
	switch {
	case err == nil:
		return protocol.Errorf(protocol.CodeInternal, "the client answered with something that is no result")
	case errors.As(err, &rpc):
		return rpc
	case fault.KindOf(err) == fault.Unsupported:
		return protocol.Errorf(protocol.CodeMethodNotFound, "%s", fault.Message(err))
	}
	return protocol.Errorf(protocol.CodeInternal, "%s", fault.Message(err))
}

func refuse(m protocol.Message, code int, why string) protocol.Message {
	return protocol.Message{ID: m.ID, Error: protocol.Errorf(code, "%s: %s", fault.Clip(m.Method, 80), why)}
}
