package tool

import "encoding/json"

// Nullable is a typed argument that may be left out, null or a value, which are
// three things to a merge patch (RFC 7396): "leave it", "remove it" and "set
// it". The zero value is left out of a struct whose field says "omitzero".
type Nullable[T any] struct {
	value T
	state nullState
}

type nullState uint8

const (
	absent nullState = iota
	null
	present
)

// Null returns an argument that is sent as null.
func Null[T any]() Nullable[T] { return Nullable[T]{state: null} }

// Value returns an argument that is sent as v.
func Value[T any](v T) Nullable[T] { return Nullable[T]{value: v, state: present} }

// Get returns the value and whether there is one.
func (n Nullable[T]) Get() (T, bool) { return n.value, n.state == present }

// IsNull reports whether the argument is null, and not just left out.
func (n Nullable[T]) IsNull() bool { return n.state == null }

// IsZero reports whether the argument is left out.
func (n Nullable[T]) IsZero() bool { return n.state == absent }

// MarshalJSON writes the value, and null where there is none.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != present {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON reads null or a value.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Null[T]()
		return nil
	}
	n.state = present
	return json.Unmarshal(data, &n.value)
}
