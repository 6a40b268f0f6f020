package face

import (
	"sync"
	"time"
)

// maxLost bounds what is kept, of all sessions together, for clients that did not
// get a stream whole, in bytes.
const maxLost = 64 << 20

// lostStreams are the streams that are done with and kept all the same, the oldest
// first. Sessions know theirs; here is what bounds them together.
type lostStreams struct {
	limit int

	mu    sync.Mutex
	all   []lostStream
	total int
}

type lostStream struct {
	sess   *session
	stream *stream
	size   int
	since  time.Time
}

// keep takes note of a stream, for which the oldest make room.
func (l *lostStreams) keep(sess *session, stream *stream, now time.Time) {
	size := stream.bytes()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, lostStream{sess, stream, size, now})
	l.total += size
	for l.total > l.limit {
		l.dropFirst()
	}
}

// expire drops the streams that were kept for long enough.
func (l *lostStreams) expire(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.all) > 0 && now.Sub(l.all[0].since) > cutStreamTTL {
		l.dropFirst()
	}
}

func (l *lostStreams) empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all) == 0
}

// dropFirst drops the oldest; mu is held.
func (l *lostStreams) dropFirst() {
	first := l.all[0]
	first.sess.forget(first.stream)
	l.total -= first.size
	l.all[0] = lostStream{}
	if l.all = l.all[1:]; len(l.all) == 0 {
		l.all = nil
	}
}
