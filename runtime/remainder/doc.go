// Package remainder keeps what trimming cut off, so that it can be read later: by
// the tool bridge_read and by the resource bridge://result/ID, in parts that are
// within budget themselves, by the caller whose result it was and by nobody else,
// until it expires.
//
// # Keeping
//
// [Keeper.Hook] is what runtime/shape asks before it cuts: the whole result is
// kept, and the notice names a handle to it. Results stay in memory up to a bound
// of bytes; those read longest ago move to the store, compressed, or are dropped
// where there is none, which is counted and logged. With Options.Shared every
// result goes to the store at once, so that every replica can answer.
//
// # Who may read
//
// A handle is 122 random bits, and is bound to its caller:
//
//   - a caller with an ID (call.Caller.ID) is the same in every session;
//   - an anonymous caller is its session, where the protocol has sessions;
//   - an anonymous caller without a session has nothing to be known by, as on
//     loopback without authentication: the handle itself is then the capability,
//     for whoever was handed it and calls anonymously and without a session.
//
// To everybody else the handle is one that never was: unknown, expired and
// somebody else's are told alike.
//
// # Reading
//
// A result has parts: its content blocks, numbered from 1, and part 0, the
// structured content, where no block shows the same. Of a part a JSON pointer
// names a value, and a range what of it is read: items of an array, members of an
// object, characters of text, or lines. A page is as much of that as fits the
// budget by exact count, and says what comes next, as the arguments of the next
// call. Elements and members that alone are too large for a page are left out and
// named, to be read by their own pointers. So all pages together are the whole;
// JSON keeps its values, order and spelling of numbers, but no white space. A
// member whose name an object has twice stands for the first of that name where a
// pointer names it, and a lone surrogate in a string becomes U+FFFD where the
// string is read by itself.
//
// Searching returns where a text occurs, letter case aside: pointers into JSON,
// and numbers of lines in text, each with what stands around it.
package remainder
