// Package ledger counts what calls cost, in tokens before and after trimming, by
// caller, source and tool, and suggests budgets from it.
//
// Counting is the outermost thing that happens to a result: [Ledger.Middleware]
// reads what the shape stage found and adds to counters in memory, without
// allocating. Every few seconds, and as the ledger closes, what was added goes to
// the counters of the store, where several gateways add up. A flush that fails is
// repeated, so that a store that did add but could not say so counts twice: sums
// are for deciding, not for billing.
//
// Tools of the gateway itself ("bridge") and lists of tools are counted like all
// else, as they cost the same context.
//
// What is counted is bounded: each day has so many callers, sessions and tools
// (Options.MaxSeries), and whatever is beyond counts under the name "(other)".
// Names are kept as they are, but for sessions, whose ids are secrets: of those
// there is a digest.
package ledger
