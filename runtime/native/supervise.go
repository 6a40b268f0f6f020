package native

import (
	"context"
	"fmt"
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

// start is one start under way, for all who wait for it.
type start struct {
	done chan struct{}
	sess *session
	err  error
}

// connected returns the session, and starts one if there is none.
func (s *Source) connected(ctx context.Context) (*session, error) {
	s.mu.Lock()
	switch {
	case s.closed:
		s.mu.Unlock()
		return nil, s.errClosed("native.connect")
	case s.session != nil:
		sess := s.session
		sess.calls.Add(1)
		s.mu.Unlock()
		return sess, nil
	case s.starting == nil && time.Now().Before(s.retryAt):
		err := s.errPaused()
		s.mu.Unlock()
		return nil, err
	case s.starting == nil:
		s.begin()
	}
	st := s.starting
	s.mu.Unlock()

	select {
	case <-st.done:
	case <-ctx.Done():
		return nil, s.errWaiting(ctx)
	}
	if st.err != nil {
		return nil, st.err
	}
	return s.join(st.sess)
}

// join takes part in a session that has just been started.
func (s *Source) join(sess *session) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != sess {
		return nil, fault.New("native.connect", fault.Unavailable, s.says("stopped again right after its start"))
	}
	sess.calls.Add(1)
	return sess, nil
}

// errPaused says when the next start is tried. The caller holds mu.
func (s *Source) errPaused() error {
	wait := time.Until(s.retryAt).Round(100 * time.Millisecond)
	return fault.New("native.connect", fault.Unavailable, fmt.Sprintf("%s (the next start is tried in %v)", s.state.Message, max(wait, 100*time.Millisecond)))
}

func (s *Source) errWaiting(ctx context.Context) error {
	kind, what := fault.Timeout, "is still starting: try again in a moment"
	if ctx.Err() == context.Canceled {
		kind = fault.Canceled
	}
	return fault.Wrap("native.connect", kind, s.says(what), context.Cause(ctx))
}

// begin begins a start. The caller holds mu.
func (s *Source) begin() {
	st := &start{done: make(chan struct{})}
	s.starting = st
	s.setState(Connecting, "")
	s.work.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, s.opts.StartTimeout)
		defer cancel()
		sess, err := s.open(ctx)
		s.settle(st, sess, err)
	})
}

// settle publishes what became of a start.
func (s *Source) settle(st *start, sess *session, err error) {
	s.mu.Lock()
	defer close(st.done)
	defer s.mu.Unlock()
	s.starting = nil
	if err == nil && s.closed {
		err = s.errClosed("native.start")
		s.work.Go(sess.close)
	}
	if st.sess, st.err = sess, err; err != nil {
		s.startFailed(err)
		return
	}
	s.session, s.retryAt = sess, time.Time{}
	s.setState(Connected, "")
	s.describe(sess)
	if s.everUp {
		s.signalChange()
	}
	s.everUp = true
	s.work.Go(func() { s.watch(sess) })
	s.log.Info("MCP server connected", "transport", sess.transport, "server", s.state.Server, "protocol", s.state.Protocol)
}

// describe notes what the server says of itself. The caller holds mu.
func (s *Source) describe(sess *session) {
	s.state.Transport, s.state.Server, s.state.Protocol = sess.transport, "", sess.revision()
	if init := sess.cs.InitializeResult(); init != nil && init.ServerInfo != nil {
		s.state.Server = fault.Clip(init.ServerInfo.Name+" "+init.ServerInfo.Version, maxTailLine)
	}
}

// startFailed notes a failed start. The caller holds mu.
func (s *Source) startFailed(err error) {
	if s.closed {
		return
	}
	s.failures++
	s.retryAt = time.Now().Add(s.pause(s.failures))
	s.setState(Down, fault.Message(err))
	s.log.Warn("MCP server is down", "error", err, "failures", s.failures)
}

// pause returns the pause after n failures in a row.
func (s *Source) pause(n int) time.Duration {
	d := s.opts.RetryDelay
	for ; n > 1 && d < maxPause; n-- {
		d *= 2
	}
	return min(d, maxPause)
}

// watch retires a session that ends by itself.
func (s *Source) watch(sess *session) {
	err := sess.cs.Wait()
	s.retire(sess, err)
	sess.close()
}

// retire takes a session out of use; the next call starts another. Calls that
// are under way may finish on it.
func (s *Source) retire(sess *session, err error) {
	s.mu.Lock()
	if s.session != sess {
		s.mu.Unlock()
		return // retired before, or never published
	}
	s.session = nil
	s.setState(Down, s.says("has stopped; it is started again with the next call"))
	if time.Since(sess.started) >= stable {
		s.failures = 0
	} else if s.failures++; s.failures > 1 {
		// The first early end costs nothing; a loop of them is slowed down.
		s.retryAt = time.Now().Add(s.pause(s.failures - 1))
	}
	s.work.Go(func() {
		sess.calls.Wait()
		sess.close()
	})
	s.mu.Unlock()

	message := s.obituary(sess)
	s.log.Warn("MCP session ended", "error", s.redact.cause(err), "message", message)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Status == Down && !s.closed && s.state.Since.After(sess.started) {
		s.setState(Down, message)
	}
}

// obituary says how a session ended.
func (s *Source) obituary(sess *session) string {
	switch {
	case sess.proc == nil:
		return s.says("is no longer connected; it is connected again with the next call")
	case sess.proc.hasExited(stdinGrace):
		return s.says("stopped (" + sess.proc.epitaph() + "); it is started again with the next call")
	default:
		return s.says("closed its connection; it is started again with the next call")
	}
}
