package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"time"
)

// Event is one event of a stream ("Server-sent events", section 9.2).
type Event struct {
	Name  string // "" for "message"
	ID    string // "" for none
	Data  []byte
	Retry time.Duration // when to connect again; 0 if it does not say
}

// ErrEventTooLarge says that an event is over its bound. The stream can't be
// read on.
var ErrEventTooLarge = errors.New("an event of the stream is too large")

// AppendEvent appends an event to dst as it stands in a stream. Its data is
// written even if it is empty, since some clients pass over an event without.
// Line breaks in names and ids are left out.
func AppendEvent(dst []byte, e Event) []byte {
	dst = appendField(dst, "event", e.Name)
	dst = appendField(dst, "id", e.ID)
	if e.Retry > 0 {
		dst = append(dst, "retry: "...)
		dst = strconv.AppendInt(dst, e.Retry.Milliseconds(), 10)
		dst = append(dst, '\n')
	}
	for data := e.Data; ; {
		dst = append(dst, "data: "...)
		end := bytes.IndexAny(data, "\r\n")
		if end < 0 {
			dst = append(dst, data...)
			return append(dst, '\n', '\n')
		}
		dst = append(dst, data[:end]...)
		dst = append(dst, '\n')
		if data[end] == '\r' && end+1 < len(data) && data[end+1] == '\n' {
			end++
		}
		data = data[end+1:]
	}
}

func appendField(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	for i := range len(value) {
		if c := value[i]; c != '\n' && c != '\r' && c != 0 {
			dst = append(dst, c)
		}
	}
	return append(dst, '\n')
}

// Events reads an event stream.
type Events struct {
	from    *bufio.Reader
	limit   int
	line    []byte
	data    []byte
	skipLF  bool // the line before ended in a carriage return
	started bool
}

// NewEvents returns a reader of events of at most limit bytes each, every field
// and comment counted.
func NewEvents(r io.Reader, limit int) *Events {
	return &Events{from: bufio.NewReaderSize(r, 4096), limit: limit}
}

// Next returns the next event that has data, an id or a retry. Its data holds
// until Next is called again. At the end of the stream it returns io.EOF; an
// event that was not finished is dropped.
func (s *Events) Next() (Event, error) {
	var e Event
	s.data = s.data[:0]
	size, hasData := 0, false
	for {
		line, err := s.readLine(s.limit - size)
		if err != nil {
			return Event{}, err
		}
		size += len(line)
		if len(line) > 0 {
			s.field(line, &e, &hasData)
			continue
		}
		if hasData || e.ID != "" || e.Retry > 0 {
			if hasData {
				e.Data = s.data[:len(s.data)-1] // without the last line's end
			}
			return e, nil
		}
		e, size = Event{}, 0
	}
}

// field takes one line of an event.
func (s *Events) field(line []byte, e *Event, hasData *bool) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "data":
		s.data = append(append(s.data, value...), '\n')
		*hasData = true
	case "event":
		e.Name = string(value)
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			e.ID = string(value)
		}
	case "retry":
		if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
			e.Retry = time.Duration(ms) * time.Millisecond
		}
	}
}

// readLine returns the next line without its end, which is CR, LF or both.
func (s *Events) readLine(limit int) ([]byte, error) {
	s.line = s.line[:0]
	for {
		if s.from.Buffered() == 0 {
			if _, err := s.from.Peek(1); err != nil {
				return nil, err
			}
		}
		part, _ := s.from.Peek(s.from.Buffered())
		if s.skipLF {
			s.skipLF = false
			if part[0] == '\n' {
				_, _ = s.from.Discard(1)
				continue
			}
		}
		end := bytes.IndexAny(part, "\r\n")
		if end < 0 {
			end = len(part)
		}
		if len(s.line)+end > limit {
			return nil, ErrEventTooLarge
		}
		s.line = append(s.line, part[:end]...)
		if end == len(part) {
			_, _ = s.from.Discard(end)
			continue
		}
		s.skipLF = part[end] == '\r'
		_, _ = s.from.Discard(end + 1)
		return s.withoutMark(), nil
	}
}

// withoutMark returns the line, the first one without a byte order mark.
func (s *Events) withoutMark() []byte {
	if s.started {
		return s.line
	}
	s.started = true
	return bytes.TrimPrefix(s.line, []byte("\xef\xbb\xbf"))
}
