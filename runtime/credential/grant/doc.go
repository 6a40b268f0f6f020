// Package grant gets tokens for upstreams from an authorization server, with no
// person involved: by client credentials (RFC 6749, section 4.4; the client says
// who it is by a secret or, as RFC 7523 section 2.2 has it, by a signed JWT), by a
// signed JWT as the grant itself (RFC 7523, section 2.1), and in exchange for
// another token (RFC 8693).
//
// A [Source] keeps one token. It gets the next one in the background before the
// token is over, at a time that is spread, so that gateways do not all ask at
// once; many calls that wait for a token make one request. A token outlives a
// restart where a store is given, which must encrypt (store.Sealed). What was got
// with other settings or secrets is not taken from there.
//
// Where a token can't be got, each call gets an error that says what to check, and
// the log an event; the server is not asked more often for it, as tries are apart
// by growing pauses. An upstream that refuses a token (401) makes the source get
// another one, at most once within a while.
//
// The token endpoint is the operator's to name: https, or http on loopback.
// Redirects from it are not followed. No error, log record or value that prints
// has a secret, a token, or the text of a server's answer.
package grant
