package face

import "slices"

// levels of log messages (RFC 5424, section 6.2.1), the least severe first.
var levels = []string{"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}

// severity returns a level's rank; false for what is none.
func severity(level string) (int8, bool) {
	at := slices.Index(levels, level)
	return int8(at), at >= 0
}
