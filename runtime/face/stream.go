package face

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// Bounds of a stream.
const (
	maxKept       = 64      // events that are kept for a client that comes back
	maxKeptBytes  = 1 << 20 // but the newest is kept whatever its size
	writeTimeout  = time.Minute
	retryAfter    = time.Second
	maxCutStreams = 4        // of one session, kept for a client that comes back
	maxCutBytes   = 16 << 10 // of one that seems to have arrived
)

// stream is an event stream as a sequence of events, of which the newest are
// kept: for a connection that takes them, or one that will.
type stream struct {
	id   int  // within its session
	ids  bool // events have ids
	wake chan struct{}

	mu       sync.Mutex
	events   [][]byte
	first    int // number of events[0]
	size     int
	taken    int // number of the next event that nobody took
	pumps    int
	last     bool
	ended    time.Time
	direct   *wire // what events are written to as they come; nil for none
	replaced chan struct{}
}

func newStream(id int, ids bool) *stream {
	return &stream{id: id, ids: ids, wake: make(chan struct{}, 1)}
}

// add appends an event, which is kept as it is; last says that none follows. It
// reports how many events were lost by it. Who attached a connection does not
// call it twice at once.
func (s *stream) add(data []byte, last bool) (lost int) {
	s.mu.Lock()
	if s.last {
		s.mu.Unlock()
		return 1
	}
	s.events = append(s.events, data)
	s.size += len(data)
	if last {
		s.last, s.ended = true, time.Now()
	}
	lost = s.trim()
	number, direct := s.first+len(s.events)-1, s.direct
	s.signal()
	s.mu.Unlock()
	if direct == nil {
		return lost
	}
	err := direct.write(s.event(number, data)) // may take long: nothing is locked
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.direct = nil
	} else {
		s.taken = max(s.taken, number+1)
	}
	return lost
}

// trim drops the oldest events while there are too many, and reports how many
// of them nobody took.
func (s *stream) trim() (lost int) {
	for len(s.events) > 1 && (len(s.events) > maxKept || s.size > maxKeptBytes) {
		s.size -= len(s.events[0])
		s.events[0] = nil
		s.events = s.events[1:]
		if s.first >= s.taken {
			lost++
			s.taken = s.first + 1
		}
		s.first++
	}
	return lost
}

// pending reports whether the same event waits to be taken: that a list changed
// need not be said twice.
func (s *stream) pending(data []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := max(s.taken-s.first, 0); i < len(s.events); i++ {
		if bytes.Equal(s.events[i], data) {
			return true
		}
	}
	return false
}

// end says that no event follows.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.ended = true, time.Now()
	s.direct = nil
	s.signal()
}

func (s *stream) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *stream) event(number int, data []byte) protocol.Event {
	e := protocol.Event{Data: data}
	if s.ids {
		e.ID = s.eventID(number)
	}
	return e
}

// eventID returns the id of an event: its stream's number and its own.
func (s *stream) eventID(number int) string {
	return strconv.Itoa(s.id) + "-" + strconv.Itoa(number)
}

// attach has events written to a connection as they come.
func (s *stream) attach(w *wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.direct = w
}

// detach undoes attach, and reports whether the connection took everything.
func (s *stream) detach() (complete bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	complete = s.direct != nil
	s.direct = nil
	return complete
}

// next returns the events from a number on, and whether none follow.
func (s *stream) next(from int) (events [][]byte, number int, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number = min(max(from, s.first), s.first+len(s.events)) // clients may name an event that never was
	if skip := number - s.first; skip < len(s.events) {
		events = append(events, s.events[skip:]...)
	}
	s.taken = max(s.taken, number+len(events))
	return events, number, s.last
}

// take makes this the one pump of the stream, and returns where it begins; from
// is the number of the event to begin with, -1 for the first that nobody took.
func (s *stream) take(from int) (begin int, replaced <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replaced != nil {
		close(s.replaced)
	}
	s.replaced = make(chan struct{})
	s.direct = nil // its client has left it, though that is not known yet
	s.pumps++
	if from < 0 {
		from = s.taken
	}
	return from, s.replaced
}

func (s *stream) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pumps--
}

// pump writes events as they come, until the last one was written, ctx ends,
// or another pump takes over.
func (s *stream) pump(ctx context.Context, from int, write func(protocol.Event) error) {
	from, replaced := s.take(from)
	defer s.leave()
	for {
		select {
		case <-replaced:
			s.signal() // which may have been meant for the one that took over
			return
		default:
		}
		events, number, last := s.next(from)
		for i, data := range events {
			if write(s.event(number+i, data)) != nil {
				return
			}
		}
		from = number + len(events)
		if last && len(events) == 0 {
			return
		}
		if len(events) > 0 {
			continue
		}
		select {
		case <-s.wake:
		case <-replaced:
		case <-ctx.Done():
			return
		}
	}
}

// wire is an HTTP response that is an event stream.
type wire struct {
	w  http.ResponseWriter
	mu sync.Mutex
}

// open sends the header of an event stream.
func (w *wire) open() {
	header := w.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("X-Accel-Buffering", "no")
	w.w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w.w).Flush()
}

// write sends one event.
func (w *wire) write(e protocol.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	buf := buffers.Get().(*[]byte)
	data := protocol.AppendEvent((*buf)[:0], e)
	connection := http.NewResponseController(w.w)
	_ = connection.SetWriteDeadline(time.Now().Add(writeTimeout)) // not every writer has deadlines
	_, err := w.w.Write(data)
	if err == nil {
		err = connection.Flush()
	}
	_ = connection.SetWriteDeadline(time.Time{}) // the connection serves further requests
	if cap(data) <= maxPooled {
		*buf = data
		buffers.Put(buf)
	}
	return err
}

// connected reports whether somebody takes the stream's events.
func (s *stream) connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pumps > 0 || s.direct != nil
}

// stale reports whether the stream was done with too long ago.
func (s *stream) stale(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last && s.pumps == 0 && now.Sub(s.ended) > cutStreamTTL
}

// finished reports whether no event follows.
func (s *stream) finished() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// prime returns the event without data by which a client can come back before
// there was any other.
func (s *stream) prime() protocol.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return protocol.Event{ID: s.eventID(s.taken - 1), Retry: retryAfter}
}

// bytes returns how much of the stream is kept.
func (s *stream) bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// large reports whether the stream is too large to be kept in case that it did
// not arrive.
func (s *stream) large() bool { return s.bytes() > maxCutBytes }
