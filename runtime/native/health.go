package native

import (
	"context"
	"errors"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/protocol"
)

const (
	// maxTimeouts is how many calls in a row may get no answer in time before
	// the server is asked whether it is still there.
	maxTimeouts  = 2
	probeTimeout = 5 * time.Second
)

// noteTimeout is called for a call that got no answer in time. After a few in a
// row a ping decides whether the session is replaced.
func (sess *session) noteTimeout() {
	if sess.timeouts.Add(1) < maxTimeouts || !sess.probing.CompareAndSwap(false, true) {
		return
	}
	sess.spawn(func() {
		defer sess.probing.Store(false)
		ctx, cancel := context.WithTimeout(sess.life, min(probeTimeout, sess.src.opts.CallTimeout))
		defer cancel()
		method := protocol.Ping
		if sess.modern {
			method = protocol.Discover
		}
		_, err := sess.request(ctx, &exchange{method: method}, nil, nil)
		if err == nil || answered(err) != nil || sess.life.Err() != nil {
			return // it answers, if with an error: just the calls take long
		}
		hung := sess.blame(fault.New("native.health", fault.Unavailable, sess.src.says("hangs: it answers neither calls nor a ping; it is being started again")))
		sess.lost(errors.Join(hung, err))
		sess.kill() // the calls that still wait for it
	})
}
