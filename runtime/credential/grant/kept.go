package grant

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/bridge-gateway/bridge/runtime/store"
)

// kept is a token as it is in the store.
type kept struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
	// For tells the settings and secrets that the token was got with.
	For string `json:"for"`
}

// key is where the source's token is kept. Nothing secret goes into it.
func (s *Source) key() string {
	return "credential/token/" + digest(s.opts.Source, s.opts.What, s.opts.TokenURL)
}

// digest tells lists of texts apart.
func digest(texts ...string) string {
	data, _ := json.Marshal(texts) // texts always can be
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// origin tells the settings and secrets of a request apart; it is kept encrypted.
func (s *Source) origin(p parameters) string {
	form := map[string][]string{}
	for name, values := range p.form {
		if name != "assertion" && name != "client_assertion" {
			form[name] = values
		}
	}
	data, _ := json.Marshal(form) // texts always can be
	o := s.opts
	return digest(append([]string{o.TokenURL, p.clientID, p.clientSecret, p.key, string(data), o.Issuer, o.Subject, o.JWTAudience}, o.Scopes...)...)
}

// recall returns the token that was kept, if it is good for a while.
func (s *Source) recall(ctx context.Context, p parameters) *token {
	if s.opts.Store == nil {
		return nil
	}
	data, err := s.opts.Store.Get(ctx, s.key())
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			s.log.WarnContext(ctx, "a token that was kept can't be read; another one is got", "error", err)
		}
		return nil
	}
	var k kept
	if json.Unmarshal(data, &k) != nil || k.For != s.origin(p) || time.Until(k.Expires) < margin {
		return nil
	}
	return newToken(k.Token, k.Expires)
}

// keep puts a token where a restart finds it.
func (s *Source) keep(ctx context.Context, p parameters, t *token) {
	if s.opts.Store == nil || time.Until(t.expires) < margin {
		return
	}
	data, err := json.Marshal(kept{t.text.Reveal(), t.expires, s.origin(p)})
	if err == nil {
		err = s.opts.Store.Set(ctx, s.key(), data, time.Until(t.expires))
	}
	if err != nil {
		s.log.WarnContext(ctx, "a token can't be kept; after a restart another one is got", "error", err)
	}
}

// forget deletes the token that is kept.
func (s *Source) forget(ctx context.Context) {
	if s.opts.Store == nil {
		return
	}
	if err := s.opts.Store.Delete(ctx, s.key()); err != nil {
		s.log.WarnContext(ctx, "a token that was refused can't be deleted from the store", "error", err)
	}
}
