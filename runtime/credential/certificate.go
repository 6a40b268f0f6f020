package credential

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Certificate is a client certificate, given by expressions that stand for PEM.
type Certificate struct {
	What      string // the setting's name in messages: "sources.crm.credential.mtls"
	Cert, Key string // the certificate, with its chain, and its private key
	CA        string // who may sign the server's certificate; "" the system's
	Resolver  *Resolver
}

// TLS returns the configuration for a source's connections. The certificate is
// read for each new connection, so that one that was renewed is taken; CA is read
// now. The error says which part is wrong and has nothing of it.
func (c Certificate) TLS(ctx context.Context) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := c.Resolver.Resolve(ctx, c.CA)
		if err != nil {
			return nil, err
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM([]byte(pem.Reveal())) {
			return nil, fault.New("credential.tls", fault.Unavailable, c.What+".ca has no certificate in PEM; give the file as ${file:PATH}")
		}
	}
	read := &pair{of: c}
	if _, err := read.certificate(ctx); err != nil {
		return nil, err
	}
	conf.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return read.certificate(info.Context())
	}
	return conf, nil
}

// pair keeps the certificate that was read last while its PEM stays the same.
type pair struct {
	of Certificate

	mu        sync.Mutex
	cert, key Secret
	parsed    *tls.Certificate
}

func (p *pair) certificate(ctx context.Context) (*tls.Certificate, error) {
	cert, err := p.of.Resolver.Resolve(ctx, p.of.Cert)
	if err != nil {
		return nil, err
	}
	key, err := p.of.Resolver.Resolve(ctx, p.of.Key)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parsed != nil && cert.Reveal() == p.cert.Reveal() && key.Reveal() == p.key.Reveal() {
		return p.parsed, nil
	}
	parsed, err := tls.X509KeyPair([]byte(cert.Reveal()), []byte(key.Reveal()))
	if err != nil {
		return nil, fault.Wrap("credential.tls", fault.Unavailable, p.of.What+
			": cert and key are no certificate and its private key in PEM; check that they belong together, that the key is not encrypted, and give the files as ${file:PATH}",
			errors.New("the pair can't be read"))
	}
	p.cert, p.key, p.parsed = cert, key, &parsed
	return p.parsed, nil
}
