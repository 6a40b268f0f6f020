// Package ledger counts what calls cost, in tokens before and after trimming, by
// caller, source and tool, and suggests budgets from it.
package ledger
