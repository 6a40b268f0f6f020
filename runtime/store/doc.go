// Package store keeps state: what must outlive a call, a process, or be shared by
// several gateways. It is a small key-value interface with what a gateway needs
// of one: values that expire, single use, compare and swap, and counters.
//
// SQLite is embedded and the default; Redis or Valkey is shared by replicas;
// Memory is for tests and for gateways that keep nothing. All three pass one
// conformance suite (storetest).
package store
