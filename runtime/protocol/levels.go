package protocol

import "slices"

// Levels returns the levels of log messages (RFC 5424, section 6.2.1), the least
// severe first.
func Levels() []string {
	return []string{"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}
}

// Severity returns a level's place among [Levels]; false for what is none.
func Severity(level string) (int, bool) {
	at := slices.Index(Levels(), level)
	return at, at >= 0
}
