package credential

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
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
	mutual kind = "mtls"
)

// Value is one configured credential, made by [Bearer], [Basic], [APIKey],
// [Tokens], [Signed] or [Mutual]. It holds expressions, not yet what they stand
// for, and prints none of them.
type Value struct {
	kind   kind
	first  Secret // the token, the key or the user's name
	second Secret // the password
	tokens TokenSource
	signer Signer
}

// TokenSource gets bearer tokens and keeps the one that is good. It is safe for
// parallel use; grant.Source is one.
type TokenSource interface {
	// Token returns a token. Its error says what to check.
	Token(context.Context) (Secret, error)
	// Refused says that the upstream refused a token, and reports whether another
	// one is to be had.
	Refused(context.Context, Secret) bool
}

// Signer signs requests that are otherwise whole. It is safe for parallel use.
type Signer interface {
	Sign(*http.Request) error
}

// Bearer returns a bearer token (RFC 6750).
func Bearer(token string) Value { return Value{kind: bearer, first: NewSecret(token)} }

// Basic returns a user's name and password (RFC 7617). The password may be
// empty, for APIs that take a key as the user.
func Basic(username, password string) Value {
	return Value{kind: basic, first: NewSecret(username), second: NewSecret(password)}
}

// APIKey returns a key that is placed as the document's scheme says.
func APIKey(key string) Value { return Value{kind: apiKey, first: NewSecret(key)} }

// Tokens returns a bearer token that a source gets; form is its key in
// bridge.yaml.
func Tokens(form string, source TokenSource) Value { return Value{kind: kind(form), tokens: source} }

// Signed returns a signature of the whole request; form is its key in bridge.yaml.
func Signed(form string, signer Signer) Value { return Value{kind: kind(form), signer: signer} }

// Mutual returns a client certificate, which the source's transport presents.
func Mutual() Value { return Value{kind: mutual} }

// Always reports whether the value goes with every call where it is not given for
// a scheme: documents rarely say that requests are signed, or which connections
// need a certificate.
func (v Value) Always() bool { return v.signer != nil || v.kind == mutual }

// check reports a value that can't be resolved whatever happens.
func (v Value) check() error {
	if v.tokens != nil || v.Always() {
		return nil
	}
	if v.first.Reveal() == "" && v.second.Reveal() == "" {
		return errors.New("must have just one form, such as bearer, basic or apiKey, with a value")
	}
	for _, s := range []Secret{v.first, v.second} {
		if _, err := reference.Parse(s.Reveal()); err != nil {
			return err
		}
	}
	return nil
}

// fits reports whether the value can be presented for a scheme.
func (v Value) fits(s tool.Scheme) bool {
	isBearer := v.kind == bearer || v.tokens != nil
	switch {
	case v.kind == mutual:
		return s.Type == tool.MutualTLS
	case v.signer != nil:
		return s.Type == tool.APIKey && s.In == tool.InHeader || s.Type == tool.UnknownScheme ||
			s.Type == tool.HTTPAuth && s.HTTPScheme != string(basic) && s.HTTPScheme != string(bearer)
	}
	switch s.Type {
	case tool.HTTPAuth:
		return isBearer && s.HTTPScheme == string(bearer) || v.kind == basic && s.HTTPScheme == string(basic)
	case tool.OAuth2, tool.OpenIDConnect:
		return isBearer
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
	for _, k := range []kind{apiKey, bearer, basic, mutual} {
		if (Value{kind: k}).fits(s) {
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
func (v Value) present(ctx context.Context, r *Resolver, s tool.Scheme, what string) (call.Credential, error) {
	in, name := place(s)
	switch {
	case v.signer != nil:
		return call.Credential{Name: string(v.kind), Sign: v.signer.Sign}, nil
	case v.tokens != nil:
		return v.token(ctx, in, name)
	}
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
	return call.Credential{In: in, Name: name, Value: text}, nil
}

// token presents a token of the value's source.
func (v Value) token(ctx context.Context, in tool.Location, name string) (call.Credential, error) {
	text, err := v.tokens.Token(ctx)
	if err != nil {
		return call.Credential{}, err
	}
	return call.Credential{In: in, Name: name, Value: "Bearer " + text.Reveal(),
		Renew: func(ctx context.Context) (call.Credential, bool) {
			if !v.tokens.Refused(ctx, text) {
				return call.Credential{}, false
			}
			c, err := v.token(ctx, in, name)
			c.Renew = nil // once
			return c, err == nil
		}}, nil
}
