package face

import (
	"testing"
	"time"
)

func TestLostStreamsAreBoundedTogether(t *testing.T) {
	start := time.Now()
	lost := lostStreams{limit: 100}
	sessions := []*session{{}, {}}
	for i := range 10 {
		sess := sessions[i%2]
		s := newStream(i+1, true)
		s.add(make([]byte, 40), true)
		sess.keepOpen(s)
		lost.keep(sess, s, start.Add(time.Duration(i)*time.Second))
	}
	if a, b := len(sessions[0].cut), len(sessions[1].cut); a != 1 || b != 1 || lost.total != 80 || sessions[1].cut[0].id != 10 {
		t.Errorf("%d and %d streams are kept, of %d bytes", a, b, lost.total)
	}
	lost.expire(start.Add(8*time.Second + cutStreamTTL + time.Millisecond))
	if sessions[0].cut != nil || len(sessions[1].cut) != 1 || lost.total != 40 {
		t.Errorf("%v is kept for too long", sessions[0].cut)
	}
	large := newStream(1, true)
	large.add(make([]byte, 101), true)
	sessions[0].keepOpen(large)
	lost.keep(sessions[0], large, start)
	if sessions[0].cut != nil || lost.total != 0 || lost.all != nil {
		t.Error("what is larger than all may be is kept")
	}
}
