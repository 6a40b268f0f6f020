package grant

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// lifetime is how long an assertion is good; servers refuse long ones.
const lifetime = 5 * time.Minute

// assert puts a signed JWT in the form, where the settings have a key: as the
// client's authentication or as the grant (RFC 7523, sections 2.2 and 2.1).
func (s *Source) assert(p parameters) error {
	if p.key == "" {
		return nil
	}
	o := s.opts
	issuer := or(o.Issuer, p.clientID)
	text, err := sign(p.key, o.KeyID, o.Algorithm, jwt.Claims{
		Issuer: issuer, Subject: or(o.Subject, issuer), Audience: jwt.Audience{or(o.JWTAudience, o.TokenURL)},
	}, o.Lifetime)
	if err != nil {
		return fault.New("grant.sign", fault.Unavailable, o.What+".key: "+err.Error())
	}
	if o.Kind == JWTBearer {
		p.form.Set("assertion", text)
		return nil
	}
	p.form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	p.form.Set("client_assertion", text)
	return nil
}

// sign returns a JWT. Its errors have nothing of the key.
func sign(text, id, algorithm string, claims jwt.Claims, life time.Duration) (string, error) {
	key, err := readKey(text)
	if err != nil {
		return "", err
	}
	if id != "" {
		key.KeyID = id
	}
	if algorithm == "" {
		algorithm = or(key.Algorithm, usual(key.Key))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: key},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", errors.New("the key does not fit the algorithm; leave algorithm out to take the one that does")
	}
	if life <= 0 {
		life = lifetime
	}
	now := time.Now()
	claims.ID, claims.IssuedAt, claims.Expiry = rand.Text(), jwt.NewNumericDate(now), jwt.NewNumericDate(now.Add(life))
	signed, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", errors.New("it can't sign with this algorithm; RSA keys take RS256 or PS256, P-256 keys ES256, Ed25519 keys EdDSA")
	}
	return signed, nil
}

// readKey reads a private key: a JWK, or PEM.
func readKey(text string) (jose.JSONWebKey, error) {
	var key jose.JSONWebKey
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if key.UnmarshalJSON([]byte(text)) != nil || key.IsPublic() || !key.Valid() {
			return key, errors.New("it must be a private JWK, and is none that can be read")
		}
		return key, nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return key, errors.New("it must be a private key as PEM (-----BEGIN PRIVATE KEY-----) or a JWK; give the file as ${file:PATH}")
	}
	var err error
	if key.Key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		if key.Key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			key.Key, err = x509.ParseECPrivateKey(block.Bytes)
		}
	}
	if err != nil {
		return key, errors.New("its PEM has no private key that can be read; it must not be encrypted, `openssl pkcs8 -topk8 -nocrypt` writes one that is not")
	}
	return key, nil
}

// usual returns the algorithm that is usual for a key.
func usual(key any) string {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return string(jose.RS256)
	case ed25519.PrivateKey:
		return string(jose.EdDSA)
	case *ecdsa.PrivateKey:
		return map[int]string{256: string(jose.ES256), 384: string(jose.ES384), 521: string(jose.ES512)}[k.Curve.Params().BitSize]
	default:
		return ""
	}
}
