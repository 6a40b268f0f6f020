package native

import (
	"context"
	"errors"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// closeGrace is how long a session may take to say goodbye.
	closeGrace = 3 * time.Second
	// A server that is silent on server/discover (2026-07-28) is asked in the
	// older way after a part of the start's time, and discoverMax at most.
	discoverShare = 3
	discoverMax   = 15 * time.Second
	// olderRevision is the newest that begins with initialize.
	olderRevision = "2025-11-25"
)

// session is one connection with the server.
type session struct {
	src       *Source
	cs        *mcp.ClientSession
	proc      *process // nil for a URL
	transport string
	started   time.Time

	calls sync.WaitGroup // calls under way
	life  context.Context
	kill  context.CancelFunc // ends all that is on the wire
	close func()             // ends the session and waits

	blamed atomic.Pointer[error] // why the connection was broken off, by us
}

// blame notes why the connection is broken off, and returns it: the SDK does not
// hand it on in every case.
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

// newClient returns the SDK's client, shared by the source's sessions. It
// declares no capability, so that no server asks for what is not served yet
// (elicitation, sampling, roots).
func (s *Source) newClient() (*mcp.Client, error) {
	c := mcp.NewClient(&mcp.Implementation{Name: "bridge", Version: "1"}, &mcp.ClientOptions{
		Logger:                 s.log,
		Capabilities:           &mcp.ClientCapabilities{},
		MultiRoundTrip:         &mcp.MultiRoundTripOptions{Disabled: true},
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { s.signalChange() },
		//lint:ignore SA1019 servers of older revisions log by it for a year to come
		LoggingMessageHandler:       s.logNotification,
		ProgressNotificationHandler: s.progress.notify,
	})
	c.AddSendingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if method == "server/discover" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, min(s.opts.StartTimeout/discoverShare, discoverMax))
				defer cancel()
			}
			return next(ctx, method, req)
		}
	})
	return c, registerRaw(c)
}

// open starts the server or connects to it, within ctx.
func (s *Source) open(ctx context.Context) (*session, error) {
	if s.url == nil {
		return s.openCommand(ctx)
	}
	sess, status, err := s.openURL(ctx, "http")
	if err == nil || !isOldServer(status) || ctx.Err() != nil {
		return sess, err
	}
	// "HTTP+SSE" of revision 2024-11-05: a client finds it by the failed POST
	// (2025-11-25, basic/transports, Backwards Compatibility).
	old, _, oldErr := s.openURL(ctx, "sse")
	if oldErr != nil {
		return nil, err
	}
	return old, nil
}

func isOldServer(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}

// openCommand starts the command. Some servers end when the first message is not
// initialize: they are started again and greeted in the older way, from then on
// at once.
func (s *Source) openCommand(ctx context.Context) (*session, error) {
	s.mu.Lock()
	older := s.older
	s.mu.Unlock()
	sess, err := s.tryCommand(ctx, older)
	var strict *endedError
	if errors.As(err, &strict) && !older && ctx.Err() == nil {
		older = true
		sess, err = s.tryCommand(ctx, older)
	}
	s.mu.Lock()
	s.older = err == nil && (older || sess.revision() < "2026")
	s.mu.Unlock()
	return sess, err
}

// endedError marks a start that failed as the process ended by itself after it
// had been started.
type endedError struct{ error }

// Unwrap returns what is said of it.
func (e *endedError) Unwrap() error { return e.error }

func (s *Source) tryCommand(ctx context.Context, older bool) (*session, error) {
	proc, err := s.startProcess()
	if err != nil {
		return nil, err
	}
	sess := s.newSession("stdio")
	sess.proc = proc
	conn := newStdioConn(s, sess)
	context.AfterFunc(sess.life, func() { _ = conn.Close() }) // a write may be stuck
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = sess.connect(ctx, conn, older)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err == nil {
		return sess, nil
	}
	err = s.whyNotReady(ctx, sess, err)
	sess.close()
	return nil, err
}

// openURL returns the HTTP status of the last answer next to an error.
func (s *Source) openURL(ctx context.Context, transport string) (*session, int, error) {
	sess := s.newSession(transport)
	rt := &originTransport{src: s, base: s.base, sess: sess}
	client := &http.Client{Transport: rt, CheckRedirect: s.checkRedirect}
	stop := context.AfterFunc(ctx, sess.kill)
	err := sess.connect(ctx, s.httpTransport(transport, client, sess), false)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err == nil {
		return sess, 0, nil
	}
	status := int(rt.status.Load())
	err = s.explain(ctx, err, failure{op: "native.start", status: status})
	sess.close()
	return nil, status, err
}

func (s *Source) httpTransport(transport string, client *http.Client, sess *session) mcp.Transport {
	limit := int(min(2*s.opts.MaxMessage, math.MaxInt32)) // ours is stricter, see stream
	if transport == "sse" {
		return &lastingTransport{sess.life, &mcp.SSEClientTransport{Endpoint: s.bareURL(), HTTPClient: client, MaxEventSize: limit}}
	}
	return &mcp.StreamableClientTransport{Endpoint: s.bareURL(), HTTPClient: client, MaxEventSize: limit}
}

// bareURL returns the URL without its query, which may hold a secret and which
// errors and logs of net/http and the SDK would show: the transport adds it.
func (s *Source) bareURL() string {
	bare := *s.url
	bare.RawQuery, bare.Fragment = "", ""
	return bare.String()
}

// lastingTransport connects for as long as the session lives: the stream of
// HTTP+SSE must outlast the time that connecting may take.
type lastingTransport struct {
	life  context.Context
	inner mcp.Transport
}

// Connect connects the inner transport.
func (t *lastingTransport) Connect(context.Context) (mcp.Connection, error) {
	return t.inner.Connect(t.life)
}

func (s *Source) newSession(transport string) *session {
	sess := &session{src: s, transport: transport, started: time.Now()}
	sess.life, sess.kill = context.WithCancel(context.Background())
	sess.close = sync.OnceFunc(sess.end)
	return sess
}

// connect shakes hands with the server, in the older way alone if asked to.
func (sess *session) connect(ctx context.Context, t mcp.Transport, older bool) error {
	var opts *mcp.ClientSessionOptions
	if older {
		opts = &mcp.ClientSessionOptions{ProtocolVersion: olderRevision}
	}
	cs, err := sess.src.client.Connect(ctx, t, opts)
	if err != nil {
		return err
	}
	sess.cs, sess.started = cs, time.Now()
	return nil
}

// revision returns the revision of the protocol that was negotiated.
func (sess *session) revision() string {
	if init := sess.cs.InitializeResult(); init != nil {
		return init.ProtocolVersion
	}
	return ""
}

// end says goodbye, for as long as that may take, and then cuts all off.
func (sess *session) end() {
	if sess.cs != nil {
		timer := time.AfterFunc(closeGrace, sess.kill)
		_ = sess.cs.Close() // the session is over, however it ends
		timer.Stop()
	}
	sess.kill()
	if sess.proc != nil {
		sess.proc.stop()
		<-sess.proc.gone
	}
}

// whyNotReady says why a command gave no session.
func (s *Source) whyNotReady(ctx context.Context, sess *session, err error) error {
	var known *fault.Error
	proc := sess.proc
	err = s.redact.cause(err)
	switch {
	case errors.As(err, &known):
		return err
	case sess.fate() != nil:
		return sess.fate()
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap("native.start", fault.Canceled, "the start was canceled", err)
	case ctx.Err() != nil:
		what := "did not answer within " + s.opts.StartTimeout.String() + " of its start"
		if words := proc.lines.lastWords(); words != "" {
			what += "; it wrote: " + words
		}
		return fault.Wrap("native.start", fault.Timeout, s.says(what), err)
	case proc.hasExited(stdinGrace):
		return &endedError{fault.Wrap("native.start", fault.Unavailable, s.says("stopped before it was ready ("+proc.epitaph()+")"), err)}
	}
	return s.explain(ctx, err, failure{op: "native.start"})
}
