package native

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

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
	over bool
}

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

func (t *exchanges) remove(x *exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, x.id)
}

// byID returns a request; nil if it is over.
func (t *exchanges) byID(id uint64) *exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[id]
}

// relate returns the request that a message of the server belongs to, which its
// stream does not say: by its progress token or its task, else the only one that
// is under way. Of several it is the only one whose server does not wait for an
// answer of its client's, as a server asks one thing after the other. nil means
// that it can't be told.
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
	switch {
	case len(all) == 1:
		return all[0]
	case len(idle) == 1:
		return idle[0]
	}
	return nil
}
