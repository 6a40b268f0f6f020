// Package lock is bridge.lock: what an adapter shows to clients, as data that
// people review and machines compare.
//
// A lock holds every tool with its operation, its texts, hints, schemas, how its
// results are shaped, and its cost in tokens, and the ledger of names: which name
// was given to which operation, so that a tool keeps its name when the document
// renames the operation, and a name that is gone is not given to another. The
// adapter embeds the file and takes its schemas from it.
//
// [Build] makes a lock of tools, [Lock.Marshal] writes it, the same bytes for
// the same tools, and [Parse] reads it. [Compare] says what changed from one lock to
// another as a caller sees it, and what of that breaks callers.
package lock
