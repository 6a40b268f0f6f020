package native

import "time"

// Status says how a source stands.
type Status string

// The statuses of a source.
const (
	Idle       Status = "idle" // nothing has asked for it yet
	Connecting Status = "connecting"
	Connected  Status = "connected"
	Down       Status = "down"
)

// State is a source's health at one moment.
type State struct {
	Status Status
	// Message says why the source is down, safe to show; "" else.
	Message string
	// Since is when the status began.
	Since time.Time
	// RetryAt is the earliest time of the next start; zero if at once.
	RetryAt time.Time
	// Server is the name and version that the server gives itself, Protocol the
	// revision that was negotiated, Transport "stdio", "http", "sse" or
	// "memory"; all of the last session.
	Server, Protocol, Transport string
	// Tools, Resources, Templates and Prompts count the last lists, and Skipped
	// the tools that were left out, Omitted the others: each with a reason in the
	// log.
	Tools, Skipped                         int
	Resources, Templates, Prompts, Omitted int
	// Sessions counts the sessions that are callers' own.
	Sessions int
}

// State returns how the source stands: its shared session, where callers have
// their own.
func (s *Source) State() State {
	st := s.shared.currentState()
	st.Sessions = s.own.count()
	return st
}

// Health reports whether the server is there at this moment, and why not if it
// is not. A source that nothing has asked for yet counts as healthy.
func (s *Source) Health() (ok bool, why string) {
	switch st := s.shared.currentState(); st.Status {
	case Connecting:
		return false, s.says("is being started")
	case Down:
		return false, st.Message
	default:
		return true, ""
	}
}

func (l *link) currentState() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.state
	if st.Status == Down && time.Now().Before(l.retryAt) {
		st.RetryAt = l.retryAt
	}
	return st
}

// setState notes a new status. The caller holds mu.
func (l *link) setState(status Status, message string) {
	if l.state.Status != status {
		l.state.Since = time.Now()
	}
	l.state.Status, l.state.Message = status, message
}

// note changes what the state counts.
func (l *link) note(change func(*State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.state)
}
