package grant_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/bridge-gateway/bridge/runtime/credential/grant"
)

// TestJWTBearer checks the assertion that the endpoint gets, by the public key.
func TestJWTBearer(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	e := &endpoint{ttl: 60}
	o := options(e)
	o.Kind, o.ClientID, o.ClientSecret, o.KeyID = grant.JWTBearer, nil, nil, "k1"
	o.Issuer, o.Subject, o.Lifetime = "bridge@example.com", "ada@example.com", time.Minute
	o.Key = text(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	s := open(t, o)
	defer s.Close()
	if _, err := s.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := e.form.Get("grant_type"); got != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		t.Errorf("the grant is %q", got)
	}
	signed, err := jwt.ParseSigned(e.form.Get("assertion"), []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := signed.Claims(public, &claims); err != nil {
		t.Fatalf("the signature: %v", err)
	}
	want := jwt.Expected{Issuer: "bridge@example.com", Subject: "ada@example.com", AnyAudience: jwt.Audience{o.TokenURL}, Time: time.Now()}
	if err := claims.ValidateWithLeeway(want, time.Second); err != nil {
		t.Error(err)
	}
	if signed.Headers[0].KeyID != "k1" || claims.ID == "" || claims.Expiry.Time().Sub(claims.IssuedAt.Time()) != time.Minute {
		t.Errorf("header %+v, claims %+v", signed.Headers[0], claims)
	}
}
