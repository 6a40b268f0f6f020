package oidc_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/credential/grant"
	"github.com/bridge-gateway/bridge/runtime/fault"
	"github.com/bridge-gateway/bridge/runtime/store"
)

// The secrets of the provider's clients. No output may have one.
const (
	apiSecret  = "planted-api-secret"
	crmSecret  = "planted-crm-secret+/% &"
	postSecret = "planted-post-secret"
)

func text(s string) grant.Reveal {
	return func(context.Context) (string, error) { return s, nil }
}

// basics are the clients that all tests have: the API that asks about tokens, and
// one that authenticates by each of the two ways with a secret.
func basics() []client {
	return []client{
		{"client_id": "api", "client_secret": apiSecret},
		{"client_id": "crm", "client_secret": crmSecret},
		{"client_id": "post", "client_secret": postSecret, "token_endpoint_auth_method": "client_secret_post"},
	}
}

// signing returns a client that signs JWTs by a key.
func signing(id, algorithm string, keys ...jose.JSONWebKey) client {
	public := make([]jose.JSONWebKey, len(keys))
	for i, k := range keys {
		public[i] = k.Public()
	}
	return client{"client_id": id, "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": algorithm,
		"jwks": jose.JSONWebKeySet{Keys: public}}
}

func source(t *testing.T, o grant.Options) *grant.Source {
	t.Helper()
	if o.Kind == "" {
		o.Kind = grant.ClientCredentials
	}
	o.What, o.Source = "sources.crm.credential.oauth2", "crm"
	s, err := grant.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func token(t *testing.T, s *grant.Source) credential.Secret {
	t.Helper()
	got, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func rsaKey(t *testing.T, id string) (jose.JSONWebKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: key, KeyID: id, Algorithm: "RS256", Use: "sig"}, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// TestClientsAuthenticate gets a token in each way that a client can say who it
// is; the provider says whether the token is good.
func TestClientsAuthenticate(t *testing.T) {
	first, firstPEM := rsaKey(t, "first")
	second, secondPEM := rsaKey(t, "second")
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec := jose.JSONWebKey{Key: curve, KeyID: "ec", Algorithm: "ES256", Use: "sig"}
	ecText, err := json.Marshal(ec)
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, "", 60, append(basics(), signing("rsa", "RS256", first, second), signing("ec", "ES256", ec))...)
	for name, o := range map[string]grant.Options{
		"secret in the header": {ClientID: text("crm"), ClientSecret: text(crmSecret), AuthStyle: "header"},
		"secret, found out":    {ClientID: text("crm"), ClientSecret: text(crmSecret)},
		"secret in the form":   {ClientID: text("post"), ClientSecret: text(postSecret), AuthStyle: "params"},
		"form, found out":      {ClientID: text("post"), ClientSecret: text(postSecret)},
		"RSA key in PEM":       {ClientID: text("rsa"), Key: text(firstPEM)},
		"rotated key":          {ClientID: text("rsa"), Key: text(secondPEM), KeyID: "second"},
		"EC key as a JWK":      {ClientID: text("ec"), Key: text(string(ecText))},
		"with a scope":         {ClientID: text("crm"), ClientSecret: text(crmSecret), Scopes: []string{"crm.read"}},
	} {
		t.Run(name, func(t *testing.T) {
			o.TokenURL = p.url + "/token"
			if got := token(t, source(t, o)); !p.active(got.Reveal()) {
				t.Error("the provider does not know the token")
			}
		})
	}
}

// TestRefusalsSayWhatToCheck makes the provider refuse.
func TestRefusalsSayWhatToCheck(t *testing.T) {
	p := start(t, "", 60, append(basics(), client{"client_id": "narrow", "client_secret": crmSecret, "scope": "openid"})...)
	_, stranger := rsaKey(t, "stranger")
	for name, c := range map[string]struct {
		o    grant.Options
		want string
	}{
		"wrong secret":  {grant.Options{ClientID: text("crm"), ClientSecret: text("planted-wrong")}, "(invalid_client); check client_id and client_secret"},
		"unknown key":   {grant.Options{ClientID: text("rsa"), Key: text(stranger)}, "(invalid_client); check"},
		"wrong scope":   {grant.Options{ClientID: text("narrow"), ClientSecret: text(crmSecret), Scopes: []string{"crm.read"}}, "(invalid_scope); check scopes"},
		"no such place": {grant.Options{ClientID: text("crm"), ClientSecret: text(crmSecret), TokenURL: p.url + "/nowhere"}, "404"},
		"no key":        {grant.Options{ClientID: text("crm"), Key: text("planted-no-key")}, "key: it must be a private key as PEM"},
		"empty secret":  {grant.Options{ClientID: text("crm"), ClientSecret: text("")}, "oauth2.client_secret is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.o.TokenURL == "" {
				c.o.TokenURL = p.url + "/token"
			}
			_, err := source(t, c.o).Token(t.Context())
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), c.want) {
				t.Fatalf("the error is %v, want %q in it", err, c.want)
			}
			if strings.Contains(err.Error(), "planted") {
				t.Errorf("the error quotes a secret: %v", err)
			}
		})
	}
}

// TestManyWaitForOneRequest lets calls ask for a token at once.
func TestManyWaitForOneRequest(t *testing.T) {
	p := start(t, "", 60, basics()...)
	s := source(t, grant.Options{TokenURL: p.url + "/token", ClientID: text("crm"), ClientSecret: text(crmSecret)})
	var calls sync.WaitGroup
	tokens := make([]string, 64)
	for i := range tokens {
		calls.Go(func() {
			if got, err := s.Token(t.Context()); err == nil {
				tokens[i] = got.Reveal()
			}
		})
	}
	calls.Wait()
	for _, got := range tokens {
		if got == "" || got != tokens[0] {
			t.Fatalf("calls got %q and %q", tokens[0], got)
		}
	}
	p.stop()
	if n := p.issued.Load(); n != 1 {
		t.Errorf("the provider gave %d tokens for calls that came at once", n)
	}
}

// TestTokensSurviveRestarts keeps a token in a store that encrypts, and takes it
// up again; not with other settings.
func TestTokensSurviveRestarts(t *testing.T) {
	p := start(t, "", 60, basics()...)
	file := filepath.Join(t.TempDir(), "state.db")
	o := grant.Options{TokenURL: p.url + "/token", ClientID: text("crm"), ClientSecret: text(crmSecret)}
	run := func(o grant.Options) string {
		inner := store.SQLite(file, store.Options{})
		defer func() { _ = inner.Close() }()
		o.Store = store.Sealed(inner, store.Key{1})
		s := source(t, o)
		defer func() { _ = s.Close() }()
		return token(t, s).Reveal()
	}
	first := run(o)
	if second := run(o); second != first {
		t.Error("a restart did not find the token")
	}
	data := []byte{}
	for _, name := range []string{file, file + "-wal"} {
		part, _ := os.ReadFile(name) // the log may be gone
		data = append(data, part...)
	}
	if len(data) == 0 || bytes.Contains(data, []byte(first)) || bytes.Contains(data, []byte("planted")) {
		t.Errorf("the store's %d bytes have the token or the secret in the clear, or nothing", len(data))
	}
	o.Scopes = []string{"crm.read"}
	if third := run(o); third == first {
		t.Error("a token for other scopes was taken")
	}
	p.stop()
	run(o) // the provider is down: the token that is kept does
}

// TestOutage lets the provider go away, and come back with another key.
func TestOutage(t *testing.T) {
	p := start(t, "", 2, basics()...)
	var log bytes.Buffer
	s := source(t, grant.Options{TokenURL: p.url + "/token", ClientID: text("crm"), ClientSecret: text(crmSecret), Logger: logger(&log)})
	token(t, s)
	p.stop()
	var err error
	for err == nil && t.Context().Err() == nil { // until the token is over
		_, err = s.Token(t.Context())
		time.Sleep(20 * time.Millisecond)
	}
	for _, want := range []string{"sources.crm.credential.oauth2: no token for the upstream of source \"crm\"", "can't be reached; check token_url"} {
		if !strings.Contains(fault.Message(err), want) {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
	again := start(t, p.port(t), 60, basics()...)
	for deadline := time.Now().Add(20 * time.Second); err != nil && time.Now().Before(deadline); {
		_, err = s.Token(t.Context())
		time.Sleep(20 * time.Millisecond)
	}
	if got := token(t, s); !again.active(got.Reveal()) {
		t.Error("the token after the outage is not good")
	}
	_ = s.Close() // the log is written by then
	for _, want := range []string{"no token could be got for an upstream", "tokens can be got again"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "planted") {
		t.Errorf("the log has a secret:\n%s", log.String())
	}
}
