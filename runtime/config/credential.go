package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Grant says how tokens are got. The three grants share it; each takes the keys
// that it has a use for.
type Grant struct {
	// TokenURL is the token endpoint: https, or http on loopback. "" takes the one
	// that the document names, if that has the origin of the API.
	TokenURL     string    `yaml:"token_url,omitempty"`
	ClientID     Reference `yaml:"client_id,omitempty"`
	ClientSecret Reference `yaml:"client_secret,omitempty"`
	AuthStyle    string    `yaml:"auth_style,omitempty"` // auto, header or params

	// Key is a private key, PEM or JWK, that signs JWTs; Algorithm is of RFC 7518, ""
	// for the one that fits it. JWTAudience, Issuer, Subject and Lifetime are their
	// claims.
	Key         Reference `yaml:"key,omitempty"`
	KeyID       string    `yaml:"key_id,omitempty"`
	Algorithm   string    `yaml:"algorithm,omitempty"`
	Issuer      string    `yaml:"issuer,omitempty"`
	Subject     string    `yaml:"subject,omitempty"`
	JWTAudience string    `yaml:"jwt_audience,omitempty"`
	Lifetime    Duration  `yaml:"lifetime,omitempty"`

	// SubjectToken is what is exchanged; the types are URNs of RFC 8693.
	SubjectToken       Reference `yaml:"subject_token,omitempty"`
	SubjectTokenType   string    `yaml:"subject_token_type,omitempty"`
	RequestedTokenType string    `yaml:"requested_token_type,omitempty"`

	Scopes   []string `yaml:"scopes,omitempty"`
	Audience string   `yaml:"audience,omitempty"`
	Resource string   `yaml:"resource,omitempty"`
}

// AWS says how requests are signed for AWS. Without keys, AWS's own credential
// chain is asked.
type AWS struct {
	Region          string    `yaml:"region,omitempty"`
	Service         string    `yaml:"service,omitempty"`
	Profile         string    `yaml:"profile,omitempty"`
	AccessKeyID     Reference `yaml:"access_key_id,omitempty"`
	SecretAccessKey Reference `yaml:"secret_access_key,omitempty"`
	SessionToken    Reference `yaml:"session_token,omitempty"`
}

// HMAC says how requests are signed by a shared key. runtime/credential/signing has
// the parts that Over lists.
type HMAC struct {
	Key             Reference `yaml:"key,omitempty"`
	Header          string    `yaml:"header,omitempty"`
	Prefix          string    `yaml:"prefix,omitempty"`
	Algorithm       string    `yaml:"algorithm,omitempty"` // sha256, sha384 or sha512
	Encoding        string    `yaml:"encoding,omitempty"`  // hex or base64
	Over            []string  `yaml:"over,omitempty"`
	TimestampHeader string    `yaml:"timestamp_header,omitempty"`
}

// MTLS is a client certificate and its key, in PEM, and who may sign the server's;
// "" for those whom the system trusts.
type MTLS struct {
	Cert Reference `yaml:"cert,omitempty"`
	Key  Reference `yaml:"key,omitempty"`
	CA   Reference `yaml:"ca,omitempty"`
}

// keyed is a value that may be secret, by its key inside a credential.
type keyed struct {
	key   string
	value Reference
}

// references returns all values that may be secret, given or not.
func (c Credential) references() []keyed {
	all := []keyed{{"bearer", c.Bearer}, {"apiKey", c.APIKey}}
	add := func(form string, values []keyed) {
		for _, v := range values {
			all = append(all, keyed{form + "." + v.key, v.value})
		}
	}
	if c.Basic != nil {
		add("basic", []keyed{{"username", c.Basic.Username}, {"password", c.Basic.Password}})
	}
	for _, g := range c.grants() {
		add(g.form, g.grant.references())
	}
	if c.AWS != nil {
		add("aws", c.AWS.references())
	}
	if c.HMAC != nil {
		add("hmac", c.HMAC.references())
	}
	if c.MTLS != nil {
		add("mtls", c.MTLS.references())
	}
	return all
}

func (g Grant) references() []keyed {
	return []keyed{{"client_id", g.ClientID}, {"client_secret", g.ClientSecret}, {"key", g.Key}, {"subject_token", g.SubjectToken}}
}

func (a AWS) references() []keyed {
	return []keyed{{"access_key_id", a.AccessKeyID}, {"secret_access_key", a.SecretAccessKey}, {"session_token", a.SessionToken}}
}

func (h HMAC) references() []keyed { return []keyed{{"key", h.Key}} }

func (m MTLS) references() []keyed {
	return []keyed{{"cert", m.Cert}, {"key", m.Key}, {"ca", m.CA}}
}

// Format prints what may be secret of the value without its plain text.
func (g Grant) Format(f fmt.State, _ rune) { writeKeyed(f, g.references()) }

// Format prints what may be secret of the value without its plain text.
func (a AWS) Format(f fmt.State, _ rune) { writeKeyed(f, a.references()) }

// Format prints what may be secret of the value without its plain text.
func (h HMAC) Format(f fmt.State, _ rune) { writeKeyed(f, h.references()) }

// Format prints what may be secret of the value without its plain text.
func (m MTLS) Format(f fmt.State, _ rune) { writeKeyed(f, m.references()) }

func writeKeyed(f fmt.State, values []keyed) {
	var given []string
	for _, v := range values {
		if v.value != "" {
			given = append(given, v.key+":"+v.value.String())
		}
	}
	_, _ = fmt.Fprintf(f, "{%s}", strings.Join(given, " "))
}

// formGrant is a grant that is given, with the form's key.
type formGrant struct {
	form  string
	grant *Grant
}

// grants returns the grants that are given.
func (c Credential) grants() []formGrant {
	var given []formGrant
	for _, g := range []formGrant{{"oauth2", c.OAuth2}, {"jwt_bearer", c.JWTBearer}, {"token_exchange", c.TokenExchange}} {
		if g.grant != nil {
			given = append(given, g)
		}
	}
	return given
}

// IsPlain reports whether the credential is a bearer token or basic alone, which
// MCP servers can be given.
func (c Credential) IsPlain() bool {
	return c.APIKey == "" && len(c.grants()) == 0 && c.AWS == nil && c.HMAC == nil && c.MTLS == nil
}

// credential reads a credential and reports whether any of it was given.
func (d *decoder) credential(v value) (Credential, bool) {
	var c Credential
	given := d.object(v, []field{
		d.reference("bearer", &c.Bearer),
		optional(d, "basic", &c.Basic, func(b *Basic) []field {
			return []field{d.reference("username", &b.Username), d.reference("password", &b.Password)}
		}),
		d.reference("apiKey", &c.APIKey),
		optional(d, "oauth2", &c.OAuth2, func(g *Grant) []field {
			return append(d.client(g), d.text("jwt_audience", &g.JWTAudience), d.reference("key", &g.Key), d.text("key_id", &g.KeyID), d.text("algorithm", &g.Algorithm))
		}),
		optional(d, "jwt_bearer", &c.JWTBearer, func(g *Grant) []field {
			return append(d.client(g), d.reference("key", &g.Key), d.text("key_id", &g.KeyID), d.text("algorithm", &g.Algorithm),
				d.text("issuer", &g.Issuer), d.text("subject", &g.Subject), d.text("jwt_audience", &g.JWTAudience), d.duration("lifetime", &g.Lifetime))
		}),
		optional(d, "token_exchange", &c.TokenExchange, func(g *Grant) []field {
			return append(d.client(g), d.reference("subject_token", &g.SubjectToken), d.text("subject_token_type", &g.SubjectTokenType),
				d.text("requested_token_type", &g.RequestedTokenType))
		}),
		optional(d, "aws", &c.AWS, d.aws),
		optional(d, "hmac", &c.HMAC, d.hmac),
		optional(d, "mtls", &c.MTLS, func(m *MTLS) []field {
			return []field{d.reference("cert", &m.Cert), d.reference("key", &m.Key), d.reference("ca", &m.CA)}
		}),
	})
	return c, given || v.node != nil
}

// client are the keys that all grants have.
func (d *decoder) client(g *Grant) []field {
	return []field{
		d.text("token_url", &g.TokenURL), d.reference("client_id", &g.ClientID), d.reference("client_secret", &g.ClientSecret),
		d.text("auth_style", &g.AuthStyle), d.texts("scopes", &g.Scopes), d.text("audience", &g.Audience), d.text("resource", &g.Resource),
	}
}

func (d *decoder) aws(a *AWS) []field {
	return []field{
		d.text("region", &a.Region), d.text("service", &a.Service), d.text("profile", &a.Profile),
		d.reference("access_key_id", &a.AccessKeyID), d.reference("secret_access_key", &a.SecretAccessKey), d.reference("session_token", &a.SessionToken),
	}
}

func (d *decoder) hmac(h *HMAC) []field {
	return []field{
		d.reference("key", &h.Key), d.text("header", &h.Header), d.text("prefix", &h.Prefix), d.text("algorithm", &h.Algorithm),
		d.text("encoding", &h.Encoding), d.texts("over", &h.Over), d.text("timestamp_header", &h.TimestampHeader),
	}
}

// optional reads an object that stays nil where nothing of it is given.
func optional[T any](d *decoder, key string, into **T, fields func(*T) []field) field {
	return field{key, mapping, func(v value) {
		var x T
		if d.object(v, fields(&x)) || v.node != nil {
			*into = &x
		}
	}}
}

// credential checks a credential; a source's own may have a signature and a
// certificate besides its form.
func (k *checker) credential(path string, c Credential, own bool) {
	presented := count(c.Bearer != "", c.Basic != nil, c.APIKey != "", c.OAuth2 != nil, c.JWTBearer != nil, c.TokenExchange != nil, c.AWS != nil)
	besides := count(c.HMAC != nil, c.MTLS != nil)
	switch {
	case presented > 1 || !own && presented+besides > 1:
		k.fail(path, "must have just one of bearer, basic, apiKey, oauth2, jwt_bearer, token_exchange, aws, hmac and mtls; a source's credential may have hmac and mtls besides one of the others")
	case presented+besides == 0:
		k.lacks(path, "must have one of bearer, basic, apiKey, oauth2, jwt_bearer, token_exchange, aws, hmac and mtls, with a value")
	}
	for _, r := range c.references() {
		k.reference(path+"."+r.key, r.value)
	}
	k.basic(path+".basic", c.Basic)
	for _, g := range c.grants() {
		k.grant(path+"."+g.form, g)
	}
	if c.AWS != nil {
		k.aws(path+".aws", *c.AWS)
	}
	if c.HMAC != nil {
		k.hmac(path+".hmac", *c.HMAC)
	}
	if c.MTLS != nil && (c.MTLS.Cert == "" || c.MTLS.Key == "") {
		k.lacks(path+".mtls", "needs cert and key, as {cert: \"${file:client.pem}\", key: \"${file:client.key}\"}")
	}
}

func count(given ...bool) int {
	n := 0
	for _, g := range given {
		if g {
			n++
		}
	}
	return n
}

func (k *checker) basic(path string, b *Basic) {
	if b == nil {
		return
	}
	if b.Username == "" && b.Password == "" {
		k.lacks(path, "needs a username and a password")
	}
	if strings.Contains(string(b.Username), ":") && !strings.Contains(string(b.Username), "${") {
		k.fail(path+".username", "must not have a colon (RFC 7617, section 2)")
	}
}

// grant checks what a grant needs.
func (k *checker) grant(path string, g formGrant) {
	x := g.grant
	if x.TokenURL != "" {
		k.url(path+".token_url", x.TokenURL)
		if u, err := url.Parse(x.TokenURL); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
			k.fail(path+".token_url", "must begin with https://, as secrets go over it; http:// is for 127.0.0.1 and localhost alone")
		}
	}
	if x.AuthStyle != "" {
		k.oneOf(path+".auth_style", x.AuthStyle, []string{"auto", "header", "params"})
	}
	switch {
	case g.form == "oauth2" && (x.ClientID == "" || (x.ClientSecret == "") == (x.Key == "")):
		k.lacks(path, "needs client_id and just one of client_secret and key (a private key, for private_key_jwt)")
	case g.form == "jwt_bearer" && (x.Key == "" || x.ClientID == "" && x.Issuer == ""):
		k.lacks(path, "needs key (a private key), and issuer or client_id")
	case g.form == "token_exchange" && x.SubjectToken == "":
		k.lacks(path, "needs subject_token")
	}
	for i, scope := range x.Scopes {
		if scope == "" || strings.ContainsAny(scope, " \t\"\\") {
			k.fail(fmt.Sprintf("%s.scopes[%d]", path, i), "must be one scope, without spaces (RFC 6749, section 3.3)")
		}
	}
	const most = Duration(60 * 60 * 1e9)
	if x.Lifetime < 0 || x.Lifetime > most {
		k.fail(path+".lifetime", "must be at most %s, is %s", most, x.Lifetime)
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func (k *checker) aws(path string, a AWS) {
	if a.Service == "" {
		k.lacks(path, "needs service, such as execute-api")
	}
	if (a.AccessKeyID == "") != (a.SecretAccessKey == "") || a.SessionToken != "" && a.AccessKeyID == "" {
		k.lacks(path, "needs both access_key_id and secret_access_key, or neither, for AWS's own credential chain")
	}
}

func (k *checker) hmac(path string, h HMAC) {
	if h.Key == "" {
		k.lacks(path, "needs key, the key that both sides have")
	}
	if h.Algorithm != "" {
		k.oneOf(path+".algorithm", h.Algorithm, []string{"sha256", "sha384", "sha512"})
	}
	if h.Encoding != "" {
		k.oneOf(path+".encoding", h.Encoding, []string{"hex", "base64"})
	}
	for key, name := range map[string]string{"header": h.Header, "timestamp_header": h.TimestampHeader} {
		if name != "" && !isToken(name) {
			k.fail(path+"."+key, "is no name for a header")
		}
	}
	for i, part := range h.Over {
		name, isHeader := strings.CutPrefix(part, "header:")
		if !isHeader || !isToken(name) {
			k.oneOf(fmt.Sprintf("%s.over[%d]", path, i), part, []string{"method", "path", "query", "path_query", "host", "timestamp", "body", "body_sha256", "header:NAME"})
		}
	}
}
