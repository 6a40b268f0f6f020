// Package store keeps state: what must outlive a call, a process, or be shared by
// several gateways. It is a small key-value interface with what a gateway needs
// of one: values that expire, single use, compare and swap, and counters.
//
// SQLite is embedded and the default; Redis or Valkey is shared by replicas;
// Memory is for tests and for gateways that keep nothing. All three pass one
// conformance suite (storetest). Sealed encrypts what another store keeps.
//
// # What a caller may rely on
//
// Each method is atomic. Create, Swap and Take have one winner among any number
// of callers, whether they share a process or a file or a server. Values and
// counters are apart: a key can have one of each, and each expires by itself.
//
// What expired is gone for every method at once, whenever its bytes are swept:
// Memory sweeps as it is written to, SQLite every minute, Redis by itself.
//
// Nothing is tried again in silence. An operation that fails with
// fault.Unavailable may have happened, as with any store over a network.
//
// # How long it lasts
//
// SQLite commits to a write-ahead log that survives a crash of the process; a
// failure of the machine's power can take the last moments before it (synchronous
// = NORMAL). What Redis keeps is a matter of its configuration.
package store
