package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bridge-gateway/bridge/runtime/config"
	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/credential/grant"
	"github.com/bridge-gateway/bridge/runtime/credential/manager"
	"github.com/bridge-gateway/bridge/runtime/credential/signing"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
	"github.com/bridge-gateway/bridge/runtime/tool"
)

// vault is what a run of the program keeps of secrets: what managers answered,
// and where tokens outlive a restart. Each is made when it is first needed.
type vault struct {
	mu       sync.Mutex
	managers *manager.Managers
	opened   bool
	tokens   store.Store // nil for none
}

// asking returns the managers that references are resolved by. The first folder
// and logger stay: a reload has the same.
func (v *vault) asking(dir string, logger *slog.Logger) *manager.Managers {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.managers == nil {
		v.managers = manager.New(manager.Options{Dir: dir, Logger: logger})
	}
	return v.managers
}

// kept returns where tokens are kept, encrypted by state_key; nil where there is no
// store, or no key that a restart has too.
func (v *vault) kept(ctx context.Context, w *wiring) store.Store {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.opened || w.listing {
		return v.tokens
	}
	key, err := w.stateKey(ctx)
	if err == nil && len(key) > 0 {
		var inner store.Store
		if inner, err = w.openStore(ctx); inner != nil {
			v.tokens = store.Sealed(inner, sealingKey(key))
		}
	}
	if err != nil {
		w.logger.WarnContext(ctx, "tokens for upstreams are not kept across restarts, as the store can't be opened", "error", err)
		return nil // and tried again for the next source
	}
	v.opened = true
	if v.tokens == nil {
		w.logger.InfoContext(ctx, "tokens for upstreams are not kept across restarts; for that, set store and state_key in bridge.yaml")
	}
	return v.tokens
}

func (v *vault) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var errs []error
	if v.managers != nil {
		errs = append(errs, v.managers.Close())
	}
	if v.tokens != nil {
		errs = append(errs, v.tokens.Close())
	}
	return errors.Join(errs...)
}

// presented is what a REST source presents to its upstream, made of its
// configuration.
type presented struct {
	fallback *credential.Value
	besides  []credential.Value
	byScheme map[string]credential.Value
	tls      *tls.Config // nil for the usual
	grants   []*grant.Source
}

func (p *presented) close() error {
	var errs []error
	for _, g := range p.grants {
		errs = append(errs, g.Close())
	}
	return errors.Join(errs...)
}

// presenting makes what a source presents. The caller closes it.
func (w *wiring) presenting(ctx context.Context, s config.Source, parts restParts) (*presented, error) {
	p := &presented{byScheme: map[string]credential.Value{}}
	b := &presenter{wiring: w, source: s, parts: parts, into: p}
	if s.Credential != nil {
		if err := b.own(ctx, *s.Credential); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	for _, scheme := range slices.Sorted(maps.Keys(s.Credentials)) {
		what := fmt.Sprintf("sources.%s.credentials.%s", s.Name, scheme)
		values, err := b.values(ctx, what, scheme, s.Credentials[scheme])
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.byScheme[scheme] = values[0] // the configuration was checked for just one
	}
	return p, nil
}

// presenter makes values of one source's configuration.
type presenter struct {
	*wiring
	source config.Source
	parts  restParts
	into   *presented
}

// own makes the values of the source's own credential: the one that stands for
// schemes, and what goes with every call besides.
func (b *presenter) own(ctx context.Context, c config.Credential) error {
	what := fmt.Sprintf("sources.%s.credential", b.source.Name)
	values, err := b.values(ctx, what, "", c)
	if err != nil {
		return err
	}
	for _, v := range values {
		if v.Always() {
			b.into.besides = append(b.into.besides, v)
		} else {
			b.into.fallback = &v
		}
	}
	return nil
}

// values makes the values of a credential; scheme is that of the document which it
// is given for, or "".
func (b *presenter) values(ctx context.Context, what, scheme string, c config.Credential) ([]credential.Value, error) {
	var values []credential.Value
	switch {
	case c.Bearer != "":
		values = append(values, credential.Bearer(string(c.Bearer)))
	case c.Basic != nil:
		values = append(values, credential.Basic(string(c.Basic.Username), string(c.Basic.Password)))
	case c.APIKey != "":
		values = append(values, credential.APIKey(string(c.APIKey)))
	case c.AWS != nil:
		values = append(values, credential.Signed("aws", signing.NewAWS(b.aws(what+".aws", c.AWS))))
	}
	for kind, g := range map[grant.Kind]*config.Grant{grant.ClientCredentials: c.OAuth2, grant.JWTBearer: c.JWTBearer, grant.TokenExchange: c.TokenExchange} {
		if g == nil {
			continue
		}
		source, err := b.grant(ctx, kind, what+"."+string(kind), scheme, g)
		if err != nil {
			return nil, err
		}
		b.into.grants = append(b.into.grants, source)
		values = append(values, credential.Tokens(string(kind), source))
	}
	if c.HMAC != nil {
		signer, err := signing.NewHMAC(b.hmac(what+".hmac", c.HMAC))
		if err != nil {
			return nil, err
		}
		values = append(values, credential.Signed("hmac", signer))
	}
	if c.MTLS != nil {
		values = append(values, credential.Mutual())
		return values, b.certificate(ctx, what+".mtls", c.MTLS)
	}
	return values, nil
}

// certificate sets how the source's connections are made.
func (b *presenter) certificate(ctx context.Context, what string, m *config.MTLS) (err error) {
	if b.listing {
		return nil // no connection is made
	}
	if b.into.tls != nil {
		return fault.New("source.tls", fault.Invalid, what+": a source's connections have one client certificate, and another one is given for this source")
	}
	b.into.tls, err = credential.Certificate{What: what, Cert: string(m.Cert), Key: string(m.Key), CA: string(m.CA), Resolver: b.secrets}.TLS(ctx)
	return err
}

// optional is reveal for a value that may not be given: nil then.
func (b *presenter) optional(r config.Reference) func(context.Context) (string, error) {
	if r == "" {
		return nil
	}
	return b.reveal(r)
}

func (b *presenter) aws(what string, a *config.AWS) signing.AWSOptions {
	return signing.AWSOptions{What: what, Region: a.Region, Service: a.Service, Profile: a.Profile,
		AccessKeyID: b.optional(a.AccessKeyID), SecretAccessKey: b.optional(a.SecretAccessKey), SessionToken: b.optional(a.SessionToken)}
}

func (b *presenter) hmac(what string, h *config.HMAC) signing.HMACOptions {
	return signing.HMACOptions{What: what, Key: b.optional(h.Key), Header: h.Header, Prefix: h.Prefix, Algorithm: h.Algorithm,
		Encoding: h.Encoding, Over: h.Over, TimestampHeader: h.TimestampHeader}
}

// grant makes what gets tokens.
func (b *presenter) grant(ctx context.Context, kind grant.Kind, what, scheme string, g *config.Grant) (*grant.Source, error) {
	endpoint := g.TokenURL
	if endpoint == "" {
		var err error
		if endpoint, err = b.declaredEndpoint(what, scheme); err != nil {
			return nil, err
		}
	}
	return grant.New(grant.Options{
		Kind: kind, What: what, Source: b.source.Name, TokenURL: endpoint,
		ClientID: b.optional(g.ClientID), ClientSecret: b.optional(g.ClientSecret), AuthStyle: g.AuthStyle,
		Key: b.optional(g.Key), KeyID: g.KeyID, Algorithm: g.Algorithm,
		Issuer: g.Issuer, Subject: g.Subject, JWTAudience: g.JWTAudience, Lifetime: time.Duration(g.Lifetime),
		SubjectToken: b.optional(g.SubjectToken), SubjectTokenType: g.SubjectTokenType, RequestedTokenType: g.RequestedTokenType,
		Scopes: g.Scopes, Audience: g.Audience, Resource: g.Resource,
		Store: b.vault.kept(ctx, b.wiring), Logger: b.logger,
	})
}

// declaredEndpoint returns the token endpoint that the document names, if it has
// the origin of the API: a document must not choose whom the client's secret is
// told.
func (b *presenter) declaredEndpoint(what, scheme string) (string, error) {
	fail := func(why string) (string, error) {
		return "", fault.New("source.grant", fault.Invalid, what+": "+why+"; give token_url")
	}
	i := slices.IndexFunc(b.parts.api.Schemes, func(s tool.Scheme) bool {
		return s.TokenURL != "" && (scheme == "" || s.Name == scheme)
	})
	if i < 0 {
		return fail("the document names no token endpoint")
	}
	base := b.source.URL
	if base == "" && len(b.parts.api.Servers) > 0 {
		base = b.parts.api.Servers[0].URL
	}
	api, err := url.Parse(base)
	if err == nil && !api.IsAbs() && b.parts.url != "" {
		api, err = url.Parse(b.parts.url)
	}
	if err != nil || api.Host == "" {
		return fail("the API's own origin is not known, which the document's token endpoint would have to have")
	}
	endpoint, err := api.Parse(b.parts.api.Schemes[i].TokenURL)
	if err != nil || endpoint.Scheme != api.Scheme || !strings.EqualFold(endpoint.Host, api.Host) {
		return fail("the document's token endpoint is not at the API's own origin, so it is not taken unasked")
	}
	return endpoint.String(), nil
}
