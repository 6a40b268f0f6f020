package credential

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/credential/reference"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// authorization is the header that bearer and basic values stand in.
const authorization = "Authorization"

// kind is the form of a value, by its key in bridge.yaml.
type kind string

const (
	bearer kind = "bearer"
	basic  kind = "basic"
	apiKey kind = "apiKey"
)

// Value is one configured credential. Just one form is set: Bearer, APIKey, or
// Username with or without Password. Each field is an expression, which may
// itself hold a secret; a Value prints without it.
type Value struct {
	Bearer             string // a bearer token (RFC 6750)
	Username, Password string // basic authentication (RFC 7617)
	APIKey             string // a key that is placed as the document's scheme says
}

// String returns the value's form and the references in it.
func (v Value) String() string {
	var parts []string
	for _, f := range []struct{ name, expression string }{
		{"bearer", v.Bearer}, {"username", v.Username}, {"password", v.Password}, {"apiKey", v.APIKey},
	} {
		if f.expression != "" {
			parts = append(parts, f.name+" "+reference.Redact(f.expression))
		}
	}
	return strings.Join(parts, ", ")
}

// Format prints what String returns, whatever the verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// MarshalText writes what String returns, in JSON and YAML too.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// LogValue logs what String returns.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// value is a checked Value, with its expressions out of sight.
type value struct {
	kind   kind
	first  Secret // the token, the key or the user's name
	second Secret // the password
}

// checked returns the value with its kind, or says what is wrong with it.
func (v Value) checked() (value, error) {
	var all []value
	if v.Bearer != "" {
		all = append(all, value{kind: bearer, first: NewSecret(v.Bearer)})
	}
	if v.Username != "" || v.Password != "" {
		all = append(all, value{basic, NewSecret(v.Username), NewSecret(v.Password)})
	}
	if v.APIKey != "" {
		all = append(all, value{kind: apiKey, first: NewSecret(v.APIKey)})
	}
	if len(all) != 1 {
		return value{}, errors.New("must have just one of bearer, basic and apiKey, with a value")
	}
	for _, expression := range []string{v.Bearer, v.Username, v.Password, v.APIKey} {
		if _, err := reference.Parse(expression); err != nil {
			return value{}, err
		}
	}
	return all[0], nil
}

// fits reports whether the value can be presented for a scheme.
func (v value) fits(s tool.Scheme) bool {
	switch s.Type {
	case tool.HTTPAuth:
		return string(v.kind) == s.HTTPScheme && v.kind != apiKey
	case tool.OAuth2, tool.OpenIDConnect:
		return v.kind == bearer
	case tool.APIKey:
		return placed(s) && (v.kind == apiKey || isAuthorization(s))
	default:
		return false
	}
}

func placed(s tool.Scheme) bool {
	return s.Key != "" && (s.In == tool.InHeader || s.In == tool.InQuery || s.In == tool.InCookie)
}

func isAuthorization(s tool.Scheme) bool {
	return s.Type == tool.APIKey && s.In == tool.InHeader && strings.EqualFold(s.Key, authorization)
}

// takes names the kind of value that a scheme asks for; "" if Bridge has none.
func takes(s tool.Scheme) kind {
	for _, k := range []kind{apiKey, bearer, basic} {
		if (value{kind: k}).fits(s) {
			return k
		}
	}
	return ""
}

// describe returns a scheme for messages: "key (apiKey in header X-Key)".
func describe(s tool.Scheme) string {
	switch s.Type {
	case tool.APIKey:
		return fmt.Sprintf("%s (apiKey in %s %s)", s.Name, s.In, s.Key)
	case tool.HTTPAuth:
		return fmt.Sprintf("%s (http %s)", s.Name, s.HTTPScheme)
	case "":
		return s.Name + " (which the document does not declare)"
	default:
		return fmt.Sprintf("%s (%s)", s.Name, s.Type)
	}
}

// place says where a scheme's credential stands on a request.
func place(s tool.Scheme) (tool.Location, string) {
	if s.Type == tool.APIKey && !isAuthorization(s) {
		return s.In, s.Key
	}
	return tool.InHeader, authorization
}

// present resolves the value and places it as the scheme says. what names the
// value in messages.
func (v value) present(ctx context.Context, r *Resolver, s tool.Scheme, what string) (call.Credential, error) {
	first, err := r.Resolve(ctx, v.first.Reveal())
	if err != nil {
		return call.Credential{}, err
	}
	second, err := r.Resolve(ctx, v.second.Reveal())
	if err != nil {
		return call.Credential{}, err
	}
	text := first.Reveal()
	if text == "" && second.Reveal() == "" {
		return call.Credential{}, fault.New("credential.present", fault.Unavailable, what+" is empty; check the variable or file that it names")
	}
	switch v.kind {
	case bearer:
		text = "Bearer " + text
	case basic:
		text = "Basic " + base64.StdEncoding.EncodeToString([]byte(text+":"+second.Reveal()))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return call.Credential{}, fault.New("credential.present", fault.Unavailable,
			what+" has a line end or another control character in it; it must be one line of text")
	}
	in, name := place(s)
	return call.Credential{In: in, Name: name, Value: text}, nil
}
