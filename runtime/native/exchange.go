package native

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// maxEvents bounds the messages about one request that wait to be handed on.
const maxEvents = 256

// exchange is one request on its way to the server and back: what goes out with
// it, what became of it, and whom the server's messages about it are for.
type exchange struct {
	id     uint64
	method string

	// Streamable HTTP.
	name        string      // for Mcp-Name; "" for none
	header      http.Header // Mcp-Param-…; may be nil
	credentials []call.Credential
	sent        atomic.Bool // the server may have read it
	status      int         // HTTP status of the answer; 0 for none

	// What the server asks and tells while it serves the request.
	caller   call.Caller
	client   call.Client // nil for nobody
	progress func(context.Context, call.Progress)
	task     string                         // the task that the request is about; "" for none
	clock    *clock                         // stops while the client is asked; may be nil
	agreed   func()                         // the server heeds the subscription; nil for other requests
	lacking  atomic.Pointer[protocol.Error] // what the client could not be asked for; nil for nothing

	// A connection that all requests share hands over what came.
	answer chan protocol.Message
	events chan protocol.Message

	telling sync.Mutex // held while something is handed on, which may take long

	mu      sync.Mutex
	ctx     context.Context // ends with the request
	end     context.CancelFunc
	over    bool
	asks    sync.WaitGroup
	waiting atomic.Int32 // questions that the client has not answered yet
}

// isOwn reports whether the request is the gateway's, about no caller's matter.
func (x *exchange) isOwn() bool { return x.client == nil && x.progress == nil && x.clock == nil }

// begin starts the request's time.
func (x *exchange) begin(ctx context.Context, end context.CancelFunc) {
	x.mu.Lock()
	x.ctx, x.end = ctx, end
	x.mu.Unlock()
}

// awaitShared makes room for what comes over a connection that all share.
func (x *exchange) awaitShared() {
	x.answer = make(chan protocol.Message, 1)
	if !x.isOwn() {
		x.events = make(chan protocol.Message, maxEvents)
	}
}

// finish ends it: nothing is handed on any more.
func (x *exchange) finish() {
	x.telling.Lock()
	defer x.telling.Unlock()
	x.mu.Lock()
	x.over = true
	x.mu.Unlock()
}

// tell hands on a notification about the request, unless it is over.
func (x *exchange) tell(m protocol.Message) {
	x.telling.Lock()
	defer x.telling.Unlock()
	x.mu.Lock()
	ctx, over := x.ctx, x.over
	x.mu.Unlock()
	switch {
	case over || ctx == nil:
	case m.Method == protocol.ProgressMade:
		if x.progress != nil {
			x.progress(ctx, readProgress(m.Params))
		}
	case x.client != nil:
		_ = x.client.Notify(ctx, m.Method, m.Params) // a client that has gone needs no news
	}
}

// queue keeps a notification for the goroutine that waits for the answer, and
// reports whether there was room.
func (x *exchange) queue(m protocol.Message) bool {
	select {
	case x.events <- m:
		return true
	default:
		return false
	}
}

// exchanges are the requests of one session that are under way.
type exchanges struct {
	mu   sync.Mutex
	last uint64
	all  map[uint64]*exchange
	left []abandoned // the oldest first
	over bool
}

// abandoned is a request that nobody waits for any more, and that the server may
// be busy with all the same.
type abandoned struct {
	id     uint64
	caller call.Caller
	until  time.Time // when the server is thought to be done with it
}

const (
	afterlife    = time.Minute // of a request that nobody waits for
	maxAbandoned = 256         // requests that are remembered
)

// add gives a request its id. It returns false if the session has ended.
func (t *exchanges) add(x *exchange) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return false
	}
	t.last++
	x.id = t.last
	if t.all == nil {
		t.all = map[uint64]*exchange{}
	}
	t.all[x.id] = x
	return true
}

// end ends all requests, and lets no more come.
func (t *exchanges) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	for _, x := range t.all {
		x.end()
	}
}

// remove forgets a request that is over. unanswered says that the server may go
// on with it.
func (t *exchanges) remove(x *exchange, unanswered bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, x.id)
	if unanswered && !x.isOwn() {
		t.left = append(t.left, abandoned{x.id, x.caller, time.Now().Add(afterlife)})
		t.left = t.left[max(0, len(t.left)-maxAbandoned):]
	}
}

// answeredLate takes note that the server is done with a request after all.
func (t *exchanges) answeredLate(id uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left = slices.DeleteFunc(t.left, func(a abandoned) bool { return a.id == id })
}

// haunted reports whether the server may still be busy with a request that anyone
// but this caller gave up. The caller of haunted holds mu.
func (t *exchanges) haunted(caller call.Caller) bool {
	now := time.Now()
	t.left = slices.DeleteFunc(t.left, func(a abandoned) bool { return now.After(a.until) })
	return slices.ContainsFunc(t.left, func(a abandoned) bool { return a.caller.ID != caller.ID })
}

// byID returns a request; nil if it is over.
func (t *exchanges) byID(id uint64) *exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[id]
}

// relate returns the request that a message of the server belongs to, which its
// stream does not say: by its progress token or its task, else the only one that
// is under way. Of several requests of one caller it is the only one whose server
// does not wait for an answer of its client's, as a server mostly asks one thing
// after the other. nil means that it can't be told: what may belong to another
// caller's request, even to one that he gave up, is nobody's.
func (t *exchanges) relate(params []byte) *exchange {
	meta, _ := protocol.Member(params, "_meta")
	token, _ := protocol.Member(meta, protocol.MetaProgressToken)
	related, _ := protocol.Member(meta, metaRelatedTask)
	task := protocol.MemberString(related, "taskId")
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := tokenID(token); ok {
		return t.all[id]
	}
	var all, idle []*exchange
	for _, x := range t.all {
		switch {
		case x.isOwn():
			continue
		case task != "" && x.task == task:
			return x
		case x.waiting.Load() == 0:
			idle = append(idle, x)
		}
		all = append(all, x)
	}
	var found *exchange
	switch {
	case len(all) == 1:
		found = all[0]
	case len(idle) == 1 && ofOneCaller(all):
		found = idle[0]
	}
	if found != nil && t.haunted(found.caller) {
		return nil
	}
	return found
}

func ofOneCaller(all []*exchange) bool {
	return !slices.ContainsFunc(all, func(x *exchange) bool { return x.caller.ID != all[0].caller.ID })
}
