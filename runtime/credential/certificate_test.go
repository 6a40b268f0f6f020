package credential_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bridge-gateway/bridge/runtime/credential"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// pair returns a certificate of a name and its key, in PEM.
func pair(t *testing.T, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return encoded("CERTIFICATE", der), encoded("PRIVATE KEY", keyDER)
}

func encoded(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// TestCertificate presents a client certificate, and after its files have changed
// the new one on the next connection.
func TestCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "ca.pem"), encoded("CERTIFICATE", server.Certificate().Raw))
	place := func(name string) {
		cert, key := pair(t, name)
		write(t, filepath.Join(dir, "cert.pem"), cert)
		write(t, filepath.Join(dir, "key.pem"), key)
	}
	place("first")
	conf, err := credential.Certificate{What: "x", Cert: "${file:cert.pem}", Key: "${file:key.pem}", CA: "${file:ca.pem}", Resolver: &credential.Resolver{Dir: dir}}.TLS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: conf, DisableKeepAlives: true}}
	for _, name := range []string{"first", "second"} {
		place(name)
		resp, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != name {
			t.Errorf("the server saw %q, want %q", body, name)
		}
	}
}

func TestCertificateRefuses(t *testing.T) {
	cert, key := pair(t, "one")
	_, other := pair(t, "two")
	for name, c := range map[string]struct {
		of   credential.Certificate
		want string
	}{
		"another's key":  {credential.Certificate{Cert: cert, Key: other}, "x: cert and key are no certificate and its private key"},
		"no PEM":         {credential.Certificate{Cert: planted, Key: planted}, "x: cert and key are no certificate"},
		"no CA":          {credential.Certificate{Cert: cert, Key: key, CA: planted}, "x.ca has no certificate in PEM"},
		"a missing file": {credential.Certificate{Cert: cert, Key: "${file:missing}"}, "the file missing"},
	} {
		t.Run(name, func(t *testing.T) {
			c.of.What, c.of.Resolver = "x", &credential.Resolver{Dir: t.TempDir()}
			_, err := c.of.TLS(t.Context())
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), c.want) || strings.Contains(err.Error(), planted) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}
