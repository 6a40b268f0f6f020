package manager

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// vault asks HashiCorp Vault or OpenBao. Its settings are read from the environment
// at each request, so that a token that was renewed in its file is taken.
type vault struct {
	mu     sync.Mutex
	client *http.Client // made at the first request
}

// setting returns a variable of Vault's or else of OpenBao's.
func setting(name string) string {
	if text := os.Getenv("VAULT_" + name); text != "" {
		return text
	}
	return os.Getenv("BAO_" + name)
}

// read returns a field of a secret; target is PATH#FIELD.
func (v *vault) read(ctx context.Context, target string) (string, error) {
	path, field, _ := strings.Cut(target, "#")
	r, err := v.request(ctx, path)
	if err != nil {
		return "", err
	}
	client, err := v.connect()
	if err != nil {
		return "", err
	}
	data, status, err := exchange(client, r)
	switch {
	case err != nil:
		return "", unreachable("${vault:…}: Vault can't be reached at VAULT_ADDR; check the address, the network and VAULT_CACERT", err)
	case status != http.StatusOK:
		return "", vaultStatus(status, path)
	}
	var answer struct {
		Data struct {
			Data map[string]json.RawMessage `json:"data"`
		} `json:"data"`
	}
	if json.Unmarshal(data, &answer) != nil || answer.Data.Data == nil {
		return "", fault.New("secret.vault", fault.Unavailable, fmt.Sprintf("${vault:%s}: the answer is not that of a KV version 2 engine; check the path, and that the engine is version 2", path))
	}
	return member(answer.Data.Data, field, "${vault:"+path+"}: the secret")
}

// request returns the request for a secret.
func (v *vault) request(ctx context.Context, path string) (*http.Request, error) {
	base, err := url.Parse(setting("ADDR"))
	if err != nil || base.Hostname() == "" || base.User != nil {
		return nil, fault.New("secret.vault", fault.Unavailable, "${vault:…}: VAULT_ADDR is not set to a URL such as https://vault.example.com:8200; set it where the gateway is started")
	}
	if err := secure(base); err != nil {
		return nil, fault.New("secret.vault", fault.Unavailable, "${vault:…}: VAULT_ADDR "+err.Error())
	}
	token, err := vaultToken()
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath(append([]string{"v1"}, escaped(apiPath(path))...)...).String(), nil)
	if err != nil {
		return nil, fault.New("secret.vault", fault.Unavailable, "${vault:…}: no request can be made of VAULT_ADDR; it must be a URL such as https://vault.example.com:8200")
	}
	r.Header.Set("X-Vault-Token", token)
	r.Header.Set("X-Vault-Request", "true")
	if namespace := setting("NAMESPACE"); namespace != "" {
		r.Header.Set("X-Vault-Namespace", namespace)
	}
	return r, nil
}

// apiPath returns the path's parts as the API of KV version 2 has them.
func apiPath(path string) []string {
	parts := strings.Split(path, "/")
	if i := slices.Index(parts, "data"); i > 0 && i < len(parts)-1 {
		return parts
	}
	return append([]string{parts[0], "data"}, parts[1:]...)
}

func escaped(parts []string) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = url.PathEscape(p)
	}
	return out
}

// secure refuses a URL over which a secret would go in the clear.
func secure(u *url.URL) error {
	ip := net.ParseIP(u.Hostname())
	loopback := strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
	if u.Scheme == "https" || u.Scheme == "http" && loopback {
		return nil
	}
	return errors.New("must begin with https://, as a secret goes over it; http:// is for 127.0.0.1 and localhost alone")
}

// vaultToken returns the token: the variable's, or else that of a file.
func vaultToken() (string, error) {
	if token := setting("TOKEN"); token != "" {
		return token, nil
	}
	file := setting("TOKEN_FILE")
	if home, err := os.UserHomeDir(); file == "" && err == nil {
		file = filepath.Join(home, ".vault-token")
	}
	f, err := os.Open(file)
	if err == nil {
		defer func() { _ = f.Close() }()
		data, readErr := io.ReadAll(io.LimitReader(f, 64<<10))
		if token := strings.TrimSpace(string(data)); readErr == nil && token != "" {
			return token, nil
		}
	}
	return "", fault.New("secret.vault", fault.Unavailable, "${vault:…}: there is no token for Vault; set VAULT_TOKEN, or VAULT_TOKEN_FILE to the file that an agent keeps it in, where the gateway is started")
}

func vaultStatus(status int, path string) error {
	why := fmt.Sprintf("Vault answered with status %d; look at its log", status)
	switch {
	case status == http.StatusNotFound:
		why = "there is no such secret, or its latest version was deleted; try `vault kv get` with the path, and check VAULT_NAMESPACE"
	case status == http.StatusForbidden:
		why = "Vault refuses the token; it may be over its time, or its policy may not let it read this path"
	case status == http.StatusServiceUnavailable:
		why = "Vault is sealed or starting; unseal it"
	case status >= 300 && status < 400:
		why = "Vault points to another address, which is not followed with a token; set VAULT_ADDR to the active node or the load balancer"
	}
	return fault.New("secret.vault", fault.Unavailable, fmt.Sprintf("${vault:%s}: %s", path, why))
}

// connect returns the client, made of VAULT_CACERT when it is first needed.
func (v *vault) connect() (*http.Client, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client != nil {
		return v.client, nil
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if file := setting("CACERT"); file != "" {
		pem, err := os.ReadFile(file)
		pool := x509.NewCertPool()
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			return nil, fault.New("secret.vault", fault.Unavailable, "${vault:…}: the file that VAULT_CACERT names has no certificate in PEM, or can't be read")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	v.client = client(transport)
	return v.client, nil
}

func (v *vault) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client != nil {
		v.client.CloseIdleConnections()
	}
}
