package config

import (
	"fmt"
	"log/slog"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
)

// Reference is a value that may be secret: plain text, ${env:NAME},
// ${file:PATH}, or a mix of them. However it is printed, encoded or logged, the
// references show and the plain text does not. Convert it to a string to get
// the expression for runtime/credential.
type Reference string

// String returns the value without its plain text.
func (r Reference) String() string { return reference.Redact(string(r)) }

// Format prints the value without its plain text, whatever the verb.
func (r Reference) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// MarshalText writes the value without its plain text, in JSON and YAML too.
func (r Reference) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// LogValue logs the value without its plain text.
func (r Reference) LogValue() slog.Value { return slog.StringValue(r.String()) }
