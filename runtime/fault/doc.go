// Package fault holds Bridge's one error type.
//
// An [Error] says what was being done, what kind of failure it was, and, in
// words that are safe for the caller, what to do about it. Its cause stays
// inside the process: it is logged, never sent. One table, [Kind.HTTPStatus]
// and [Kind.RPCCode], maps a kind to what a face of the gateway answers, so
// that every face reports the same failure alike.
//
// An error that is no [Error] is [Internal]: its text is not shown to callers.
package fault
