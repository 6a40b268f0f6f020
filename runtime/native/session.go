package native

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// closeGrace is how long a session may take to say goodbye.
const closeGrace = 3 * time.Second

// wire carries a session's messages.
type wire interface {
	// roundTrip sends a request and returns the server's answer to it.
	roundTrip(ctx context.Context, x *exchange, body []byte) (protocol.Message, error)
	// send sends a notification or an answer.
	send(ctx context.Context, body []byte) error
	// speaks is called when the revision was negotiated.
	speaks(revision string)
	// ready is called when the session was initialized.
	ready(ctx context.Context)
	// close says goodbye and lets go of the connection.
	close()
}

// session is one connection with the server.
type session struct {
	src       *Source
	link      *link
	wire      wire
	proc      *process // nil unless it is a command's
	host      func()   // ends what serves the session here, and waits; nil for a URL
	transport string
	started   time.Time

	// What was negotiated.
	revision     string
	modern       bool   // every request stands for itself (2026-07-28)
	server       string // name and version
	capabilities json.RawMessage
	instructions string
	declared     declared

	table     exchanges
	asked     asked
	answering atomic.Int32 // answers to the server that are on their way
	notified  notified
	heard     listeners

	raising sync.Mutex   // held while the server is told a level
	volume  atomic.Int32 // how much of its log it was told to tell; 0 for its own choice

	calls sync.WaitGroup // calls under way
	life  context.Context
	kill  context.CancelFunc // ends all that is on the wire
	close func()             // ends the session and waits

	gone     chan struct{} // closed when the connection is over
	over     sync.Once
	blamed   atomic.Pointer[error] // why the connection was broken off, by us
	timeouts atomic.Int32          // in a row
	probing  atomic.Bool

	mu      sync.Mutex
	closing bool
	work    sync.WaitGroup // the session's goroutines
}

// declared is what of the server's capabilities makes a difference here.
type declared struct {
	Tools     *struct{ ListChanged bool }
	Prompts   *struct{ ListChanged bool }
	Resources *struct{ ListChanged, Subscribe bool }
	Logging   *struct{}
}

func (l *link) newSession(transport string) *session {
	sess := &session{src: l.src, link: l, transport: transport, started: time.Now(), gone: make(chan struct{}),
		notified: notified{pace: newPace(noticeBurst, noticesPerSec)}}
	life, end := context.WithCancel(context.Background())
	sess.life, sess.kill = life, func() {
		end()
		sess.table.end()
	}
	sess.close = sync.OnceFunc(sess.end)
	return sess
}

// blame notes why the connection is broken off, and returns it.
func (sess *session) blame(err error) error {
	sess.blamed.CompareAndSwap(nil, &err)
	return err
}

// fate returns what was blamed; nil for nothing.
func (sess *session) fate() error {
	if err := sess.blamed.Load(); err != nil {
		return *err
	}
	return nil
}

// spawn runs f in a goroutine that the session's end waits for. Once the session
// ends it does nothing, and returns false.
func (sess *session) spawn(f func()) bool {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if !sess.closing {
		sess.work.Go(f)
	}
	return !sess.closing
}

// lost marks the connection as over: all who wait for it fail, and another
// session is started.
func (sess *session) lost(err error) {
	sess.over.Do(func() { close(sess.gone) })
	sess.link.retire(sess, err)
}

// end says goodbye, for as long as that may take, and waits.
func (sess *session) end() {
	sess.mu.Lock()
	sess.closing = true
	sess.mu.Unlock()
	sess.kill()
	sess.over.Do(func() { close(sess.gone) })
	if sess.wire != nil {
		sess.wire.close()
	}
	if sess.host != nil {
		sess.host()
	}
	sess.work.Wait()
}

// request sends a request and returns the result. members are those of its
// params, each with a comma after it, without "_meta".
func (sess *session) request(ctx context.Context, x *exchange, members, meta []byte) (json.RawMessage, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	x.begin(ctx, cancel)
	if sess.transport != "http" {
		x.awaitShared()
	}
	if !sess.table.add(x) {
		return nil, errGone
	}
	body := sess.appendRequest(make([]byte, 0, 160+len(x.method)+len(members)+len(meta)+metaSize), x, members, meta)
	m, err := sess.wire.roundTrip(ctx, x, body)
	ended := ctx.Err() != nil
	sess.table.remove(x, err != nil && ended && x.sent.Load())
	x.finish()
	cancel()
	x.asks.Wait()
	if err != nil {
		if ended {
			sess.abandon(x)
		}
		return nil, err
	}
	sess.timeouts.Store(0)
	if m.Error != nil {
		return nil, sess.src.redact.protocol(m.Error)
	}
	return m.Result, nil
}

// metaSize is room for the protocol's own members of "_meta".
const metaSize = 400

// abandon tells the server that nobody waits for the answer any more
// (2025-11-25, basic/utilities/cancellation). Towards 2026-07-28 over HTTP, the
// end of the connection says so.
func (sess *session) abandon(x *exchange) {
	if x.method == protocol.Initialize || x.method == protocol.Discover || !x.sent.Load() || sess.modern && sess.transport == "http" {
		return
	}
	sess.spawn(func() {
		ctx, cancel := context.WithTimeout(sess.life, closeGrace)
		defer cancel()
		_ = sess.wire.send(ctx, cancelledBody(x.id)) // it is told as far as it listens
	})
}

// respond answers a request of the server.
func (sess *session) respond(ctx context.Context, m protocol.Message) {
	if err := sess.wire.send(ctx, protocol.OneLine(m.Append(nil))); err != nil && sess.life.Err() == nil {
		sess.src.log.Warn("an answer to the MCP server could not be sent", "error", sess.src.redact.cause(err))
	}
}

// errGone is what a call gets whose connection ended.
var errGone = errors.New("the connection has ended")

// sessionForgotten reports whether the server refused the call because it does
// not know the session: it answers 404 (2025-11-25, basic/transports, Session
// Management); some answer 400 and name the session (see refusesSession). Over
// HTTP+SSE the session is in the URL that the server gave: 404 says the same.
func sessionForgotten(sess *session, status int, err error) bool {
	w, ok := sess.wire.(*streamable)
	if !ok {
		return sess.transport == "sse" && status == http.StatusNotFound
	}
	if w.sessionID() == "" {
		return false
	}
	rpc := answered(err)
	return status == http.StatusNotFound && (rpc == nil || rpc.Code != protocol.CodeMethodNotFound) ||
		status == http.StatusBadRequest && rpc != nil && refusesSession(rpc)
}

// sessionLost reports whether a failed call means that the session is over: the
// call got no answer of any kind, and was not stopped by ourselves.
func sessionLost(status int, err error) bool {
	var own *fault.Error
	return status == 0 && answered(err) == nil && !errors.As(err, &own)
}
