package config

import (
	"fmt"
	"log/slog"

	"github.com/bridge-gateway/bridge/runtime/credential/reference"
)

// Reference is a value that may be secret: plain text, references such as
// ${env:NAME}, of which runtime/credential/reference has the forms, or a mix of them. However it is printed, encoded or logged, the
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

// Format prints the credential without its plain text. It is needed beside
// Reference's own: fmt prints what a pointer inside a struct points to without
// asking its fields, where the verb does not fit.
func (c Credential) Format(f fmt.State, _ rune) { writeKeyed(f, c.references()) }

// Format prints the pair without its plain text.
func (b Basic) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(b.text())) }

func (b Basic) text() string {
	return fmt.Sprintf("{username:%s password:%s}", b.Username.String(), b.Password.String())
}
