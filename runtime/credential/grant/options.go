package grant

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// Kind is how a token is got, by its key in bridge.yaml.
type Kind string

// The kinds of grant.
const (
	ClientCredentials Kind = "oauth2"
	JWTBearer         Kind = "jwt_bearer"
	TokenExchange     Kind = "token_exchange"
)

// Types of tokens (RFC 8693, section 3).
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"

// Reveal returns a secret's text as it is now.
type Reveal func(context.Context) (string, error)

// Options say how a token is got. Kind, What and TokenURL are needed.
type Options struct {
	Kind Kind
	// What names the setting in messages: "sources.crm.credential.oauth2".
	What string
	// Source is the source's name; its tokens are kept apart from those of others.
	Source   string
	TokenURL string

	// ClientID is this gateway's at the authorization server; "" for none, which
	// JWTBearer allows.
	ClientID Reveal
	// ClientSecret authenticates the client; or Key does, for ClientCredentials.
	ClientSecret Reveal
	// AuthStyle is where the client's name and secret stand: header, params, or
	// "" (auto) for whichever the server takes, header first.
	AuthStyle string

	// Key is a private key: PEM (PKCS #8, PKCS #1, SEC 1) or a JWK. KeyID is told as
	// "kid"; Algorithm is of RFC 7518, "" takes the one that fits the key.
	Key              Reveal
	KeyID, Algorithm string
	// Issuer, Subject, JWTAudience and Lifetime are claims of JWTBearer's JWT: "" is
	// the client's name, the issuer, the token endpoint, and 0 is 5 minutes.
	Issuer, Subject, JWTAudience string
	Lifetime                     time.Duration

	// SubjectToken is what TokenExchange exchanges; SubjectTokenType and
	// RequestedTokenType are URNs of RFC 8693, "" for an access token and for none.
	SubjectToken                         Reveal
	SubjectTokenType, RequestedTokenType string

	// Scopes, Audience and Resource (RFC 8707) say what the token is for.
	Scopes             []string
	Audience, Resource string

	// Store keeps tokens across restarts; it must encrypt. Nil keeps none.
	Store store.Store
	// Transport sends requests to the token endpoint; nil takes one of its own.
	Transport http.RoundTripper
	Logger    *slog.Logger // nil for none
}

// check reports settings that no token can be got with.
func (o Options) check() error {
	fail := func(key, format string, args ...any) error {
		return fault.New("grant.new", fault.Invalid, o.What+key+": "+fmt.Sprintf(format, args...))
	}
	if err := CheckURL(o.TokenURL); err != nil {
		return fail(".token_url", "%v", err)
	}
	if !map[string]bool{"": true, "auto": true, "header": true, "params": true}[o.AuthStyle] {
		return fail(".auth_style", "must be auto, header or params")
	}
	switch o.Kind {
	case ClientCredentials:
		if o.ClientID == nil || (o.ClientSecret == nil) == (o.Key == nil) {
			return fail("", "needs client_id and just one of client_secret and key")
		}
	case JWTBearer:
		if o.Key == nil || o.Issuer == "" && o.ClientID == nil {
			return fail("", "needs key, and issuer or client_id")
		}
	case TokenExchange:
		if o.SubjectToken == nil {
			return fail("", "needs subject_token")
		}
	default:
		return fail("", "is no grant that Bridge knows")
	}
	return nil
}

// CheckURL refuses a token endpoint over which secrets would go in the clear, or
// that is no URL. Its error has nothing of the URL.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must be the URL of the token endpoint, such as https://id.example.com/oauth/token")
	case u.User != nil || u.Fragment != "":
		return errors.New("must have no user, password or fragment; give client_id and client_secret")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("must begin with https://, as secrets go over it; http:// is for 127.0.0.1 and localhost alone")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
