package grant

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// parameters are a request's, its secrets as they are now.
type parameters struct {
	clientID, clientSecret string
	form                   url.Values
	key                    string
}

// newTransport returns a transport for few requests to one host.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10, MaxIdleConns: 2, IdleConnTimeout: 30 * time.Second,
		ForceAttemptHTTP2: true,
	}
}

// parameters resolves the settings. Assertions are not among them, as they differ
// each time.
func (s *Source) parameters(ctx context.Context) (parameters, error) {
	o, p := s.opts, parameters{form: url.Values{}}
	subject := ""
	for _, x := range []struct {
		key    string
		reveal Reveal
		into   *string
	}{{"client_id", o.ClientID, &p.clientID}, {"client_secret", o.ClientSecret, &p.clientSecret}, {"key", o.Key, &p.key}, {"subject_token", o.SubjectToken, &subject}} {
		if x.reveal == nil {
			continue
		}
		text, err := x.reveal(ctx)
		if err != nil {
			return p, err
		}
		if text == "" {
			return p, fault.New("grant.resolve", fault.Unavailable, fmt.Sprintf("%s.%s is empty; check the variable or file that it names", o.What, x.key))
		}
		*x.into = text
	}
	for key, value := range map[string]string{"audience": o.Audience, "resource": o.Resource} {
		if value != "" {
			p.form.Set(key, value)
		}
	}
	switch o.Kind {
	case JWTBearer:
		p.form.Set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
	case TokenExchange:
		p.form.Set("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
		p.form.Set("subject_token", subject)
		p.form.Set("subject_token_type", or(o.SubjectTokenType, accessTokenType))
		if o.RequestedTokenType != "" {
			p.form.Set("requested_token_type", o.RequestedTokenType)
		}
	default:
		p.form.Set("grant_type", "client_credentials")
	}
	return p, nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// request asks the token endpoint.
func (s *Source) request(ctx context.Context, p parameters) (*token, error) {
	if err := s.assert(p); err != nil {
		return nil, err
	}
	c := &s.config
	c.ClientID, c.ClientSecret, c.TokenURL = p.clientID, p.clientSecret, s.opts.TokenURL
	c.Scopes, c.EndpointParams = s.opts.Scopes, p.form
	c.AuthStyle = map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "params": oauth2.AuthStyleInParams}[s.opts.AuthStyle]
	if p.clientSecret == "" {
		c.AuthStyle = oauth2.AuthStyleInParams // there is no secret for a header
	}
	got, err := c.Token(context.WithValue(ctx, oauth2.HTTPClient, s.client))
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	if kind := got.Type(); kind != "Bearer" {
		return nil, fault.New("grant.token", fault.Unsupported, s.opts.What+": the token endpoint gave a token that is no bearer token, which Bridge can't present; check what the client is registered for")
	}
	if strings.ContainsFunc(got.AccessToken, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, fault.New("grant.token", fault.Unavailable, s.opts.What+": the token endpoint gave a token with characters that no header may have; check token_url")
	}
	if !got.Expiry.IsZero() && !got.Expiry.After(time.Now()) {
		return nil, fault.New("grant.token", fault.Unavailable, s.opts.What+": the token endpoint gave a token that is over already; check the clocks of both")
	}
	return newToken(got.AccessToken, got.Expiry), nil
}

// errorCode is what the codes of RFC 6749, section 5.2 look like; no other text of
// the server's shows, as it might quote a secret.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// hints say what to check, by the server's code.
var hints = map[string]string{
	"invalid_client":         "check client_id and client_secret, or key, key_id and algorithm, and the clock; auth_style where the server wants them elsewhere",
	"unauthorized_client":    "allow this grant to the client at the authorization server",
	"unsupported_grant_type": "the authorization server does not have this grant; use another form of credential",
	"invalid_grant":          "check key, issuer, subject and audience, or subject_token, which may be over its time; and the clock",
	"invalid_scope":          "check scopes against what the client may have",
	"invalid_target":         "check audience and resource against what the authorization server knows",
	"invalid_request":        "check which of scopes, audience and resource the authorization server wants",
	"access_denied":          "allow the client what scopes, audience and resource ask for",
}

// explain says why no token came, in words that hold nothing of the answer.
func (s *Source) explain(ctx context.Context, err error) error {
	host := "the token endpoint"
	if u, parseErr := url.Parse(s.opts.TokenURL); parseErr == nil {
		host += " at " + u.Host
	}
	var refused *oauth2.RetrieveError
	var network *url.Error
	say := func(text string, cause error) error {
		return fault.Wrap("grant.token", fault.Unavailable, fmt.Sprintf("%s: no token for the upstream of source %q: %s", s.opts.What, s.opts.Source, text), cause)
	}
	switch {
	case ctx.Err() != nil && s.work.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused):
		return say(refusal(host, refused), nil)
	case errors.As(err, &network) && network.Timeout():
		return say(fmt.Sprintf("%s did not answer within %s; check that it runs, and the network", host, timeout), nil)
	case errors.As(err, &network):
		return say(host+" can't be reached; check token_url, that it runs, its certificate and the network", network.Err)
	default:
		return say(host+" answered with something that is no token; check token_url", nil)
	}
}

// refusal says what an answer that is an error means.
func refusal(host string, refused *oauth2.RetrieveError) string {
	status := refused.Response.StatusCode
	switch code := refused.ErrorCode; {
	case errorCode.MatchString(code):
		return fmt.Sprintf("%s answered %d (%s); %s", host, status, code, or(hints[code], "look at its log"))
	case status >= 300 && status < 400:
		return fmt.Sprintf("%s answered %d, a redirect, which is not followed with secrets; set token_url to where it leads", host, status)
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return fmt.Sprintf("%s answered %d; check token_url", host, status)
	case status >= 500:
		return fmt.Sprintf("%s answered %d, its own failure; it is asked again by itself", host, status)
	default:
		return fmt.Sprintf("%s answered %d without a code; look at its log", host, status)
	}
}
