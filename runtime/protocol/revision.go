package protocol

import "slices"

// The revisions of MCP that are spoken here.
const (
	R20241105 = "2024-11-05" // HTTP+SSE
	R20250326 = "2025-03-26" // streamable HTTP
	R20250618 = "2025-06-18" // structured results, the version header, elicitation
	R20251125 = "2025-11-25" // URL elicitation, tasks, primed streams
	R20260728 = "2026-07-28" // no sessions: every request stands for itself
)

// Older returns the revisions that begin with initialize, newest first.
func Older() []string { return []string{R20251125, R20250618, R20250326, R20241105} }

// IsModern reports whether a revision is one in which every request stands for
// itself: 2026-07-28, or a later one that is not known here yet.
func IsModern(revision string) bool { return revision >= R20260728 }

// Negotiate returns the revision that initialize answers with: the one asked for
// if it is spoken here, else the newest that has sessions (2025-11-25,
// basic/lifecycle, Version Negotiation).
func Negotiate(asked string) string {
	if slices.Contains(Older(), asked) {
		return asked
	}
	return R20251125
}
