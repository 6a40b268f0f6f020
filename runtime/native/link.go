package native

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

const (
	// maxPause bounds the pause between failed starts.
	maxPause = time.Minute
	// stable is how long a session must have lived for its end to be no sign
	// that the server fails again and again.
	stable = 10 * time.Second
)

// link holds at most one session at a time, and replaces one that has ended.
type link struct {
	src    *Source
	shared bool // not one caller's own

	life context.Context // ends when the link is closed
	end  context.CancelFunc
	work sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	session  *session // nil while there is none
	starting *start   // nil unless a start is under way
	reviving bool     // a start follows by itself
	everUp   bool
	older    bool // the command is known to speak no revision that has server/discover
	failures int  // starts that failed in a row, early deaths included
	retryAt  time.Time
	state    State
	wishes   wishes
}

// start is one start under way, for all who wait for it.
type start struct {
	done chan struct{}
	sess *session
	err  error
}

func newLink(s *Source, shared bool) *link {
	l := &link{src: s, shared: shared, state: State{Status: Idle, Since: time.Now()}}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

// connected returns the session, and starts one if there is none. The caller
// ends its part in it by session.calls.
func (l *link) connected(ctx context.Context) (*session, error) {
	l.mu.Lock()
	switch {
	case l.closed:
		l.mu.Unlock()
		return nil, l.src.errClosed("native.connect")
	case l.session != nil:
		sess := l.session
		sess.calls.Add(1)
		l.mu.Unlock()
		return sess, nil
	case l.starting == nil && time.Now().Before(l.retryAt):
		err := l.errPaused()
		l.mu.Unlock()
		return nil, err
	case l.starting == nil:
		l.begin()
	}
	st := l.starting
	l.mu.Unlock()

	select {
	case <-st.done:
	case <-ctx.Done():
		return nil, l.errWaiting(ctx)
	}
	if st.err != nil {
		return nil, st.err
	}
	return l.join(st.sess)
}

// join takes part in a session that has just been started.
func (l *link) join(sess *session) (*session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session != sess {
		return nil, fault.New("native.connect", fault.Unavailable, l.src.says("stopped again right after its start"))
	}
	sess.calls.Add(1)
	return sess, nil
}

// errPaused says when the next start is tried. The caller holds mu.
func (l *link) errPaused() error {
	wait := time.Until(l.retryAt).Round(100 * time.Millisecond)
	return fault.New("native.connect", fault.Unavailable, fmt.Sprintf("%s (the next start is tried in %v)", l.state.Message, max(wait, 100*time.Millisecond)))
}

func (l *link) errWaiting(ctx context.Context) error {
	kind, what := fault.Canceled, "is still starting: try again in a moment"
	if expired(ctx) {
		kind = fault.Timeout
	}
	return fault.Wrap("native.connect", kind, l.src.says(what), context.Cause(ctx))
}

// begin begins a start. The caller holds mu.
func (l *link) begin() {
	st := &start{done: make(chan struct{})}
	l.starting = st
	l.setState(Connecting, "")
	l.work.Go(func() {
		ctx, cancel := context.WithTimeout(l.life, l.src.opts.StartTimeout)
		defer cancel()
		sess, err := l.open(ctx)
		l.settle(st, sess, err)
	})
}

// settle publishes what became of a start.
func (l *link) settle(st *start, sess *session, err error) {
	l.mu.Lock()
	defer close(st.done)
	defer l.mu.Unlock()
	l.starting = nil
	if err == nil && l.closed {
		err = l.src.errClosed(opStart)
		l.work.Go(sess.close)
	}
	if err == nil && sess.isGone() {
		err = fault.New(opStart, fault.Unavailable, l.src.says("stopped again right after its start"))
		l.work.Go(sess.close)
	}
	if st.sess, st.err = sess, err; err != nil {
		l.startFailed(err)
		return
	}
	l.session, l.retryAt = sess, time.Time{}
	l.setState(Connected, "")
	l.state.Transport, l.state.Server, l.state.Protocol = sess.transport, sess.server, sess.revision
	if l.everUp && l.shared {
		l.src.signalChange()
	}
	l.everUp = true
	l.src.log.Info("MCP server connected", "transport", sess.transport, "server", sess.server, "protocol", sess.revision)
}

// startFailed notes a failed start. The caller holds mu.
func (l *link) startFailed(err error) {
	if l.closed {
		return
	}
	l.failures++
	l.retryAt = time.Now().Add(l.pause(l.failures))
	l.setState(Down, fault.Message(err))
	l.src.log.Warn("MCP server is down", "error", err, "failures", l.failures)
	l.revive()
}

// pause returns the pause after n failures in a row.
func (l *link) pause(n int) time.Duration {
	d := l.src.opts.RetryDelay
	for ; n > 1 && d < maxPause; n-- {
		d *= 2
	}
	return min(d, maxPause)
}

// revive starts a server that was up before without waiting for a call, when the
// pause is over. The caller holds mu.
func (l *link) revive() {
	if !l.everUp || !l.shared || l.reviving || l.closed {
		return
	}
	l.reviving = true
	wait := time.Until(l.retryAt)
	l.work.Go(func() {
		timer := time.NewTimer(max(wait, 0))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-l.life.Done():
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.reviving = false
		if l.session == nil && l.starting == nil && !l.closed {
			l.begin()
		}
	})
}

// retire takes a session out of use, and starts another. Calls that are under
// way may finish on it, if its connection still stands.
func (l *link) retire(sess *session, err error) {
	l.mu.Lock()
	if l.session != sess {
		l.mu.Unlock()
		return // retired before, or never published
	}
	l.session = nil
	l.setState(Down, l.src.says("has stopped; it is being started again"))
	if time.Since(sess.started) >= stable {
		l.failures = 0
	} else if l.failures++; l.failures > 1 {
		// The first early end costs nothing; a loop of them is slowed down.
		l.retryAt = time.Now().Add(l.pause(l.failures - 1))
	}
	l.revive()
	l.work.Go(func() { l.bury(sess, err) })
	l.mu.Unlock()
}

// bury lets the calls of a retired session finish, says how it ended, and closes
// it.
func (l *link) bury(sess *session, err error) {
	message := l.src.obituary(sess)
	l.src.log.Warn("MCP session ended", "error", l.src.redact.cause(err), "message", message)
	l.mu.Lock()
	if l.state.Status == Down && !l.closed && l.session == nil {
		l.setState(Down, message)
	}
	l.mu.Unlock()
	stop := context.AfterFunc(l.life, sess.kill) // whoever closes the link waits for no call
	sess.calls.Wait()
	stop()
	sess.close()
}

// close ends the session, or the start, and waits until all is gone.
func (l *link) close() {
	l.mu.Lock()
	l.closed = true
	sess := l.session
	l.session = nil
	l.setState(Down, "the source was closed")
	l.mu.Unlock()
	l.end()
	if sess != nil {
		sess.close()
	}
	l.work.Wait()
}

// obituary says how a session ended.
func (s *Source) obituary(sess *session) string {
	const again = "; it is being started again"
	switch fate := sess.fate(); {
	case fate != nil:
		return fault.Message(fate)
	case sess.proc == nil:
		return s.says("is no longer connected" + again)
	case sess.proc.hasExited(stdinGrace):
		return s.says("stopped (" + sess.proc.epitaph() + ")" + again)
	default:
		return s.says("closed its connection" + again)
	}
}
