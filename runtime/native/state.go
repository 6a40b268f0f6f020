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
	// revision that was negotiated, Transport "stdio", "http" or "sse"; all of
	// the last session.
	Server, Protocol, Transport string
	// Tools and Skipped count the tools of the last list, and those of them that
	// were left out, each with a reason in the log.
	Tools, Skipped int
}

// State returns how the source stands.
func (s *Source) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state
	if st.Status == Down && time.Now().Before(s.retryAt) {
		st.RetryAt = s.retryAt
	}
	return st
}

// setState notes a new status. The caller holds mu.
func (s *Source) setState(status Status, message string) {
	if s.state.Status != status {
		s.state.Since = time.Now()
	}
	s.state.Status, s.state.Message = status, message
}
